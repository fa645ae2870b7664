/// What was reached, by one run or by many: faults that fired, steps that hubs and jobs took, and
/// which fault met a hub in which state.
public struct Coverage: Equatable, Sendable {
  /// Each thing with how often it was reached.
  public private(set) var counts: [String: Int] = [:]
  private var hubStates: [String: String] = [:]

  public init() {}

  public mutating func hear(_ fact: Fact) {
    switch fact {
    case .faultBegan(let kind, _):
      add("fault \(kind)")
      for hub in hubStates.keys.sorted() {
        if let state = hubStates[hub] { add("meets \(kind) in \(state)") }
      }
    case .hubStepped(let hub, let from, let to):
      hubStates[hub] = to
      add("hub \(from) -> \(to)")
    case .jobStepped(_, let from, let to): add("job \(from) -> \(to)")
    default: break
    }
  }

  public mutating func add(_ what: String, _ count: Int = 1) { counts[what, default: 0] += count }

  public mutating func add(_ other: Coverage) {
    for (what, count) in other.counts { add(what, count) }
  }

  /// What begins with a word, such as `hub`, in order.
  public func reached(_ kind: String) -> [(what: String, count: Int)] {
    counts.filter { $0.key.hasPrefix(kind + " ") }
      .map { (String($0.key.dropFirst(kind.count + 1)), $0.value) }
      .sorted { $0.0 < $1.0 }
  }

  /// Which of these were never reached.
  public func missing(_ kind: String, of all: [String]) -> [String] {
    all.filter { counts["\(kind) \($0)"] == nil }
  }
}
