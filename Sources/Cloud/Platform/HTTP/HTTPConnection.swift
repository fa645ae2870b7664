// One client's connection. Requests are read and answered one after the other; a body that is to be
// stored goes to its sink as it comes, an object goes out as fast as the client reads, and in between
// at most a window of bytes is held.

import Wire
import World

/// One stream that speaks HTTP/1.1, until it becomes a WebSocket or ends.
final class HTTPConnection: StreamHandler {
  /// How many bytes are held on the way in, and on the way out.
  static let window = 64 << 10
  /// The largest body that is not a file.
  static let bodyLimit = 1 << 20
  /// A connection on which nothing moves for so long is closed.
  private static let patience = Interval.seconds(60)
  /// A body that is not a file must be there after so long.
  private static let bodyPatience = Interval.seconds(60)
  /// A request's head must be there after so long.
  private static let headPatience = Interval.seconds(30)
  /// After our last word, how long we listen for the client's end.
  private static let lingering = Interval.seconds(5)

  private enum Phase {
    /// Between requests, or within a head.
    case reading
    case collecting(Dispatcher.Matched)
    case storing(any BodySink)
    /// The answer is known, and waits for what it tells of to be on disk.
    case settling
    case sending
    /// Our side is finished; what still comes is thrown away.
    case lingering
    case gone
  }

  let serial: Int
  /// Held until the connection ends: a server that was dropped still answers what it has begun.
  private let server: HTTPServer
  private let stream: any Stream
  private let outbox: StreamWriter
  private let input = RequestReader()
  private var phase = Phase.reading
  private var body: [UInt8] = []
  private var requestID = ""
  /// The request under way, for the account that is kept of it.
  private var matched: Dispatcher.Matched?
  private var begin: Instant
  private var keepsAlive = true
  private var isPeerFinished = false
  private var outgoing: (reader: any VaultReader, rest: Range<Int>)?
  private var lastMove: Instant
  /// Since when a head is awaited; nil between requests and once it is there.
  private var headSince: Instant?
  private var lingerSince: Instant?
  private var timer: (any Timer)?

  init(_ stream: any Stream, serial: Int, server: HTTPServer) {
    self.stream = stream
    self.serial = serial
    self.server = server
    outbox = StreamWriter(stream, limit: .max)
    lastMove = server.platform.host.now
    begin = lastMove
    stream.handler = self
    watch(every: .seconds(15))
    pull()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    lastMove = server.platform.host.now
    switch event {
    case .opened: break
    case .readable: pull()
    case .writable:
      outbox.flush()
      pump()
      pull()
      linger()
    case .peerFinished: peerFinished()
    case .failed: vanish()
    }
  }

  /// Ends after the request under way, or now.
  func drain() {
    keepsAlive = false
    if case .reading = phase, !input.isWithinRequest { end() }
  }

  /// Breaks off.
  func reset() {
    guard !isGone else { return }
    stream.reset()
    vanish()
  }

  // MARK: reading

  private var canRead: Bool {
    switch phase {
    case .reading, .collecting, .storing: outbox.queuedCount < Self.window
    case .lingering: true
    case .settling, .sending, .gone: false
    }
  }

  /// Whether it came to its end already.
  var isOver: Bool { isGone }

  private var isGone: Bool {
    if case .gone = phase { return true }
    return false
  }

  private func pull() {
    while canRead {
      let got = input.take(from: stream, limit: Self.window)
      if case .lingering = phase { input.discard() }
      let moved = takeEvents()
      guard got > 0 || moved else { break }
    }
    if isPeerFinished { endWithPeer() }
  }

  /// Takes what has come apart; answers whether anything was used.
  private func takeEvents() -> Bool {
    var hasMoved = false
    while canRead {
      if case .lingering = phase { return hasMoved }
      switch input.next(take) {
      case .needsMore:
        if case .reading = phase, input.isWithinRequest, headSince == nil {
          headSince = server.platform.host.now
        }
        return hasMoved
      case .again: break
      case .headEnd(let kind): begin(kind)
      case .end: finishRequest()
      case .broken(let error): refuse(broken: error)
      case .refused(let error): refuse(error)
      }
      hasMoved = true
    }
    return hasMoved
  }

  private func take(_ bytes: UnsafeRawBufferPointer) throws {
    switch phase {
    case .collecting:
      guard body.count + bytes.count <= Self.bodyLimit else {
        throw APIError.tooLarge(limit: Self.bodyLimit)
      }
      body.append(contentsOf: bytes)
    case .storing(let sink): try sink.take(bytes)
    case .reading, .settling, .sending, .lingering, .gone: break
    }
  }

