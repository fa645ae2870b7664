import Wire

/// The client's end of one WebSocket: asks for it, checks the answer, hands out whole messages.
///
/// It answers pings and the server's goodbye by itself.
public final class WebSocketClient: StreamHandler {
  /// What came of it, in this order.
  public enum Event {
    /// The server has answered; the socket is open if its status is 101.
    case answered(HTTPMessage)
    case message([UInt8], isText: Bool)
    /// The last event; the code is the server's, if it has said one.
    case ended(code: UInt16?)
  }

  /// Takes nothing in while false, so that the server has to wait.
  public var isReading = true {
    didSet { if isReading { pull() } }
  }

  private let host: any Host
  private let messageLimit: Int
  private var head: [UInt8] = []
  private var key: [UInt8] = []
  private var stream: (any Stream)?
  private var outbox: StreamWriter?
  /// Reads the answer to our request; gone once that is there.
  private var answer: HTTPCollector?
  private var inbox: WebSocketInbox
  private var onEvent: ((Event) -> Void)?

  /// Opens one; `onEvent` is called later, never before this returns. Whom it believes over TLS is
  /// the same as for an `HTTPCall`.
  public init(
    on host: any Host, url: String, trust: Trust? = nil, headers: [(String, String)] = [],
    messageLimit: Int, onEvent: @escaping (Event) -> Void
  ) {
    self.host = host
    self.messageLimit = messageLimit
    self.onEvent = onEvent
    inbox = WebSocketInbox(side: .client, messageLimit: messageLimit)
    guard let destination = HTTPDestination(url) else {
      host.after(.zero) { self.end(code: nil) }
      return
    }
    let entropy = host.randomBytes(16)
    key = encoded(24) { WebSocketHandshake.key(entropy.span, into: &$0) }
    let handshake = [
      ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
      ("Sec-WebSocket-Key", String(decoding: key, as: UTF8.self)),
    ]
    head = destination.head("GET", handshake + headers)
    answer = HTTPCollector(.response, bodyLimit: messageLimit)
    stream = host.connect(
      to: destination.host, port: destination.port,
      security: destination.security(trust ?? HTTPCall.standardTrust), handler: self)
    outbox = stream.map { StreamWriter($0, limit: .max) }
  }

  // MARK: saying

  public func send(_ json: JSON) { send(json.bytes) }

  public func send(_ message: [UInt8], isText: Bool = true) {
    let mask = freshMask()
    send(
      frame: encoded(message.count + WebSocketWriter.headerLimit) {
        if isText {
          WebSocketWriter.text(message.span, mask: mask, into: &$0)
        } else {
          WebSocketWriter.binary(message.span, mask: mask, into: &$0)
        }
      })
  }

  /// Sends bytes as they are, be they a frame or not.
  public func send(frame: [UInt8]) { outbox?.write(frame) }

  /// Hangs up without a word; nothing more is heard here.
  public func close() {
    stream?.close()
    forget()
  }

  /// Breaks off; nothing more is heard here.
  public func reset() {
    stream?.reset()
    forget()
  }

  private func freshMask() -> UInt32 {
    host.randomBytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  // MARK: hearing

  public func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: send(frame: head)
    case .readable: pull()
    case .writable: outbox?.flush()
    case .peerFinished:
      pull()
      leave(code: nil)
    case .failed: end(code: nil)
    }
  }

  private func pull() {
    while let stream, isReading {
      let got = inbox.bytes.take(from: stream, limit: messageLimit + WebSocketWriter.headerLimit)
      var hasMoved = false
      while self.stream != nil, isReading, takeStep() { hasMoved = true }
      guard hasMoved || got > 0 else { return }
    }
  }

  /// Answers whether there may be more to take.
  private func takeStep() -> Bool {
    if answer != nil { return takeAnswer() }
    switch inbox.next() {
    case .needsMore: return false
    case .again: break
    case .message(let message, let isText): onEvent?(.message(message, isText: isText))
    case .ping(let payload):
      let mask = freshMask()
      send(
        frame: encoded(payload.count + WebSocketWriter.headerLimit) {
          WebSocketWriter.pong(payload.span, mask: mask, into: &$0)
        })
    case .close(let code):
      sayGoodbye(code == 1005 ? 1000 : code)
      leave(code: code)
    case .broken(let error):
      sayGoodbye(error.closeCode)
      leave(code: nil)
    }
    return true
  }

  private func takeAnswer() -> Bool {
    let message: HTTPMessage?
    do {
      message = try answer?.next(&inbox.bytes)
    } catch {
      breakOff()
      return false
    }
    guard let message else { return false }
    // Interim answers are no answers.
    guard message.status == 101 || message.status >= 200 else { return true }
    answer = nil
    let key = key
    let proof = Array((message.header("Sec-WebSocket-Accept") ?? "").utf8)
    if message.status != 101 {
      onEvent?(.answered(message))
      leave(code: nil)
    } else if WebSocketHandshake.isAccepted(proof.span, forKey: key.span) {
      onEvent?(.answered(message))
    } else {
      breakOff()
    }
    return true
  }

  private func sayGoodbye(_ code: UInt16) {
    let mask = freshMask()
    let reason: [UInt8] = []
    send(
      frame: encoded(16) {
        WebSocketWriter.close(code: code, reason: reason.span, mask: mask, into: &$0)
      })
  }

  // MARK: the end

  private func leave(code: UInt16?) {
    stream?.close()
    end(code: code)
  }

  private func breakOff() {
    stream?.reset()
    end(code: nil)
  }

  private func end(code: UInt16?) {
    let heard = onEvent
    forget()
    heard?(.ended(code: code))
  }

  private func forget() {
    onEvent = nil
    stream = nil
    outbox = nil
  }
}
