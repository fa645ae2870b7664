// Which task runs when, and whether all of them are well.
//
// A task is a state machine with a step that never blocks. After each step it says when it wants to
// run again and promises by when it will have something new to say. The watchdog bites when
//
//   a task was due and was not stepped for too long          (stalled)
//   a task was stepped and has broken its promise            (wedged)
//   a single step took too long                              (a hog)

/// The tasks of the firmware, in the order of their numbers.
struct TaskName: Equatable {
  let number: Int

  static let count = 4 + 2 * Limits.printers
  static let hub = TaskName(number: 0)
  static let cloud = TaskName(number: 1)

  static let wifi = TaskName(number: 2 + 2 * Limits.printers)
  static let onboarding = TaskName(number: 3 + 2 * Limits.printers)

  static func printer(_ slot: Int) -> TaskName { TaskName(number: 2 + slot) }
  static func file(_ slot: Int) -> TaskName { TaskName(number: 2 + Limits.printers + slot) }

  var kind: StaticString {
    if number == 0 { return "hub" }
    if number == 1 { return "cloud" }
    if number == Self.wifi.number { return "wifi" }
    if number == Self.onboarding.number { return "onboarding" }
    return number < 2 + Limits.printers ? "printer" : "file"
  }
}

/// What a task says at the end of a step.
struct Turn {
  /// When it wants to be stepped again at the latest.
  var next: Uptime
  /// By when it will have changed its state or said something new.
  var promise: Uptime

  /// It waits for a moment at which it will change by itself.
  static func until(_ moment: Uptime) -> Turn { Turn(next: moment, promise: moment) }

  /// It has nothing to do until somebody wakes it.
  static let asleep = Turn(next: .never, promise: .never)

  /// The earlier of two turns of one task's parts.
  func joined(with other: Turn) -> Turn {
    Turn(next: earlier(next, other.next), promise: earlier(promise, other.promise))
  }
}

/// When each task is due, and which one is not well.
struct Scheduler {
  /// What is wrong with a task.
  enum Illness: Equatable {
    case stalled, wedged, hog

    var code: ErrorCode {
      switch self {
      case .stalled: .taskStalled
      case .wedged: .taskWedged
      case .hog: .taskHog
      }
    }

    var name: StaticString {
      switch self {
      case .stalled: "stalled"
      case .wedged: "wedged"
      case .hog: "hog"
      }
    }
  }

  private struct Entry {
    var turn = Turn(next: .start, promise: .never)
    var hogged = false
  }

  private var entries = InlineArray<14, Entry>(repeating: Entry())
  private var firstOfRound = 0

  init() {
    precondition(entries.count == TaskName.count, "a row for each task")
  }

  /// The earliest moment at which a task wants to run, or is missed if it is never stepped.
  func next(neverStepped stalled: Int? = nil) -> Uptime {
    // A span: the subscript of the array itself would copy all of it each time.
    let entries = entries.span
    var earliest = Uptime.never
    for index in entries.indices where index != stalled {
      earliest = earlier(earliest, entries[index].turn.next)
    }
    guard let stalled else { return earliest }
    return earlier(earliest, entries[stalled].turn.next + Limits.taskLate + 1)
  }

  func isDue(_ task: TaskName, at now: Uptime) -> Bool { entries[task.number].turn.next <= now }

  /// Makes a task due at once.
  mutating func wake(_ task: TaskName, at now: Uptime) {
    entries[task.number].turn.next = earlier(entries[task.number].turn.next, now)
  }

  /// Which slot goes first this time, so that none is always served last.
  mutating func beginRound() -> Int {
    firstOfRound = (firstOfRound + 1) % Limits.printers
    return firstOfRound
  }

  /// Notes what a task said at the end of a step that began at `began` and ended at `ended`.
  mutating func finish(_ task: TaskName, _ turn: Turn, began: Uptime, ended: Uptime) {
    entries[task.number].turn = turn
    // Whoever has more to do at once is late from now on, not from the beginning of time.
    if turn.next < ended { entries[task.number].turn.next = ended }
    if ended - began > Limits.taskStep { entries[task.number].hogged = true }
  }

  /// The first task that is not well; to be asked after a round in which all due tasks ran.
  borrowing func patient(at now: Uptime) -> (task: TaskName, illness: Illness)? {
    let entries = entries.span
    for index in entries.indices {
      let task = TaskName(number: index)
      if entries[index].hogged { return (task, .hog) }
      if now - entries[index].turn.next > Limits.taskLate { return (task, .stalled) }
      if now - entries[index].turn.promise > Limits.taskPromise { return (task, .wedged) }
    }
    return nil
  }
}
