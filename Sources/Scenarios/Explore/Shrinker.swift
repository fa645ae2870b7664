// Makes a story that fails as short as it can be while it still fails in the same way. Each round
// proposes smaller stories, the boldest first; the first that still breaks the same rule is taken,
// until none does.

import World

/// Reduces a failing story.
public struct Shrinker {
  private let rule: String
  /// A rule of the story's own may break only because nobody looks any more: then those who look
  /// stay in.
  private let needsLastLooks: Bool
  private let runLimit: Int
  /// Told after each story that was tried.
  public var onTry: ((_ runs: Int, _ faults: Int) -> Void)?
  public private(set) var runCount = 0

  public init(rule: String, runLimit: Int = 2_000) {
    self.rule = rule
    self.runLimit = runLimit
    needsLastLooks = !Invariants.all.contains { $0.id == rule }
  }

  /// The shortest story that was found.
  public mutating func shrink(_ scenario: Scenario) -> Scenario {
    var best = scenario
    var isSmaller = true
    while isSmaller, runCount < runLimit {
      isSmaller = false
      let steps = needsLastLooks ? Self.withFewerTimelessSteps : Self.withFewerSteps
      for reduce in [
        Self.withFewerFaults, Self.withFewerFarms, steps, Self.withFewerJobs,
        Self.withFewerPrinters, Self.withPlainPrinters, Self.withShorterFaults,
        Self.withRounderTimes, Self.withSmallerFiles, Self.withOneFaultForTwo,
      ] {
        // The same kind of step again, as long as it helps.
        var helps = true
        while helps, runCount < runLimit {
          helps = false
          for candidate in reduce(best) where runCount < runLimit {
            guard stillFails(candidate) else { continue }
            best = candidate
            helps = true
            isSmaller = true
            break
          }
        }
      }
    }
    return withQuietLuck(withoutItsEnd(best))
  }

  private mutating func stillFails(_ scenario: Scenario) -> Bool {
    runCount += 1
    let failure = Exploration.run(scenario).failure
    onTry?(runCount, scenario.faults.count)
    return failure?.rule == rule
  }

  // MARK: What comes after, and what chance does

  /// What comes after the rule broke does not matter; what is only looked at in the end must stay.
  private mutating func withoutItsEnd(_ scenario: Scenario) -> Scenario {
    guard !needsLastLooks, let breach = Exploration.firstBreach(of: scenario) else {
      return scenario
    }
    let end = breach.at - .start
    var shorter = scenario
    shorter.steps.removeAll { ($0.at ?? .zero) > end }
    shorter.faults.removeAll { $0.at > end }
    shorter.expectations = []
    shorter.rest = .seconds(5)
    return stillFails(shorter) ? shorter : scenario
  }

  /// With as little of what chance decided as will do; the rest takes its quiet value.
  private mutating func withQuietLuck(_ scenario: Scenario) -> Scenario {
    guard scenario.luck == nil else { return scenario }
    var told = Exploration.luck(of: scenario)
    guard !told.isEmpty, told.count <= Self.luckCountLimit else { return scenario }
    var best = scenario
    best.luck = Luck()
    if stillFails(best) { return best }
    best.luck = Luck(told: told)
    guard stillFails(best) else { return scenario }
    let limit = min(runLimit, runCount + Self.luckLimit)
    var chunk = max(1, told.count / 2)
    while runCount < limit {
      var start = 0
      while start < told.count, runCount < limit {
        var fewer = told
        fewer.removeSubrange(start..<min(start + chunk, told.count))
        var candidate = scenario
        candidate.luck = Luck(told: fewer)
        if stillFails(candidate) {
          told = fewer
          best = candidate
        } else {
          start += chunk
        }
      }
      if chunk == 1 { break }
      chunk /= 2
    }
    // What chance does is part of the story only as long as a person can read it.
    return told.count <= Self.toldLimit ? best : scenario
  }

  private static let luckLimit = 120
  private static let luckCountLimit = 5_000
  private static let toldLimit = 20

  // MARK: Smaller stories

