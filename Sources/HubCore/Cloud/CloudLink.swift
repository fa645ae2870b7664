// The hub's one connection to the cloud.
//
//     offline --network--> waiting --time--> connecting --open--> upgrading --101--> greeting
//        ^                    ^                  |                    |                 | cloud_hello
//        |                    '------------------+--------------------+---- broken -----+
//        '-- no network, from any state          '------------------------------------ open
//
// Bytes come into `inbox`, are read as HTTP until the answer 101 and as WebSocket frames from then
// on; the text inside goes straight on to `commands`. What is to be said is framed into `outbox`
// as a whole message or not at all.

import Wire

/// Keeps the connection to the cloud alive and hands over one command at a time.
@safe
struct CloudLink: ~Copyable {
  /// Where the connection stands.
  enum State: Equatable {
    case offline
    case waiting(until: Uptime)
    case connecting(until: Uptime)
    case upgrading(until: Uptime)
    case greeting(until: Uptime)
    case open
  }

  /// What a step brought about.
  enum Event: Equatable {
    case none
    /// The cloud has said hello.
    case greeted
    /// The connection is gone; another will be tried.
    case lost
    /// `commands.command` holds a command that is to be executed before the next step.
    case command
    /// `pieces.piece` tells of bytes in `inbox` that are to be used before the next step.
    case piece
  }

  private let pinned = Pinned()
  var state = State.offline
  var connection: Connection?
  var inbox: ByteQueue
  var outbox: ByteQueue
  /// Where messages are composed before they are framed; shared with what is said to printers.
  let scratch: UnsafeMutableBufferPointer<UInt8>
  var http = HTTPReader(
    .response, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders, bodyLimit: .max)
  var webSocket = WebSocketReader(side: .client, messageLimit: Limits.cloudMessage)
  var commands: CommandReader
  /// What proves that the far end read our upgrade request, and what our signature must cover.
  var handshake = CloudHandshake()
  private var backoff = Backoff(base: Limits.cloudRetryBase, cap: Limits.cloudRetryCap)

  var openedAt = Uptime.start
  var heartbeat = Limits.heartbeatDefault
  var pingAt = Uptime.never
  var pongBy = Uptime.never
  /// When there is more to read than one step may; the stream will not say so again.
  var moreAt = Uptime.never
  var isInMessage = false
  var isInBinary = false
  var pieces = PieceReader()
  /// How much of the inbox the last piece takes.
  var pieceUsed = 0
  /// The cloud hands out files over this connection.
  var servesPieces = false
  /// By when the message under way must be whole.
  var wholeBy = Uptime.never
  var badInputCount: UInt32 = 0
  var connectCount: UInt32 = 0
  /// The cloud has said that it does not want this hub: a person has to look.
  var isRefused = false
  /// The hello under way carries a claim token.
  var hasToldToken = false
  /// Why the cloud did not take the last claim token; nil once it has taken one.
  var claimRefusal: StaticString?
  /// What of the region is not in use, for the hello.
  var freeMemory = 0
  /// What runs, and where.
  var firmwareVersion = Text<32>()
  var firmwareSlot: UInt8 = 0
  /// Under which the events of this boot are numbered.
  var eventEpoch: UInt32 = 0
  var bootReason: StaticString = "power-on"
  var bootCount: UInt32 = 0

  /// Carves the connection's memory out of `region`; `scratch` holds a whole message.
  // Kept apart, so that its temporaries do not stand on the stack beside the hub's own.
  @inline(never)
  init(_ region: inout Region, scratch: UnsafeMutableBufferPointer<UInt8>) {
    inbox = unsafe ByteQueue(region.bytes(Limits.cloudInbox))
    outbox = unsafe ByteQueue(region.bytes(Limits.cloudOutbox))
    unsafe self.scratch = scratch
    let details = unsafe region.room(for: OrderDetails.self)
    unsafe details.initialize(to: OrderDetails())
    commands = unsafe CommandReader(
      scratch: region.bytes(Limits.commandScratch), fileURL: region.bytes(Limits.fileURL),
      order: Table(details, count: 1))
  }

  /// What `init` carves.
  static let memory =
    Region.cost(Limits.cloudInbox) + Region.cost(Limits.cloudOutbox)
    + Region.cost(Limits.commandScratch) + Region.cost(Limits.fileURL)
    + Region.cost(of: OrderDetails.self)

  var isOpen: Bool { state == .open }
  var hasConnection: Bool { connection != nil }

  /// When the link will change by itself.
  var turn: Turn {
    switch state {
    case .offline: .asleep
    case .waiting(let until), .connecting(let until), .upgrading(let until), .greeting(let until):
      .until(until)
    case .open:
      Turn(next: earlier(moreAt, dueAt), promise: dueAt)
    }
  }

  /// When something must be done on a connection on which nothing happens.
  private var dueAt: Uptime { earlier(earlier(pingAt, pongBy), wholeBy) }

  // ----------------------------------------------------------------------------------- network

  /// The hub has a network, or has none any more.
  mutating func networkChanged(isThere: Bool, now: Uptime) {
    if isThere {
      guard state == .offline else { return }
      state = .waiting(until: now)
    } else {
      forgetConnection()
      state = .offline
    }
  }

  /// There is something new to say in a hello: says it as soon as there is a network.
  mutating func callAgain(_ board: Board, now: Uptime) {
    backoff.reset()
    claimRefusal = nil
    guard state != .offline else { return }
    if connection != nil {
      let mask = board.entropy
      _ = outbox.write {
        WebSocketWriter.close(code: 1000, reason: Span<UInt8>(), mask: mask, into: &$0)
      }
      flush()
    }
    forgetConnection()
    state = .waiting(until: now)
  }

