import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("The WiFi radio")
struct RadioTests {
  let world = VirtualWorld(seed: 1)
  let network = WiFiNetwork(name: "workshop", key: "secret")
  let hub: VirtualHost
  let printer: VirtualHost

  init() throws {
    hub = world.addVirtualHost("hub", on: .farm("north"), wifi: network)
    printer = world.addVirtualHost("printer", on: .farm("north"))
    _ = try printer.listen(port: 1, security: .plain) { _ in }
  }

  private func dial() -> End {
    let end = End(on: hub)
    end.take(hub.connect(to: "printer", port: 1, security: .plain, handler: end))
    return end
  }

  @Test("joining takes half a second to two, and then the host is on the network")
  func join() throws {
    let radio = try #require(hub.radio)
    #expect(radio.state == .off && radio.signal == 0)
    var states: [RadioState] = []
    radio.onChange = { states.append(radio.state) }
    let early = dial()
    world.run(for: .milliseconds(1))
    #expect(early.failure == .unreachable)
    radio.join(WiFiCredentials(name: "workshop", key: "secret"))
    #expect(radio.state == .joining)
    let start = world.now
    world.run(for: .seconds(5)) { radio.state == .joining }
    let delay = world.now - start
    #expect(delay >= .milliseconds(500) && delay <= .seconds(2))
    #expect(states == [.joined])
    #expect(radio.signal == -52)
    let end = dial()
    world.run(for: .seconds(1))
    #expect(end.events == [.opened])
  }

  @Test("a wrong key, a wrong name and a silent access point are told apart")
  func refusals() throws {
    let radio = try #require(hub.radio)
    radio.join(WiFiCredentials(name: "workshop", key: "wrong"))
    world.run(for: .seconds(5))
    #expect(radio.state == .wrongKey)
    radio.join(WiFiCredentials(name: "elsewhere", key: "secret"))
    world.run(for: .seconds(5))
    #expect(radio.state == .noAccessPoint)
    network.isUp = false
    radio.join(WiFiCredentials(name: "workshop", key: "secret"))
    world.run(for: .seconds(5))
    #expect(radio.state == .noAccessPoint)
  }

  @Test("an access point that goes takes the radio off; streams outlive a short absence")
  func loss() throws {
    let radio = try #require(hub.wifi)
    radio.join(WiFiCredentials(name: "workshop", key: "secret"))
    world.run(for: .seconds(5))
    let end = dial()
    world.run(for: .seconds(1))
    var states: [RadioState] = []
    radio.onChange = { states.append(radio.state) }
    radio.accessPointIsUp = false
    #expect(states == [.lost])
    end.stream?.write([1])
    world.run(for: .seconds(5))
    network.isUp = true
    world.run(for: .seconds(5))
    #expect(radio.state == .lost)
    radio.join(WiFiCredentials(name: "workshop", key: "secret"))
    world.run(for: .seconds(30))
    #expect(radio.state == .joined)
    #expect(end.failure == nil)
    #expect((end.stream?.writableCount ?? 0) == 65_536)
  }

  @Test("an access point that goes while somebody joins is not there")
  func lossWhileJoining() throws {
    let radio = try #require(hub.wifi)
    radio.join(WiFiCredentials(name: "workshop", key: "secret"))
    world.run(for: .milliseconds(100))
    network.isUp = false
    world.run(for: .seconds(5))
    #expect(radio.state == .noAccessPoint)
  }

  @Test("power loss switches the radio off")
  func powerLoss() throws {
    let radio = try #require(hub.wifi)
    radio.join(WiFiCredentials(name: "workshop", key: "secret"))
    world.run(for: .seconds(5))
    hub.vanish()
    hub.comeBack()
    #expect(radio.state == .off)
    let end = dial()
    world.run(for: .seconds(1))
    #expect(end.failure == .unreachable)
  }
}
