/// The links between two hosts, in the order in which a sender's bytes meet them.
///
/// Three at most: the sender's own, the uplink of the farm that the bytes leave or enter, and the
/// receiver's own. None between a host and itself. The links are owned by the world, which outlives
/// every stream that is not gone, so the path does not count references to them.
struct Path {
  private unowned(unsafe) var first: VirtualLink?
  private unowned(unsafe) var second: VirtualLink?
  private unowned(unsafe) var third: VirtualLink?
  private var outgoing: (Bool, Bool, Bool) = (false, false, false)
  private(set) var count = 0

  /// What most senders need to know of their path, so that they need not ask its links each time.
  struct Character {
    fileprivate(set) var version: UInt64 = 0
    /// Nothing on the way queues, loses, delays by chance or cuts.
    fileprivate(set) var isPlain = true
    /// How long a packet travels that meets no queue and no bad luck.
    fileprivate(set) var latency = Path.loopbackDelay
    /// The longest such a packet can travel.
    fileprivate(set) var greatestLatency = Path.loopbackDelay
    /// The largest segment that gets through uncut.
    fileprivate(set) var segmentLimit = Path.usualSegmentLimit
    var isCut: Bool { segmentLimit < Path.usualSegmentLimit }
  }

  private(set) var character = Character()

  /// As many bytes as one segment carries at most: a record of TLS.
  static let usualSegmentLimit = 16_384

  /// What a host needs to talk to itself.
  static let loopbackDelay: Int64 = 20_000

  mutating func append(_ link: VirtualLink, outgoing isOutgoing: Bool) {
    switch count {
    case 0:
      first = link
      outgoing.0 = isOutgoing
    case 1:
      second = link
      outgoing.1 = isOutgoing
    default:
      third = link
      outgoing.2 = isOutgoing
    }
    count += 1
  }

  @inline(__always)
  func link(_ hop: Int) -> VirtualLink {
    switch hop {
    case 0: first.unsafelyUnwrapped
    case 1: second.unsafelyUnwrapped
    default: third.unsafelyUnwrapped
    }
  }

  @inline(__always)
  func isOutgoing(_ hop: Int) -> Bool {
    switch hop {
    case 0: outgoing.0
    case 1: outgoing.1
    default: outgoing.2
    }
  }

  /// The same links, as the far end's bytes meet them.
  var reversed: Path {
    var path = Path()
    for hop in stride(from: count - 1, through: 0, by: -1) {
      path.append(link(hop), outgoing: !isOutgoing(hop))
    }
    return path
  }

  var isOpen: Bool {
    for hop in 0..<count where !link(hop).carries(outgoing: isOutgoing(hop)) { return false }
    return true
  }

  /// Looks at the links again if any link of the world has changed since the last time.
  @inline(__always)
  mutating func update(_ version: UInt64) {
    if character.version != version { describe(version) }
  }

  private mutating func describe(_ version: UInt64) {
    var described = Character()
    described.version = version
    guard count > 0 else {
      character = described
      return
    }
    described.latency = 0
    described.greatestLatency = 0
    for hop in 0..<count {
      let link = link(hop)
      described.latency += link.travel
      described.greatestLatency += link.travel + link.jitter.nanoseconds
      if let fragment = link.fragment {
        described.segmentLimit = min(described.segmentLimit, max(fragment, 1))
      }
      if !link.isPlain { described.isPlain = false }
    }
    if described.isCut { described.isPlain = false }
    character = described
  }

  func drawLoss() -> Bool {
    if character.isPlain { return false }
    for hop in 0..<count where link(hop).drawLoss() { return true }
    return false
  }

  /// When a packet without payload that leaves now arrives, or nil when it never does.
  func arrivalOfPacket(sentAt now: Int64) -> Int64? {
    guard isOpen, !drawLoss() else { return nil }
    if character.isPlain { return now + character.latency }
    var time = now
    for hop in 0..<count { time += link(hop).drawDelay() }
    return time
  }
}
