/// A WiFi radio as the host on it sees it.
public protocol Radio: AnyObject {
  var state: RadioState { get }
  /// In dBm, below zero; 0 when not joined.
  var signal: Int { get }
  /// Leaves what was joined before and begins to join a network.
  func join(_ credentials: WiFiCredentials)
  /// Called on every change of `state`, and when the host has got another address.
  var onChange: (() -> Void)? { get set }

  /// Looks for networks, which takes seconds; `completion` hears of them, the strongest first. A scan
  /// that is asked for while another goes on takes its place.
  func scan(_ completion: @escaping ([FoundNetwork]) -> Void)

  /// Opens a network of the host's own, without a key, or closes it (nil). The host is 192.168.4.1
  /// there and hands out addresses.
  func openOwnNetwork(_ name: String?)
}

/// Where a radio stands.
public enum RadioState: Equatable, Sendable {
  case off, joining, joined, noAccessPoint, wrongKey, lost
}

/// How a WiFi network guards itself.
public enum WiFiSecurity: UInt8, CaseIterable, Sendable {
  case open = 0
  case wpa2 = 1
  case wpa3 = 2
  /// WPA2 with a user name and password of one's own.
  case enterprise = 3
}

/// A network's name and what opens it.
public struct WiFiCredentials: Hashable, Sendable {
  public var name: String
  public var security: WiFiSecurity
  public var key: String
  /// For `.enterprise`.
  public var user: String

  /// Without a security, a network is open if there is no key for it.
  public init(name: String, security: WiFiSecurity? = nil, key: String = "", user: String = "") {
    self.name = name
    self.security = security ?? (key.isEmpty ? .open : .wpa2)
    self.key = key
    self.user = user
  }
}

/// A network that a scan has found.
public struct FoundNetwork: Hashable, Sendable {
  public var name: String
  public var security: WiFiSecurity
  /// In dBm, below zero.
  public var signal: Int

  public init(name: String, security: WiFiSecurity, signal: Int) {
    self.name = name
    self.security = security
    self.signal = signal
  }
}