  /// Without all faults, without halves of them, then without each.
  private static func withFewerFaults(_ scenario: Scenario) -> [Scenario] {
    let count = scenario.faults.count
    var chunk = count
    var candidates: [Scenario] = []
    while chunk >= 1 {
      for start in stride(from: 0, to: count, by: chunk) {
        var smaller = scenario
        smaller.faults.removeSubrange(start..<min(start + chunk, count))
        candidates.append(smaller)
      }
      chunk /= 2
    }
    return candidates
  }

  /// Where none can be left out as the others are: without one, and another moved or longer. Some
  /// faults do no more than to delay what must meet another.
  private static func withOneFaultForTwo(_ scenario: Scenario) -> [Scenario] {
    guard scenario.faults.count > 2 else { return [] }
    var candidates: [Scenario] = []
    for gone in scenario.faults.indices.reversed() {
      var smaller = scenario
      let end = smaller.faults[gone].at + (smaller.faults[gone].fault.duration ?? .zero)
      smaller.faults.remove(at: gone)
      for index in smaller.faults.indices {
        let planned = smaller.faults[index]
        if let length = planned.fault.duration {
          for longer in [length * 2, length * 4, end - planned.at] where longer > length {
            var candidate = smaller
            candidate.faults[index].fault.duration = longer
            candidates.append(candidate)
          }
        }
        for seconds in [Int64(-20), -10, -5, -2, -1, 1, 2, 5, 10, 20] {
          let at = planned.at + .seconds(seconds)
          guard at >= .seconds(1) else { continue }
          var candidate = smaller
          candidate.faults[index].at = at
          candidate.faults.sort { $0.at < $1.at }
          candidates.append(candidate)
        }
      }
    }
    return candidates
  }

  /// As below, without those that come by the clock: these look whether all is well again.
  private static func withFewerTimelessSteps(_ scenario: Scenario) -> [Scenario] {
    withFewerSteps(scenario).filter { smaller in
      smaller.steps.count { $0.at != nil } == scenario.steps.count { $0.at != nil }
    }
  }

  private static func withFewerSteps(_ scenario: Scenario) -> [Scenario] {
    scenario.steps.indices.compactMap { index in
      guard scenario.steps[index].madeJob == nil else { return nil }
      var smaller = scenario
      smaller.steps.remove(at: index)
      return smaller
    }
  }

  private static func withFewerJobs(_ scenario: Scenario) -> [Scenario] {
    let jobs = scenario.steps.compactMap(\.madeJob)
    guard jobs.count > 1 else { return [] }
    return jobs.map { gone in
      var smaller = scenario
      smaller.steps.removeAll { $0.job == gone.job }
      smaller.expectations.removeAll { $0.condition.speaks(of: [gone.job]) }
      smaller.files.removeAll { $0.name == gone.file }
      return smaller
    }
  }

  /// Without one of several farms, and everything that goes on there.
  private static func withFewerFarms(_ scenario: Scenario) -> [Scenario] {
    guard scenario.world.farms.count > 1 else { return [] }
    return scenario.world.farms.map { gone in
      let printers = gone.printers.map(\.name)
      let places = printers + [gone.name, gone.hub.name]
      let jobs = scenario.steps.compactMap(\.madeJob).filter { printers.contains($0.printer) }
      let subjects = places + jobs.map(\.job)
      var smaller = scenario
      smaller.world.farms.removeAll { $0.name == gone.name }
      smaller.faults.removeAll { places.contains($0.fault.place) }
      smaller.steps.removeAll { step in
        jobs.contains { $0.job == step.job } || step.expected?.speaks(of: subjects) == true
      }
      smaller.expectations.removeAll { $0.condition.speaks(of: subjects) }
      smaller.files.removeAll { file in jobs.contains { $0.file == file.name } }
      return smaller
    }
  }

  private static func withFewerPrinters(_ scenario: Scenario) -> [Scenario] {
    let busy = scenario.steps.compactMap { $0.madeJob?.printer }
    return scenario.world.farms.indices.flatMap { place -> [Scenario] in
      let farm = scenario.world.farms[place]
      guard farm.printers.count > 1 else { return [] }
      return farm.printers.filter { !busy.contains($0.name) }.map { gone in
        var smaller = scenario
        smaller.world.farms[place].printers.removeAll { $0.name == gone.name }
        smaller.faults.removeAll { $0.fault.place == gone.name }
        smaller.steps = smaller.steps.map { step in
          step.forPrinterCount(farm.printers.count - 1, of: farm.hub.name)
        }
        return smaller
      }
    }
  }

