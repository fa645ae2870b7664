/// How often peers did what they must not, by the stable name of the fault.
public struct PeerFaults: Equatable, Sendable {
  /// In the order in which each came up first.
  public private(set) var counts: [(name: String, count: Int)] = []

  public init() {}

  public var total: Int { counts.reduce(0) { $0 + $1.count } }

  public func count(of name: String) -> Int { counts.first { $0.name == name }?.count ?? 0 }

  mutating func add(_ name: String) {
    if let index = counts.firstIndex(where: { $0.name == name }) {
      counts[index].count += 1
    } else {
      counts.append((name, 1))
    }
  }

  public static func == (a: PeerFaults, b: PeerFaults) -> Bool {
    a.counts.elementsEqual(b.counts) { $0.name == $1.name && $0.count == $1.count }
  }
}
