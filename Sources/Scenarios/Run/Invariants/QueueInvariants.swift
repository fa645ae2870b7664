/// What nobody takes away must not pile up.
public final class QueuesBounded: Invariant {
  public static let id = "queues-bounded"
  public static let sentence =
    "No queue holds more than it may: a hub's outbox, its open commands, the cloud's queues."
  /// A hub remembers as many; with more of them open it could take an old one for a new one.
  static let commandLimit = 32

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .queueHolds(let queue, let count, let limit) = fact, count > limit else {
      return nil
    }
    return "\(Quantity.grouped(count)) wait in \(queue), which may hold \(Quantity.grouped(limit))"
  }
}

/// What waits is waited for.
public final class QueuesDrained: Invariant {
  public static let id = "queues-drained"
  public static let sentence =
    "A minute after nothing is broken any more a hub's outbox and the cloud's queues are empty."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .queueLeft(let queue, let count) = fact, count > 0 else { return nil }
    return "\(Quantity.grouped(count)) still wait in \(queue)"
  }
}