  /// Whether the next step opens a connection.
  func isAboutToDial(_ now: Uptime) -> Bool {
    if case .waiting(let until) = state { until <= now } else { false }
  }

  /// Lays the authority that is to be believed where the next step finds it.
  mutating func bringAuthority(_ store: inout Store) {
    forgetConnection()
    unsafe outbox.fill { memory in
      var span = unsafe MutableSpan(_unsafeElements: memory)
      guard case .found(let count) = store.read(.cloudAuthority, into: &span) else { return 0 }
      return count
    }
  }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now, up to the first thing that the hub has to know of. Without
  /// `mayRead` nothing is taken from the stream, so that the cloud has to wait.
  mutating func step(
    _ board: Board, _ settings: borrowing Settings, mayRead: Bool, now: Uptime
  ) -> Event {
    switch state {
    case .offline:
      return .none
    case .waiting(let until):
      guard until <= now else { return .none }
      return dial(board, settings, now)
    case .connecting, .upgrading, .greeting, .open:
      return stepConnection(board, settings, mayRead, now)
    }
  }

  private mutating func dial(
    _ board: Board, _ settings: borrowing Settings, _ now: Uptime
  ) -> Event {
    // An authority of one's own was brought into the outbox, which is empty otherwise.
    let hasAuthority = settings.hasAuthority && settings.cloud.trust == .cloud
    if !hasAuthority { forgetConnection() }
    do throws(Connection.Failure) {
      connection = try Connection.open(
        on: board, host: settings.cloud.host.span, port: settings.cloud.port,
        trust: settings.cloud.trust, name: settings.cloud.host.span, authority: outbox.pending)
      outbox.removeAll()
      state = .connecting(until: now + Limits.cloudOpen)
      return .none
    } catch {
      return fail(board, now, error.name)
    }
  }

  private mutating func stepConnection(
    _ board: Board, _ settings: borrowing Settings, _ mayRead: Bool, _ now: Uptime
  ) -> Event {
    let connectionState = connection?.state ?? .failed(.unknown)
    if case .failed(let failure) = connectionState { return fail(board, now, failure.name) }
    if let event = checkTime(board, now) { return event }
    if connectionState == .opening { return .none }
    if case .connecting = state {
      guard handshake.writeRequest(board, settings, into: &outbox) else {
        return fail(board, now, "request too long")
      }
      state = .upgrading(until: now + Limits.cloudUpgrade)
    }
    flush()
    moreAt = .never
    guard mayRead else { return .none }
    let event = receive(board, settings, now)
    guard event == .none else { return event }
    flush()
    // Everything that came before was read; what is left in the inbox will never be whole.
    if connectionState == .peerFinished, moreAt == .never {
      return fail(board, now, "cloud hung up")
    }
    return .none
  }

  private mutating func checkTime(_ board: Board, _ now: Uptime) -> Event? {
    switch state {
    case .connecting(let until), .upgrading(let until), .greeting(let until):
      return until <= now ? fail(board, now, "cloud did not answer in time") : nil
    case .open:
      if pongBy <= now, !has(.trustsSilence) {
        return fail(board, now, "no heartbeat from the cloud")
      }
      if wholeBy <= now { return refuse(board, now, 1002, "cloud does not end a message") }
      if pingAt <= now {
        sendPing(board)
        pingAt = now + heartbeat
        pongBy = earlier(pongBy, now + Limits.heartbeatAnswer)
      }
      return nil
    case .offline, .waiting:
      return nil
    }
  }

  // ---------------------------------------------------------------------------------- the end

  /// The far end broke the protocol: it is told why, counted, and left.
  mutating func refuse(
    _ board: Board, _ now: Uptime, _ code: UInt16, _ reason: StaticString
  ) -> Event {
    badInputCount &+= 1
    let mask = board.entropy
    _ = outbox.write {
      WebSocketWriter.close(code: code, reason: Span<UInt8>(), mask: mask, into: &$0)
    }
    flush()
    return fail(board, now, reason)
  }

  mutating func closed(_ board: Board, _ now: Uptime, code: UInt16) -> Event {
    let farewell = CloudFarewell(code: code)
    switch farewell {
    case .notRecognised, .notClaimed: isRefused = true
    // The token is worth nothing any more; the hub may be welcome without.
    case .claimRefused(let reason): claimRefusal = reason
    case .replaced, .other: break
    }
    return fail(
      board, now, farewell.reason, atLeast: farewell.isLasting ? Limits.cloudRefusedRetry : 0)
  }

  /// Lets go of the connection and waits before the next attempt.
  mutating func fail(
    _ board: Board, _ now: Uptime, _ reason: StaticString, atLeast floor: UInt64 = 0
  ) -> Event {
    if state == .open, now - openedAt >= Limits.goodConnection { backoff.reset() }
    let pause = floor + backoff.next(on: board)
    board.log(.warning) {
      $0.put("cloud: ")
      $0.put(reason)
      $0.put(", next attempt in ")
      $0.put(decimal64: pause)
      $0.put(" ms")
    }
    forgetConnection()
    state = .waiting(until: has(.givesUpCloud) && connectCount > 0 ? .never : now + pause)
    return .lost
  }

  private mutating func forgetConnection() {
    connection = nil
    inbox.removeAll()
    outbox.removeAll()
    http = HTTPReader(
      .response, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders, bodyLimit: .max)
    webSocket = WebSocketReader(side: .client, messageLimit: Limits.cloudMessage)
    handshake = CloudHandshake()
    pingAt = .never
    pongBy = .never
    isInMessage = false
    isInBinary = false
    pieces = PieceReader()
    pieceUsed = 0
    wholeBy = .never
  }
}
