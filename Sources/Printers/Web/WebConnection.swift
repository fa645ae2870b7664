// One client's connection to a printer's web server. Requests are read and answered one after the
// other; a file goes to its sink as it comes, as fast as the printer's storage takes it.

import Wire
import World

/// One stream that speaks HTTP/1.1, until it becomes a WebSocket or ends.
final class WebConnection: StreamHandler {
  private static let window = 64 << 10
  /// How often a paced upload is looked at.
  private static let pace = Interval.milliseconds(50)
  /// After our last word, how long we listen for the client's end.
  private static let lingering = Interval.seconds(2)

  private enum Phase {
    /// Between requests, or within a head.
    case reading
    case collecting
    case storing(any UploadSink)
    /// The request is whole and not answered yet.
    case waiting
    /// Our side is finished; what still comes is thrown away.
    case lingering
    case gone
  }

  let serial: Int
  /// Whoever comes here is sent to the server's other port.
  private let isRedirected: Bool
  private let server: WebServer
  private let stream: any Stream
  private let outbox: StreamWriter
  private var inbox = ByteBuffer()
  private var reader = HTTPReader(.request, lineLimit: 8 << 10, headerLimit: 64, bodyLimit: .max)
  private var request = WebRequest()
  private var phase = Phase.reading
  private var keepsAlive = true
  private var isPeerFinished = false
  private var lastMove: Instant
  private var timer: (any Timer)?
  /// Of the upload under way.
  private var storedCount = 0
  private var paceBegin = Instant.start
  private var isPacing = false

  init(_ stream: any Stream, serial: Int, server: WebServer, isRedirected: Bool) {
    self.isRedirected = isRedirected
    self.stream = stream
    self.serial = serial
    self.server = server
    outbox = StreamWriter(stream, limit: .max)
    lastMove = server.host.now
  }

  func begin() {
    stream.handler = self
    watch()
    pull()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    lastMove = server.host.now
    switch event {
    case .opened: break
    case .readable: pull()
    case .writable:
      outbox.flush()
      pull()
    case .peerFinished:
      isPeerFinished = true
      pull()
    case .failed: vanish()
    }
  }

  var isOver: Bool {
    if case .gone = phase { return true }
    return false
  }

  /// Breaks off.
  func reset() {
    guard !isOver else { return }
    stream.reset()
    vanish()
  }

  // MARK: Reading

  private func pull() {
    while true {
      guard let room = roomToRead else { break }
      let got = room > 0 ? inbox.take(from: stream, limit: inbox.count + room) : 0
      if case .lingering = phase { inbox.removeAll() }
      guard takeEvents() || got > 0 else { break }
    }
    if isPeerFinished, stream.unreadCount == 0 { endWithPeer() }
  }

  /// How many bytes may be taken off the stream now; nil: it is not the time to read.
  private var roomToRead: Int? {
    switch phase {
    case .reading, .collecting: return Self.window
    case .lingering: return Self.window
    case .waiting, .gone: return nil
    case .storing:
      if server.troubles.has(.uploadStall), storedCount >= server.troubles.bytes(.uploadStall) ?? 0
      {
        return nil
      }
      let rate = server.troubles.bytes(.uploadSlow) ?? server.settings.uploadBytesPerSecond
      guard let rate else { return Self.window }
      let elapsed = (server.host.now - paceBegin).milliseconds + Self.pace.milliseconds
      let room = Int(elapsed) * rate / 1000 - storedCount
      guard room > 0 else {
        pullLater()
        return inbox.isEmpty ? nil : 0
      }
      return min(Self.window, room)
    }
  }

  private func pullLater() {
    guard !isPacing else { return }
    isPacing = true
    server.host.after(Self.pace) { [weak self] in
      guard let self, !isOver else { return }
      isPacing = false
      lastMove = server.host.now
      pull()
    }
  }

