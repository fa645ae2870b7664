/// What the front of the input turned out to be; ranges are into the input shown.
public enum MQTTEvent: Equatable, Sendable {
  /// Ask again when more bytes have come.
  case needsMore
  case connect(MQTTConnect, used: Int)
  case connectAcknowledged(code: UInt8, sessionPresent: Bool, used: Int)
  /// The head of a publication; its payload follows in pieces.
  case publish(MQTTPublish, used: Int)
  /// A piece of that payload. An empty payload gives one empty piece.
  case payload(Range<Int>, isLast: Bool, used: Int)
  case publishAcknowledged(packetID: UInt16, used: Int)
  case publishReceived(packetID: UInt16, used: Int)
  case publishRelease(packetID: UInt16, used: Int)
  case publishComplete(packetID: UInt16, used: Int)
  /// `MQTTFilters` walks through the filters.
  case subscribe(packetID: UInt16, filters: Range<Int>, used: Int)
  /// One byte for each filter: the quality granted, or 0x80 for a refusal.
  case subscribeAcknowledged(packetID: UInt16, codes: Range<Int>, used: Int)
  case unsubscribe(packetID: UInt16, filters: Range<Int>, used: Int)
  case unsubscribeAcknowledged(packetID: UInt16, used: Int)
  case pingRequest(used: Int)
  case pingResponse(used: Int)
  case disconnect(used: Int)
}

/// What a client says of itself.
public struct MQTTConnect: Equatable, Sendable {
  /// Nil if it is empty: the server is to choose one.
  public var clientID: Range<Int>?
  public var userName: Range<Int>?
  public var password: Range<Int>?
  public var willTopic: Range<Int>?
  public var willMessage: Range<Int>?
  public var willQoS: UInt8 = 0
  public var willRetain = false
  public var keepAliveSeconds: UInt16 = 0
  public var cleanSession = false

  public init() {}
}

/// The head of a publication.
public struct MQTTPublish: Equatable, Sendable {
  public var topic: Range<Int>
  /// 0 for quality of service 0.
  public var packetID: UInt16
  public var qos: UInt8
  public var retain: Bool
  public var duplicate: Bool
  public var payloadCount: Int

  public init(
    topic: Range<Int>, packetID: UInt16, qos: UInt8, retain: Bool, duplicate: Bool,
    payloadCount: Int
  ) {
    self.topic = topic
    self.packetID = packetID
    self.qos = qos
    self.retain = retain
    self.duplicate = duplicate
    self.payloadCount = payloadCount
  }
}

/// Why bytes are no MQTT 3.1.1 that we take. The connection must be closed after any.
public enum MQTTError: Error, Equatable, Sendable {
  case unknownPacket
  /// Bits that must be zero (or one) are not.
  case badFlags
  /// The length takes more than four bytes, or does not fit what is inside.
  case badLength
  /// Larger than `MQTTReader.packetLimit`, or than the largest payload taken.
  case tooLarge
  case badQoS
  /// Empty, or with a wildcard where none may be.
  case badTopic
  case badFilter
  /// Not UTF-8, or with a zero in it.
  case badText
  case badPacketID
  case badCode
  /// The first packet is not for a protocol named MQTT.
  case badProtocol
  /// MQTT, but not 3.1.1; a server answers this with code 1.
  case unsupportedVersion

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .unknownPacket: "mqtt.unknown-packet"
    case .badFlags: "mqtt.bad-flags"
    case .badLength: "mqtt.bad-length"
    case .tooLarge: "mqtt.too-large"
    case .badQoS: "mqtt.bad-qos"
    case .badTopic: "mqtt.bad-topic"
    case .badFilter: "mqtt.bad-filter"
    case .badText: "mqtt.bad-text"
    case .badPacketID: "mqtt.bad-packet-id"
    case .badCode: "mqtt.bad-code"
    case .badProtocol: "mqtt.bad-protocol"
    case .unsupportedVersion: "mqtt.unsupported-version"
    }
  }
}
