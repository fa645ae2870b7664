import VirtualWorld
import World
import WorldConformance

/// A hub in a farm, a cloud on the internet, and streams between them.
final class Pair {
  let world: VirtualWorld
  let hub: VirtualHost
  let cloud: VirtualHost
  /// What the cloud accepted, in order.
  private(set) var accepted: [End] = []
  private(set) var acceptTimes: [Instant] = []

  static let port: UInt16 = 8787
  /// The way from the hub to the cloud: 1 ms, 10 ms of uplink, 10 ms.
  static let oneWay = Interval.milliseconds(21)

  init(seed: UInt64 = 1, security: ServerSecurity = .plain) throws {
    world = VirtualWorld(seed: seed)
    hub = world.addVirtualHost("hub", on: .farm("north"))
    cloud = world.addVirtualHost("cloud", on: .internet)
    try listen(security: security)
  }

  func listen(port: UInt16 = Pair.port, security: ServerSecurity = .plain) throws {
    _ = try cloud.listen(port: port, security: security) { [unowned self] stream in
      let end = End(on: cloud)
      end.take(stream)
      accepted.append(end)
      acceptTimes.append(world.now)
    }
  }

  func dial(port: UInt16 = Pair.port, security: ClientSecurity = .plain) -> End {
    let end = End(on: hub)
    end.take(hub.connect(to: "cloud", port: port, security: security, handler: end))
    return end
  }

  /// A stream that is open at both ends.
  func open(security: ClientSecurity = .plain) -> (hub: End, cloud: End) {
    let end = dial(security: security)
    let known = accepted.count
    world.run(for: .seconds(30)) { self.accepted.count == known }
    return (end, accepted[known])
  }
}
