import World

@testable import Printers

/// The client's end of a WebSocket, for tests.
final class SocketTestClient {
  private(set) var messages: [JSON] = []
  private(set) var texts: [String] = []
  private(set) var status = 0
  private(set) var isOver = false
  private let bench: WebBench
  private var socket: WebSocketClient?
  private var lastID: Int64 = 0

  init(_ bench: WebBench, _ path: String, key: String? = nil) {
    self.bench = bench
    socket = WebSocketClient(
      on: bench.client, url: "http://printer:\(bench.printer.configuration.port)\(path)",
      headers: key.map { [("X-Api-Key", $0)] } ?? [], messageLimit: 1 << 20
    ) { [weak self] in self?.hear($0) }
    bench.run { status != 0 || isOver }
  }

  deinit { socket?.reset() }

  func send(_ json: JSON) { socket?.send(json) }

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

  private func hear(_ event: WebSocketClient.Event) {
    switch event {
    case .answered(let answer): status = answer.status
    case .message(let message, _):
      texts.append(String(decoding: message, as: UTF8.self))
      if let json = try? JSON.parse(message) { messages.append(json) }
    case .ended: isOver = true
    }
  }
}
