import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Opening streams")
struct ConnectingTests {
  @Test("nobody listening is refused after one round trip")
  func refused() throws {
    let pair = try Pair()
    let end = pair.dial(port: 1)
    pair.world.run(for: .seconds(1))
    #expect(end.events == [.failed(.refused)])
    #expect(end.times == [.start + Pair.oneWay * 2])
    #expect(pair.world.streamCount == 0)
  }

  @Test("a name that nobody has is unknown")
  func unknownName() throws {
    let pair = try Pair()
    let end = End(on: pair.hub)
    end.take(pair.hub.connect(to: "nobody", port: 1, security: .plain, handler: end))
    pair.world.run(for: .seconds(1))
    #expect(end.events == [.failed(.nameUnknown)])
  }

  @Test("an address that nobody has is unreachable after three seconds of asking")
  func unknownAddress() throws {
    let pair = try Pair()
    let end = End(on: pair.hub)
    end.take(pair.hub.connect(to: "10.0.0.77", port: 1, security: .plain, handler: end))
    pair.world.run(for: .seconds(5))
    #expect(end.events == [.failed(.unreachable)])
    #expect(end.times == [.start + .seconds(3)])
  }

  @Test("hosts are reached by name and by address")
  func byAddress() throws {
    let pair = try Pair()
    let end = End(on: pair.hub)
    end.take(
      pair.hub.connect(to: pair.cloud.address, port: Pair.port, security: .plain, handler: end))
    pair.world.run(for: .seconds(1))
    #expect(end.events == [.opened])
    #expect(end.stream?.peerAddress == pair.cloud.address)
    #expect(end.stream?.localAddress == pair.hub.address)
  }

  @Test("the internet sees a farm's host under its router's address")
  func routerAddress() throws {
    let pair = try Pair()
    let (_, cloud) = pair.open()
    #expect(cloud.stream?.peerAddress == pair.world.farm("north").publicAddress)
  }

  @Test("addresses are given out in the order of asking")
  func addresses() {
    let world = VirtualWorld(seed: 1)
    let names = ["a", "b"].map { world.addVirtualHost($0, on: .farm("north")).address }
    #expect(names == ["10.0.0.2", "10.0.0.3"])
    #expect(world.addVirtualHost("a", on: .farm("south")).address == "10.1.0.2")
    #expect(world.addVirtualHost("cloud", on: .internet).address == "203.0.113.2")
    #expect(world.addHost("fixed", address: "10.0.0.4", on: .farm("north")).address == "10.0.0.4")
    #expect(world.addVirtualHost("c", on: .farm("north")).address == "10.0.0.5")
  }

  @Test("farms are closed to the internet and to each other")
  func isolation() throws {
    let pair = try Pair()
    let other = pair.world.addVirtualHost("other", on: .farm("south"))
    _ = try pair.hub.listen(port: 80, security: .plain) { _ in }
    for host in [pair.cloud, other] {
      for name in ["hub", pair.hub.address] {
        let end = End(on: host)
        end.take(host.connect(to: name, port: 80, security: .plain, handler: end))
        pair.world.run(for: .seconds(1))
        #expect(end.events == [.failed(.unreachable)], "\(host.name) to \(name)")
      }
    }
  }

  @Test("two farms may use the same names and addresses")
  func sameNames() throws {
    let world = VirtualWorld(seed: 1)
    var heard: [String] = []
    for farm in ["north", "south"] {
      let printer = world.addVirtualHost("printer", address: "192.168.1.9", on: .farm(farm))
      _ = try printer.listen(port: 1, security: .plain) { _ in heard.append(farm) }
    }
    let hub = world.addVirtualHost("hub", on: .farm("south"))
    let end = End(on: hub)
    end.take(hub.connect(to: "192.168.1.9", port: 1, security: .plain, handler: end))
    world.run(for: .seconds(1))
    #expect(heard == ["south"])
  }

  @Test("a host reaches itself")
  func loopback() throws {
    let pair = try Pair()
    let end = End(on: pair.cloud)
    end.take(
      pair.cloud.connect(to: "localhost", port: Pair.port, security: .plain, handler: end))
    pair.world.run(for: .seconds(1))
    #expect(end.events == [.opened])
    #expect(pair.accepted.count == 1)
  }

  @Test("greetings into a dead link are repeated, and given up after twenty seconds")
  func deadLink() throws {
    let pair = try Pair()
    pair.world.farm("north").uplink.isUp = false
    let end = pair.dial()
    pair.world.run(for: .seconds(60))
    #expect(end.events == [.failed(.timedOut)])
    #expect(end.times == [.start + .seconds(20)])
    #expect(pair.world.streamCount == 0)
  }

  @Test("a link that comes back lets the next greeting through")
  func lateLink() throws {
    let pair = try Pair()
    pair.hub.link.isUp = false
    let end = pair.dial()
    _ = pair.world.at(.start + .seconds(4)) { pair.hub.link.isUp = true }
    pair.world.run(for: .seconds(60))
    #expect(end.events == [.opened])
    // Greetings leave after 0, 1, 3 and 7 seconds.
    #expect(end.times == [.start + .seconds(7) + Pair.oneWay * 2])
  }

  @Test("a stream that is closed while it opens says nothing more")
  func closedEarly() throws {
    let pair = try Pair()
    let end = pair.dial()
    pair.world.run(for: .milliseconds(30))
    end.stream?.close()
    pair.world.run(for: .seconds(60))
    #expect(end.events.isEmpty)
    #expect(pair.accepted.isEmpty)
    #expect(pair.world.streamCount == 0)
  }

  @Test("a port is given to one listener, and free again when it closes")
  func ports() throws {
    let pair = try Pair()
    #expect(throws: NetworkFailure.addressInUse) { try pair.listen() }
    let first = try pair.cloud.listen(port: 0, security: .plain) { _ in }
    let second = try pair.cloud.listen(port: 0, security: .plain) { _ in }
    #expect(first.port != second.port && first.port != 0)
    first.close()
    let end = pair.dial(port: first.port)
    pair.world.run(for: .seconds(1))
    #expect(end.failure == .refused)
    _ = try pair.cloud.listen(port: first.port, security: .plain) { _ in }
  }
}
