import Testing
import World

@testable import Cloud

/// A browser's socket, played by a test.
final class RigDashboard {
  private var socket: WebSocketClient?
  private let first: JSON?
  private(set) var messages: [JSON] = []
  private(set) var closeCode: UInt16?
  private(set) var isGone = false

  init(_ rig: CloudRig, saying first: JSON?) {
    self.first = first
    socket = WebSocketClient(
      on: rig.userHost, url: CloudRig.url + "/ws/dashboard",
      trust: .authority(CloudRig.authority), messageLimit: 1 << 16
    ) { [weak self] in self?.hear($0) }
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

  func say(_ json: JSON) { socket?.send(json) }

  /// Reads nothing any more.
  func hold() { socket?.isReading = false }

  private func hear(_ event: WebSocketClient.Event) {
    switch event {
    case .answered(let answer):
      #expect(answer.status == 101)
      if let first { say(first) }
    case .message(let bytes, _):
      if let json = try? JSON.parse(bytes) { messages.append(json) }
    case .ended(let code):
      closeCode = code
      isGone = true
    }
  }
}