  /// Takes what has come apart; answers whether anything was used.
  private func takeEvents() -> Bool {
    var hasMoved = false
    while true {
      switch phase {
      case .reading, .collecting, .storing: break
      case .waiting, .lingering, .gone: return hasMoved
      }
      guard step() else { return hasMoved }
      hasMoved = true
    }
  }

  private enum Step {
    case needsMore, again
    case headEnd(HTTPBody)
    case end
    case refused(WebAnswer)
    case broken(HTTPError)
    /// The connection breaks here.
    case cut
  }

  private func step() -> Bool {
    var used = 0
    var shown = inbox.count
    if case .storing = phase {
      // What came behind the head waits its time like everything else.
      guard let room = roomToRead, room > 0 || inbox.isEmpty else { return false }
      shown = min(shown, max(room, 0))
    }
    let step = inbox.withPending { raw in
      next(UnsafeRawBufferPointer(rebasing: raw[..<shown]), &used)
    }
    // A handler may have broken the connection off and everything with it.
    if used <= inbox.count { inbox.consume(used) }
    switch step {
    case .needsMore: return false
    case .again: break
    case .headEnd(let kind): headEnded(kind)
    case .end: requestEnded()
    case .cut:
      reset()
      return false
    case .refused(let answer):
      if case .storing(let sink) = phase { sink.abandon() }
      keepsAlive = false
      deliver(answer)
    case .broken(let error):
      server.note(fault: "\(error.name)")
      if case .storing(let sink) = phase { sink.abandon() }
      keepsAlive = false
      deliver(WebAnswer(status: Int(error.status)))
    }
    return true
  }

