import World

/// Where one end of a virtual stream stands.
enum StreamPhase: UInt8 {
  /// A client that waits for the first answer, or for that of TLS.
  case connecting, securing
  /// A server whose client has not proven yet that it is there.
  case accepting
  case open
  /// Both directions have ended in good order.
  case ended
  /// Failed, reset, or lost with its process. Whatever still comes is answered with a reset.
  case gone
}

/// One end of a stream between two virtual hosts.
///
/// Ends live as long as somebody holds them; the world holds them while either has something to say.
/// Callbacks only ever come from the world's events, never from inside a call to the stream.
public final class VirtualStream: EventTarget, Stream {
  public var handler: (any StreamHandler)?
  public let host: VirtualHost
  /// A number of its own in this world.
  public let identity: UInt32
  public internal(set) var isSessionResumed = false

  let engine: Engine
  var phase: StreamPhase
  /// Whether the owner here has closed it and wants to hear nothing more.
  var isClosed = false
  let outgoing: Pipe
  let incoming: Pipe
  var path = Path()
  var pathIsOpen = false
  /// The other end; the connection holds both.
  unowned(unsafe) var peer: VirtualStream?
  var connection: Connection?
  /// While it is being opened.
  var attempt: ConnectAttempt?
  /// While it is being accepted.
  var listener: VirtualListener?
  /// Whose TLS session this is.
  var session: ServerIdentity?
  private var peerHost: VirtualHost?

  private let isServer: Bool
  var wantsWritable = false
  var wakeTime = Int64.max
  var isRecovering = false
  var recoveryStart: Int64 = 0
  var recoveryTries = 0
  var recoveryNumber: UInt32 = 0

  /// A client's end.
  init(engine: Engine, host: VirtualHost) {
    self.engine = engine
    self.host = host
    identity = engine.takeStreamIdentity()
    phase = .connecting
    isServer = false
    outgoing = Pipe()
    incoming = Pipe()
  }

  /// A server's end of `client`'s stream.
  init(accepting client: VirtualStream, listener: VirtualListener, host: VirtualHost) {
    engine = client.engine
    self.host = host
    identity = engine.takeStreamIdentity()
    phase = .accepting
    isServer = true
    outgoing = client.incoming
    incoming = client.outgoing
    path = client.path.reversed
    peerHost = client.host
    self.listener = listener
  }

  func setPeerHost(_ host: VirtualHost) { peerHost = host }

  // MARK: Who

  public var localAddress: String { host.address }
  /// A farm's hosts are seen from outside under the address of their router.
  public var peerAddress: String {
    guard let peerHost else { return "" }
    if let farm = peerHost.farm, farm !== host.farm { return farm.publicAddress }
    return peerHost.address
  }
  public var peerName: String { peerHost?.name ?? "" }
  /// The number of the other end, while the world knows both.
  public var peerIdentity: UInt32? { peer?.identity }
  public var peerFingerprint: [UInt8]? {
    isServer ? nil : session.map(Self.fingerprint)
  }
  /// Whether bytes can be written and read now.
  public var isOpen: Bool { phase == .open && !isClosed }
  /// Whether this end failed, was reset, or went with its process.
  public var isGone: Bool { phase == .gone }

  /// Whether nothing that still comes could matter here.
  var isSpent: Bool { phase == .gone || (isClosed && outgoing.finishIsDelivered) }

  // MARK: Reading

  public var unreadCount: Int { isReadable ? incoming.unreadCount : 0 }

  private var isReadable: Bool { (phase == .open || phase == .ended) && !isClosed }

  public func read(_ body: (UnsafeRawBufferPointer) -> Int) {
    guard isReadable else {
      _ = body(UnsafeRawBufferPointer(start: nil, count: 0))
      return
    }
    let used = body(incoming.unread)
    // The owner may have closed or broken the stream from inside.
    guard used > 0, isReadable else { return }
    incoming.consume(used)
    if incoming.consumed + Pipe.receiveLimit - incoming.announcedEnd >= Self.announcedStep {
      acknowledge()
    }
  }

  /// The window is announced again when it has grown by this much.
  private static let announcedStep = 8_192

  // MARK: Writing

  public var writableCount: Int {
    guard isOpen, !outgoing.finishIsRequested else { return 0 }
    takeAcknowledgements()
    return max(Pipe.sendLimit - (outgoing.written - outgoing.acknowledged), 0)
  }

  public func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard isOpen, !outgoing.finishIsRequested else { return 0 }
    let count = min(bytes.count, writableCount)
    if count < bytes.count { wantsWritable = true }
    if count > 0 { outgoing.append(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
    transmit()
    return count
  }

  // MARK: Ending

  public func finish() {
    guard phase == .open, !outgoing.finishIsRequested else { return }
    outgoing.finishIsRequested = true
    wantsWritable = false
    transmit()
  }

  public func close() {
    guard !isClosed else { return }
    isClosed = true
    handler = nil
    switch phase {
    case .connecting, .securing, .accepting: leave()
    case .open:
      incoming.consume(incoming.unreadCount)
      finish()
      // The far end's window may wait for us; or it is no more, and nothing is left to be said.
      if phase == .open { acknowledge() }
      connection?.endLeft()
    case .ended: incoming.consume(incoming.unreadCount)
    case .gone: break
    }
  }

  public func reset() {
    switch phase {
    case .open: sendReset()
    case .securing where peer?.phase == .open: sendReset()
    case .connecting, .securing, .accepting, .ended, .gone: break
    }
    leave()
  }

  /// The power of our host is gone: not a word to anyone.
  func vanish() { leave() }

  /// Tells the owner that the stream is no more.
  func fail(_ failure: NetworkFailure) {
    guard phase != .gone, phase != .ended else { return }
    let handler = self.handler
    leave()
    handler?.streamChanged(self, .failed(failure))
  }

  /// From now on this end knows nothing of the stream.
  func leave() {
    guard phase != .gone else { return }
    phase = .gone
    handler = nil
    attempt = nil
    listener = nil
    connection?.endLeft()
  }

  /// Nothing lies between the ends any more.
  func detach() {
    connection = nil
    peer = nil
    attempt = nil
    listener = nil
  }

  // MARK: Events

  override func happen(_ kind: EventKind, _ number: UInt32) -> Bool {
    switch kind {
    case .segment: segmentComes(number)
    case .acknowledged: wake()
    case .retransmit: retransmit(number)
    case .resetArrives: resetComes(number)
    case .connectFailed: connectFails()
    case .greeting: greetingComes()
    case .greetingAnswer: greetingAnswerComes()
    case .secureGreeting: secureGreetingComes()
    case .secureGreetingAnswer: secureGreetingAnswerComes()
    case .connectRetry: retryConnect(number)
    case .nameFound: nameIsFound()
    case .timer, .radio, .datagram, .bluetooth, .change: false
    }
  }

  override var isForgettable: Bool { connection == nil && attempt == nil }
}

extension Engine {
  func takeStreamIdentity() -> UInt32 {
    defer { nextStreamIdentity &+= 1 }
    return nextStreamIdentity
  }
}
