import Wire
import World

@testable import Printers

/// The client's end of a WebSocket, for tests.
final class SocketTestClient: StreamHandler {
  private(set) var messages: [JSON] = []
  private(set) var texts: [String] = []
  private(set) var status = 0
  private(set) var isOver = false
  private let bench: WebBench
  private var stream: (any Stream)?
  private var head: [UInt8]
  private var inbox = WebSocketInbox(side: .client, messageLimit: 1 << 20)
  private var lastID: Int64 = 0

  init(_ bench: WebBench, _ path: String, key: String? = nil) {
    self.bench = bench
    head = Array(
      ("GET \(path) HTTP/1.1\r\nHost: printer\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        + (key.map { "X-Api-Key: \($0)\r\n" } ?? "") + "\r\n").utf8)
    stream = bench.client.connect(
      to: "printer", port: bench.printer.configuration.port, security: .plain, handler: self)
    bench.run { status != 0 || isOver }
  }

  deinit { stream?.reset() }

  func send(_ json: JSON) {
    let text = json.bytes
    stream?.write(
      encoded(text.count + 16) { WebSocketWriter.text(text.span, mask: 7, into: &$0) })
  }

  /// Calls a method and waits for its result or its error.
  func call(_ method: String, _ params: JSON = [:]) -> JSON? {
    lastID += 1
    let id = lastID
    send(["jsonrpc": "2.0", "method": .string(method), "params": params, "id": .integer(id)])
    func answer() -> JSON? { messages.last { $0["id"]?.int64 == id } }
    bench.run(.seconds(20)) { answer() != nil }
    return answer()
  }

  func has(_ method: String) -> Bool { messages.contains { $0["method"]?.string == method } }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: stream.write(head)
    case .readable: pull()
    case .writable: break
    case .peerFinished, .failed:
      pull()
      isOver = true
    }
  }

  private func pull() {
    guard let stream else { return }
    inbox.bytes.take(from: stream)
    if status == 0 {
      let text = inbox.bytes.withPending { String(decoding: $0, as: UTF8.self) }
      guard let end = text.firstRange(of: "\r\n\r\n") else { return }
      status = Int(text.split(separator: " ")[1]) ?? -1
      inbox.bytes.consume(text[..<end.upperBound].utf8.count)
    }
    guard status == 101 else { return }
    while true {
      switch inbox.next() {
      case .needsMore, .broken: return
      case .again, .ping: break
      case .message(let message, _):
        texts.append(String(decoding: message, as: UTF8.self))
        if let json = try? JSON.parse(message) { messages.append(json) }
      case .close: isOver = true
      }
    }
  }
}
