import Testing
import Wire
import World

@testable import Cloud

/// A hub as the cloud sees it, played by a test: a WebSocket client that says what it is told to.
final class RigHub {
  static let standardID = "5b0d9a34-63a1-4c43-b8a1-0f6f5c1d2e3f"
  static let secret = "a-secret-from-the-factory-0123456789"
  static let serial = "01P00A000000001"

  private unowned let rig: CloudRig
  let id: String
  var secret = RigHub.secret
  private var socket: WebSocketClient?
  /// Says hello by itself as soon as the socket is open.
  var saysHello = true
  var challengeToSign: String?
  /// Changes when the hub boots.
  var eventEpoch: Int64 = 1
  private(set) var handshakeStatus: Int?
  private(set) var challenge = ""
  private(set) var messages: [JSON] = []
  private(set) var binaries: [[UInt8]] = []
  private(set) var closeCode: UInt16?
  private(set) var isGone = false
  private var answeredCount = 0

  init(_ rig: CloudRig, id: String = RigHub.standardID) {
    self.rig = rig
    self.id = id
  }

  var isWelcome: Bool { messages.contains { $0["type"] == "cloud_hello" } }
  /// The numbers of events that the cloud has acknowledged.
  var acknowledged: [Int] {
    messages.filter { $0["type"] == "event_ack" }.compactMap { $0["seq"]?.int }
  }
  var commands: [JSON] { messages.filter { $0["command_id"] != nil } }

  func connect(path: String? = nil) {
    messages = []
    answeredCount = 0
    closeCode = nil
    isGone = false
    handshakeStatus = nil
    socket = WebSocketClient(
      on: rig.hubHost, url: CloudRig.url + (path ?? "/ws/hub/\(id)"),
      trust: .authority(CloudRig.authority), messageLimit: 1 << 16
    ) { [weak self] in self?.hear($0) }
  }

  /// The connection goes away without a word.
  func breakOff() {
    socket?.reset()
    isGone = true
  }

  private func hear(_ event: WebSocketClient.Event) {
    switch event {
    case .answered(let answer):
      handshakeStatus = answer.status
      challenge = answer.header("X-Hub-Challenge") ?? ""
      if saysHello { hello() }
    case .message(let bytes, let isText):
      if !isText { binaries.append(bytes) }
      if isText, let json = try? JSON.parse(bytes) { messages.append(json) }
    case .ended(let code):
      closeCode = code
      isGone = true
    }
  }

  // MARK: saying

  func say(_ json: JSON) { say(bytes: json.bytes) }

  func say(bytes: [UInt8], isText: Bool = true) { socket?.send(bytes, isText: isText) }

  func ping() { send { WebSocketWriter.ping([1, 2].span, mask: 7, into: &$0) } }

  func send(_ frame: (inout ByteWriter) -> Void) { sendRaw(encoded(1 << 16, frame)) }

  func sendRaw(_ bytes: [UInt8]) { socket?.send(frame: bytes) }

  /// What it shows in its hello to be claimed.
  var claimToken: String?

  func hello(signature: String? = nil) {
    let version = "0.1.0"
    let message = "\(id)\n\(challengeToSign ?? challenge)\n\(version)"
    let signed =
      signature
      ?? hexString(Digest.hmacSHA256(key: Array(secret.utf8), Array(message.utf8)))
    var json: JSON = [
      "type": "hub_hello", "hub_id": .string(id), "firmware_version": .string(version),
      "hardware_revision": "rig-1", "uptime_seconds": 12, "free_heap": 12345,
      "wifi_signal": -52, "signature": .string(signed), "event_epoch": .integer(eventEpoch),
    ]
    if let claimToken { json["claim_token"] = .string(claimToken) }
    say(json)
  }

  func answer(_ command: JSON, success: Bool = true, error: String? = nil) {
    var ack: JSON = [
      "type": "command_ack", "command_id": command["command_id"] ?? .null,
      "success": .bool(success),
    ]
    if let error { ack["error_message"] = .string(error) }
    say(ack)
  }

  /// Says yes to all commands that were not answered yet.
  func answerAll() {
    for command in commands[answeredCount...] { answer(command) }
    answeredCount = commands.count
  }

  func status(
    _ state: String, serial: String = RigHub.serial, progress: Int = 0, more: [String: JSON] = [:]
  ) {
    var status: JSON = [
      "state": .string(state), "progress_percent": .integer(Int64(progress)), "layer_current": 1,
      "layer_total": 20, "time_remaining_minutes": 3,
      "temperatures": ["nozzle": .double(219.8), "bed": 60], "current_file": "bracket.3mf",
      "gcode_state": "IDLE",
    ]
    for (key, value) in more.sorted(by: { $0.key < $1.key }) { status[key] = value }
    say([
      "type": "printer_status", "printer_id": .string(serial), "status": status,
      "timestamp": 1234,
    ])
  }

  func job(
    _ job: String, _ phase: String, progress: Int = 0, error: String? = nil,
    serial: String = RigHub.serial, sequence: Int64? = nil, secondsAgo: Int64 = 0
  ) {
    var report: JSON = [
      "type": "job_status", "printer_id": .string(serial), "job_id": .string(job),
      "phase": .string(phase), "progress_percent": .integer(Int64(progress)),
    ]
    if let error { report["error_message"] = .string(error) }
    if let sequence {
      report["seq"] = .integer(sequence)
      report["seconds_ago"] = .integer(secondsAgo)
    }
    say(report)
  }
}
