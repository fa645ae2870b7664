// What goes to the cloud: messages, the greeting, pings.

import Wire

extension CloudLink {
  /// Whether one more message of any size has room.
  var canSpeak: Bool {
    outbox.freeCount >= Limits.spokenMessage + WebSocketWriter.headerLimit
  }

  /// A message to be written and then handed to `say`; only one at a time.
  func message() -> JSONWriter { unsafe JSONWriter(ByteWriter(scratch)) }

  /// Frames a message; answers false, and says nothing, when there is no room for it.
  @discardableResult
  mutating func say(_ board: Board, _ message: consuming JSONWriter) -> Bool {
    let writer = message.finish()
    guard !writer.overflowed else { return false }
    let mask = board.entropy
    return outbox.write { frame in
      WebSocketWriter.text(writer.written, mask: mask, into: &frame)
    }
  }

  /// Frames bytes that were composed where messages are.
  mutating func say(_ board: Board, binary: Span<UInt8>) {
    let mask = board.entropy
    _ = outbox.write { WebSocketWriter.binary(binary, mask: mask, into: &$0) }
  }

  /// Where a binary message may be composed.
  func binaryMessage() -> ByteWriter { unsafe ByteWriter(scratch) }

  /// Hands the stream what it takes now.
  mutating func flush() {
    guard !outbox.isEmpty else { return }
    _ = connection?.send(from: &outbox)
  }

  mutating func sayHello(
    _ board: Board, _ settings: borrowing Settings, _ now: Uptime
  ) -> Bool {
    let version = firmwareVersion
    let slot = firmwareSlot
    let signature = handshake.signature(board, settings, version.span)
    let signal = board.radioSignal
    var json = message()
    json.beginObject()
    json.key("type")
    json.string("hub_hello")
    json.key("hub_id")
    json.string(settings.hubID.span)
    json.key("firmware_version")
    json.string(version.span)
    json.key("slot")
    json.string(slot == 0 ? "A" : "B")
    json.key("hardware_revision")
    json.string(Firmware.hardwareRevision)
    json.key("uptime_seconds")
    json.unsigned(now.milliseconds / 1_000)
    json.key("free_heap")
    json.integer(freeMemory)
    json.key("wifi_signal")
    json.integer(signal)
    if let numbers = board.address(on: .joined) {
      let address = IPv4Address(numbers)
      json.key("local_ip_address")
      var text = Text<15>()
      text.write { address.write(into: &$0) }
      json.string(text.span)
    }
    json.key("boot_reason")
    json.string(bootReason)
    json.key("boot_count")
    json.unsigned(UInt64(widening: bootCount))
    json.key("event_epoch")
    json.unsigned(UInt64(widening: eventEpoch))
    hasToldToken = !settings.claimToken.isEmpty
    if hasToldToken {
      json.key("claim_token")
      json.string(settings.claimToken.span)
    }
    json.key("signature")
    json.string(signature.span)
    json.endObject()
    let wasSaid = say(board, json)
    flush()
    return wasSaid
  }

  mutating func sendPing(_ board: Board) {
    let mask = board.entropy
    // No room means that much else is on its way, which is as good a sign of life.
    _ = outbox.write { WebSocketWriter.ping(Span<UInt8>(), mask: mask, into: &$0) }
  }

  mutating func answerPing(_ board: Board, _ range: Range<Int>) {
    let mask = board.entropy
    var payload = Text<125>()
    payload.set(inbox.pending.extracting(range))
    _ = outbox.write { WebSocketWriter.pong(payload.span, mask: mask, into: &$0) }
  }
}
