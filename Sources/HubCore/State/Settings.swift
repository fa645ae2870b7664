// What the factory and a person left in the flash, read once when the hub starts.

import Wire

/// A setting without which the hub cannot work.
enum SettingName {
  case hubID, hubSecret, cloudURL, wifiName, wifiKey

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
    let factory = Factory(board)
    guard factory.read(.hubID, into: &hubID).isFound else { return .hubID }
    guard factory.read(.hubSecret, into: &secret).isFound else { return .hubSecret }
    guard factory.read(.cloudURL, into: &cloudURL).isFound, findCloud() else { return .cloudURL }
    guard factory.read(.wifiName, into: &wifi.name).isFound else { return .wifiName }
    // An open network has no key.
    switch factory.read(.wifiKey, into: &wifi.key) {
    case .found, .missing: break
    case .damaged, .tooLong: return .wifiKey
    }
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
