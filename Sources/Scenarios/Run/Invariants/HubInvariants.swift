/// Keys and codes are for those who need them.
public final class NoSecret: Invariant {
  public static let id = "no-secret"
  public static let sentence =
    "No secret stands in clear in the timeline, in a hub's flash or in the cloud's database."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .secretSeen(let what, let place) = fact else { return nil }
    return "\(what) stands in clear in \(place)"
  }
}

/// Flash lasts for years when it is written to as seldom as it must be.
public final class FlashWear: Invariant {
  public static let id = "flash-wear"
  public static let sentence =
    "A hub writes to its store when something has changed for good, and not otherwise."

  /// What its boots and its jobs need, with room to spare.
  static func limit(boots: Int, jobs: Int) -> Int { 100 + 20 * boots + 40 * jobs }

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .storeWritten(let hub, let times, let boots, let jobs) = fact else { return nil }
    let limit = Self.limit(boots: boots, jobs: jobs)
    guard times > limit else { return nil }
    return "\(hub) wrote to its store \(times) times; \(limit) are enough"
  }
}

/// Every task gets its turn.
public final class NeverStarved: Invariant {
  public static let id = "never-starved"
  public static let sentence = "No task of a hub waits so long for its turn that the hub restarts."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .hubUnwell(let hub) = fact else { return nil }
    return "\(hub) restarted because a task had not done its part"
  }
}

/// Whatever happened to its flash and its power.
public final class AlwaysBoots: Invariant {
  public static let id = "always-boots"
  public static let sentence = "A hub that has power runs."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .hubDead(let hub) = fact else { return nil }
    return "\(hub) has power and does not run"
  }
}
