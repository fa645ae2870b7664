import World

/// A browser's socket to the cloud's dashboard: says who it is, and hears what happens.
final class DashboardSocket {
  /// A message has come.
  var onMessage: ((JSON) -> Void)?
  /// It is over; the code is the cloud's, if it said one.
  var onEnd: ((UInt16?) -> Void)?

  private static let messageLimit = 64 << 10
  private let first: JSON
  private var socket: WebSocketClient?

  /// Opens one at the cloud whose address is `baseURL`.
  init(on host: any Host, baseURL: String, trust: Trust?, token: String, tenant: String) {
    first = ["type": "auth", "token": .string(token), "tenant_id": .string(tenant)]
    socket = WebSocketClient(
      on: host, url: baseURL + "/ws/dashboard", trust: trust, messageLimit: Self.messageLimit
    ) { [weak self] in self?.hear($0) }
  }

  /// The page is closed.
  func close() {
    socket?.close()
    forget()
  }

  private func hear(_ event: WebSocketClient.Event) {
    switch event {
    case .answered(let answer): if answer.status == 101 { socket?.send(first) }
    case .message(let bytes, _): if let json = try? JSON.parse(bytes) { onMessage?(json) }
    case .ended(let code):
      let ended = onEnd
      forget()
      ended?(code)
    }
  }

  private func forget() {
    socket = nil
    onMessage = nil
    onEnd = nil
  }
}
