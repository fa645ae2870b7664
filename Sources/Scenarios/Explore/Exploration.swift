import World

/// How one explored story ended.
public struct ExploredRun: Sendable {
  public var seed: UInt64
  /// What broke first, or nil when everything held.
  public var failure: Failure?
  public var coverage: Coverage
  public var virtualTime: Interval
  public var eventCount: UInt64
  public var hash: UInt64

  public init(
    seed: UInt64, failure: Failure?, coverage: Coverage, virtualTime: Interval, eventCount: UInt64,
    hash: UInt64
  ) {
    self.seed = seed
    self.failure = failure
    self.coverage = coverage
    self.virtualTime = virtualTime
    self.eventCount = eventCount
    self.hash = hash
  }

  /// What broke: the rule's id, and a sentence.
  public struct Failure: Equatable, Sendable {
    public var rule: String
    public var text: String

    public init(rule: String, text: String) {
      self.rule = rule
      self.text = text
    }
  }
}

/// Runs stories and says what broke in them.
public enum Exploration {
  /// Runs a story to its end.
  public static func run(_ scenario: Scenario) -> ExploredRun {
    let run = ScenarioRun(scenario)
    var coverage = Coverage()
    run.onFact = { coverage.hear($0) }
    let result = run.run()
    return ExploredRun(
      seed: scenario.seed, failure: failure(of: result), coverage: coverage,
      virtualTime: result.virtualTime, eventCount: result.eventCount, hash: result.hash)
  }

  /// The first thing that broke. An expectation that was not met counts as a rule of its own.
  public static func failure(of result: RunResult) -> ExploredRun.Failure? {
    if let breach = result.breaches.min(by: { $0.at < $1.at }) {
      return ExploredRun.Failure(rule: breach.rule, text: breach.text)
    }
    guard let missed = result.expectations.first(where: { !$0.isMet }) else { return nil }
    return ExploredRun.Failure(
      rule: missed.expectation.condition.text,
      text: "not in time: \(missed.expectation.text); \(missed.found)")
  }

  /// Runs a story twice and tells the first line of the two traces that differs; nil when they are
  /// the same.
  public static func firstDifference(_ scenario: Scenario) -> String? {
    var lines: [[String]] = [[], []]
    var hashes: [UInt64] = []
    for index in 0..<2 {
      let run = ScenarioRun(scenario)
      run.onEntry { lines[index].append("\(Quantity.clock($0.at)) \($0.actor): \($0.text)") }
      hashes.append(run.run().hash)
    }
    guard hashes[0] != hashes[1] else { return nil }
    let count = min(lines[0].count, lines[1].count)
    for index in 0..<count where lines[0][index] != lines[1][index] {
      return "first \"\(lines[0][index])\", then \"\(lines[1][index])\""
    }
    return lines[0].count == lines[1].count
      ? "the traces hold the same lines, but their hashes differ"
      : "one trace ends after \(count) lines"
  }
}
