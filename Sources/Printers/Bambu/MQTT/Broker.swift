// The MQTT broker inside a printer: it takes a handful of clients, checks the access code, hands
// requests to the printer and reports to whoever has subscribed.
//
// As in the real one, any client may publish anything, and what it publishes goes to all who have
// subscribed to the topic, on top of to the printer itself.

import Wire
import World

/// The printer's broker.
final class Broker {
  struct Settings {
    var serial: String
    var accessCode: String
    var clientLimit: Int
    /// Whether a client too many gets an answer or just a closed connection.
    var answersSurplusClients: Bool
  }

  /// Streams that have not said CONNECT yet, beyond which new ones are dropped.
  private static let strangerLimit = 8

  let host: any Host
  let troubles: ActiveFaults
  var settings: Settings
  let reportTopic: [UInt8]
  let requestTopic: [UInt8]
  /// A request has come, as it was sent.
  var onRequest: (([UInt8]) -> Void)?
  /// Somebody began to listen to reports, after nobody did.
  var onAudience: (() -> Void)?
  private(set) var faults = PeerFaults()
  private(set) var connections: [BrokerConnection] = []

  init(host: any Host, troubles: ActiveFaults, settings: Settings) {
    self.host = host
    self.troubles = troubles
    self.settings = settings
    reportTopic = Array("device/\(settings.serial)/report".utf8)
    requestTopic = Array("device/\(settings.serial)/request".utf8)
  }

  var clientCount: Int { connections.reduce(0) { $0 + ($1.clientID == nil ? 0 : 1) } }

  /// Whether anybody listens to reports.
  var hasAudience: Bool { connections.contains { $0.hearsReports } }

  func accept(_ stream: any Stream) {
    guard connections.count - clientCount < Self.strangerLimit else {
      faults.add("mqtt.too-many-strangers")
      stream.reset()
      return
    }
    let connection = BrokerConnection(broker: self, stream: stream)
    connections.append(connection)
    connection.begin()
  }

  /// Sends a whole packet with a report to all who listen.
  func report(_ packet: UnsafeRawBufferPointer) {
    host.trace.tell(
      at: host.now, from: host.name, to: "", what: "report",
      payload: Array(packet.drop { $0 != UInt8(ascii: "{") }))
    // By index: a stream may break while it is written to.
    var index = 0
    while index < connections.count {
      let connection = connections[index]
      if connection.hearsReports { connection.send(packet) }
      if index < connections.count, connections[index] === connection { index += 1 }
    }
  }

  /// Hands on what a client has published.
  func publish(topic: [UInt8], payload: [UInt8], qos: UInt8) {
    for connection in connections {
      guard let granted = connection.granted(for: topic) else { continue }
      connection.publish(topic: topic, payload: payload, qos: min(qos, granted))
    }
    guard topic == requestTopic else { return }
    host.trace.tell(at: host.now, from: "", to: host.name, what: "request", payload: payload)
    onRequest?(payload)
  }

  /// Decides about a client that has said who it is; answers the code of CONNACK, or nil to close
  /// without an answer.
  func admit(clientID: [UInt8], user: [UInt8], password: [UInt8]) -> UInt8? {
    guard user == Array("bblp".utf8), password == Array(settings.accessCode.utf8),
      !troubles.has(.wrongCode)
    else {
      faults.add("mqtt.wrong-code")
      return 5
    }
    if let former = connections.first(where: { $0.clientID == clientID }) {
      faults.add("mqtt.same-id")
      former.close()
    }
    guard clientCount < settings.clientLimit, !troubles.has(.mqttTooManyClients) else {
      faults.add("mqtt.too-many-clients")
      return settings.answersSurplusClients ? 5 : nil
    }
    return 0
  }

  /// How long an admitted client is left alone.
  var patience: Interval? {
    [troubles.duration(.mqttFlap), troubles.duration(.mqttSameID)].compactMap { $0 }.min()
  }

  /// Somebody has subscribed to the topic on which requests come.
  var refusesListenersOfRequests: Bool { troubles.has(.mqttRequestTopic) }

  /// A fault has begun that throws clients out after a while.
  func patienceChanged() {
    for connection in connections where connection.clientID != nil { connection.limitStay() }
  }

  func audienceChanged(for connection: BrokerConnection) {
    let others = connections.contains { $0 !== connection && $0.hearsReports }
    if connection.hearsReports && !others { onAudience?() }
  }

  func note(fault: String) {
    faults.add(fault)
    host.note(.detail, "MQTT: \(fault)")
  }

  func remove(_ connection: BrokerConnection) {
    connections.removeAll { $0 === connection }
  }

  /// Throws out all who are connected, with a closed connection for a farewell.
  func sendAway() {
    for connection in connections { connection.close() }
  }

  /// Power is gone, or the door is shut.
  func closeAll() {
    for connection in connections { connection.reset() }
    connections = []
  }
}
