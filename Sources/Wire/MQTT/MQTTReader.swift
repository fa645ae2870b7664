// MQTT 3.1.1 (OASIS, 2014), both ends: a client reads what a server writes and the other way round.
//
//     type and flags | remaining length, 7 bits a byte | packet
//           1                     1 to 4                 ...        (bytes)
//
// A packet is read when it is there as a whole; only the payload of a PUBLISH comes in pieces, for
// it may be larger than any memory. Who may send what and when is not known here.

/// Reads MQTT packets.
public struct MQTTReader: ~Copyable {
  /// Every packet must fit, a PUBLISH without its payload. The caller's queue must hold as much.
  public static let packetLimit = 1024

  private let publishLimit: Int
  private var isInPayload = false
  private var remaining = 0
  private var failure: MQTTError?

  /// `publishLimit` is the largest payload of a PUBLISH that is taken.
  public init(publishLimit: Int) { self.publishLimit = publishLimit }

  /// Reads one event from the front of the unread bytes.
  public mutating func next(_ input: Span<UInt8>) throws(MQTTError) -> MQTTEvent {
    if isInPayload { return readPayload(input.count) }
    if let failure { throw failure }
    do throws(MQTTError) {
      return try readPacket(input)
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func readPayload(_ available: Int) -> MQTTEvent {
    let count = available < remaining ? available : remaining
    guard count > 0 || remaining == 0 else { return .needsMore }
    remaining &-= count
    isInPayload = remaining > 0
    return .payload(0..<count, isLast: !isInPayload, used: count)
  }

  private mutating func readPacket(_ input: Span<UInt8>) throws(MQTTError) -> MQTTEvent {
    guard input.count > 0 else { return .needsMore }
    let first = input[0]
    try Self.checkType(first)
    var length = 0
    var start = 1
    var shift = 0
    while true {
      guard start < input.count else { return .needsMore }
      let byte = input[start]
      start &+= 1
      length |= Int(byte & 0x7F) &<< shift
      if byte < 0x80 { break }
      shift &+= 7
      guard shift < 28 else { throw .badLength }
    }
    if first &>> 4 == 3 { return try readPublish(input, from: start, length) }
    guard start &+ length <= Self.packetLimit else { throw .tooLarge }
    guard start &+ length <= input.count else { return .needsMore }
    var fields = MQTTFields(start..<start &+ length)
    return try Self.readPacket(of: first &>> 4, &fields, input)
  }

  /// Refuses types there are none of, and flags that must not be.
  private static func checkType(_ first: UInt8) throws(MQTTError) {
    switch first &>> 4 {
    case 0, 15: throw .unknownPacket
    case 3:
      let qos = first &>> 1 & 3
      guard qos < 3 else { throw .badQoS }
      // Only what is acknowledged can be sent again.
      guard qos > 0 || first & 8 == 0 else { throw .badFlags }
    case 6, 8, 10: guard first & 15 == 2 else { throw .badFlags }
    default: guard first & 15 == 0 else { throw .badFlags }
    }
  }

  private mutating func readPublish(
    _ input: Span<UInt8>, from start: Int, _ length: Int
  ) throws(MQTTError) -> MQTTEvent {
    guard length >= 2 else { throw .badLength }
    guard start &+ 2 <= input.count else { return .needsMore }
    let qos = input[0] &>> 1 & 3
    let topicCount = Int(input[start]) &<< 8 | Int(input[start &+ 1])
    let headCount = 2 &+ topicCount &+ (qos > 0 ? 2 : 0)
    guard headCount <= length else { throw .badLength }
    guard start &+ headCount <= Self.packetLimit, length &- headCount <= publishLimit else {
      throw .tooLarge
    }
    guard start &+ headCount <= input.count else { return .needsMore }
    var fields = MQTTFields(start..<start &+ headCount)
    let topic = try fields.text(input)
    guard isTopic(input.extracting(topic)) else { throw .badTopic }
    let packetID = qos > 0 ? try fields.packetID(input) : 0
    remaining = length &- headCount
    isInPayload = true
    let publish = MQTTPublish(
      topic: topic, packetID: packetID, qos: qos, retain: input[0] & 1 == 1,
      duplicate: input[0] & 8 != 0, payloadCount: remaining)
    return .publish(publish, used: fields.end)
  }

  private static func readPacket(
    of type: UInt8, _ fields: inout MQTTFields, _ input: Span<UInt8>
  ) throws(MQTTError) -> MQTTEvent {
    let used = fields.end
    switch type {
    case 1: return .connect(try readConnect(&fields, input), used: used)
    case 2:
      let flags = try fields.byte(input)
      let code = try fields.byte(input)
      try fields.finish()
      guard flags < 2 else { throw .badFlags }
      // A refusal leaves no session.
      guard code < 6, code == 0 || flags == 0 else { throw .badCode }
      return .connectAcknowledged(code: code, sessionPresent: flags == 1, used: used)
    case 4: return .publishAcknowledged(packetID: try fields.onlyPacketID(input), used: used)
    case 5: return .publishReceived(packetID: try fields.onlyPacketID(input), used: used)
    case 6: return .publishRelease(packetID: try fields.onlyPacketID(input), used: used)
    case 7: return .publishComplete(packetID: try fields.onlyPacketID(input), used: used)
    case 8:
      let packetID = try fields.packetID(input)
      let filters = fields.rest
      try checkFilters(&fields, input, hasQoS: true)
      return .subscribe(packetID: packetID, filters: filters, used: used)
    case 9:
      let packetID = try fields.packetID(input)
      let codes = fields.rest
      guard !codes.isEmpty else { throw .badLength }
      for index in codes.lowerBound..<codes.upperBound {
        guard input[index] < 3 || input[index] == 0x80 else { throw .badCode }
      }
      return .subscribeAcknowledged(packetID: packetID, codes: codes, used: used)
    case 10:
      let packetID = try fields.packetID(input)
      let filters = fields.rest
      try checkFilters(&fields, input, hasQoS: false)
      return .unsubscribe(packetID: packetID, filters: filters, used: used)
    case 11:
      return .unsubscribeAcknowledged(packetID: try fields.onlyPacketID(input), used: used)
    case 12:
      try fields.finish()
      return .pingRequest(used: used)
    case 13:
      try fields.finish()
      return .pingResponse(used: used)
    case 14:
      try fields.finish()
      return .disconnect(used: used)
    default: throw .unknownPacket
    }
  }

  private static func readConnect(
    _ fields: inout MQTTFields, _ input: Span<UInt8>
  ) throws(MQTTError) -> MQTTConnect {
    let name = try fields.bytes(input)
    // "MQIsdp" was the name up to 3.1; the answer to it is the same as to another level.
    let isOld = equals(input.extracting(name), "MQIsdp")
    guard isOld || equals(input.extracting(name), "MQTT") else { throw .badProtocol }
    guard try fields.byte(input) == 4, !isOld else { throw .unsupportedVersion }
    let flags = try fields.byte(input)
    let hasWill = flags & 0x04 != 0
    let willQoS = flags &>> 3 & 3
    guard flags & 1 == 0, hasWill || flags & 0x38 == 0 else { throw .badFlags }
    guard willQoS < 3 else { throw .badQoS }
    // No password without a user name.
    guard flags & 0xC0 != 0x40 else { throw .badFlags }
    var connect = MQTTConnect()
    connect.cleanSession = flags & 2 != 0
    connect.willQoS = willQoS
    connect.willRetain = flags & 0x20 != 0
    connect.keepAliveSeconds = try fields.number(input)
    let clientID = try fields.text(input)
    connect.clientID = clientID.isEmpty ? nil : clientID
    if hasWill {
      let topic = try fields.text(input)
      guard isTopic(input.extracting(topic)) else { throw .badTopic }
      connect.willTopic = topic
      connect.willMessage = try fields.bytes(input)
    }
    if flags & 0x80 != 0 { connect.userName = try fields.text(input) }
    if flags & 0x40 != 0 { connect.password = try fields.bytes(input) }
    try fields.finish()
    return connect
  }

  private static func checkFilters(
    _ fields: inout MQTTFields, _ input: Span<UInt8>, hasQoS: Bool
  ) throws(MQTTError) {
    guard !fields.rest.isEmpty else { throw .badFilter }
    while !fields.rest.isEmpty {
      let filter = try fields.text(input)
      guard isFilter(input.extracting(filter)) else { throw .badFilter }
      if hasQoS, try fields.byte(input) > 2 { throw .badQoS }
    }
  }
}

/// Takes the fields of one packet off its front.
struct MQTTFields {
  private var at: Int
  let end: Int

  init(_ range: Range<Int>) {
    at = range.lowerBound
    end = range.upperBound
  }

  /// What was not taken yet.
  var rest: Range<Int> { at..<end }

  func finish() throws(MQTTError) {
    guard at == end else { throw .badLength }
  }

  mutating func byte(_ input: Span<UInt8>) throws(MQTTError) -> UInt8 {
    guard at < end else { throw .badLength }
    at &+= 1
    return input[at &- 1]
  }

  mutating func number(_ input: Span<UInt8>) throws(MQTTError) -> UInt16 {
    guard end &- at >= 2 else { throw .badLength }
    at &+= 2
    return UInt16(input[at &- 2]) &<< 8 | UInt16(input[at &- 1])
  }

  mutating func packetID(_ input: Span<UInt8>) throws(MQTTError) -> UInt16 {
    let packetID = try number(input)
    guard packetID != 0 else { throw .badPacketID }
    return packetID
  }

  mutating func onlyPacketID(_ input: Span<UInt8>) throws(MQTTError) -> UInt16 {
    let packetID = try packetID(input)
    try finish()
    return packetID
  }

  /// Two bytes of length, then as many bytes.
  mutating func bytes(_ input: Span<UInt8>) throws(MQTTError) -> Range<Int> {
    let count = Int(try number(input))
    guard end &- at >= count else { throw .badLength }
    at &+= count
    return at &- count..<at
  }

  mutating func text(_ input: Span<UInt8>) throws(MQTTError) -> Range<Int> {
    let range = try bytes(input)
    let text = input.extracting(range)
    guard isUTF8(text), RawBytes.first(0, in: text, from: 0, to: text.count) == nil else {
      throw .badText
    }
    return range
  }
}
