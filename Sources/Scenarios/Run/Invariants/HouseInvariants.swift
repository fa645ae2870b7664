/// The chip has no more.
public final class MemoryBound: Invariant {
  public static let id = "memory-bound"
  public static let sentence = "A hub never uses more than 128 KiB of memory."
  public static let byteLimit = 128 << 10

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .hubMemory(let hub, let used) = fact, used > Self.byteLimit else { return nil }
    return "\(hub) uses \(Quantity.grouped(used)) bytes of \(Quantity.grouped(Self.byteLimit))"
  }
}

/// Two customers of one cloud never learn of each other.
public final class TenantWalls: Invariant {
  public static let id = "tenant-walls"
  public static let sentence = "Nothing of one tenant reaches another: no command, file or record."

  private var farmsOfDigest: [UInt64: Set<String>] = [:]

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    switch fact {
    case .fileUploaded(let farm, let digest):
      farmsOfDigest[digest, default: []].insert(farm)
    case .printBegan(let printer, let farm, _, let digest):
      if let owners = farmsOfDigest[digest], !owners.contains(farm) {
        return "\(printer) of \(farm) prints a file of \(owners.sorted().joined(separator: ", "))"
      }
    case .commanded(let hub, let hubFarm, let targetFarm):
      if hubFarm != targetFarm {
        return "\(hub) of \(hubFarm) was sent a command about something of \(targetFarm)"
      }
    case .shown(let farm, let ownerOf, let what):
      if farm != ownerOf { return "the owner of \(ownerOf) was shown \(what) of \(farm)" }
    default: break
    }
    return nil
  }
}

/// Whoever looks after thousands of hubs must know which of them fall over.
public final class CrashesTold: Invariant {
  public static let id = "crashes-told"
  public static let sentence = "The cloud hears of it when a hub has crashed."

  public init() {}

  public func hear(_ fact: Fact) -> String? {
    guard case .crashUntold(let hub) = fact else { return nil }
    return "\(hub) has crashed and told nobody"
  }
}
