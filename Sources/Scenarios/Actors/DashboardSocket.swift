import Wire
import World

/// A browser's socket to the cloud's dashboard: says who it is, and hears what happens.
final class DashboardSocket: StreamHandler {
  /// A message has come.
  var onMessage: ((JSON) -> Void)?
  /// It is over; the code is the cloud's, if it said one.
  var onEnd: ((UInt16?) -> Void)?

  private static let messageLimit = 64 << 10
  private let host: any Host
  private let name: String
  private let first: JSON
  private var stream: (any Stream)?
  private var outbox: StreamWriter?
  private var inbox = ByteBuffer()
  private var head: HTTPCollector?
  private var reader = WebSocketReader(side: .client, messageLimit: messageLimit)
  private var message: [UInt8] = []
  private var closeCode: UInt16?
  private var isOver = false

  /// Opens one at the cloud whose address is `baseURL`.
  init(on host: any Host, baseURL: String, trust: Trust?, token: String, tenant: String) {
    self.host = host
    first = ["type": "auth", "token": .string(token), "tenant_id": .string(tenant)]
    let text = Array(baseURL.utf8)
    guard let parts = URLParts(text.span) else {
      name = ""
      return
    }
    name = String(decoding: text[parts.host], as: UTF8.self)
    head = HTTPCollector(.response, bodyLimit: Self.messageLimit)
    stream = host.connect(
      to: name, port: parts.port,
      security: .tls(trust: trust ?? HTTPCall.standardTrust, serverName: name, resuming: nil),
      handler: self)
    outbox = stream.map { StreamWriter($0, limit: .max) }
  }

  /// The page is closed.
  func close() {
    guard !isOver else { return }
    isOver = true
    onMessage = nil
    onEnd = nil
    stream?.close()
    stream = nil
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    guard !isOver else { return }
    switch event {
    case .opened:
      outbox?.write(
        [UInt8](
          ("GET /ws/dashboard HTTP/1.1\r\nHost: \(name)\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n\r\n").utf8))
    case .readable: receive(stream)
    case .writable: outbox?.flush()
    case .peerFinished:
      receive(stream)
      stream.close()
      end()
    case .failed: end()
    }
  }

  private func end() {
    guard !isOver else { return }
    isOver = true
    stream = nil
    onEnd?(closeCode)
    onMessage = nil
    onEnd = nil
  }

  private func receive(_ stream: any Stream) {
    inbox.take(from: stream)
    if head != nil {
      guard let answer = try? head?.next(&inbox) else { return }
      head = nil
      guard answer.status == 101 else {
        stream.reset()
        return end()
      }
      say(first)
    }
    while inbox.count > 0, !isOver {
      var used = 0
      inbox.withPendingSpan { span in
        guard let event = try? reader.next(span) else { return }
        used = take(event, span)
      }
      guard used > 0 else { return }
      inbox.consume(used)
      if let closeCode { return answerClose(closeCode, stream) }
    }
  }

  private func answerClose(_ code: UInt16, _ stream: any Stream) {
    let reason: [UInt8] = []
    outbox?.write(
      encoded(16) { WebSocketWriter.close(code: code, reason: reason.span, mask: 0, into: &$0) })
    stream.close()
    end()
  }

  /// Answers how many bytes it has used.
  private func take(_ event: WebSocketEvent, _ span: Span<UInt8>) -> Int {
    switch event {
    case .needsMore: return 0
    case .message(_, let count):
      message = []
      return count
    case .payload(let range, let endsMessage, let count):
      message += encoded(max(1, range.count)) { reader.copy(range, of: span, into: &$0) }
      if endsMessage, let json = try? JSON.parse(message) { onMessage?(json) }
      return count
    case .ping(_, let count), .pong(_, let count): return count
    case .close(let code, _, let count):
      closeCode = code
      return count
    }
  }

  private func say(_ json: JSON) {
    let mask = host.randomBytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    outbox?.write(
      encoded(json.bytes.count + 16) {
        WebSocketWriter.text(json.bytes.span, mask: mask, into: &$0)
      })
  }
}
