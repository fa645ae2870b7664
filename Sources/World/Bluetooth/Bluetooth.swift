// Bluetooth Low Energy, as far as a hub and a phone need it: one service, whose characteristics have
// numbers. A host may be a peripheral, which advertises and is connected to, or a central, which looks
// for peripherals and connects; or both.

/// A Bluetooth radio as the host on it sees it.
public protocol Bluetooth: AnyObject {
  /// Who hears what centrals do to this peripheral.
  var onEvent: ((BluetoothEvent) -> Void)? { get set }
  /// Lets centrals find and connect; nil ends that, and every connection.
  func advertise(_ advertisement: BluetoothAdvertisement?)
  /// What a read of a characteristic answers to this central from now on; with `notify` it is also
  /// sent to it if it has subscribed, cut to what one notification holds. Answers false, and does
  /// nothing, if there is no such connection, the value has more than 512 bytes, or too many
  /// notifications are still on their way.
  @discardableResult
  func setValue(
    _ bytes: [UInt8], of characteristic: UInt8, for connection: UInt16, notify: Bool
  ) -> Bool
  func disconnect(_ connection: UInt16)

  /// Looks around for a while; `completion` hears of every peripheral in reach, the strongest first.
  func scan(for time: Interval, _ completion: @escaping ([FoundPeripheral]) -> Void)
  /// Begins to connect to a peripheral that a scan has found; the link's handler hears more.
  func connect(to address: String) -> any BluetoothLink
}

/// A central's connection to a peripheral. At most one request is under way; others wait their turn.
public protocol BluetoothLink: AnyObject {
  var onEvent: ((BluetoothLinkEvent) -> Void)? { get set }
  /// How many bytes one write or one notification carries: 20 to 512.
  var payloadLimit: Int { get }

  /// Reads a whole value, up to 512 bytes.
  func read(
    _ characteristic: UInt8, _ completion: @escaping (Result<[UInt8], BluetoothFailure>) -> Void)
  /// Writes at most `payloadLimit` bytes, and hears when they have come.
  func write(
    _ bytes: [UInt8], to characteristic: UInt8,
    _ completion: @escaping (Result<Void, BluetoothFailure>) -> Void)
  /// Asks for notifications of a characteristic, or for no more of them.
  func subscribe(
    _ isWanted: Bool, to characteristic: UInt8,
    _ completion: @escaping (Result<Void, BluetoothFailure>) -> Void)
  func disconnect()
}

/// What a peripheral tells everyone in reach.
public struct BluetoothAdvertisement: Hashable, Sendable {
  public var name: String
  /// The data of its service.
  public var data: [UInt8]

  public init(name: String, data: [UInt8]) {
    self.name = name
    self.data = data
  }
}

/// A peripheral that a scan has found.
public struct FoundPeripheral: Hashable, Sendable {
  public var address: String
  public var advertisement: BluetoothAdvertisement
  /// In dBm, below zero.
  public var signal: Int

  public init(address: String, advertisement: BluetoothAdvertisement, signal: Int) {
    self.address = address
    self.advertisement = advertisement
    self.signal = signal
  }
}

/// What a central has done to a peripheral.
public enum BluetoothEvent: Equatable, Sendable {
  case connected(UInt16)
  case disconnected(UInt16)
  case written(UInt16, characteristic: UInt8, [UInt8])
  case subscribed(UInt16, characteristic: UInt8)
  case unsubscribed(UInt16, characteristic: UInt8)
}

/// What a central hears of its link.
public enum BluetoothLinkEvent: Equatable, Sendable {
  case connected
  case notified(characteristic: UInt8, [UInt8])
  /// The link is over. Nothing more is heard of it.
  case disconnected(BluetoothFailure)
}

/// Why a link ended, or a request of a central's failed.
public enum BluetoothFailure: Error, Equatable, Sendable {
  /// Nobody of that address is in reach and advertises.
  case notFound
  /// The peripheral has as many connections as it can.
  case busy
  /// The far end has ended the link.
  case ended
  /// The far end was not heard any more.
  case outOfReach
  /// More bytes than one write carries.
  case tooLong
  /// This end has ended the link, or lost its power.
  case closed

  /// Stable, for logs and scenarios.
  public var name: String {
    switch self {
    case .notFound: "not-found"
    case .busy: "busy"
    case .ended: "ended"
    case .outOfReach: "out-of-reach"
    case .tooLong: "too-long"
    case .closed: "closed"
    }
  }
}
