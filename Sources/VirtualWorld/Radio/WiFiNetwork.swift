import World

/// An access point: a network's name, how it guards itself, and whether it is on the air.
public final class WiFiNetwork {
  public let name: String
  public let security: WiFiSecurity
  public var key: String
  /// User names and passwords, for `.enterprise`.
  public var users: [String: String] = [:]
  /// Whether it is on the air. Those who were joined are thrown off when it goes.
  public var isUp = true {
    didSet {
      guard isUp != oldValue, !isUp else { return }
      for radio in members { radio.deauthenticate() }
    }
  }
  /// How much longer it takes than usual until somebody who joins has an address.
  public var addressDelay = Interval.zero
  /// In dBm, for radios that it is not home to.
  public var strength = -60

  /// Which network one is on after joining; nil: the radio's own host's.
  let segment: Segment?
  /// The radios that are joined.
  private(set) var members: [VirtualRadio] = []

  /// Without a security, it is open if there is no key.
  public convenience init(name: String, key: String, security: WiFiSecurity? = nil) {
    self.init(name: name, key: key, security: security, segment: nil)
  }

  init(name: String, key: String, security: WiFiSecurity?, segment: Segment?) {
    self.name = name
    self.key = key
    self.security = security ?? (key.isEmpty ? .open : .wpa2)
    self.segment = segment
  }

  func add(_ radio: VirtualRadio) { members.append(radio) }
  func remove(_ radio: VirtualRadio) { members.removeAll { $0 === radio } }

  /// What becomes of somebody who wants to join with these, and after how long; nil: they are let in.
  func refusal(of credentials: WiFiCredentials) -> (state: RadioState, delay: Interval)? {
    switch (security, credentials.security) {
    case (.open, .open): nil
    case (.open, _), (_, .open): (.wrongKey, .seconds(1))
    case (.enterprise, .enterprise):
      users[credentials.user] == credentials.key ? nil : (.wrongKey, .seconds(3))
    case (.wpa2, .wpa2), (.wpa3, .wpa3): credentials.key == key ? nil : (.wrongKey, .seconds(1))
    // To such a radio, there is no access point that it could use.
    default: (.noAccessPoint, .seconds(2))
    }
  }
}

/// A network that can be heard at a place by whoever has a radio there.
struct NetworkOnAir {
  let place: String
  let network: WiFiNetwork
}
