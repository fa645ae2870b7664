import Glibc
import Scenarios
import World

let exploreCommand = Command(
  name: "explore",
  summary: "Invent stories with faults, run them, and shrink those in which a rule breaks.",
  details: """
    Each seed is a story: a small farm, a job, and faults whose kinds, places and times are drawn
    from it. Faults end, and then everything must come to rest within a bound. A story that breaks
    a rule is made as short as it can be, written below --failures, and run once more from there.
    With --state a call goes on where the last one with that file came to, failures included.
    The exit code is 0 when all rules held, 1 when one did not.
    """,
  flags: exploreFlags + [
    Flag("--seeds", "N", "How many seeds in this call; 1000 when neither this nor --time is told."),
    Flag("--time", "DURATION", "How long, in real time, such as 10m."),
    Flag("--shard", "K/N", "Only every Nth seed, beginning with the Kth; for several machines."),
    Flag("--processes", "N", "How many at once; one for each core when not told."),
    Flag("--failures", "DIR", "Where to write stories that fail; failures when not told."),
    Flag("--keep-going", nil, "Go on to the end; else ten failures are enough."),
    Flag("--state", "FILE", "Keep there how far it came, and go on from there when it is there."),
  ],
  run: { arguments in try ExploreSession(arguments).run() })

/// One call of `hubrig explore`.
private final class ExploreSession {
  private let order: ExploreOrder
  private let count: Int?
  private let time: Interval?
  private let shard: (index: Int, of: Int)
  private let processes: Int
  private let directory: String
  private let failureLimit: Int
  private let paint = Paint(isOn: Console.wantsColour)

  private let watch = Stopwatch()
  private var runCount = 0
  /// Told by earlier calls.
  private let runsBefore: Int
  private var virtualSeconds = 0.0
  private var eventCount: UInt64 = 0
  private var coverage = Coverage()
  private var failures: [ExploreState.Failed] = []
  private var failureCounts: [String: Int] = [:]
  private var differences: [(seed: UInt64, text: String)] = []
  private var lastShown = 0.0
  /// How many stories of each worker are told, those of its dead forerunners included.
  private var toldByWorker: [Int]
  private let statePath: String?
  /// Which stories these are, for those who go on with them.
  private let stories: String
  private let failuresBefore: Int
  private var stateShown = 0.0

  init(_ arguments: Arguments) throws {
    var order = try ExploreOrder(arguments)
    statePath = arguments.text("--state")
    time = try arguments.duration("--time")
    if let time, time <= .zero { throw UsageError("expected more than 0s after --time") }
    let seeds = try arguments.count("--seeds", in: 1...Int.max)
    count = seeds ?? (time == nil ? 1_000 : nil)
    shard = try Self.shard(arguments.text("--shard"))
    stories =
      "\(order.sizeName) \(shard.index)/\(shard.of)" + (order.plant.map { " with \($0)" } ?? "")
    if let statePath, let kept = try ExploreState.read(statePath) {
      guard kept.stories == stories else {
        throw UsageError(
          "\(statePath) is about other stories: \(kept.stories), not \(stories)")
      }
      guard arguments.text("--from") == nil else {
        throw UsageError("\(statePath) says where to go on; leave --from out")
      }
      order.firstSeed = kept.nextSeed
      runCount = kept.runCount
      virtualSeconds = kept.virtualSeconds
      eventCount = kept.eventCount
      coverage = kept.coverage
      failures = kept.failures
      for (_, failure) in failures { failureCounts[failure.rule, default: 0] += 1 }
    }
    self.order = order
    runsBefore = runCount
    failuresBefore = failures.count
    processes =
      try arguments.count("--processes", in: 1...256)
      ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    toldByWorker = [Int](repeating: 0, count: processes)
    directory = arguments.text("--failures") ?? "failures"
    failureLimit = arguments.has("--keep-going") ? Int.max : 10
  }

