// What the factory, a person and the cloud have told the hub. What a person said goes before what
// the factory wrote; who the hub is, only the factory says.

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

/// All settings but the printers', which stand in their slots. The secret never leaves this struct
/// but into a signature.
struct Settings: ~Copyable {
  private let pinned = Pinned()
  private(set) var hubID = HubID()
  private(set) var secret = HubSecret()
  private(set) var wifi = WiFiCredentials()
  /// What the cloud must see once, to know whose the hub is.
  private(set) var claimToken = ClaimToken()
  private(set) var cloud = CloudAddress()
  /// Whether an authority of one's own is to be believed, instead of those that the board holds.
  private(set) var hasAuthority = false
  /// What the factory wrote has a bit that is not what it was.
  private(set) var factoryIsRepaired = false

  /// Where the cloud is, taken from its URL.
  struct CloudAddress {
    var host = Address()
    var port: UInt16 = 0
    var trust = Connection.Trust.cloud
    /// What stands in the URL after the host, without a slash at its end.
    var path = Address()
  }

  private static let textVersion: UInt8 = 1

  init() {}

  // ------------------------------------------------------------------------------------ reading

  /// Reads everything anew; answers the first setting that is missing or of no use.
  mutating func read(from board: Board, _ store: inout Store) -> SettingName? {
    let factory = Factory(board)
    factoryIsRepaired = factory.isRepaired
    guard factory.read(.hubID, into: &hubID).isFound else { return .hubID }
    guard factory.read(.hubSecret, into: &secret).isFound else { return .hubSecret }
    guard readCloudURL(factory, &store) else { return .cloudURL }
    hasAuthority = store.has(.cloudAuthority)
    if !Self.read(.claimToken, from: &store, into: &claimToken) { claimToken.removeAll() }
    return readWiFi(board, factory, &store)
  }

  private mutating func readCloudURL(_ factory: Factory, _ store: inout Store) -> Bool {
    var url = CloudURL()
    if Self.read(.cloudURL, from: &store, into: &url), findCloud(url) { return true }
    guard factory.read(.cloudURL, into: &url).isFound else { return false }
    return findCloud(url)
  }

  private mutating func readWiFi(
    _ board: Board, _ factory: Factory, _ store: inout Store
  ) -> SettingName? {
    var record = SettingRecord()
    if store.read(.wifi, into: &record).isFound {
      if wifi.take(record) {
        if record.span[0] != WiFiCredentials.version { _ = keepWiFi(board, &store) }
        return nil
      }
      board.log(.warning) { $0.put("settings: the network in the store cannot be read") }
    }
    guard factory.read(.wifiName, into: &wifi.name).isFound else { return .wifiName }
    // An open network has no key.
    switch factory.read(.wifiKey, into: &wifi.key) {
    case .found, .missing: break
    case .damaged, .tooLong: return .wifiKey
    }
    wifi.security = wifi.key.isEmpty ? .open : .wpa2
    return nil
  }

  private static func read<let capacity: Int>(
    _ key: StoreKey, from store: inout Store, into text: inout Text<capacity>
  ) -> Bool {
    var record = SettingRecord()
    guard store.read(key, into: &record).isFound, record.count > 1,
      record.span[0] == textVersion
    else { return false }
    return text.set(record.span.extracting(1..<record.count))
  }

  // ------------------------------------------------------------------------------------ keeping

  /// Keeps a network that was joined.
  mutating func keep(
    wifi credentials: borrowing WiFiCredentials, _ board: Board, _ store: inout Store
  ) {
    wifi.set(credentials)
    _ = keepWiFi(board, &store)
  }

  private func keepWiFi(_ board: Board, _ store: inout Store) -> Bool {
    var record = SettingRecord()
    record.write { wifi.write(into: &$0) }
    return Self.keep(.wifi, record.span, board, &store)
  }

  mutating func keep(claimToken token: ClaimToken, _ board: Board, _ store: inout Store) {
    claimToken = token
    Self.keep(.claimToken, text: token.span, board, &store)
  }

  mutating func forgetClaimToken(_ board: Board, _ store: inout Store) {
    claimToken.removeAll()
    Self.forget(.claimToken, board, &store)
  }

  /// False, with nothing changed, when it is no address of a cloud.
  mutating func keep(cloudURL url: CloudURL, _ board: Board, _ store: inout Store) -> Bool {
    let before = cloud
    guard findCloud(url) else {
      cloud = before
      return false
    }
    Self.keep(.cloudURL, text: url.span, board, &store)
    return true
  }

  /// Keeps an authority of one's own, or with an empty text believes the board's again. False when
  /// it is no certificate.
  mutating func keep(authority: Span<UInt8>, _ board: Board, _ store: inout Store) -> Bool {
    guard !authority.isEmpty else {
      hasAuthority = false
      Self.forget(.cloudAuthority, board, &store)
      return true
    }
    guard Self.isCertificate(authority) else { return false }
    do throws(StoreError) { try store.write(.cloudAuthority, authority) } catch {
      Self.complain(.cloudAuthority, error, board)
      return false
    }
    hasAuthority = true
    return true
  }

  private static func isCertificate(_ text: Span<UInt8>) -> Bool {
    let beginning: StaticString = "-----BEGIN CERTIFICATE-----"
    return text.count > beginning.utf8CodeUnitCount && text.count <= Limits.authority
      && equals(text.extracting(first: beginning.utf8CodeUnitCount), beginning)
  }

  @discardableResult
  static func keep(
    _ key: StoreKey, _ bytes: Span<UInt8>, _ board: Board, _ store: inout Store
  ) -> Bool {
    do throws(StoreError) {
      try store.write(key, bytes)
      return true
    } catch {
      complain(key, error, board)
      return false
    }
  }

  private static func keep(
    _ key: StoreKey, text: Span<UInt8>, _ board: Board, _ store: inout Store
  ) {
    var record = SettingRecord()
    record.write {
      $0.put(textVersion)
      $0.put(text)
    }
    keep(key, record.span, board, &store)
  }

  static func forget(_ key: StoreKey, _ board: Board, _ store: inout Store) {
    do throws(StoreError) { try store.remove(key) } catch { complain(key, error, board) }
  }

  /// The hub goes on with what it was told, until it loses its power.
  private static func complain(_ key: StoreKey, _ error: StoreError, _ board: Board) {
    board.log(.error) {
      $0.put("settings: could not keep ")
      $0.put(key.name)
      $0.put(": ")
      $0.put(error.name)
    }
  }

  private mutating func findCloud(_ url: borrowing CloudURL) -> Bool {
    guard let parts = URLParts(url.span) else { return false }
    let bytes = url.span
    guard cloud.host.set(bytes.extracting(parts.host)) else { return false }
    var end = parts.target.upperBound
    while end > parts.target.lowerBound, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
    guard cloud.path.set(bytes.extracting(parts.target.lowerBound..<end)) else { return false }
    cloud.port = parts.port
    cloud.trust = parts.isSecure ? .cloud : .plain
    return true
  }
}
