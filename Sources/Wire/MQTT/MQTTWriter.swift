/// Writes MQTT 3.1.1 packets, each whole or (if it does not fit) not at all.
///
/// A text of more than 65,535 bytes counts as one that does not fit.
public enum MQTTWriter {
  /// An empty user name or password is left out.
  public static func connect(
    clientID: Span<UInt8>, userName: Span<UInt8>, password: Span<UInt8>,
    keepAliveSeconds: UInt16, into writer: inout ByteWriter
  ) {
    let hasUser = userName.count > 0
    let hasPassword = hasUser && password.count > 0
    var length = 10 &+ 2 &+ clientID.count
    if hasUser { length &+= 2 &+ userName.count }
    if hasPassword { length &+= 2 &+ password.count }
    guard begin(0x10, length, &writer) else { return }
    writer.put("\u{0}\u{4}MQTT\u{4}")
    writer.put(0x02 | (hasUser ? 0x80 : 0) | (hasPassword ? 0x40 : 0))
    writer.put(bigEndian16: keepAliveSeconds)
    put(clientID, &writer)
    if hasUser { put(userName, &writer) }
    if hasPassword { put(password, &writer) }
  }

  public static func connectAcknowledge(
    code: UInt8, sessionPresent: Bool, into writer: inout ByteWriter
  ) {
    guard begin(0x20, 2, &writer) else { return }
    writer.put(sessionPresent ? 1 : 0)
    writer.put(code)
  }

  /// `packetID` is left out for quality of service 0.
  public static func publish(
    topic: Span<UInt8>, payload: Span<UInt8>, qos: UInt8, packetID: UInt16, retain: Bool,
    into writer: inout ByteWriter
  ) {
    let length = publishLength(topic, payload.count, qos)
    guard begin(publishType(qos, retain), length, &writer) else { return }
    put(topic, &writer)
    if qos > 0 { writer.put(bigEndian16: packetID) }
    writer.put(payload)
  }

  /// The packet up to its payload, which the caller sends behind it.
  public static func publishHeader(
    topic: Span<UInt8>, payloadCount: Int, qos: UInt8, packetID: UInt16, retain: Bool,
    into writer: inout ByteWriter
  ) {
    guard payloadCount >= 0, payloadCount < 1 &<< 28 else { return writer.overflow() }
    let length = publishLength(topic, payloadCount, qos)
    guard begin(publishType(qos, retain), length, without: payloadCount, &writer) else { return }
    put(topic, &writer)
    if qos > 0 { writer.put(bigEndian16: packetID) }
  }

  private static func publishType(_ qos: UInt8, _ retain: Bool) -> UInt8 {
    0x30 | (qos & 3) &<< 1 | (retain ? 1 : 0)
  }

  private static func publishLength(
    _ topic: Span<UInt8>, _ payloadCount: Int, _ qos: UInt8
  ) -> Int {
    2 &+ topic.count &+ (qos > 0 ? 2 : 0) &+ payloadCount
  }

  public static func publishAcknowledge(packetID: UInt16, into writer: inout ByteWriter) {
    acknowledge(0x40, packetID, &writer)
  }

  public static func publishReceived(packetID: UInt16, into writer: inout ByteWriter) {
    acknowledge(0x50, packetID, &writer)
  }

  public static func publishRelease(packetID: UInt16, into writer: inout ByteWriter) {
    acknowledge(0x62, packetID, &writer)
  }

  public static func publishComplete(packetID: UInt16, into writer: inout ByteWriter) {
    acknowledge(0x70, packetID, &writer)
  }

  public static func subscribe(
    packetID: UInt16, filter: Span<UInt8>, qos: UInt8, into writer: inout ByteWriter
  ) {
    guard begin(0x82, 5 &+ filter.count, &writer) else { return }
    writer.put(bigEndian16: packetID)
    put(filter, &writer)
    writer.put(qos)
  }

  public static func subscribeAcknowledge(
    packetID: UInt16, codes: Span<UInt8>, into writer: inout ByteWriter
  ) {
    guard begin(0x90, 2 &+ codes.count, &writer) else { return }
    writer.put(bigEndian16: packetID)
    writer.put(codes)
  }

  public static func unsubscribe(
    packetID: UInt16, filter: Span<UInt8>, into writer: inout ByteWriter
  ) {
    guard begin(0xA2, 4 &+ filter.count, &writer) else { return }
    writer.put(bigEndian16: packetID)
    put(filter, &writer)
  }

  public static func unsubscribeAcknowledge(packetID: UInt16, into writer: inout ByteWriter) {
    acknowledge(0xB0, packetID, &writer)
  }

  public static func pingRequest(into writer: inout ByteWriter) { _ = begin(0xC0, 0, &writer) }
  public static func pingResponse(into writer: inout ByteWriter) { _ = begin(0xD0, 0, &writer) }
  public static func disconnect(into writer: inout ByteWriter) { _ = begin(0xE0, 0, &writer) }

  private static func acknowledge(_ first: UInt8, _ packetID: UInt16, _ writer: inout ByteWriter) {
    guard begin(first, 2, &writer) else { return }
    writer.put(bigEndian16: packetID)
  }

  /// Writes type and length, if the packet (`without` what the caller sends later) will fit.
  private static func begin(
    _ first: UInt8, _ length: Int, without later: Int = 0, _ writer: inout ByteWriter
  ) -> Bool {
    let digits = length < 1 &<< 7 ? 1 : length < 1 &<< 14 ? 2 : length < 1 &<< 21 ? 3 : 4
    guard length < 1 &<< 28, 1 &+ digits &+ length &- later <= writer.freeCount else {
      writer.overflow()
      return false
    }
    writer.put(first)
    var rest = length
    while rest >= 0x80 {
      writer.put(0x80 | UInt8(truncatingIfNeeded: rest))
      rest = rest &>> 7
    }
    writer.put(UInt8(truncatingIfNeeded: rest))
    return true
  }

  private static func put(_ text: Span<UInt8>, _ writer: inout ByteWriter) {
    guard text.count <= 0xFFFF else { return writer.overflow() }
    writer.put(bigEndian16: UInt16(truncatingIfNeeded: text.count))
    writer.put(text)
  }
}
