/// An access point: a network's name and key, and whether it is on the air.
public final class WiFiNetwork {
  public let name: String
  public var key: String
  /// Whether it is on the air. Those who were joined are thrown off when it goes.
  public var isUp = true {
    didSet {
      guard isUp != oldValue, !isUp else { return }
      for radio in radios { radio.deauthenticate() }
    }
  }

  private(set) var radios: [VirtualRadio] = []

  public init(name: String, key: String) {
    self.name = name
    self.key = key
  }

  func add(_ radio: VirtualRadio) { radios.append(radio) }
  func remove(_ radio: VirtualRadio) { radios.removeAll { $0 === radio } }
}
