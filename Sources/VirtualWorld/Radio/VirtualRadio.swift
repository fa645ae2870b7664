import World

/// The WiFi radio of a virtual host.
///
///     off ──join──▶ joining ──0.5 to 2 s──▶ joined ──access point gone──▶ lost
///                      │
///                      ├── nobody of that name on the air, after 2 s ──▶ noAccessPoint
///                      └── the key is another, after 1 s ──▶ wrongKey
///
/// It never joins again by itself: that is the firmware's work. Streams outlive a short absence.
public final class VirtualRadio: EventTarget, Radio {
  public private(set) var state = RadioState.off
  public var onChange: (() -> Void)?
  /// How strongly the access point is heard here, in dBm.
  public var strength = -52

  public let network: WiFiNetwork
  /// nil before the host goes; a weak reference would slow down every use of the host.
  private unowned(unsafe) var host: VirtualHost?
  private var attempt: UInt32 = 0
  private var outcome = RadioState.joined

  init(host: VirtualHost, network: WiFiNetwork) {
    self.host = host
    self.network = network
    super.init()
    network.add(self)
  }

  public var signal: Int { state == .joined ? strength : 0 }

  /// Whether the access point is on the air, for everyone in its reach.
  public var accessPointIsUp: Bool {
    get { network.isUp }
    set { network.isUp = newValue }
  }

  public func join(network name: String, key: String) {
    guard let host, host.isOn else { return }
    attempt &+= 1
    let delay: Interval
    if !network.isUp || name != network.name {
      outcome = .noAccessPoint
      delay = .seconds(2)
    } else if key != network.key {
      outcome = .wrongKey
      delay = .seconds(1)
    } else {
      outcome = .joined
      delay = .milliseconds(500 + Int64(host.chance("wifi.join", below: 1_501)))
    }
    host.engine.plan(.radio, for: self, at: host.engine.now &+ delay.nanoseconds, attempt)
    // Nobody is told: whoever asked to join knows.
    state = .joining
    host.updateAttachment()
  }

  /// The access point throws this radio off, or cannot be heard any more.
  public func deauthenticate() {
    guard state == .joined else { return }
    change(to: .lost)
  }

  override func happen(_ kind: EventKind, _ number: UInt32) -> Bool {
    guard number == attempt, state == .joining else { return false }
    if outcome == .joined, !network.isUp { outcome = .noAccessPoint }
    change(to: outcome)
    return true
  }

  override var isForgettable: Bool { state != .joining }

  private func change(to state: RadioState) {
    self.state = state
    host?.engine.mark(.radio, host?.identity ?? 0, state == .joined ? 1 : 0)
    host?.updateAttachment()
    onChange?()
  }

  /// The host has lost its power.
  func switchOff() {
    attempt &+= 1
    state = .off
    onChange = nil
  }

  /// The host gets another radio, or the world ends.
  func remove() {
    switchOff()
    host = nil
    network.remove(self)
  }
}
