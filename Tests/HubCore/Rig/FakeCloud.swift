import Foundation
import Wire

/// The cloud's end of the WebSocket.
final class FakeCloud: FakePeer {
  /// Whether it says hello by itself.
  var greets = true
  var heartbeatSeconds = 25
  var challenge = "00112233445566778899aabbccddeeff"
  /// The firmware that its hello offers, as JSON.
  var firmware: String?
  /// What it answers to the upgrade instead of 101.
  var refusal: String?
  var sendsChallenge = true
  var acceptsRightly = true
  /// Whether it says that it has taken what is numbered.
  var acknowledges = true
  /// Whether it answers pings.
  var isAlive = true

  private(set) var requests: [String] = []
  /// Every text message, the oldest first.
  private(set) var texts: [String] = []
  /// Every binary message, the oldest first.
  private(set) var binaries: [[UInt8]] = []
  /// The file that it hands out in pieces, and whether it says that it does.
  var pieces: [UInt8]?
  /// Answers so many questions for pieces, and then no more.
  var pieceLimit = Int.max
  private(set) var pings = 0
  private(set) var closes: [UInt16] = []
  private(set) var stream: FakeStream?
  private var frames = FrameReader()
  private var isUpgraded = false

  /// Every message as JSON.
  private(set) var messages: [[String: Any]] = []

  func messages(_ type: String) -> [[String: Any]] {
    messages.filter { $0["type"] as? String == type }
  }

  func forget() {
    texts.removeAll()
    messages.removeAll()
  }

  var isConnected: Bool { stream.map { !$0.isClosedByHub && $0.state == 1 } ?? false }

  func answers(_ stream: FakeStream) -> Bool { stream.host == "cloud.test" }

  func act(on stream: FakeStream) -> Bool {
    guard !stream.isClosedByHub || !stream.fromHub.isEmpty else { return false }
    if stream !== self.stream {
      self.stream = stream
      frames = FrameReader()
      isUpgraded = false
    }
    guard !stream.fromHub.isEmpty else { return false }
    if !isUpgraded { return upgrade(stream) }
    for frame in frames.read(stream.fromHub) {
      switch frame {
      case .text(let bytes):
        let text = String(decoding: bytes, as: UTF8.self)
        texts.append(text)
        messages.append(parsed(bytes))
        if acknowledges, let sequence = messages.last?["seq"] as? Int { acknowledge(sequence) }
        if text.contains("\"hub_hello\""), greets { sayHello() }
        if let last = messages.last, last["type"] as? String == "file_request" { answer(last) }
      case .binary(let bytes): binaries.append(bytes)
      case .ping:
        pings += 1
        if isAlive { write { WebSocketWriter.pong(Span<UInt8>(), mask: nil, into: &$0) } }
      case .close(let code): closes.append(code)
      }
    }
    stream.fromHub.removeAll()
    return true
  }

  private func upgrade(_ stream: FakeStream) -> Bool {
    let text = String(decoding: stream.fromHub, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return false }
    let request = String(text[..<end.lowerBound])
    stream.fromHub.removeFirst(request.utf8.count + 4)
    requests.append(request)
    if let refusal {
      stream.send(refusal)
      return true
    }
    let key = request.components(separatedBy: "Sec-WebSocket-Key: ")[1]
      .components(separatedBy: "\r\n")[0]
    let accept = written { writer in
      let bytes = Array((acceptsRightly ? key : "another").utf8)
      WebSocketHandshake.accept(forKey: bytes.span, into: &writer)
    }
    stream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    stream.send("Sec-WebSocket-Accept: \(String(decoding: accept, as: UTF8.self))\r\n")
    if sendsChallenge { stream.send("X-Hub-Challenge: \(challenge)\r\n") }
    stream.send("\r\n")
    isUpgraded = true
    return true
  }

  func sayHello() {
    let offer = firmware.map { ",\"firmware_update_available\":\($0)" } ?? ""
    send(
      """
      {"type":"cloud_hello","session_id":"s","server_time":1,\
      "heartbeat_seconds":\(heartbeatSeconds),"serves_pieces":\(pieces != nil)\(offer)}
      """)
  }

  private func answer(_ request: [String: Any]) {
    guard pieceLimit > 0, let pieces, let offset = request["offset"] as? Int,
      let count = request["count"] as? Int, let tag = request["tag"] as? Int,
      let stream = request["stream"] as? Int
    else { return }
    pieceLimit -= 1
    sendPiece(stream, tag, offset, Array(pieces.dropFirst(offset).prefix(count)))
  }

  func sendPiece(_ stream: Int, _ tag: Int, _ offset: Int, _ bytes: [UInt8]) {
    let head =
      [1, UInt8(stream), UInt8(tag >> 8 & 255), UInt8(tag & 255)]
      + (0..<4).map { UInt8(truncatingIfNeeded: offset >> (24 - 8 * $0)) }
    let message = head + bytes
    write { WebSocketWriter.binary(message.span, mask: nil, into: &$0) }
  }

