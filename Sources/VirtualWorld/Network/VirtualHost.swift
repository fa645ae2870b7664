import World

/// One machine of a virtual world.
public final class VirtualHost: PowerSwitch, AddressSwitch {
  public let name: String
  public private(set) var address: String
  public private(set) var segment: Segment
  /// Its wire, or its radio link.
  public let link: VirtualLink
  /// How far its clock is wrong; positive is fast.
  public var clockOffsetMilliseconds: Int64 = 0
  /// Takes streams, but never goes on with the handshake of TLS.
  public var stallsHandshakes = false
  /// Shown in place of every certificate that its ports have; nil is what they have.
  public var shownCertificate: ServerIdentity?
  /// nil unless the host was added with a WiFi network.
  public private(set) var wifi: VirtualRadio?
  /// nil unless one was installed.
  public private(set) var blue: VirtualBluetooth?

  let engine: Engine
  private(set) var farm: VirtualFarm?
  let identity: UInt32
  /// Counts the lives of what runs here; timers of an earlier life mean nothing.
  private(set) var process: UInt32 = 0
  /// Whether the machine has power.
  public private(set) var isOn = true

  /// The name that no other host of the world has.
  let qualifiedName: String
  /// Where it belongs, and where it was last on networks that its radio has taken it to.
  private let home: Segment
  private var leases: [String: String] = [:]
  private var chance: ChanceStream
  private var entropy: ChanceStream
  private var listeners: [VirtualListener] = []
  private var sockets: [VirtualDatagrams] = []
  private var nextFreePort: UInt16 = 49_152

  init(
    name: String, address: String, segment: Segment, farm: VirtualFarm?, identity: UInt32,
    engine: Engine
  ) {
    self.name = name
    self.address = address
    self.segment = segment
    home = segment
    self.farm = farm
    self.identity = identity
    self.engine = engine
    let qualified = AddressBook.key(name, on: segment)
    qualifiedName = qualified
    let latency: Interval = farm == nil ? .milliseconds(10) : .milliseconds(1)
    link = VirtualLink(name: qualified, latency: latency, engine: engine)
    chance = ChanceStream(seed: engine.seed, name: qualified)
    // Apart from the choices, so that one more or one less of them does not change every key.
    entropy = ChanceStream(seed: engine.seed, name: "entropy:" + qualified)
  }

  public var trace: Trace { engine.trace }
  public var now: Instant { Instant(nanoseconds: engine.now) }
  public var wallMilliseconds: Int64 {
    engine.startWallMilliseconds + engine.now / 1_000_000 + clockOffsetMilliseconds
  }
  public var radio: (any Radio)? { wifi }
  public var bluetooth: (any Bluetooth)? { blue }

  public func chance(_ label: StaticString, below bound: UInt64) -> UInt64 {
    engine.choose(label, below: bound, by: qualifiedName, from: &chance)
  }

