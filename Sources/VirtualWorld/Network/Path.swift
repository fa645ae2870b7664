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

  /// How long a packet travels that meets no queue and no bad luck.
  var latency: Int64 {
    guard count > 0 else { return Self.loopbackDelay }
    var sum: Int64 = 0
    for hop in 0..<count { sum += link(hop).latency.nanoseconds }
    return sum
  }

  /// The longest such a packet can travel.
  var greatestLatency: Int64 {
    guard count > 0 else { return Self.loopbackDelay }
    var sum: Int64 = 0
    for hop in 0..<count {
      sum += link(hop).latency.nanoseconds + link(hop).jitter.nanoseconds
    }
    return sum
  }

  func drawLoss() -> Bool {
    for hop in 0..<count where link(hop).drawLoss() { return true }
    return false
  }

  /// When a packet without payload that leaves now arrives, or nil when it never does.
  func arrivalOfPacket(sentAt now: Int64) -> Int64? {
    guard isOpen, !drawLoss() else { return nil }
    guard count > 0 else { return now + Self.loopbackDelay }
    var time = now
    for hop in 0..<count { time += link(hop).drawDelay() }
    return time
  }

  /// The largest segment that gets through uncut.
  func segmentLimit(_ usual: Int) -> (count: Int, isCut: Bool) {
    var limit = usual
    var isCut = false
    for hop in 0..<count {
      guard let fragment = link(hop).fragment, fragment < limit else { continue }
      limit = max(fragment, 1)
      isCut = true
    }
    return (limit, isCut)
  }
}