  func acknowledge(_ sequence: Int) { send(#"{"type":"event_ack","seq":\#(sequence)}"#) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    write { WebSocketWriter.text(bytes.span, mask: nil, into: &$0) }
  }

  func close(_ code: UInt16) {
    write { WebSocketWriter.close(code: code, reason: Span<UInt8>(), mask: nil, into: &$0) }
  }

  func sendRaw(_ bytes: [UInt8]) { stream?.toHub += bytes }

  private func write(_ body: (inout ByteWriter) -> Void) { stream?.toHub += written(body) }

  // ------------------------------------------------------------------------------- its commands

  func addPrinter(
    _ serial: String, command: String = UUID().uuidString, address: String = "10.0.0.11",
    code: String = "12345678", model: String = "P1S", action: String = "add",
    certificate: String? = nil
  ) {
    let rule = certificate.map { #","certificate":"\#($0)""# } ?? ""
    send(
      """
      {"type":"configure_printer","command_id":"\(command)","action":"\(action)","printer":\
      {"serial_number":"\(serial)","ip_address":"\(address)","access_code":"\(code)",\
      "name":"one","model":"\(model)"\(rule)}}
      """)
  }

  func addServer(
    _ server: FakeHTTPPrinter, userName: String? = nil, isSecure: Bool = false,
    command: String = UUID().uuidString
  ) {
    let user = userName.map { #","user_name":"\#($0)""# } ?? ""
    send(
      """
      {"type":"configure_printer","command_id":"\(command)","action":"add","printer":\
      {"kind":"\(server.kind)","serial_number":"\(server.serial)","port":\(server.port),\
      "secure":\(isSecure),"ip_address":"\(server.address)","access_code":"\(server.key)",\
      "name":"one","model":"any"\(user)}}
      """)
  }

  func gcode(_ lines: String, _ serial: String, command: String) {
    send(
      """
      {"type":"printer_command","command_id":"\(command)","printer_id":"\(serial)",\
      "action":"gcode","lines":"\(lines)"}
      """)
  }

  func start(
    _ job: String, on serial: String, command: String = UUID().uuidString,
    url: String = "https://files.test/f/1?token=hidden", name: String = "part.3mf", size: Int,
    plate: Int = 1
  ) {
    send(
      """
      {"type":"print_command","command_id":"\(command)","printer_id":"\(serial)",\
      "action":"start","job_id":"\(job)","file_url":"\(url)","file_name":"\(name)",\
      "file_size":\(size),"plate":\(plate),"use_ams":false}
      """)
  }

  func command(_ action: String, _ serial: String, command: String = UUID().uuidString) {
    send(
      """
      {"type":"printer_command","command_id":"\(command)","printer_id":"\(serial)",\
      "action":"\(action)"}
      """)
  }

  // ------------------------------------------------------------------------------ what it heard

  /// The phases that the hub told for a job, in order, each once.
  func phases(of job: String) -> [String] {
    var phases: [String] = []
    for message in messages("job_status") where message["job_id"] as? String == job {
      let phase = message["phase"] as! String
      if phases.last != phase { phases.append(phase) }
    }
    return phases
  }

  /// What was numbered, in the order in which it came.
  var events: [(sequence: Int, job: String, phase: String)] {
    messages("job_status").compactMap { message in
      (message["seq"] as? Int).map {
        ($0, message["job_id"] as! String, message["phase"] as! String)
      }
    }
  }

  func lastJob(_ job: String) -> [String: Any]? {
    messages("job_status").last { $0["job_id"] as? String == job }
  }

  func lastStatus(_ serial: String) -> [String: Any]? {
    messages("printer_status").last { $0["printer_id"] as? String == serial }?["status"]
      as? [String: Any]
  }

  /// What the hub said last of a printer's state.
  func state(_ serial: String) -> String? { lastStatus(serial)?["state"] as? String }

  /// Why the hub said last that it cannot reach a printer.
  func linkProblem(_ serial: String) -> String? { lastStatus(serial)?["link_problem"] as? String }

  /// Why a job came to nothing.
  func failure(of job: String) -> String? { lastJob(job)?["error_message"] as? String }

  /// Why the hub did not take a command.
  func refusal(of command: String) -> String? {
    acknowledgements(command).first?["error_message"] as? String
  }

  func acknowledgements(_ command: String) -> [[String: Any]] {
    messages("command_ack").filter { $0["command_id"] as? String == command }
  }
}

/// The object that a JSON text is; it has to be one.
func parsed(_ bytes: [UInt8]) -> [String: Any] {
  guard let value = try? JSONSerialization.jsonObject(with: Data(bytes)),
    let object = value as? [String: Any]
  else { preconditionFailure("no JSON object: \(String(decoding: bytes, as: UTF8.self))") }
  return object
}

/// What `body` writes.
func written(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
  let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 70_000)
  defer { memory.deallocate() }
  var writer = ByteWriter(memory)
  body(&writer)
  precondition(!writer.overflowed)
  return Array(memory.prefix(writer.count))
}