  private static func withPlainPrinters(_ scenario: Scenario) -> [Scenario] {
    var candidates: [Scenario] = []
    for farm in scenario.world.farms.indices {
      for index in scenario.world.farms[farm].printers.indices {
        let printer = scenario.world.farms[farm].printers[index]
        if printer.model != "P1S" {
          var smaller = scenario
          smaller.world.farms[farm].printers[index].model = "P1S"
          candidates.append(smaller)
        }
        if !printer.link.isOrdinary {
          var smaller = scenario
          smaller.world.farms[farm].printers[index].link = LinkPlan()
          candidates.append(smaller)
        }
      }
    }
    return candidates
  }

  private static func withShorterFaults(_ scenario: Scenario) -> [Scenario] {
    scenario.faults.indices.compactMap { index in
      guard let length = scenario.faults[index].fault.duration, length > .seconds(1) else {
        return nil
      }
      var smaller = scenario
      let half = length.milliseconds / 2_000
      smaller.faults[index].fault.duration = .seconds(max(1, half))
      return smaller
    }
  }

  /// To the second, or the tenth of one.
  private static func withRounderTimes(_ scenario: Scenario) -> [Scenario] {
    var candidates: [Scenario] = []
    for grain in [Int64(60_000), 10_000, 1_000, 100] {
      for index in scenario.faults.indices {
        let at = scenario.faults[index].at.milliseconds
        guard at % grain != 0, at >= grain, at % 100 != 0 || grain > 100 else { continue }
        // A time that is round already is not made another.
        guard grain <= 1_000 || at % 1_000 != 0 else { continue }
        var rounder = scenario
        rounder.faults[index].at = .milliseconds(at / grain * grain)
        candidates.append(rounder)
      }
    }
    return candidates
  }

  private static func withSmallerFiles(_ scenario: Scenario) -> [Scenario] {
    scenario.files.indices.compactMap { index in
      let file = scenario.files[index]
      let plain = FilePlan(
        name: file.name, layers: 10, printTime: .minutes(2), byteCount: 100_000)
      guard
        file.layers != plain.layers || file.printTime != plain.printTime
          || file.byteCount != plain.byteCount
      else { return nil }
      var smaller = scenario
      smaller.files[index] = plain
      return smaller
    }
  }
}

extension Step {
  /// The job that a step makes.
  fileprivate var madeJob: (job: String, file: String, printer: String)? {
    guard case .request(let request, _, _) = action else { return nil }
    return switch request {
    case .print(let file, let printer, let job), .queue(let file, let printer, let job):
      (job, file, printer)
    default: nil
    }
  }

  /// The job that a step is about.
  fileprivate var job: String? {
    guard case .request(let request, _, _) = action else { return nil }
    return switch request {
    case .print(_, _, let job), .queue(_, _, let job), .start(let job), .pause(let job),
      .resume(let job), .cancel(let job):
      job
    default: nil
    }
  }
}

extension Step {
  /// What it waits for.
  fileprivate var expected: Condition? {
    if case .expect(let condition, _) = action { condition } else { nil }
  }

  /// The same, where it counts the printers of a hub.
  fileprivate func forPrinterCount(_ count: Int, of hub: String) -> Step {
    guard case .expect(let condition, let within) = action else { return self }
    var changed = self
    changed.action = .expect(condition.forPrinterCount(count, of: hub), within: within)
    return changed
  }
}

extension Condition {
  fileprivate func speaks(of names: [String]) -> Bool {
    clauses.contains { names.contains($0.subject) }
  }

  fileprivate func forPrinterCount(_ count: Int, of hub: String) -> Condition {
    var changed = self
    for (index, clause) in clauses.enumerated() where clause.subject == hub {
      guard case .measure(.printersConnected, let subject, let comparison, let old) = clause.test
      else { continue }
      changed.clauses[index].test = .measure(
        .printersConnected, of: subject, comparison, Double(count))
      changed.text = text.replacing(
        "printers-connected = \(Int(old))", with: "printers-connected = \(count)")
    }
    return changed
  }
}
