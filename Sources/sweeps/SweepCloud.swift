import Wire
import World

/// The cloud's end of the one socket, and what the cloud knows of the hub.
struct SweepCloud: ~Copyable {
  static let token = "token-of-ada"

  /// The token was shown: the hub belongs to somebody.
  var isClaimed = false
  /// The hub has said that it has taken its printer.
  var hasPrinter = false
  /// A token was shown that nobody has made.
  private(set) var isCheated = false
  /// The last hello came with a token.
  private(set) var lastHelloHadToken = false
  private(set) var helloCount = 0

  private var inbox = Self.freshInbox()
  private var outbox: [UInt8] = []
  private var sent = 0
  private var isUpgraded = false

  private static let hello =
    #"{"type":"cloud_hello","session_id":"s","server_time":1,"heartbeat_seconds":3600}"#
  private static let printer = """
    {"type":"configure_printer","command_id":"c1","action":"add","printer":{"serial_number":"S100",\
    "ip_address":"10.0.0.9","access_code":"12345678","name":"P"}}
    """

  mutating func hangUp() {
    inbox = Self.freshInbox()
    outbox.removeAll(keepingCapacity: true)
    sent = 0
    isUpgraded = false
  }

  /// Whether there is something that the hub has not read yet.
  var hasNews: Bool { sent < outbox.count }

  mutating func read(into memory: UnsafeMutableBufferPointer<UInt8>) -> UInt32 {
    let count = min(memory.count, outbox.count - sent)
    for index in 0..<count { memory[index] = outbox[sent + index] }
    sent += count
    return UInt32(count)
  }

  mutating func hear(_ bytes: UnsafeBufferPointer<UInt8>) {
    inbox.bytes.append(UnsafeRawBufferPointer(bytes))
    if !isUpgraded { upgrade() }
    while isUpgraded, let text = nextText() { take(text) }
  }

  private static func freshInbox() -> WebSocketInbox {
    WebSocketInbox(side: .server, messageLimit: 64 << 10)
  }

  private mutating func upgrade() {
    let head = inbox.bytes.withPending { [UInt8]($0) }
    guard let end = head.range(of: "\r\n\r\n"), let key = head.range(of: "Sec-WebSocket-Key: ")
    else { return }
    let name = Array(head[key.upperBound..<key.upperBound + 24])
    let accept = encoded { WebSocketHandshake.accept(forKey: name.span, into: &$0) }
    outbox +=
      Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n".utf8)
      + Array("Connection: Upgrade\r\nX-Hub-Challenge: 00112233445566778899aabbccddeeff\r\n".utf8)
      + Array("Sec-WebSocket-Accept: ".utf8) + accept + Array("\r\n\r\n".utf8)
    inbox.bytes.consume(end.upperBound)
    isUpgraded = true
  }

  /// The next whole message.
  private mutating func nextText() -> [UInt8]? {
    while true {
      switch inbox.next() {
      case .message(let text, _): return text
      case .again, .ping: continue
      case .needsMore, .close, .broken: return nil
      }
    }
  }

  private mutating func take(_ text: [UInt8]) {
    if text.holds("\"type\":\"hub_hello\"") {
      helloCount += 1
      lastHelloHadToken = text.holds("\"claim_token\"")
      if lastHelloHadToken {
        if text.holds("\"claim_token\":\"\(Self.token)\"") {
          isClaimed = true
        } else {
          isCheated = true
        }
      }
      say(Self.hello)
      if isClaimed, !hasPrinter { say(Self.printer) }
    } else if text.holds("\"command_id\":\"c1\""), text.holds("\"success\":true") {
      hasPrinter = true
    }
  }

  private mutating func say(_ text: String) {
    let bytes = Array(text.utf8)
    outbox += encoded { WebSocketWriter.text(bytes.span, mask: nil, into: &$0) }
  }
}
