// What the hub says to a Bambu printer's broker. A packet goes into the outbox whole or not at all.

import Wire

extension BambuLink {
  mutating func sayConnect(
    _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings
  ) {
    // The id is the same each time, so that a new connection ends a dead one of ours instead of
    // taking another of the few places that a printer has.
    let clientID = hub.clientID
    let user = Text<8>("bblp")
    _ = outbox.write {
      MQTTWriter.connect(
        clientID: clientID.span, userName: user.span, password: configuration.accessCode.span,
        keepAliveSeconds: Limits.printerKeepAliveSeconds, into: &$0)
    }
    flush()
  }

  /// Sends a command; answers its sequence number, or nil when there is no connection or no room.
  @discardableResult
  mutating func send(
    _ command: BambuCommand, quality: UInt8, _ configuration: borrowing PrinterConfiguration,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) -> UInt32? {
    let details = OrderDetails()
    return send(
      command, details, error: .none, quality: quality, configuration, hub, now)
  }

  /// The same for an order with details. `error` is what the printer shows now.
  mutating func send(
    _ command: BambuCommand, _ details: borrowing OrderDetails, error: PrinterError,
    quality: UInt8, _ configuration: borrowing PrinterConfiguration, _ hub: borrowing Surroundings,
    _ now: Uptime
  ) -> UInt32? {
    guard state == .connected else { return nil }
    lastSequence &+= 1
    let sequence = lastSequence
    var writer = hub.writer()
    var json = JSONWriter(writer)
    command.write(sequence: sequence, details, error: error, into: &json)
    writer = json.finish()
    guard !writer.overflowed, publish(writer.written, quality: quality, configuration, now)
    else { return nil }
    return sequence
  }

  /// Sends the start of a print; answers its sequence number, or nil when there is no connection
  /// or no room.
  mutating func sendProjectFile(
    _ job: borrowing PrintJob, _ configuration: borrowing PrinterConfiguration,
    _ hub: borrowing Surroundings, _ now: Uptime
  ) -> UInt32? {
    guard state == .connected else { return nil }
    lastSequence &+= 1
    let sequence = lastSequence
    var writer = hub.writer()
    var json = JSONWriter(writer)
    BambuCommand.writeProjectFile(job, sequence: sequence, into: &json)
    writer = json.finish()
    guard !writer.overflowed, publish(writer.written, quality: 1, configuration, now)
    else { return nil }
    startBytesLeft = outbox.count
    flush()
    return sequence
  }

  /// Whether the last byte of the start of a print has been handed to the stream. Until then it is
  /// certain that the printer has not got it.
  var isStartOutOfHand: Bool { startBytesLeft == 0 }

  mutating func publish(
    _ payload: Span<UInt8>, quality: UInt8, _ configuration: borrowing PrinterConfiguration,
    _ now: Uptime
  ) -> Bool {
    let topic = topicName(configuration, "/request")
    let packetID = quality == 0 ? 0 : nextPacketID()
    let hasRoom = outbox.write {
      MQTTWriter.publish(
        topic: topic.span, payload: payload, qos: quality, packetID: packetID, retain: false,
        into: &$0)
    }
    guard hasRoom else { return false }
    if quality > 0 {
      unacknowledged = packetID
      acknowledgeBy = now + Limits.printerAcknowledgement
    }
    return true
  }

  /// Hands the stream what it takes now.
  mutating func flush() {
    guard !outbox.isEmpty, let sent = connection?.send(from: &outbox) else { return }
    startBytesLeft = startBytesLeft > sent ? startBytesLeft - sent : 0
  }

  mutating func nextPacketID() -> UInt16 {
    lastPacketID = lastPacketID == .max ? 1 : lastPacketID + 1
    return lastPacketID
  }

  func topicName(
    _ configuration: borrowing PrinterConfiguration, _ end: StaticString
  ) -> Text<56> {
    var topic = Text<56>()
    topic.write {
      $0.put("device/")
      $0.put(configuration.serial.span)
      $0.put(end)
    }
    return topic
  }
}
