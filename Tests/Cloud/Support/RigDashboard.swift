import Testing
import VirtualWorld
import Wire
import World

@testable import Cloud

/// A browser's socket, played by a test.
final class RigDashboard: StreamHandler {
  private var stream: (any Stream)?
  private var outbox: StreamWriter?
  private var inbox = ByteBuffer()
  private var head: HTTPCollector?
  private var reader = WebSocketReader(side: .client, messageLimit: 1 << 16)
  private var message: [UInt8] = []
  private let first: JSON?
  private(set) var messages: [JSON] = []
  private(set) var closeCode: UInt16?
  private(set) var isGone = false
  /// Reads nothing while true.
  var isHolding = false

  init(_ rig: CloudRig, saying first: JSON?) {
    self.first = first
    head = HTTPCollector(.response, bodyLimit: 1 << 16)
    stream = rig.userHost.connect(
      to: CloudRig.name, port: 8787,
      security: .tls(
        trust: .authority(CloudRig.authority), serverName: CloudRig.name, resuming: nil),
      handler: self)
    outbox = stream.map { StreamWriter($0, limit: .max) }
  }

  /// A socket that has said who it is and is welcome.
  convenience init(_ rig: CloudRig, as user: RigUser) {
    var auth: JSON = ["type": "auth", "token": .string(user.token)]
    if let tenant = user.tenant { auth["tenant_id"] = .string(tenant) }
    self.init(rig, saying: auth)
    rig.wait(for: "the dashboard to be welcome") { self.has("auth_success") }
  }

  func has(_ type: String) -> Bool { messages.contains { $0["type"]?.string == type } }
  func all(_ type: String) -> [JSON] { messages.filter { $0["type"]?.string == type } }

  func say(_ json: JSON) {
    outbox?.write(
      encoded(1 << 16) { WebSocketWriter.text(json.bytes.span, mask: 0x0102_0304, into: &$0) })
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened:
      let request =
        "GET /ws/dashboard HTTP/1.1\r\nHost: \(CloudRig.name):8787\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\n\r\n"
      stream.write(Array(request.utf8))
    case .readable: if !isHolding { receive(stream) }
    case .writable: outbox?.flush()
    case .peerFinished:
      receive(stream)
      isGone = true
      stream.close()
    case .failed: isGone = true
    }
  }

  private func receive(_ stream: any Stream) {
    inbox.take(from: stream)
    if head != nil {
      guard let answer = try? head?.next(&inbox) else { return }
      head = nil
      #expect(answer.status == 101)
      if let first { say(first) }
    }
    while inbox.count > 0 {
      var used = 0
      inbox.withPendingSpan { span in
        guard let event = try? reader.next(span) else { return }
        switch event {
        case .needsMore: break
        case .message(_, let count):
          used = count
          message = []
        case .payload(let range, let ends, let count):
          used = count
          message += encoded(max(1, range.count)) { reader.copy(range, of: span, into: &$0) }
          if ends, let json = try? JSON.parse(message) { messages.append(json) }
        case .ping(_, let count), .pong(_, let count): used = count
        case .close(let code, _, let count):
          used = count
          closeCode = code
        }
      }
      guard used > 0 else { return }
      inbox.consume(used)
    }
  }
}
