// How the hub feels: how late it comes to its work, and who keeps it waiting.

/// Measures of the loop, over a minute at a time.
struct Vitals {
  /// The worst and the mean of the last whole minute, in milliseconds.
  private(set) var worstLatency: UInt32 = 0
  private(set) var meanLatency: UInt32 = 0
  private var worst: UInt32 = 0
  private var sum: UInt32 = 0
  private var rounds: UInt32 = 0
  private var minuteEnds = Uptime.start + 60_000

  /// The longest step of each task since the boot, in milliseconds.
  private var longest = InlineArray<32, UInt32>(repeating: 0)
  /// Jobs that were not taken up because of a bound.
  var refusedJobs: UInt32 = 0

  /// A round of the loop that should have begun `late` and took `length`, in milliseconds.
  mutating func noteRound(late: UInt64, length: UInt64, now: Uptime) {
    if minuteEnds <= now {
      worstLatency = worst
      meanLatency = rounds > 0 ? sum / rounds : 0
      worst = 0
      sum = 0
      rounds = 0
      minuteEnds = now + 60_000
    }
    let latency = UInt32(truncatingIfNeeded: late > length ? late : length)
    if latency > worst { worst = latency }
    sum &+= latency
    rounds &+= 1
  }

  mutating func noteStep(of task: TaskName, length: UInt64) {
    guard length > 0, task.number < longest.count else { return }
    let length = UInt32(truncatingIfNeeded: length)
    if length > longest[task.number] { longest[task.number] = length }
  }

  /// The task that ever took longest, and how long.
  var slowest: (task: TaskName, milliseconds: UInt32) {
    var found = 0
    for index in longest.indices where longest[index] > longest[found] { found = index }
    return (TaskName(number: found), longest[found])
  }
}

/// What the hub knows of itself.
struct Condition: ~Copyable {
  private let pinned = Pinned()
  var crashes = CrashLog()
  var vitals = Vitals()
  /// The command that asked for diagnostics, not answered yet.
  var diagnosticsFor: Identifier?

  init() {}

  /// Builds it where it stays.
  @inline(never)
  static func carved(from region: inout Region) -> Table<Condition> {
    let place = unsafe region.room(for: Condition.self)
    unsafe place.initialize(to: Condition())
    return unsafe Table(place, count: 1)
  }
}