  // MARK: a request

  private func begin(_ kind: HTTPBody) {
    headSince = nil
    matched = nil
    begin = server.platform.host.now
    let head = input.head
    requestID = head.requestID ?? server.platform.identifiers.uuid()
    keepsAlive = input.keepsAlive && !server.isDraining
    if head.method == "OPTIONS", let answer = server.dispatcher.preflight(head) {
      // A preflight has no body; should there be one, the connection does not go on after it.
      if kind != .none { keepsAlive = false }
      return send(answer)
    }
    do {
      let matched = try server.dispatcher.match(head, id: requestID, peer: stream.peerAddress)
      self.matched = matched
      switch matched.route.handler {
      case .socket(let open):
        try upgrade(open(matched.call(.none)))
      case .upload(let open): try store(open(matched.call(.none)), kind)
      case .memberUpload(let role, let open):
        let (call, member) = try server.dispatcher.admit(matched, atLeast: role)
        try store(open(call, member), kind)
      case .open, .factory, .user, .member, .tenant:
        if case .counted(let count) = kind, count > Self.bodyLimit {
          throw APIError.tooLarge(limit: Self.bodyLimit)
        }
        body = []
        phase = .collecting(matched)
        sayContinue()
      }
    } catch {
      // The body, if there is one, is of no use any more.
      refuse(error, isBodyOver: kind == .none)
    }
  }

  private func store(_ sink: any BodySink, _ kind: HTTPBody) throws {
    phase = .storing(sink)
    if case .counted(let count) = kind, count > sink.limit {
      throw APIError.tooLarge(limit: sink.limit)
    }
    sayContinue()
  }

  private func sayContinue() {
    guard input.expectsContinue else { return }
    outbox.write([UInt8]("HTTP/1.1 100 Continue\r\n\r\n".utf8))
  }

  private func finishRequest() {
    switch phase {
    case .collecting(let matched):
      let bytes = body
      body = []
      send(server.dispatcher.answer(matched, body: bytes))
    case .storing(let sink):
      send(server.dispatcher.refusing(requestID) { try sink.finish() })
    case .reading, .settling, .sending, .lingering, .gone:
      // The end of a request that was answered at its head.
      break
    }
  }

  private func refuse(_ error: any Error, isBodyOver: Bool = false) {
    if case .storing(let sink) = phase { sink.abandon() }
    if !isBodyOver { keepsAlive = false }
    let refusal = server.dispatcher.refusal(error, id: requestID)
    send(.failure(refusal, requestID: requestID))
  }

  private func refuse(broken error: HTTPError) {
    if case .storing(let sink) = phase { sink.abandon() }
    server.platform.badInput(from: stream.peerAddress, "\(error.name)")
    keepsAlive = false
    requestID = server.platform.identifiers.uuid()
    let refusal = APIError(
      status: Int(error.status), code: "bad_request",
      message: "this is no HTTP request: \(error.name)")
    send(.failure(refusal, requestID: requestID))
  }