  private static func shard(_ text: String?) throws -> (index: Int, of: Int) {
    guard let text else { return (1, 1) }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1],
      (1...1_000_000).contains(count), (1...count).contains(index)
    else {
      throw UsageError("expected K/N such as 2/8 after --shard, found \"\(text)\"")
    }
    return (index, count)
  }

  func run() throws -> Int32 {
    // Better now than after an hour that there is no room for it.
    try keepState(atOnce: true)
    let pool = try WorkerPool(arguments: (0..<processes).map { workerArguments($0) })
    exploreWasInterrupted = 0
    signal(SIGINT) { _ in exploreWasInterrupted = 1 }
    signal(SIGTERM) { _ in exploreWasInterrupted = 1 }
    while pool.isRunning, exploreWasInterrupted == 0,
      failures.count - failuresBefore < failureLimit
    {
      pool.wait(milliseconds: 200) { line in
        if let line = WorkerLine(line) { hear(line) }
      }
      try replaceDead(in: pool)
      showProgress()
      try keepState(atOnce: false)
    }
    pool.stop()
    try keepState(atOnce: true)
    clearProgress()
    summarise()
    guard exploreWasInterrupted == 0 else {
      for rule in failureCounts.keys.sorted() {
        let seeds = failures.filter { $0.failure.rule == rule }.map { String($0.seed) }
        let more = seeds.count > 8 ? " …" : ""
        Console.out("\(rule): seeds " + seeds.prefix(8).joined(separator: ", ") + more)
      }
      Console.out(
        statePath == nil
          ? "interrupted; go on with --from \(nextSeed)" : "interrupted; the same call goes on")
      return failures.isEmpty && differences.isEmpty ? Exit.success : Exit.failure
    }
    try shrinkFailures()
    let isWell = failures.isEmpty && differences.isEmpty
    // They are told and written down.
    failures = []
    try keepState(atOnce: true)
    return isWell ? Exit.success : Exit.failure
  }

  private var step: Int { shard.of * processes }

  /// The seed that a worker comes to after so many.
  private func seed(of worker: Int, after count: Int) -> UInt64 {
    order.firstSeed + UInt64(shard.index - 1 + shard.of * worker + step * count)
  }

  /// Every seed before it is told, as far as this shard is concerned.
  private var nextSeed: UInt64 {
    let seeds = toldByWorker.indices.map { seed(of: $0, after: toldByWorker[$0]) }
    return (seeds.min() ?? order.firstSeed) - UInt64(shard.index - 1)
  }

  /// A story in which the program itself breaks off is a failure; another worker goes on behind it.
  private func replaceDead(in pool: WorkerPool) throws {
    for death in pool.deaths.dropFirst(deathCount) {
      let seed = seed(of: death.worker, after: toldByWorker[death.worker])
      let text = "the program broke off: \(death.reason)"
      failureCounts[Self.crash, default: 0] += 1
      failures.append((seed, ExploredRun.Failure(rule: Self.crash, text: text)))
      runCount += 1
      toldByWorker[death.worker] += 1
      try pool.add(death.worker, workerArguments(death.worker))
    }
    deathCount = pool.deaths.count
  }

  private static let crash = "the program runs on"
  private var deathCount = 0

  private func keepState(atOnce: Bool) throws {
    guard let statePath, atOnce || watch.seconds - stateShown > 10 else { return }
    stateShown = watch.seconds
    let state = ExploreState(
      stories: stories, nextSeed: nextSeed, runCount: runCount, virtualSeconds: virtualSeconds,
      eventCount: eventCount, coverage: coverage, failures: failures)
    try Files.write(state.bytes, to: statePath)
  }

  private func workerArguments(_ number: Int) -> [String] {
    let first = seed(of: number, after: toldByWorker[number])
    var words = [
      "explore-worker", "--from", String(first), "--step", String(step), "--size", order.sizeName,
      "--twice", String(order.twice),
    ]
    if let count {
      // The first ones take what does not divide evenly.
      let share = count / processes + (number < count % processes ? 1 : 0)
      words += ["--seeds", String(share - toldByWorker[number])]
    }
    if let plant = order.plant { words += ["--plant", plant] }
    if let time {
      words += ["--time", "\(max(0, time.milliseconds - Int64(watch.seconds * 1_000)))ms"]
    }
    return words
  }

  private func worker(of seed: UInt64) -> Int {
    Int(seed - order.firstSeed) / shard.of % processes
  }

  private func hear(_ line: WorkerLine) {
    runCount += 1
    virtualSeconds += Double(line.run.virtualTime.milliseconds) / 1_000
    eventCount += line.run.eventCount
    coverage.add(line.run.coverage)
    toldByWorker[worker(of: line.seed)] += 1
    if let failure = line.run.failure {
      failureCounts[failure.rule, default: 0] += 1
      failures.append((line.seed, failure))
    }
    if let difference = line.difference { differences.append((line.seed, difference)) }
  }

  // MARK: What a person sees

  private func showProgress() {
    let seconds = watch.seconds
    let pause = Console.isTerminal ? 0.5 : 30.0
    guard seconds - lastShown >= pause else { return }
    lastShown = seconds
    let faults = coverage.reached("fault").reduce(0) { $0 + $1.count }
    let text =
      "\(Self.counted(runCount)), \(Quantity.fixed(Double(runCount - runsBefore) / seconds, digits: 0))"
      + " a second, \(Quantity.fixed(virtualSeconds / 86_400, digits: 1)) virtual days, "
      + "\(Quantity.grouped(faults)) faults, \(coverage.counts.count) things reached, "
      + "\(failures.count) failures"
    if Console.isTerminal {
      fputs("\r\u{1B}[K" + text, stdout)
      fflush(stdout)
    } else {
      Console.out(text)
    }
  }

  private static func counted(_ runs: Int) -> String {
    "\(Quantity.grouped(runs)) \(runs == 1 ? "story" : "stories")"
  }

  private func clearProgress() {
    if Console.isTerminal { fputs("\r\u{1B}[K", stdout) }
  }

  private func summarise() {
    let seconds = max(watch.seconds, 0.001)
    let perSecond = Quantity.fixed(Double(runCount - runsBefore) / seconds, digits: 1)
    Console.out(
      "\(Self.counted(runCount)) in \(Quantity.fixed(seconds, digits: 1)) s "
        + "(\(perSecond) a second on \(processes) \(processes == 1 ? "process" : "processes")), "
        + "\(Quantity.fixed(virtualSeconds / 86_400, digits: 1)) virtual days, "
        + "\(Quantity.grouped(Int(eventCount))) events")
    let fired = coverage.reached("fault").map { "\($0.what) \(Quantity.grouped($0.count))" }
    if !fired.isEmpty { Console.out("faults: " + fired.joined(separator: ", ")) }
    showMissing("faults that never fired", coverage.missing("fault", of: ExploreMap.faults))
    showMissing("hub steps that were never taken", coverage.missing("hub", of: ExploreMap.hubSteps))
    showMissing("job steps that were never taken", coverage.missing("job", of: ExploreMap.jobSteps))
    showMissing("never met", coverage.missing("meets", of: ExploreMap.meetings))
    for difference in differences {
      Console.out(
        paint(.boldRed, "NOT THE SAME TWICE") + " seed \(difference.seed): \(difference.text)")
    }
    for rule in failureCounts.keys.sorted() {
      Console.out("\(paint(.boldRed, "BROKEN")) \(rule): \(failureCounts[rule] ?? 0) times")
    }
    if failures.isEmpty, differences.isEmpty {
      Console.out(paint(.boldGreen, "every rule held"))
    }
  }

  private func showMissing(_ title: String, _ missing: [String]) {
    guard !missing.isEmpty else { return }
    let shown = missing.prefix(12).joined(separator: ", ")
    let more = missing.count > 12 ? " and \(missing.count - 12) more" : ""
    Console.out("\(title): \(shown)\(more)")
  }

  // MARK: Failures

  /// Shrinks the first failure of each rule.
  private func shrinkFailures() throws {
    var done: Set<String> = []
    for (seed, failure) in failures.sorted(by: { $0.seed < $1.seed })
    where done.insert(failure.rule).inserted {
      Console.out("\nseed \(seed) breaks \(failure.rule): \(failure.text)")
      let story = Inventor.story(of: seed, size: order.size)
      // Each try would end this program as well.
      guard failure.rule != Self.crash else {
        try keep(story, as: "\(directory)/crash-seed-\(seed).yaml", failure.text)
        continue
      }
      var shrinker = Shrinker(rule: failure.rule)
      let watch = Stopwatch()
      var small = shrinker.shrink(story)
      let file = "\(directory)/\(Self.fileName(failure.rule))-seed-\(seed).yaml"
      small.file = file
      small.title = "Seed \(seed), shrunk"
      small.why = "Breaks the rule \"\(failure.rule)\": \(failure.text)"
      let text = ScenarioWriter.text(
        of: small,
        remarks: [
          "Found by exploring, made small in \(shrinker.runCount) runs: "
            + "\(story.faults.count) faults became \(small.faults.count)."
        ])
      try Files.makeDirectory(directory)
      try Files.write(Array(text.utf8), to: file)
      Console.out(
        "shrunk from \(story.faults.count) faults to \(small.faults.count) in "
          + "\(shrinker.runCount) runs, \(Quantity.fixed(watch.seconds, digits: 1)) s: \(file)")
      confirm(file, text, rule: failure.rule)
    }
  }

  private func keep(_ story: Scenario, as file: String, _ text: String) throws {
    try Files.makeDirectory(directory)
    try Files.write(Array(ScenarioWriter.text(of: story, remarks: [text]).utf8), to: file)
    Console.out("not made small: \(file)")
  }

  /// What was written, read again and run, must fail in the same way.
  private func confirm(_ file: String, _ text: String, rule: String) {
    do {
      let scenario = try ScenarioReader.read(Array(text.utf8), file: file)
      let again = Exploration.run(scenario)
      if again.failure?.rule == rule {
        Console.out("confirmed: hubrig run \(file)")
      } else {
        Console.out(
          paint(.boldRed, "not confirmed") + ": run again, it "
            + (again.failure.map { "breaks \($0.rule)" } ?? "passes"))
      }
    } catch {
      Console.out(paint(.boldRed, "not confirmed") + ": \(error)")
    }
  }

  private static func fileName(_ rule: String) -> String {
    var name = ""
    for byte in rule.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default: if !name.hasSuffix("-") { name += "-" }
      }
    }
    return String(name.prefix(48))
  }
}

/// Set by a signal; a handler may do no more.
nonisolated(unsafe) private var exploreWasInterrupted: sig_atomic_t = 0
