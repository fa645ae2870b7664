import Testing
import VirtualWorld
import Wire
import World

@testable import Cloud

/// A hub as the cloud sees it, played by a test: a WebSocket client that says what it is told to.
final class RigHub: StreamHandler {
  static let standardID = "5b0d9a34-63a1-4c43-b8a1-0f6f5c1d2e3f"
  static let secret = "a-secret-from-the-factory-0123456789"
  static let serial = "01P00A000000001"

  private unowned let rig: CloudRig
  let id: String
  var secret = RigHub.secret
  private var stream: (any Stream)?
  private var inbox = ByteBuffer()
  private var head: HTTPCollector?
  private var reader = WebSocketReader(side: .client, messageLimit: 1 << 16)
  private var message: [UInt8] = []
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
    head = HTTPCollector(.response, bodyLimit: 1 << 16)
    inbox = ByteBuffer()
    reader = WebSocketReader(side: .client, messageLimit: 1 << 16)
    messages = []
    answeredCount = 0
    closeCode = nil
    isGone = false
    handshakeStatus = nil
    requestPath = path ?? "/ws/hub/\(id)"
    stream = rig.hubHost.connect(
      to: CloudRig.name, port: 8787,
      security: .tls(
        trust: .authority(CloudRig.authority), serverName: CloudRig.name, resuming: nil),
      handler: self)
  }
  private var requestPath = ""

  /// The connection goes away without a word.
  func breakOff() {
    stream?.reset()
    isGone = true
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened:
      let request =
        "GET \(requestPath) HTTP/1.1\r\nHost: \(CloudRig.name):8787\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\n\r\n"
      stream.write(Array(request.utf8))
    case .readable: receive(stream)
    case .writable: break
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
      handshakeStatus = answer.status
      challenge = answer.headers.first { $0.0.lowercased() == "x-hub-challenge" }?.1 ?? ""
      if saysHello { hello() }
    }
    takeFrames()
  }

  private func takeFrames() {
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
          if ends, message.first == 1 { binaries.append(message) }
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

  // MARK: saying

  func say(_ json: JSON) { say(bytes: json.bytes) }

  func say(bytes: [UInt8], isText: Bool = true) {
    send {
      if isText {
        WebSocketWriter.text(bytes.span, mask: 0x0102_0304, into: &$0)
      } else {
        WebSocketWriter.binary(bytes.span, mask: 0x0102_0304, into: &$0)
      }
    }
  }

  func ping() { send { WebSocketWriter.ping([1, 2].span, mask: 7, into: &$0) } }

  func send(_ frame: (inout ByteWriter) -> Void) { sendRaw(encoded(1 << 16, frame)) }

  func sendRaw(_ bytes: [UInt8]) { stream?.write(bytes) }

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
