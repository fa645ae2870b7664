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
    /// `piece` tells of bytes in `inbox` that are to be used before the next step.
    case piece
  }

  /// Some bytes of a piece of a file.
  ///
  ///     kind 1 | stream | tag, 2 bytes | offset, 4 bytes | bytes ...
  struct Piece {
    var stream = 0
    var tag: UInt16 = 0
    /// Where in the file the bytes belong.
    var offset = 0
    /// Where they are in the inbox.
    var range = 0..<0
    var isLast = false
    /// The cloud has nothing for us: a piece without bytes.
    var isRefusal = false
  }

  private let pinned = Pinned()
  private(set) var state = State.offline
  var connection: Connection?
  var inbox: ByteQueue
  var outbox: ByteQueue
  /// Where messages are composed before they are framed; shared with what is said to printers.
  let scratch: UnsafeMutableBufferPointer<UInt8>
  var http = HTTPReader(
    .response, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders, bodyLimit: .max)
  private var webSocket = WebSocketReader(side: .client, messageLimit: Limits.cloudMessage)
  var commands: CommandReader
  /// What proves that the far end read our upgrade request, and what our signature must cover.
  var handshake = CloudHandshake()
  private var backoff = Backoff(base: Limits.cloudRetryBase, cap: Limits.cloudRetryCap)

  private var openedAt = Uptime.start
  private var heartbeat = Limits.heartbeatDefault
  private var pingAt = Uptime.never
  private var pongBy = Uptime.never
  /// When there is more to read than one step may; the stream will not say so again.
  private var moreAt = Uptime.never
  private var isInMessage = false
  private var isInBinary = false
  /// The head of a binary message, as far as it has come.
  private var head = InlineArray<8, UInt8>(repeating: 0)
  private var headCount = 0
  private(set) var piece = Piece()
  /// How much of the inbox the last piece takes.
  private var pieceUsed = 0
  /// The cloud hands out files over this connection.
  private(set) var servesPieces = false
  /// By when the message under way must be whole.
  private var wholeBy = Uptime.never
  private(set) var badInputCount: UInt32 = 0
  private(set) var connectCount: UInt32 = 0
  /// The cloud has said that it does not want this hub: a person has to look.
  private(set) var isRefused = false
  /// The hello under way carries a claim token.
  var hasToldToken = false
  /// Why the cloud did not take the last claim token; nil once it has taken one.
  private(set) var claimRefusal: StaticString?
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

  // ----------------------------------------------------------------------------------- receive

  /// Reads until nothing is there, until a command is whole, or until others have waited enough.
  private mutating func receive(
    _ board: Board, _ settings: borrowing Settings, _ now: Uptime
  ) -> Event {
    for _ in 0..<Limits.roundsPerStep {
      let event = readInbox(board, settings, now)
      guard event == .none else { return event }
      guard let count = connection?.read(into: &inbox), count > 0 else {
        watchMessage(now)
        return .none
      }
      pongBy = .never
    }
    moreAt = now
    return readInbox(board, settings, now)
  }

  /// A message that never ends swallows all that follows, and looks like a lively cloud.
  private mutating func watchMessage(_ now: Uptime) {
    if inbox.isEmpty, !isInMessage {
      wholeBy = .never
    } else if wholeBy == .never {
      wholeBy = now + Limits.wholeMessage
    }
  }

  private mutating func readInbox(
    _ board: Board, _ settings: borrowing Settings, _ now: Uptime
  ) -> Event {
    if case .upgrading = state {
      do throws(CloudHandshake.Failure) {
        guard try handshake.read(&inbox, &http) else { return .none }
      } catch {
        if error.isBadInput { badInputCount &+= 1 }
        return fail(board, now, error.name)
      }
      guard sayHello(board, settings, now) else { return fail(board, now, "hello too long") }
      state = .greeting(until: now + Limits.cloudGreeting)
    }
    return readFrames(board, now)
  }

  private mutating func readFrames(_ board: Board, _ now: Uptime) -> Event {
    dropPiece()
    do throws(WebSocketError) {
      while !inbox.isEmpty {
        switch try webSocket.next(inbox) {
        case .needsMore:
          return .none
        case .message(let isText, let used):
          inbox.consume(used)
          guard isText || state == .open else {
            return refuse(board, now, 1002, "cloud spoke before its hello")
          }
          isInMessage = true
          isInBinary = !isText
          headCount = 0
          if isText { commands.begin() }
        case .payload(let range, let endsMessage, let used) where isInBinary:
          if endsMessage {
            isInMessage = false
            wholeBy = .never
          }
          if takeBinary(range, endsMessage: endsMessage, used: used) { return .piece }
          inbox.consume(used)
        case .payload(let range, let endsMessage, let used):
          do throws(JSONError) {
            // Frames from the cloud are not masked, so their bytes can be read where they are.
            try commands.read(range, of: inbox)
            if endsMessage { try commands.finish() }
          } catch {
            return refuse(board, now, 1007, error.name)
          }
          inbox.consume(used)
          guard endsMessage else { continue }
          isInMessage = false
          wholeBy = .never
          if let event = messageIsWhole(board, now) { return event }
        case .ping(let range, let used):
          answerPing(board, range)
          inbox.consume(used)
        case .pong(_, let used):
          inbox.consume(used)
        case .close(let code, _, let used):
          inbox.consume(used)
          return closed(board, now, code: code)
        }
      }
      return .none
    } catch {
      return refuse(board, now, error.closeCode, error.name)
    }
  }

  /// Reads the head of a binary message; answers whether there are bytes of a piece behind it. What
  /// else is sent in binary is passed over.
  private mutating func takeBinary(_ range: Range<Int>, endsMessage: Bool, used: Int) -> Bool {
    var start = range.lowerBound
    let wasHead = headCount < head.count
    while headCount < head.count, start < range.upperBound {
      let byte = inbox.pending[start]
      head[headCount] = byte
      headCount += 1
      start += 1
    }
    guard headCount == head.count, head[0] == 1 else { return false }
    if wasHead {
      piece.stream = Int(head[1])
      piece.tag = UInt16(head[2]) &<< 8 | UInt16(head[3])
      let high = UInt32(head[4]) &<< 24 | UInt32(head[5]) &<< 16
      piece.offset = Int(truncatingIfNeeded: high | UInt32(head[6]) &<< 8 | UInt32(head[7]))
    } else {
      piece.offset += piece.range.count
    }
    piece.range = start..<range.upperBound
    piece.isLast = endsMessage
    piece.isRefusal = wasHead && endsMessage && piece.range.isEmpty
    guard !piece.range.isEmpty || endsMessage else { return false }
    pieceUsed = used
    return true
  }

  private mutating func dropPiece() {
    guard pieceUsed > 0 else { return }
    inbox.consume(pieceUsed)
    pieceUsed = 0
  }

  private mutating func messageIsWhole(_ board: Board, _ now: Uptime) -> Event? {
    guard commands.command.kind == .cloudHello else {
      // Nobody may command a hub before saying hello.
      if state == .open { return .command }
      return refuse(board, now, 1002, "cloud spoke before its hello")
    }
    servesPieces = commands.command.servesPieces
    let wanted = commands.command.heartbeatSeconds
    heartbeat = Limits.heartbeatDefault
    if wanted > 0, wanted < 1_000 {
      heartbeat = UInt64(widening: UInt32(truncatingIfNeeded: wanted)) * 1_000
      if heartbeat < Limits.heartbeatShortest { heartbeat = Limits.heartbeatShortest }
      if heartbeat > Limits.heartbeatLongest { heartbeat = Limits.heartbeatLongest }
    }
    pingAt = now + heartbeat
    pongBy = .never
    openedAt = now
    isRefused = false
    claimRefusal = nil
    connectCount &+= 1
    state = .open
    return .greeted
  }

  // ---------------------------------------------------------------------------------- the end

  /// The far end broke the protocol: it is told why, counted, and left.
  private mutating func refuse(
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

  private mutating func closed(_ board: Board, _ now: Uptime, code: UInt16) -> Event {
    switch code {
    case 4401:
      isRefused = true
      return fail(
        board, now, "cloud does not recognise this hub", atLeast: Limits.cloudRefusedRetry)
    case 4403:
      isRefused = true
      return fail(board, now, "hub is not claimed", atLeast: Limits.cloudRefusedRetry)
    case 4410: return claimRefused(board, now, "the claim token is unknown")
    case 4411: return claimRefused(board, now, "the claim token has expired")
    case 4412: return claimRefused(board, now, "the claim token was used already")
    case 4413: return claimRefused(board, now, "the hub belongs to somebody else")
    case 4409:
      return fail(
        board, now, "another connection of this hub took over", atLeast: Limits.cloudRefusedRetry)
    default:
      return fail(board, now, "cloud closed the connection")
    }
  }

  /// The token is worth nothing any more; the hub may be welcome without.
  private mutating func claimRefused(
    _ board: Board, _ now: Uptime, _ reason: StaticString
  ) -> Event {
    claimRefusal = reason
    return fail(board, now, reason)
  }

  /// Lets go of the connection and waits before the next attempt.
  private mutating func fail(
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
    piece = Piece()
    pieceUsed = 0
    wholeBy = .never
  }
}
