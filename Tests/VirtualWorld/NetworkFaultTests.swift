import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Networks that mislead")
struct NetworkFaultTests {
  let pair: Pair
  let farm: VirtualFarm

  init() throws {
    pair = try Pair(security: .tls(ServerIdentity(commonName: "cloud", authority: "ours")))
    farm = pair.world.farm("north")
  }

  private let trust = ClientSecurity.tls(
    trust: .authority("ours"), serverName: "cloud", resuming: nil)

  /// What became of a call to the cloud, and how long that took.
  private func call(_ name: String = "cloud") -> (failure: NetworkFailure?, after: Interval) {
    let start = pair.world.now
    let end = End(on: pair.hub)
    end.take(pair.hub.connect(to: name, port: Pair.port, security: trust, handler: end))
    pair.world.run(for: .seconds(60)) { end.events.isEmpty }
    end.stream?.close()
    return (end.failure, pair.world.now - start)
  }

  @Test("without an answer a name is given up after five seconds; addresses and neighbours work")
  func deadNames() throws {
    farm.names = .dead
    #expect(call() == (.nameUnknown, .seconds(5)))
    #expect(call(pair.cloud.address).failure == nil)
    _ = pair.world.addVirtualHost("printer", on: .farm("north"))
    #expect(call("printer").failure == .refused)
    farm.names = .right
    #expect(call().failure == nil)
  }

  @Test("slow answers delay, wrong ones lead astray")
  func slowAndWrongNames() {
    let usual = call().after
    farm.names = .slow(.seconds(3))
    #expect(call() == (nil, usual + .seconds(3)))
    farm.names = .wrong("192.0.2.1")
    #expect(call().failure == .unreachable)
    let stranger = pair.world.addVirtualHost("stranger", on: .internet)
    farm.names = .wrong(stranger.address)
    #expect(call().failure == .refused)
  }

  @Test("a portal answers for the whole internet, and is not who it says it is")
  func portal() throws {
    let portal = pair.world.addVirtualHost("portal", on: .farm("north"))
    farm.portal = portal
    #expect(call().failure == .refused)
    let identity = ServerIdentity(commonName: "portal.invalid")
    _ = try portal.listen(port: Pair.port, security: .tls(identity)) { _ in }
    #expect(call().failure == .tlsUntrusted)
    #expect(call("nobody.knows").failure == .tlsUntrusted)
    #expect(call("198.51.100.9").failure == .tlsUntrusted)
    farm.portal = nil
    #expect(call().failure == nil)
  }

  @Test("a server that stalls the handshake is given up after twenty seconds")
  func stalledHandshake() {
    pair.cloud.stallsHandshakes = true
    let (failure, after) = call()
    #expect(failure == .timedOut && after >= .seconds(20) && after < .seconds(21))
    pair.cloud.stallsHandshakes = false
    #expect(call().failure == nil)
  }

  @Test("to a clock of 1970 no certificate is valid yet")
  func oldClock() {
    pair.hub.clockOffsetMilliseconds = -pair.hub.wallMilliseconds
    #expect(call().failure == .tlsExpired)
    pair.hub.clockOffsetMilliseconds = -3_600_000
    #expect(call().failure == nil)
  }
}
