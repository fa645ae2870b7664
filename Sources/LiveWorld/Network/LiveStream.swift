// A stream over a real socket.
//
//     resolving --> connecting --> securing --> open --> closing --> gone
//     (clients)     (clients)      (TLS)                 (sends what is left)
//
// Only `runTask` talks to the socket, and only the loop calls it. What an actor calls changes the
// buffers and asks the loop for a turn. So no actor is ever called from inside its own call, and
// small writes of one turn leave as one packet.

import CLinux
import Glibc
import World

final class LiveStream: Stream, DescriptorOwner, LoopTask {
  enum Phase { case resolving, connecting, securing, open, closing, gone }

  /// How long connecting and the TLS handshake may take together.
  static let openingLimit = Interval.seconds(20 as Int64)
  /// How long a closed stream goes on sending what it holds.
  static let lingerLimit = Interval.seconds(10 as Int64)

  let network: LiveNetwork
  var phase: Phase
  var socket: Int32 = -1
  var registration: Registration?
  var transport: (any Transport)?
  /// What is left to try, on a client's side.
  var dial: Dial?
  /// Whom to give the stream to once it is open, on a server's side.
  var accept: ((any Stream) -> Void)?
  var timeout: LiveTimer?
  /// What a later stream can take up again.
  var session: (any ResumableSession)?

  var received = StreamBuffer()
  var unsent = StreamBuffer()
  /// Whether the system may have bytes for us, or room; edges that were not used up.
  var canRead = false
  var canWrite = false
  var isBroken = false
  var isScheduled = false

  // What the handler has yet to hear.
  var hasUnheardBytes = false
  var hasUnheardEnd = false
  var unheardFailure: NetworkFailure?
  var owesWritable = false

  var peerHasEnded = false
  var endIsAsked = false
  var endIsSaid = false
  /// The actor is looking at `received`: its memory must stay.
  private var isBeingRead = false
  /// The owner wants to hear and read nothing more.
  private var wasLeft = false

  /// Closed, with bytes that the far end is still to get.
  var isSayingFarewell = false {
    didSet {
      if isSayingFarewell != oldValue { network.farewellCount += isSayingFarewell ? 1 : -1 }
    }
  }

  var peerAddress = ""
  var localAddress = ""
  private(set) var isSessionResumed = false
  private(set) var peerFingerprint: [UInt8]?

  var handler: (any StreamHandler)? {
    didSet {
      guard handler != nil else { return }
      if hasUnheardBytes || hasUnheardEnd || unheardFailure != nil { schedule() }
    }
  }

  /// A client's stream: the loop begins to open it in its next turn.
  init(network: LiveNetwork, dial: Dial, handler: any StreamHandler) {
    self.network = network
    self.dial = dial
    self.handler = handler
    phase = .resolving
    schedule()
  }

  /// A server's stream, over a socket that was accepted.
  init(
    network: LiveNetwork, socket: Int32, peer: SocketAddress, transport: any Transport,
    accept: @escaping (any Stream) -> Void
  ) {
    self.network = network
    self.socket = socket
    self.transport = transport
    self.accept = accept
    phase = .securing
    peerAddress = peer.text
    localAddress = SocketAddress(localEndOf: socket)?.text ?? ""
    hubrig_tune_stream(socket)
    begin()
  }

  deinit { if socket >= 0 { Glibc.close(socket) } }

  // MARK: What actors call

  var unreadCount: Int { received.count }

  func read(_ body: (UnsafeRawBufferPointer) -> Int) {
    let isOutermost = !isBeingRead
    isBeingRead = true
    let used = body(received.pending)
    if isOutermost { isBeingRead = false }
    // Whoever leaves while reading leaves the memory behind.
    if wasLeft {
      if isOutermost { received.release() }
      return
    }
    received.consume(used)
    if used > 0 && canRead && !peerHasEnded && phase == .open { schedule() }
  }

  var writableCount: Int { phase == .open && !endIsAsked ? unsent.freeCount : 0 }

  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard phase == .open, !endIsAsked else { return 0 }
    let taken = unsent.append(bytes)
    // Also owed to a writer that waits for more room than there is without trying.
    if taken < bytes.count || unsent.count > StreamBuffer.limit / 2 { owesWritable = true }
    if canWrite && unsent.count > 0 { schedule() }
    return taken
  }

  func finish() {
    guard phase == .open, !endIsAsked else { return }
    endIsAsked = true
    schedule()
  }

  func close() {
    leave()
    switch phase {
    case .open:
      phase = .closing
      endIsAsked = true
      linger()
    case .resolving, .connecting, .securing:
      release()
    case .closing, .gone:
      break
    }
  }

  func reset() {
    leave()
    guard phase != .gone else { return }
    if socket >= 0 { hubrig_reset_on_close(socket) }
    release()
  }

  // MARK: What the loop calls

  func descriptorIsReady(_ readiness: Readiness) {
    let isOver = !readiness.isDisjoint(with: [.broken, .hungUp])
    let crosses = transport?.crossesDirections ?? false
    if crosses || isOver || !readiness.isDisjoint(with: .readable) { canRead = true }
    if crosses || isOver || readiness.contains(.writable) { canWrite = true }
    if readiness.contains(.broken) { isBroken = true }
    schedule()
  }

  func runTask() {
    isScheduled = false
    switch phase {
    case .resolving: resolve()
    case .connecting: finishConnecting()
    case .securing: shakeHands()
    case .open: exchange()
    case .closing: sendRest()
    case .gone: deliverWhatIsUnheard()
    }
  }

  func abandon() {
    registration = nil
    leave()
    release()
  }

  // MARK: Life and death

  func schedule() {
    guard !isScheduled else { return }
    isScheduled = true
    network.loop.schedule(self)
  }

  /// The stream is open: both ends may speak.
  func becomeOpen() {
    phase = .open
    timeout?.cancel()
    timeout = nil
    dial = nil
    isSessionResumed = transport?.isSessionResumed ?? false
    peerFingerprint = transport?.peerFingerprint
    session = transport?.session
    schedule()
  }

  /// Goes on without its owner until everything is sent, for a while.
  func linger() {
    timeout?.cancel()
    timeout = network.loop.after(Self.lingerLimit) { [self] in
      // A far end that has everything and only does not hang up needs no reset.
      if endIsSaid { release() } else { reset() }
    }
    isSayingFarewell = !endIsSaid
    schedule()
  }

  /// The far end, or the way to it, has broken the stream.
  func fail(_ failure: NetworkFailure) {
    release()
    unheardFailure = failure
    deliverWhatIsUnheard()
  }

  /// Gives back the socket. Bytes that came can still be read.
  func release() {
    isSayingFarewell = false
    phase = .gone
    timeout?.cancel()
    timeout = nil
    dial = nil
    accept = nil
    transport = nil
    unsent.release()
    guard socket >= 0 else { return }
    if let registration { network.loop.remove(registration) }
    registration = nil
    Glibc.close(socket)
    socket = -1
  }

  private func leave() {
    wasLeft = true
    handler = nil
    if !isBeingRead { received.release() }
  }

  func deliver(_ event: StreamEvent) { handler?.streamChanged(self, event) }
}
