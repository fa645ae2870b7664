import World

/// How one explored story ended.
public struct ExploredRun: Sendable {
  /// What broke first, or nil when everything held.
  public var failure: Failure?
  public var coverage: Coverage
  public var virtualTime: Interval
  public var eventCount: UInt64
  public var hash: UInt64

  public init(
    failure: Failure?, coverage: Coverage, virtualTime: Interval, eventCount: UInt64, hash: UInt64
  ) {
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
    return explored(run.run(), coverage: coverage)
  }

  static func explored(_ result: RunResult, coverage: Coverage) -> ExploredRun {
    ExploredRun(
      failure: failure(of: result), coverage: coverage,
      virtualTime: result.virtualTime, eventCount: result.eventCount, hash: result.hash)
  }

  /// The first breach of a rule.
  static func firstBreach(of scenario: Scenario) -> Breach? {
    ScenarioRun(scenario).run().breaches.min { $0.at < $1.at }
  }

  /// What chance decides in a story against its quiet value.
  static func luck(of scenario: Scenario) -> [Luck.Told] {
    let run = ScenarioRun(scenario)
    var told: [Luck.Told] = []
    run.world.onChoice = { choice in
      if choice.value != 0, !Luck.isOfIdentity(choice) { told.append(Luck.Told(choice)) }
    }
    _ = run.run()
    return told
  }

  /// The first thing that broke. An expectation that was not met counts as a rule of its own.
  public static func failure(of result: RunResult) -> ExploredRun.Failure? {
    let faults = result.scenario.faults
    let broken = result.breaches.filter { breach in
      !faults.contains { $0.fault.voids.contains(breach.rule) }
    }
    if let breach = broken.min(by: { $0.at < $1.at }) {
      return ExploredRun.Failure(rule: breach.rule, text: breach.text)
    }
    guard let missed = result.expectations.first(where: { !$0.isMet }) else { return nil }
    return ExploredRun.Failure(
      rule: missed.expectation.condition.text,
      text: "not in time: \(missed.expectation.text); \(missed.found)")
  }
}
