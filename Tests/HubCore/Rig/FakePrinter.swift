import Foundation
import Wire

/// A printer's MQTT broker and its file server.
final class FakePrinter: FakePeer {
  let serial: String
  let address: String
  var code = "12345678"
  /// What CONNACK says, when the code is right.
  var welcome: UInt8 = 0
  /// Whether it answers pings, commands, and questions for everything.
  var answersPings = true
  var answersPushAll = true
  var acknowledgesPackets = true
  /// How orders are answered: success, fail with a reason, or nil for not at all.
  var orderResult: String? = "success"
  var orderReason = ""

  /// A stream that it does not read.
  var deafTo: FakeStream?

  private(set) var broker: FakeStream?
  private(set) var clientID = ""
  private(set) var user = ""
  /// Every message on the request topic, as JSON.
  private(set) var requests: [[String: Any]] = []
  private(set) var pings = 0
  private(set) var subscriptions: [String] = []
  private(set) var connects = 0
  private var pending: [UInt8] = []

  /// What `pushall` answers.
  var whole: [String: Any] = [
    "command": "push_status", "msg": 0, "gcode_state": "IDLE", "mc_percent": 0, "layer_num": 0,
    "total_layer_num": 0, "mc_remaining_time": 0, "nozzle_temper": 25.5, "bed_temper": 24,
    "gcode_file": "", "subtask_name": "", "print_error": 0,
  ]

  let files = FakeFileServerOfPrinter()

  init(_ serial: String = "01P00A000000001", address: String = "10.0.0.11") {
    self.serial = serial
    self.address = address
  }

  func answers(_ stream: FakeStream) -> Bool { stream.host == address }

  func act(on stream: FakeStream) -> Bool {
    if stream.port != 8883 { return files.act(on: stream) }
    guard !stream.isClosedByHub || !stream.fromHub.isEmpty else { return false }
    if stream !== broker {
      broker = stream
      pending.removeAll()
    }
    guard !stream.fromHub.isEmpty, stream !== deafTo else { return false }
    pending += stream.fromHub
    stream.fromHub.removeAll()
    while let packet = nextPacket() { take(packet.kind, packet.body, stream) }
    return true
  }

  // Packets are taken apart here by hand, so that the hub's writer is checked by other code.

  private func nextPacket() -> (kind: UInt8, body: [UInt8])? {
    guard pending.count >= 2 else { return nil }
    var length = 0
    var shift = 0
    var index = 1
    while true {
      guard index < pending.count else { return nil }
      length |= Int(pending[index] & 0x7F) << shift
      shift += 7
      index += 1
      if pending[index - 1] & 0x80 == 0 { break }
    }
    guard pending.count >= index + length else { return nil }
    let packet = (pending[0], Array(pending[index..<index + length]))
    pending.removeFirst(index + length)
    return packet
  }

  private func take(_ kind: UInt8, _ body: [UInt8], _ stream: FakeStream) {
    switch kind {
    case 0x10:
      connects += 1
      var index = 10
      clientID = text(body, &index)
      user = text(body, &index)
      let isRight = text(body, &index) == code
      stream.toHub += [0x20, 2, 0, isRight ? welcome : 5]
      if !isRight { stream.isFinishedByPeer = true }
    case 0x82:
      var index = 2
      subscriptions.append(text(body, &index))
      stream.toHub += [0x90, 3, body[0], body[1], 0]
    case 0x30, 0x32:
      var index = 0
      let topic = text(body, &index)
      precondition(topic == "device/\(serial)/request", "a command for somebody else: \(topic)")
      if kind == 0x32 {
        if acknowledgesPackets { stream.toHub += [0x40, 2, body[index], body[index + 1]] }
        index += 2
      }
      let json = parsed(Array(body[index...]))
      requests.append(json)
      answerOrder(json)
      let pushing = json["pushing"] as? [String: Any]
      if pushing?["command"] as? String == "pushall", answersPushAll { report(whole) }
    case 0xC0:
      pings += 1
      if answersPings { stream.toHub += [0xD0, 0] }
    default: preconditionFailure("an unexpected packet \(kind) from the hub")
    }
  }

  /// Repeats an order with how it went. The start of a print is answered by tests themselves.
  private func answerOrder(_ json: [String: Any]) {
    guard let orderResult, let (group, body) = json.first, group == "print" || group == "system",
      var fields = body as? [String: Any], fields["command"] as? String != "project_file"
    else { return }
    fields["result"] = orderResult
    if !orderReason.isEmpty { fields["reason"] = orderReason }
    guard let answer = try? JSONSerialization.data(withJSONObject: [group: fields]) else { return }
    publish(Array(answer))
  }

  private func text(_ body: [UInt8], _ index: inout Int) -> String {
    let count = Int(body[index]) << 8 | Int(body[index + 1])
    let text = String(decoding: body[index + 2..<index + 2 + count], as: UTF8.self)
    index += 2 + count
    return text
  }

  /// Sends a report with these fields of `print`.
  func report(_ fields: [String: Any]) {
    var fields = fields
    if fields["command"] == nil { fields["command"] = "push_status" }
    guard let json = try? JSONSerialization.data(withJSONObject: ["print": fields]) else {
      preconditionFailure("fields that are no JSON")
    }
    publish(Array(json))
  }

  func publish(_ payload: [UInt8], topic: String? = nil) {
    let topic = Array((topic ?? "device/\(serial)/report").utf8)
    broker?.toHub += written {
      MQTTWriter.publish(
        topic: topic.span, payload: payload.span, qos: 0, packetID: 0, retain: false, into: &$0)
    }
  }

  /// The commands of one name that came, the oldest first.
  func commands(_ name: String) -> [[String: Any]] {
    requests.compactMap { $0.values.first as? [String: Any] }
      .filter { $0["command"] as? String == name }
  }

  /// Says that it prints what it was told to.
  func prints(_ state: String, percent: Int = 0, error: Int = 0, name: String = "part") {
    report([
      "gcode_state": state, "mc_percent": percent, "subtask_name": name,
      "gcode_file": name.isEmpty ? "" : name + ".3mf", "print_error": error,
    ])
  }
}
