// A world in which time, network and chance are simulated.
//
// One thread; one heap of events, in the order (time, sequence). Nothing here reads a clock or asks
// the machine for luck: whatever happens follows from the seed and from what the actors do. Every
// event goes into the trace's hash, so that two runs are the same if their hashes are.

import World

/// A simulated network of hosts, with its own time.
public final class VirtualWorld: World {
  let engine: Engine

  /// `startWallMilliseconds` is what a right clock shows at the beginning.
  public init(seed: UInt64, startWallMilliseconds: Int64 = 1_767_225_600_000) {
    engine = Engine(seed: seed, startWallMilliseconds: startWallMilliseconds)
  }

  deinit { engine.dismantle() }

  public var trace: Trace { engine.trace }
  public var seed: UInt64 { engine.seed }
  public var now: Instant { Instant(nanoseconds: engine.now) }
  /// Milliseconds since 1970 by a right clock.
  public var wallMilliseconds: Int64 {
    engine.startWallMilliseconds + engine.now / 1_000_000
  }
  /// How much has happened so far.
  public var eventCount: UInt64 { engine.eventCount }
  /// Streams that are not over at both ends; a stream within the world counts once.
  public var streamCount: Int { engine.connections.count }

  // MARK: Hosts

  public func addHost(
    _ name: String, address: String?, on segment: Segment
  ) -> any Host {
    addVirtualHost(name, address: address, on: segment)
  }

  /// Adds a machine. With `wifi` it has a radio and is on the network only while that is joined.
  @discardableResult
  public func addVirtualHost(
    _ name: String, address: String? = nil, on segment: Segment, wifi: WiFiNetwork? = nil
  ) -> VirtualHost {
    let host = engine.addHost(name, address: address, on: segment)
    if let wifi { host.installRadio(in: wifi) }
    return host
  }

  public func host(named name: String, on segment: Segment) -> VirtualHost? {
    engine.addresses.find(name, on: segment)
  }

  /// The local network of that name; it begins to exist when first asked for.
  public func farm(_ name: String) -> VirtualFarm { engine.farm(name) }

  /// Puts an access point on the air that the radios at a place hear: those of the farm of that name,
  /// unless they were taken elsewhere. Who joins it is on a network of its own with a way to the
  /// internet, which is also a farm here, of the network's name.
  @discardableResult
  public func addNetwork(
    _ name: String, key: String = "", security: WiFiSecurity? = nil, at place: String
  ) -> WiFiNetwork {
    let network = WiFiNetwork(name: name, key: key, security: security, segment: .farm(name))
    engine.air.append(NetworkOnAir(place: place, network: network))
    return network
  }

  // MARK: Time

  /// Lets everything happen that is due by `end`, as long as `condition` holds; it is asked after
  /// every event. Answers whether the end was reached.
  @discardableResult
  public func run(until end: Instant, while condition: () -> Bool = { true }) -> Bool {
    guard condition() else { return false }
    while engine.step(notAfter: end.nanoseconds) {
      guard condition() else { return false }
    }
    if end != .never { engine.advance(to: end.nanoseconds) }
    return true
  }

  /// The same for the time from now on.
  @discardableResult
  public func run(for interval: Interval, while condition: () -> Bool = { true }) -> Bool {
    run(until: now + interval, while: condition)
  }

  /// Lets the next thing happen; answers false when nothing is planned any more.
  @discardableResult
  public func step() -> Bool { engine.step(notAfter: .max) }

  /// Runs `action` at a time, on behalf of no host.
  @discardableResult
  public func at(_ time: Instant, _ action: @escaping () -> Void) -> any Timer {
    let timer = VirtualTimer(engine: engine, host: nil, action: action)
    engine.plan(.timer, for: timer, at: time.nanoseconds)
    return timer
  }

  // MARK: Faults and luck

  /// Breaks every open stream that `isMeant` picks, by its ends; both ends see a reset at once.
  public func resetStreams(where isMeant: (VirtualStream, VirtualStream) -> Bool) {
    engine.mark(.change, 0, 4)
    for connection in engine.connections {
      guard let server = connection.server, isMeant(connection.client, server) else { continue }
      connection.breakFromOutside()
    }
  }

  /// Hears of everything that chance decides. The quiet value is always 0.
  public var onChoice: ((Choice) -> Void)? {
    get { engine.onChoice }
    set { engine.onChoice = newValue }
  }

  /// Decides in place of chance wherever it answers a number.
  public var chooser: ((Choice) -> UInt64?)? {
    get { engine.chooser }
    set { engine.chooser = newValue }
  }
}