  private func next(_ raw: UnsafeRawBufferPointer, _ used: inout Int) -> Step {
    let event: HTTPEvent
    do throws(HTTPError) {
      event = try reader.next(raw.assumingMemoryBound(to: UInt8.self).span)
    } catch {
      return .broken(error)
    }
    func text(_ range: Range<Int>) -> String { String(decoding: raw[range], as: UTF8.self) }
    switch event {
    case .needsMore: return .needsMore
    case .request(let method, let target, _, let count):
      used = count
      request = WebRequest()
      request.peer = stream.peerAddress
      request.method = text(method)
      request.target = text(target)
    case .header(let name, let value, let count):
      used = count
      request.headers.append((text(name), text(value)))
    case .headEnd(let kind, let count):
      used = count
      return .headEnd(kind)
    case .body(let range, let count):
      used = count
      return take(UnsafeRawBufferPointer(rebasing: raw[range]))
    case .end(let count):
      used = count
      return .end
    case .response: preconditionFailure("requests are read here")
    }
    return .again
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Step {
    switch phase {
    case .collecting:
      guard request.body.count + bytes.count <= server.settings.bodyLimit else {
        return .refused(WebAnswer(status: 413))
      }
      request.body.append(contentsOf: bytes)
    case .storing(let sink):
      storedCount += bytes.count
      if let answer = sink.take(bytes) { return .refused(answer) }
      return troubleOfUpload
    case .reading, .waiting, .lingering, .gone: break
    }
    return .again
  }

  /// What goes wrong with the upload at this byte.
  private var troubleOfUpload: Step {
    if let limit = server.troubles.bytes(.uploadReset), storedCount >= limit {
      return .cut
    }
    if let limit = server.troubles.bytes(.upload408), storedCount >= limit {
      return .refused(WebAnswer(status: 408))
    }
    return .again
  }

  // MARK: A request

  private func headEnded(_ kind: HTTPBody) {
    keepsAlive = reader.keepsAlive
    server.requestCount += 1
    server.host.note(.detail, "\(request.method) \(request.path)")
    guard let site = server.site else { return reset() }
    let address = server.host.address
    if isRedirected {
      if kind != .none { keepsAlive = false }
      return deliver(
        .redirect(301, to: "https://\(address):\(server.port)\(request.target)"))
    }
    if let answer = server.troubles.answerOfProxy(to: request, at: address) {
      if kind != .none { keepsAlive = false }
      return deliver(answer)
    }
    switch site.receive(request) {
    case .collect:
      phase = .collecting
      sayContinue()
    case .store(let sink):
      storedCount = 0
      paceBegin = server.host.now
      phase = .storing(sink)
      sayContinue()
    case .refuse(let answer):
      if kind != .none { keepsAlive = false }
      deliver(answer)
    case .socket(let accept): upgrade(accept)
    }
  }

  private func sayContinue() {
    guard reader.expectsContinue else { return }
    outbox.write([UInt8]("HTTP/1.1 100 Continue\r\n\r\n".utf8))
  }

  private func requestEnded() {
    switch phase {
    case .collecting:
      phase = .waiting
      server.site?.answer(request) { [weak self] in self?.deliver($0) }
    case .storing(let sink):
      phase = .waiting
      sink.finish { [weak self] in self?.deliver($0) }
    case .reading, .waiting, .lingering, .gone: break
    }
  }

  private func upgrade(_ accept: (WebSocketLink) -> Void) {
    guard request.method == "GET", reader.wantsUpgrade,
      request.header("upgrade")?.lowercased() == "websocket",
      let key = request.header("sec-websocket-key")
    else {
      keepsAlive = false
      return deliver(.text("Can \"Upgrade\" only to \"WebSocket\".", status: 400))
    }
    let proof = encoded(64) {
      WebSocketHandshake.accept(forKey: [UInt8](key.utf8).span, into: &$0)
    }
    outbox.write(
      [UInt8](
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: \(String(decoding: proof, as: UTF8.self))\r\n\r\n").utf8))
    let leftover = inbox
    leave()
    let link = WebSocketLink(stream, outbox: outbox, server: server)
    server.adopt(link)
    accept(link)
    link.begin(leftover)
  }

  // MARK: Answering

  private func deliver(_ answer: WebAnswer) {
    guard !isOver else { return }
    phase = .waiting
    guard let delay = server.troubles.duration(.slow) else { return send(answer) }
    server.host.after(delay) { [weak self] in self?.send(answer) }
  }

  private func send(_ answer: WebAnswer) {
    guard !isOver else { return }
    lastMove = server.host.now
    if answer.closes { keepsAlive = false }
    outbox.write(
      answer.bytes(
        keepsAlive: keepsAlive, server: server.settings.name, isHead: request.method == "HEAD"))
    guard keepsAlive, !isPeerFinished || stream.unreadCount > 0 || !inbox.isEmpty else {
      return end()
    }
    phase = .reading
    // Whoever called may still be within the reading of this request.
    server.host.after(.zero) { [weak self] in self?.pull() }
  }

  // MARK: The end

  private func endWithPeer() {
    switch phase {
    case .reading, .collecting: end()
    case .storing(let sink):
      sink.abandon()
      end()
    case .lingering: close()
    case .waiting, .gone: break
    }
  }

  private func end() {
    phase = .lingering
    inbox.removeAll()
    outbox.finishWhenFlushed()
    if isPeerFinished, outbox.queuedCount == 0 { return close() }
    timer?.cancel()
    timer = server.host.after(Self.lingering) { [weak self] in self?.close() }
  }

  private func close() {
    guard !isOver else { return }
    stream.close()
    vanish()
  }

  private func vanish() {
    if case .storing(let sink) = phase { sink.abandon() }
    leave()
  }

  private func leave() {
    phase = .gone
    timer?.cancel()
    timer = nil
    server.forget(self)
  }

  private func watch() {
    timer = server.host.after(server.settings.idleLimit) { [weak self] in
      guard let self else { return }
      let silence = server.host.now - lastMove
      if silence >= server.settings.idleLimit, case .reading = phase { return end() }
      // Who brings a file and falls silent is gone, as far as a server can tell.
      if silence >= server.settings.uploadPatience, case .storing = phase { return reset() }
      watch()
    }
  }
}
