import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("WiFi networks")
struct WiFiTests {
  let world = VirtualWorld(seed: 3)
  let home = WiFiNetwork(name: "workshop", key: "long enough")
  let hub: VirtualHost
  let phone: VirtualHost
  let radio: VirtualRadio
  let phoneRadio: VirtualRadio

  init() throws {
    hub = world.addVirtualHost("hub", on: .farm("north"), wifi: home)
    phone = world.addVirtualHost("phone", on: .farm("north"), wifi: home)
    radio = try #require(hub.wifi)
    phoneRadio = try #require(phone.wifi)
  }

  private func join(
    _ name: String, _ security: WiFiSecurity? = nil, _ key: String = "", user: String = "",
    with radio: VirtualRadio? = nil
  ) -> RadioState {
    let radio = radio ?? self.radio
    radio.join(WiFiCredentials(name: name, security: security, key: key, user: user))
    world.run(for: .seconds(30)) { radio.state == .joining }
    return radio.state
  }

  @Test("a scan takes seconds and finds what is on the air at the place, the strongest first")
  func scan() {
    world.addNetwork("far", key: "k", at: "north").strength = -80
    world.addNetwork("cafe", at: "north").strength = -40
    world.addNetwork("office", key: "", security: .enterprise, at: "north").strength = -70
    world.addNetwork("too far", at: "north").strength = -91
    world.addNetwork("silent", at: "north").isUp = false
    world.addNetwork("elsewhere", at: "south")
    var found: [FoundNetwork] = []
    radio.scan { found = $0 }
    world.run(for: .seconds(2))
    #expect(found.isEmpty)
    world.run(for: .seconds(1))
    #expect(
      found == [
        FoundNetwork(name: "cafe", security: .open, signal: -40),
        FoundNetwork(name: "workshop", security: .wpa2, signal: -52),
        FoundNetwork(name: "office", security: .enterprise, signal: -70),
        FoundNetwork(name: "far", security: .wpa2, signal: -80),
      ])
  }

  @Test("a scan finds twenty networks at most; a later one takes an earlier one's place")
  func scanBounds() {
    for number in 0..<30 { world.addNetwork("network \(number)", at: "north") }
    var counts: [Int] = []
    radio.scan { _ in counts.append(-1) }
    world.run(for: .seconds(1))
    radio.scan { counts.append($0.count) }
    world.run(for: .seconds(5))
    #expect(counts == [20])
  }

  @Test("each security wants its own proof")
  func securities() {
    world.addNetwork("cafe", at: "north")
    world.addNetwork("new", key: "long enough", security: .wpa3, at: "north")
    let office = world.addNetwork("office", security: .enterprise, at: "north")
    office.users["ada"] = "her password"
    #expect(join("cafe") == .joined)
    #expect(join("cafe", .wpa2, "long enough") == .wrongKey)
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    #expect(join("workshop", .open) == .wrongKey)
    #expect(join("workshop", .wpa3, "long enough") == .noAccessPoint)
    #expect(join("new", .wpa3, "long enough") == .joined)
    #expect(join("new", .wpa3, "wrong") == .wrongKey)
    #expect(join("office", .enterprise, "her password", user: "ada") == .joined)
    #expect(join("office", .enterprise, "her password", user: "bob") == .wrongKey)
    #expect(join("office", .enterprise, "wrong", user: "ada") == .wrongKey)
  }

  @Test("on another network a host has another address, and reaches nobody of its farm")
  func otherNetwork() throws {
    let printer = world.addVirtualHost("printer", on: .farm("north"))
    world.addNetwork("cafe", at: "north")
    #expect(hub.address(on: .joined) == nil)
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    let first = try #require(hub.address(on: .joined))
    #expect(try hub.openDatagrams(port: 0).send([1], to: printer.address, port: 1))
    #expect(join("cafe") == .joined)
    #expect(hub.address(on: .joined) != first)
    #expect(try !hub.openDatagrams(port: 0).send([1], to: printer.address, port: 1))
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    #expect(hub.address(on: .joined) == first)
  }

  @Test("a slow router keeps those who join waiting for an address")
  func slowAddress() {
    home.addressDelay = .seconds(10)
    let start = world.now
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    #expect(world.now - start > .seconds(10))
  }

  @Test("another address breaks the host's streams at once, and keeps the far ends in the dark")
  func addressChange() throws {
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    let printer = world.addVirtualHost("printer", on: .farm("north"))
    var far: End?
    _ = try printer.listen(port: 1, security: .plain) { stream in
      far = End(on: printer)
      far?.take(stream)
    }
    let near = End(on: hub)
    near.take(hub.connect(to: "printer", port: 1, security: .plain, handler: near))
    world.run(for: .seconds(1))
    var changes = 0
    radio.onChange = { changes += 1 }
    let old = hub.address
    hub.takeNewAddress()
    #expect(hub.address != old && changes == 1 && radio.state == .joined)
    far?.stream?.write([1])
    world.run(for: .seconds(10))
    #expect(near.failure == .reset)
    #expect(far?.failure == nil)
    world.run(for: .seconds(120))
    #expect(far?.failure == .timedOut)
    // Under its new address it is found, under the old one it is not.
    let again = End(on: printer)
    again.take(printer.connect(to: old, port: 9, security: .plain, handler: again))
    world.run(for: .seconds(10))
    #expect(again.failure == .unreachable)
  }

  @Test("a weak signal loses and delays; one that is too weak is no signal")
  func weakSignal() throws {
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    let printer = world.addVirtualHost("printer", on: .farm("north"))
    let there = try Mailbox(on: printer, port: 1)
    let here = try hub.openDatagrams(port: 0)
    func heard(of count: Int) -> Int {
      let before = there.heard.count
      for _ in 0..<count { here.send([1], to: printer.address, port: 1) }
      world.run(for: .seconds(1))
      return there.heard.count - before
    }
    #expect(heard(of: 200) == 200)
    radio.strength = -85
    #expect((80...190).contains(heard(of: 200)))
    #expect(radio.signal == -85)
    radio.strength = -60
    #expect(heard(of: 200) == 200)
    radio.strength = -91
    #expect(radio.state == .lost)
    #expect(join("workshop", .wpa2, "long enough") == .noAccessPoint)
  }

  @Test("a phone joins the hub's own network, gets an address and finds the hub at 192.168.4.1")
  func ownNetwork() throws {
    #expect(throws: NetworkFailure.unreachable) {
      try hub.openDatagrams(port: 53, network: .own)
    }
    radio.openOwnNetwork("hub-1234")
    #expect(hub.address(on: .own) == "192.168.4.1")
    var found: [FoundNetwork] = []
    phoneRadio.scan { found = $0 }
    world.run(for: .seconds(3))
    #expect(found.first == FoundNetwork(name: "hub-1234", security: .open, signal: -45))

    let questions = try hub.openDatagrams(port: 53, network: .own)
    questions.handler = { from, bytes in
      questions.send(bytes + [4], to: from.address, port: from.port)
    }
    var far: End?
    let listener = try hub.listen(port: 80, network: .own, security: .plain) { stream in
      far = End(on: hub)
      far?.take(stream)
    }
    #expect(listener.port == 80)
    #expect(join("hub-1234", with: phoneRadio) == .joined)
    #expect(phone.address == "192.168.4.2")
    let asking = try Mailbox(on: phone, port: 0)
    #expect(asking.socket.send([1], to: "192.168.4.1", port: 53))
    let near = End(on: phone)
    near.take(phone.connect(to: "192.168.4.1", port: 80, security: .plain, handler: near))
    world.run(for: .seconds(1))
    #expect(asking.heard == [[1, 4]])
    #expect(near.events == [.opened] && far?.stream?.peerAddress == "192.168.4.2")
    // The hub can be on its farm's network at the same time, but not listen there by this.
    #expect(join("workshop", .wpa2, "long enough") == .joined)
    #expect(hub.address(on: .own) == "192.168.4.1" && hub.address != "192.168.4.1")

    radio.openOwnNetwork(nil)
    #expect(phoneRadio.state == .lost && hub.address(on: .own) == nil)
    #expect(join("hub-1234", with: phoneRadio) == .noAccessPoint)
    radio.openOwnNetwork("hub-1234")
    #expect(join("hub-1234", with: phoneRadio) == .joined)
    #expect(join("workshop", .wpa2, "long enough", with: phoneRadio) == .joined)
    #expect(phone.address.hasPrefix("10."))
    hub.vanish()
    #expect(hub.address(on: .own) == nil)
    #expect(join("hub-1234", with: phoneRadio) == .noAccessPoint)
  }
}
