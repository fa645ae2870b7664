// What the factory and a person left on the board, read once when the hub starts.

import Wire

/// A setting of the board. Its number is the board's.
enum SettingName: UInt8 {
  case hubID = 0
  case hubSecret = 1
  case cloudURL = 2
  case wifiName = 3
  case wifiKey = 4

  /// Stable, for the log.
  var name: StaticString {
    switch self {
    case .hubID: "hub id"
    case .hubSecret: "hub secret"
    case .cloudURL: "cloud address"
    case .wifiName: "WiFi name"
    case .wifiKey: "WiFi key"
    }
  }
}

/// All settings. The secret never leaves this struct but into a signature.
struct Settings: ~Copyable {
  private let pinned = Pinned()
  private(set) var hubID = HubID()
  private(set) var secret = HubSecret()
  private(set) var cloudURL = CloudURL()
  private(set) var wifi = WiFiCredentials()
  private(set) var cloud = CloudAddress()

  /// Where the cloud is, taken from its URL.
  struct CloudAddress {
    var host = Address()
    var port: UInt16 = 0
    var trust = Connection.Trust.cloud
    /// What stands in the URL after the host, without a slash at its end.
    var path = Address()
  }

  init() {}

  /// Reads everything anew; answers the first setting that is missing or of no use.
  mutating func read(from board: Board) -> SettingName? {
    guard board.read(.hubID, into: &hubID) == .found else { return .hubID }
    guard board.read(.hubSecret, into: &secret) == .found else { return .hubSecret }
    guard board.read(.cloudURL, into: &cloudURL) == .found, findCloud() else { return .cloudURL }
    guard board.read(.wifiName, into: &wifi.name) == .found else { return .wifiName }
    // An open network has no key.
    guard board.read(.wifiKey, into: &wifi.key) != .tooLong else { return .wifiKey }
    wifi.security = wifi.key.isEmpty ? .open : .wpa2
    return nil
  }

  private mutating func findCloud() -> Bool {
    guard let parts = URLParts(cloudURL.span) else { return false }
    let bytes = cloudURL.span
    guard cloud.host.set(bytes.extracting(parts.host)) else { return false }
    var end = parts.target.upperBound
    while end > parts.target.lowerBound, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
    guard cloud.path.set(bytes.extracting(parts.target.lowerBound..<end)) else { return false }
    cloud.port = parts.port
    cloud.trust = parts.isSecure ? .cloud : .plain
    return true
  }
}
