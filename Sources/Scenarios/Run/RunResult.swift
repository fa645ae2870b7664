import World

/// How a run ended.
public struct RunResult {
  public var scenario: Scenario
  public var seed: UInt64
  public var expectations: [ExpectationResult]
  /// Invariants that broke, steps that could not be done, a story that did not come to its end.
  public var breaches: [Breach]
  public var virtualTime: Interval
  public var eventCount: UInt64
  public var hash: UInt64

  public init(
    scenario: Scenario, seed: UInt64, expectations: [ExpectationResult], breaches: [Breach],
    virtualTime: Interval, eventCount: UInt64, hash: UInt64
  ) {
    self.scenario = scenario
    self.seed = seed
    self.expectations = expectations
    self.breaches = breaches
    self.virtualTime = virtualTime
    self.eventCount = eventCount
    self.hash = hash
  }

  public var isPass: Bool { breaches.isEmpty && expectations.allSatisfy(\.isMet) }

  /// The hash as it is printed.
  public var hashText: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// How one expectation ended.
public struct ExpectationResult {
  public var expectation: Expectation
  public var isMet: Bool
  /// When it was met or broken; nil when it was still open at the end.
  public var at: Instant?
  /// What was the case instead, for one that was not met.
  public var found: String

  public init(expectation: Expectation, isMet: Bool, at: Instant?, found: String = "") {
    self.expectation = expectation
    self.isMet = isMet
    self.at = at
    self.found = found
  }
}

/// Something that must not happen in any run, and did.
public struct Breach: Equatable, Sendable {
  /// The invariant, or `story` for a step that could not be done.
  public var rule: String
  public var at: Instant
  public var text: String

  public init(rule: String, at: Instant, text: String) {
    self.rule = rule
    self.at = at
    self.text = text
  }
}
