import World

/// The Bluetooth radio of a virtual host.
///
/// Radios at the same place hear each other, unless one is out of reach. A connection whose ends do
/// not hear each other any more is over for both after four seconds.
public final class VirtualBluetooth: Bluetooth {
  public var onEvent: ((BluetoothEvent) -> Void)?
  /// As radios know each other.
  public let address: String
  /// Who is near: the farm's name, unless it is changed.
  public var place: String
  /// Whether anybody can hear it, and it them.
  public var isInReach = true {
    didSet { for link in links + calls { link.reachChanged() } }
  }
  /// In dBm, as others hear it.
  public var strength = -60
  /// How many bytes one write or notification carries at most, 20 to 512.
  public var payloadLimit = 244
  /// How many centrals can be connected at once.
  public var connectionLimit = 3

  let engine: Engine
  /// nil before the host goes.
  private(set) unowned(unsafe) var host: VirtualHost?
  private var advertisement: BluetoothAdvertisement?
  /// Connections to this peripheral.
  private(set) var links: [VirtualBluetoothLink] = []
  /// Connections from this central.
  private var calls: [VirtualBluetoothLink] = []
  private var nextConnection: UInt16 = 1
  private var scanNumber = 0

  static let valueLimit = 512

  init(host: VirtualHost) {
    self.host = host
    engine = host.engine
    place = host.farm?.name ?? ""
    let number = [24, 16, 8, 0].map { shift in
      let byte = UInt8(truncatingIfNeeded: host.identity >> UInt32(shift))
      return (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    address = (["C0", "DE"] + number).joined(separator: ":")
  }

  private var isOn: Bool { host?.isOn ?? false }

  func hears(_ other: VirtualBluetooth) -> Bool {
    isOn && other.isOn && isInReach && other.isInReach && place == other.place
  }

  // MARK: Peripheral

  public func advertise(_ advertisement: BluetoothAdvertisement?) {
    guard isOn else { return }
    self.advertisement = advertisement
    mark(advertisement == nil ? 1 : 2)
    if advertisement == nil { for link in links { link.endByPeripheral() } }
  }

  @discardableResult
  public func setValue(
    _ bytes: [UInt8], of characteristic: UInt8, for connection: UInt16, notify: Bool
  ) -> Bool {
    guard let link = links.first(where: { $0.number == connection }) else { return false }
    return link.setValue(bytes, of: characteristic, notify: notify)
  }

  public func disconnect(_ connection: UInt16) {
    links.first { $0.number == connection }?.endByPeripheral()
  }

  /// A central comes; answers why it cannot have a connection.
  func welcome(_ link: VirtualBluetoothLink) -> BluetoothFailure? {
    guard advertisement != nil else { return .notFound }
    guard links.count < connectionLimit else { return .busy }
    link.number = nextConnection
    nextConnection = nextConnection == .max ? 1 : nextConnection + 1
    links.append(link)
    tell(.connected(link.number))
    return nil
  }

  func tell(_ event: BluetoothEvent) {
    mark(3)
    onEvent?(event)
  }

  // MARK: Central

  public func scan(for time: Interval, _ completion: @escaping ([FoundPeripheral]) -> Void) {
    scanNumber += 1
    let number = scanNumber
    later(time.nanoseconds) { [unowned self] in
      guard number == scanNumber, isOn else { return }
      var found: [FoundPeripheral] = []
      for other in engine.bluetooth where other !== self && hears(other) {
        guard let advertisement = other.advertisement else { continue }
        found.append(
          FoundPeripheral(
            address: other.address, advertisement: advertisement, signal: other.strength))
      }
      completion(found.sorted { $0.signal > $1.signal })
    }
  }

  public func connect(to address: String) -> any BluetoothLink {
    let link = VirtualBluetoothLink(
      central: self, peripheral: engine.bluetooth.first { $0.address == address })
    calls.append(link)
    link.begin()
    return link
  }

  func chance(_ label: StaticString, below bound: UInt64) -> UInt64 {
    host?.chance(label, below: bound) ?? 0
  }

  // MARK: Both

  /// A connection is over at this end.
  func remove(_ link: VirtualBluetoothLink) {
    links.removeAll { $0 === link }
    calls.removeAll { $0 === link }
  }

  /// Runs on the world's clock, whatever becomes of the host.
  func later(_ delay: Int64, _ action: @escaping () -> Void) {
    engine.plan(
      .timer, for: VirtualTimer(engine: engine, host: nil, action: action),
      at: engine.now + delay)
  }

  func mark(_ what: Int) { engine.mark(.bluetooth, host?.identity ?? 0, what) }

  /// What ran on the host is gone, with all that it held.
  func endProcess() {
    onEvent = nil
    advertisement = nil
    scanNumber += 1
    for link in links { link.peripheralFallsSilent() }
    for link in calls { link.centralFallsSilent() }
    links = []
    calls = []
  }

  func switchOff() { endProcess() }

  func remove() {
    endProcess()
    host = nil
  }
}