  private func upgrade(_ offer: SocketOffer) throws {
    let head = input.head
    guard head.method == "GET", input.wantsUpgrade,
      head.headers["upgrade"]?.lowercased() == "websocket",
      head.headers["sec-websocket-version"] == "13", let key = head.headers["sec-websocket-key"],
      key.utf8.count == 24
    else {
      throw APIError(
        status: 426, code: "upgrade_required",
        message: "expected a WebSocket handshake, version 13",
        headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"])
    }
    let accept = encoded(64) {
      WebSocketHandshake.accept(forKey: [UInt8](key.utf8).span, into: &$0)
    }
    outbox.write(
      AnswerWriter.switching(
        accept: String(decoding: accept, as: UTF8.self), requestID: requestID,
        headers: offer.headers))
    let leftover = input.leftover()
    leave()
    let session = WebSocketSession(
      stream, outbox: outbox, messageLimit: offer.messageLimit, platform: server.platform)
    server.adopt(session)
    offer.accept(session)
    session.begin(leftover)
  }

  // MARK: answering

  private func send(_ answer: Answer) {
    // A handler may have brought the whole cloud down.
    guard !isGone else { return }
    phase = .settling
    var isAtOnce = true
    server.platform.database.whenSettled { [self] isKept in
      guard !isGone else { return }
      write(isKept ? answer : .failure(.notKept, requestID: requestID))
      guard !isAtOnce else { return }
      pull()
      linger()
    }
    isAtOnce = false
  }

  private func write(_ plain: Answer) {
    var answer = plain
    var bytes: [UInt8] = []
    var count = 0
    outgoing = nil
    switch answer.body {
    case .none: break
    case .json(let json):
      bytes = json.bytes
      prepare(&answer, &bytes)
      count = bytes.count
    case .bytes(let raw):
      bytes = raw
      count = bytes.count
    case .stored(let reader, let range):
      outgoing = (reader, range)
      count = range.count
    }
    answer.headers += server.dispatcher.origin(input.head)
    server.platform.answered(
      matched, input.head.method, status: answer.status, peer: stream.peerAddress, id: requestID,
      since: begin)
    if server.isDraining { keepsAlive = false }
    let hasBody = answer.status != 204 && answer.status != 304
    outbox.write(
      AnswerWriter.head(
        answer, requestID: requestID, keepsAlive: keepsAlive, at: server.platform.now,
        bodyCount: hasBody ? count : nil))
    if input.head.method == "HEAD" || !hasBody {
      outgoing = nil
    } else {
      outbox.write(bytes)
    }
    phase = .sending
    pump()
  }

  /// Leaves out what the client has already, and squeezes the rest if it may.
  private func prepare(_ answer: inout Answer, _ bytes: inout [UInt8]) {
    let head = input.head
    if answer.status == 200, head.method == "GET" || head.method == "HEAD" {
      let tag = "W/\"\(hexString(Array(Digest.sha256(bytes).prefix(12))))\""
      answer.headers.append(("ETag", tag))
      answer.headers.append(("Cache-Control", "private, no-cache"))
      if head.headers["if-none-match"].map({ $0 == "*" || $0.contains(tag) }) == true {
        answer.status = 304
        answer.body = .none
        bytes = []
        return
      }
    }
    guard bytes.count >= Gzip.threshold, Gzip.isAccepted(head.headers["accept-encoding"]),
      let squeezed = Gzip.compress(bytes)
    else { return }
    bytes = squeezed
    answer.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
  }

  /// Sends on what is left of an object, a window at a time.
  private func pump() {
    guard case .sending = phase else { return }
    while let (vault, rest) = outgoing, outbox.queuedCount == 0 {
      let count = min(rest.count, Self.window)
      guard count > 0 else {
        outgoing = nil
        break
      }
      guard let bytes = try? vault.read(from: rest.lowerBound, count: count) else {
        server.platform.host.note(.problem, "request \(requestID): an object broke off")
        return reset()
      }
      if bytes.count < count {
        // What there is goes out; that it is not all, the client sees by the early end.
        server.platform.host.note(.problem, "request \(requestID): an object is cut short")
        keepsAlive = false
        outgoing = nil
      } else {
        outgoing = (vault, rest.dropFirst(count))
      }
      outbox.write(bytes)
    }
    if outgoing == nil { answered() }
  }

  private func answered() {
    body = []
    input.requestIsAnswered()
    guard keepsAlive, !isPeerFinished || input.hasUnread else { return end() }
    phase = .reading
  }

  // MARK: the end

  private func peerFinished() {
    isPeerFinished = true
    pull()
  }

  /// The client has said its last word, and we have read it.
  private func endWithPeer() {
    switch phase {
    case .reading, .collecting: end()
    case .storing(let sink):
      sink.abandon()
      end()
    case .lingering: linger()
    case .settling, .sending, .gone: break
    }
  }

  /// Says goodbye; the stream is given up once the client has, or soon.
  private func end() {
    phase = .lingering
    input.discard()
    outbox.finishWhenFlushed()
    linger()
  }

  private func linger() {
    guard case .lingering = phase, outbox.queuedCount == 0, lingerSince == nil else {
      if lingerSince != nil, isPeerFinished { close() }
      return
    }
    if isPeerFinished { return close() }
    lingerSince = server.platform.host.now
    timer?.cancel()
    timer = server.platform.host.after(Self.lingering) { [weak self] in self?.close() }
  }

  private func close() {
    guard !isGone else { return }
    stream.close()
    vanish()
  }

  private func vanish() {
    if case .storing(let sink) = phase { sink.abandon() }
    leave()
  }

  /// The stream is nobody's concern here any more.
  private func leave() {
    phase = .gone
    timer?.cancel()
    timer = nil
    outgoing = nil
    server.forget(self)
  }

  private func watch(every pause: Interval) {
    timer = server.platform.host.after(pause) { [weak self] in
      guard let self else { return }
      let now = server.platform.host.now
      var isDribbling = headSince.map { now - $0 >= Self.headPatience } ?? false
      if case .collecting = phase, now - begin >= Self.bodyPatience { isDribbling = true }
      if now - lastMove >= Self.patience || isDribbling {
        reset()
      } else {
        watch(every: pause)
      }
    }
  }
}
