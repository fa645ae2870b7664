import HubHost
import World

/// A hub where it stands, with what the factory has written onto it.
public final class HubSite {
  public let name: String
  public let farm: String
  /// Whose it is by the cloud's record; nobody's between two owners.
  public internal(set) var owningFarm: String?
  public let host: any Host
  public let hub: HubHost
  public let id: String
  public let secret: String
  /// On the sticker at its bottom.
  public let claimCode: String
  /// As it comes out of its box: nobody has claimed it, and it knows no network.
  public let isBoxed: Bool
  public private(set) var isOn = false
  public var onChange: (() -> Void)?

  public init(
    name: String, farm: String, host: any Host, settings: HubHost.Settings, claimCode: String,
    isBoxed: Bool = false, flash: NORFlash = NORFlash()
  ) {
    self.isBoxed = isBoxed
    self.name = name
    self.farm = farm
    owningFarm = farm
    self.host = host
    self.claimCode = claimCode
    id = settings.hubID
    secret = settings.secret
    hub = HubHost(host: host, settings: settings, flash: flash)
    hub.onChange = { [weak self] in self?.onChange?() }
  }

  public func powerOn() {
    guard !isOn else { return }
    isOn = true
    hub.powerOn()
    onChange?()
  }

  /// The power was gone for a moment, while the hub did something with its flash.
  public func comeBack(after reason: BootReason) {
    guard isOn else { return }
    hub.powerOn(reason: reason)
    onChange?()
  }

  public func powerOff() {
    guard isOn else { return }
    isOn = false
    hub.powerOff()
    onChange?()
  }
}