  public func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      var word: UInt64 = 0
      for index in 0..<count {
        if index % 8 == 0 { word = entropy.next() }
        buffer[index] = UInt8(truncatingIfNeeded: word)
        word >>= 8
      }
      initializedCount = count
    }
  }

  @discardableResult
  public func after(_ delay: Interval, _ action: @escaping () -> Void) -> any Timer {
    let timer = VirtualTimer(engine: engine, host: self, action: action)
    guard isOn else {
      timer.cancel()
      return timer
    }
    engine.plan(.timer, for: timer, at: engine.now &+ max(delay.nanoseconds, 0))
    return timer
  }

  // MARK: Network

  public func address(on network: HostNetwork) -> String? {
    switch network {
    case .joined: link.isAttached ? address : nil
    case .own: gate?.address
    }
  }

  public func listen(
    port: UInt16, network: HostNetwork, security: ServerSecurity,
    accept: @escaping (any Stream) -> Void
  ) throws(NetworkFailure) -> any Listener {
    if network == .own {
      guard let gate else { throw .unreachable }
      return try gate.listen(port: port, network: .joined, security: security, accept: accept)
    }
    guard isOn else { throw .unreachable }
    let number = port == 0 ? takeFreePort { self.listener(on: $0) == nil } : port
    guard listener(on: number) == nil else { throw .addressInUse }
    let listener = VirtualListener(
      port: number, security: security, madeAt: wallMilliseconds, host: self, accept: accept)
    listeners.append(listener)
    return listener
  }

  public func connect(
    to name: String, port: UInt16, security: ClientSecurity, handler: any StreamHandler
  ) -> any Stream {
    let stream = VirtualStream(engine: engine, host: self)
    stream.handler = handler
    stream.connect(to: name, port: port, security: security)
    return stream
  }

  public func openDatagrams(
    port: UInt16, network: HostNetwork
  ) throws(NetworkFailure) -> any Datagrams {
    if network == .own {
      guard let gate else { throw .unreachable }
      return try gate.openDatagrams(port: port, network: .joined)
    }
    guard isOn else { throw .unreachable }
    let number = port == 0 ? takeFreePort { self.socket(on: $0) == nil } : port
    guard socket(on: number) == nil else { throw .addressInUse }
    let socket = VirtualDatagrams(port: number, host: self)
    sockets.append(socket)
    return socket
  }

  private func takeFreePort(where isFree: (UInt16) -> Bool) -> UInt16 {
    while !isFree(nextFreePort) { stepFreePort() }
    defer { stepFreePort() }
    return nextFreePort
  }

  private func stepFreePort() {
    nextFreePort = nextFreePort == .max ? 49_152 : nextFreePort + 1
  }

  func socket(on port: UInt16) -> VirtualDatagrams? {
    for socket in sockets where socket.port == port { return socket }
    return nil
  }

  func remove(_ socket: VirtualDatagrams) { sockets.removeAll { $0 === socket } }

  func listener(on port: UInt16) -> VirtualListener? {
    for listener in listeners where listener.port == port { return listener }
    return nil
  }

  func remove(_ listener: VirtualListener) { listeners.removeAll { $0 === listener } }

  // MARK: Faults

  /// The process on this machine dies: its streams are reset, its ports closed, its timers gone.
  /// The machine stays on the network; what starts next on it starts from nothing.
  public func crash() {
    engine.mark(.change, identity, 1)
    gate?.crash()
    endProcess()
    for stream in engine.streams(of: self) { stream.reset() }
    engine.sweep()
  }

  /// Something on the way breaks every stream of this machine off; both ends hear of it.
  public func breakStreams() {
    engine.mark(.change, identity, 7)
    for stream in engine.streams(of: self) { stream.reset() }
    engine.sweep()
  }

  /// The machine loses its power: it sends nothing more, not even a farewell. Those who talked to it
  /// learn nothing until they wait for an answer in vain.
  public func vanish() {
    guard isOn else { return }
    engine.mark(.change, identity, 2)
    isOn = false
    endProcess()
    for stream in engine.streams(of: self) { stream.vanish() }
    wifi?.switchOff()
    blue?.switchOff()
    updateAttachment()
    engine.sweep()
  }

  /// The machine has power again. It answers packets for streams of its former life with a reset.
  public func comeBack() {
    guard !isOn else { return }
    engine.mark(.change, identity, 3)
    isOn = true
    updateAttachment()
  }

  private func endProcess() {
    process += 1
    let closing = listeners
    listeners = []
    for listener in closing { listener.vanish() }
    closeSockets()
    wifi?.onChange = nil
    blue?.endProcess()
  }

  private func closeSockets() {
    let closing = sockets
    sockets = []
    for socket in closing { socket.vanish() }
  }

  // MARK: Radio

  /// Gives the host a radio in reach of `network`; from then on it is on the network only while the
  /// radio is joined.
  @discardableResult
  public func installRadio(in network: WiFiNetwork) -> VirtualRadio {
    let radio = VirtualRadio(host: self, network: network)
    wifi?.remove()
    wifi = radio
    updateAttachment()
    return radio
  }

  /// The host's streams are lost: it knows that itself, the far ends do not.
  public func takeNewAddress() {
    engine.mark(.change, identity, 5)
    settle(on: segment, farm, at: engine.freeAddress(on: farm))
    wifi?.onChange?()
  }

  /// Its radio has joined a network; nil means that of the farm where the host belongs.
  func move(to network: Segment?) {
    let target = network ?? home
    guard target != segment else { return }
    engine.mark(.change, identity, 6)
    leases[AddressBook.key("", on: segment)] = address
    var farm: VirtualFarm?
    if case .farm(let name) = target { farm = engine.farm(name) }
    let known = leases[AddressBook.key("", on: target)]
    settle(on: target, farm, at: known ?? engine.freeAddress(on: farm))
  }

  private func settle(on segment: Segment, _ farm: VirtualFarm?, at address: String) {
    for connection in engine.connections { connection.loses(self) }
    engine.addresses.remove(self)
    self.farm?.hosts.removeAll { $0 === self }
    self.segment = segment
    self.farm = farm
    self.address = address
    farm?.hosts.append(self)
    engine.addresses.insert(self)
  }

  /// Gives the host a Bluetooth radio. Those at the same place hear each other.
  @discardableResult
  public func installBluetooth() -> VirtualBluetooth {
    if let blue { return blue }
    let radio = VirtualBluetooth(host: self)
    blue = radio
    engine.bluetooth.append(radio)
    return radio
  }

  func updateAttachment() {
    link.isAttached = isOn && (wifi?.state ?? .joined) == .joined
  }

  func dismantle() {
    process += 1
    isOn = false
    for listener in listeners { listener.vanish() }
    listeners = []
    closeSockets()
    wifi?.remove()
    wifi = nil
    blue?.remove()
    blue = nil
  }
}
