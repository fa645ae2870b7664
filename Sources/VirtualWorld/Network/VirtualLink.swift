import World

/// The wire between a host and its network, or between a farm's router and the internet.
///
/// "Outgoing" is away from the host; for an uplink, away from the farm. Each direction has its own
/// queue: what is sent while it is busy waits its turn.
public final class VirtualLink {
  public let name: String
  private let engine: Engine
  private var chance: ChanceStream

  /// Whether anything gets through at all. What is under way when it goes down is lost.
  public var isUp = true {
    didSet {
      guard isUp != oldValue else { return }
      outgoingIsBusyUntil = 0
      incomingIsBusyUntil = 0
      engine.pathsChanged()
    }
  }
  /// What comes from the host is swallowed without a word.
  public var blocksOutgoing = false {
    didSet { if blocksOutgoing != oldValue { engine.pathsChanged() } }
  }
  /// What goes to the host is swallowed without a word.
  public var blocksIncoming = false {
    didSet { if blocksIncoming != oldValue { engine.pathsChanged() } }
  }
  /// How long a byte travels.
  public var latency: Interval {
    didSet { engine.linkVersion += 1 }
  }
  /// Up to how much longer it travels, by chance. Streams stay in order.
  public var jitter = Interval.zero {
    didSet { engine.linkVersion += 1 }
  }
  /// Bytes a second in each direction; nil is no limit.
  public var bandwidth: Int? {
    didSet {
      bytesPerSecond = bandwidth.map { Int64(max($0, 1)) } ?? 0
      engine.linkVersion += 1
    }
  }
  /// The share of segments that get lost, 0 to 1; seen as delay, since streams repeat what is lost.
  public var loss = 0.0 {
    didSet {
      updateLoss()
      engine.linkVersion += 1
    }
  }
  /// The largest segment, in bytes; 1 shows every byte alone.
  public var fragment: Int? {
    didSet { engine.linkVersion += 1 }
  }

  /// The share of datagrams that come twice, 0 to 1.
  public var duplication = 0.0 {
    didSet { duplicationPerMillion = UInt64(min(max(duplication, 0), 1) * 1_000_000) }
  }
  /// The share of datagrams that are held up so that later ones overtake them, 0 to 1.
  public var reordering = 0.0 {
    didSet { reorderingPerMillion = UInt64(min(max(reordering, 0), 1) * 1_000_000) }
  }

  /// How much weaker a radio's signal is than would be needed to lose nothing.
  var decibelsTooWeak = 0 {
    didSet {
      guard decibelsTooWeak != oldValue else { return }
      updateLoss()
      engine.linkVersion += 1
    }
  }

  private(set) var bytesPerSecond: Int64 = 0
  private var lossPerMillion: UInt64 = 0
  private var duplicationPerMillion: UInt64 = 0
  private var reorderingPerMillion: UInt64 = 0
  private var outgoingIsBusyUntil: Int64 = 0
  private var incomingIsBusyUntil: Int64 = 0

  /// What a weak signal loses adds to what gets lost anyway: 4 of 100 at -75 dBm, 60 at -90.
  private func updateLoss() {
    let ordinary = UInt64(min(max(loss, 0), 1) * 1_000_000)
    let weak = UInt64(min(1_500 * decibelsTooWeak * decibelsTooWeak, 1_000_000))
    lossPerMillion = ordinary + (1_000_000 - ordinary) * weak / 1_000_000
  }

  /// How long a byte travels, repetitions of a weak radio included: 2 ms for each decibel.
  var travel: Int64 { latency.nanoseconds + Int64(decibelsTooWeak) * 2_000_000 }

  /// Whether the machine at its end is switched on and, with a radio, joined.
  var isAttached = true {
    didSet { if isAttached != oldValue { engine.pathsChanged() } }
  }

  init(name: String, latency: Interval, engine: Engine) {
    self.name = name
    self.latency = latency
    self.engine = engine
    chance = ChanceStream(seed: engine.seed, name: "link:" + name)
  }

  /// Whether it neither queues nor asks chance for anything.
  var isPlain: Bool { bytesPerSecond == 0 && lossPerMillion == 0 && jitter.nanoseconds < 1_000 }

  var hasQueue: Bool { bytesPerSecond > 0 }

  func carries(outgoing: Bool) -> Bool {
    isUp && isAttached && !(outgoing ? blocksOutgoing : blocksIncoming)
  }

  /// Sends `count` bytes through the queue; answers when the last of them has left.
  func queue(_ count: Int, outgoing: Bool, at time: Int64) -> Int64 {
    let work = Int64(count) * 1_000_000_000 / bytesPerSecond
    if outgoing {
      outgoingIsBusyUntil = max(time, outgoingIsBusyUntil) + work
      return outgoingIsBusyUntil
    }
    incomingIsBusyUntil = max(time, incomingIsBusyUntil) + work
    return incomingIsBusyUntil
  }

  func busyUntil(outgoing: Bool) -> Int64 {
    outgoing ? outgoingIsBusyUntil : incomingIsBusyUntil
  }

  /// How long this segment travels.
  @inline(__always)
  func drawDelay() -> Int64 {
    let least = travel
    guard jitter.nanoseconds >= 1_000 else { return least }
    let bound = UInt64(jitter.nanoseconds / 1_000) + 1
    return least + 1_000
      * Int64(engine.choose("link.jitter", below: bound, by: name, from: &chance))
  }

  @inline(__always)
  func drawLoss() -> Bool { draw("link.loss", perMillion: lossPerMillion) }

  func drawDuplication() -> Bool { draw("link.duplication", perMillion: duplicationPerMillion) }

  func drawReordering() -> Bool { draw("link.reordering", perMillion: reorderingPerMillion) }

  @inline(__always)
  private func draw(_ label: StaticString, perMillion share: UInt64) -> Bool {
    guard share > 0 else { return false }
    let value = engine.choose(label, below: 1_000_000, by: name, from: &chance)
    return value >= 1_000_000 - share
  }
}
