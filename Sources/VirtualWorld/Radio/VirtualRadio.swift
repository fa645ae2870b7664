import World

/// The WiFi radio of a virtual host.
///
///     off ──join──▶ joining ──0.5 to 2 s──▶ joined ──access point gone──▶ lost
///                      │
///                      ├── nobody of that name on the air, after 2 s ──▶ noAccessPoint
///                      └── the key is another, after 1 s ──▶ wrongKey
///
/// It never joins again by itself: that is the firmware's work. Streams outlive a short absence, but
/// not another address.
public final class VirtualRadio: EventTarget, Radio {
  public private(set) var state = RadioState.off
  public var onChange: (() -> Void)?
  /// How strongly the access point of `network` is heard here, in dBm. Below -70 ever more gets lost
  /// and late; below -90 there is nothing to be heard.
  public var strength = VirtualRadio.ordinaryStrength {
    didSet { strengthChanged() }
  }
  /// Whose networks are heard here beside `network`: the farm's name, unless it is changed.
  public var place: String

  public let network: WiFiNetwork
  /// nil before the host goes; a weak reference would slow down every use of the host.
  private(set) unowned(unsafe) var host: VirtualHost?
  /// The network that is joined.
  public private(set) var joined: WiFiNetwork?
  private var wanted: WiFiNetwork?
  private var attempt: UInt32 = 0
  private var outcome = RadioState.joined
  private var scanTimer: (any Timer)?
  var ownNetwork: OwnNetwork?

  public static let ordinaryStrength = -52
  /// Where it is too weak to be heard.
  static let weakest = -90
  private static let scanTime = Interval.milliseconds(2_500)
  private static let foundLimit = 20

  init(host: VirtualHost, network: WiFiNetwork) {
    self.host = host
    self.network = network
    place = host.farm?.name ?? ""
    super.init()
  }

  public var signal: Int { state == .joined ? joined.map(strength) ?? 0 : 0 }

  /// Whether the access point is on the air, for everyone in its reach.
  public var accessPointIsUp: Bool {
    get { network.isUp }
    set { network.isUp = newValue }
  }

  public func join(_ credentials: WiFiCredentials) {
    guard let host, host.isOn else { return }
    attempt &+= 1
    leaveNetwork()
    wanted = audible().first { $0.name == credentials.name }
    let delay: Interval
    if let wanted {
      if let refusal = wanted.refusal(of: credentials) {
        (outcome, delay) = refusal
      } else {
        outcome = .joined
        delay =
          .milliseconds(500 + Int64(host.chance("wifi.join", below: 1_501))) + wanted.addressDelay
      }
    } else {
      outcome = .noAccessPoint
      delay = .seconds(2)
    }
    host.engine.plan(.radio, for: self, at: host.engine.now &+ delay.nanoseconds, attempt)
    // Nobody is told: whoever asked to join knows.
    state = .joining
    host.updateAttachment()
  }

  public func scan(_ completion: @escaping ([FoundNetwork]) -> Void) {
    scanTimer?.cancel()
    scanTimer = host?.after(Self.scanTime) { [unowned self] in
      scanTimer = nil
      let found = audible().map {
        FoundNetwork(name: $0.name, security: $0.security, signal: strength(of: $0))
      }
      completion(Array(found.prefix(Self.foundLimit)))
    }
  }

  /// What is on the air here, the strongest first.
  private func audible() -> [WiFiNetwork] {
    guard let host else { return [] }
    var networks = [network]
    for heard in host.engine.air where heard.place == place && heard.network !== network {
      if heard.network !== ownNetwork?.network { networks.append(heard.network) }
    }
    networks.removeAll { !$0.isUp || strength(of: $0) < Self.weakest }
    // Sorting is stable: of two that are equally strong the older comes first.
    return networks.sorted { strength(of: $0) > strength(of: $1) }
  }

  private func strength(of network: WiFiNetwork) -> Int {
    network === self.network ? strength : network.strength
  }

  /// The access point throws this radio off, or cannot be heard any more.
  public func deauthenticate() {
    guard state == .joined else { return }
    leaveNetwork()
    change(to: .lost)
  }

  override func happen(_ kind: EventKind, _ number: UInt32) -> Bool {
    guard number == attempt, state == .joining, let host else { return false }
    if let wanted, outcome == .joined {
      if wanted.isUp, strength(of: wanted) >= Self.weakest {
        joined = wanted
        wanted.add(self)
        host.move(to: wanted.segment)
        strengthChanged()
      } else {
        outcome = .noAccessPoint
      }
    }
    change(to: outcome)
    return true
  }

  override var isForgettable: Bool { state != .joining }

  private func leaveNetwork() {
    joined?.remove(self)
    joined = nil
  }

  private func strengthChanged() {
    guard let host, let joined else { return }
    let strength = strength(of: joined)
    host.link.decibelsTooWeak = max(0, -70 - strength)
    if strength < Self.weakest { deauthenticate() }
  }

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
    scanTimer?.cancel()
    scanTimer = nil
    leaveNetwork()
    closeOwnNetwork()
  }

  /// The host gets another radio, or the world ends.
  func remove() {
    switchOff()
    host = nil
    ownNetwork = nil
  }
}
