import CBoard
import Testing
import VirtualWorld
import World
import WorldConformance

@testable import HubHost

@Suite("The board's radios, ports and button")
struct BoardRadioTests {
  let bench: Bench
  let board: BoardHand
  let phone: VirtualHost

  init() throws {
    bench = try Bench()
    board = BoardHand(bench.hub)
    phone = bench.world.addVirtualHost("phone", on: .farm("north"), wifi: bench.network)
  }

  private func wait(_ seconds: Int64 = 1) { bench.world.run(for: .seconds(seconds)) }

  @Test("a scan goes on for seconds; then its results are read one by one")
  func scan() {
    bench.world.addNetwork("cafe", at: "north").strength = -80
    #expect(board.scanCount == 0 && board.scanResult(0) == nil)
    board.scan()
    #expect(board.scanCount == -1 && board.scanResult(0) == nil)
    wait(3)
    #expect(board.scanCount == 2)
    #expect(board.scanResult(0) ?? ("", 0, 0) == ("workshop", 1, -52))
    #expect(board.scanResult(1) ?? ("", 0, 0) == ("cafe", 0, -80))
    #expect(board.scanResult(2) == nil)
  }

  @Test("addresses are told when there are any; streams come in at the board's own network")
  func ownNetwork() throws {
    #expect(board.address(HUB_NETWORK_JOINED) == nil && board.address(HUB_NETWORK_OWN) == nil)
    #expect(board.listen(80, on: HUB_NETWORK_OWN) == HUB_ERROR_UNREACHABLE.rawValue)
    board.openOwnNetwork("hub-1")
    #expect(board.address(HUB_NETWORK_OWN) == [192, 168, 4, 1])
    let listener = board.listen(80, on: HUB_NETWORK_OWN)
    #expect(listener >= 0)
    #expect(board.listen(80, on: HUB_NETWORK_OWN) == HUB_ERROR_ADDRESS_IN_USE.rawValue)
    #expect(board.accept(listener) < 0)
    phone.radio?.join(WiFiCredentials(name: "hub-1"))
    wait(3)
    let ends = (0..<5).map { _ in
      let end = End(on: phone)
      end.take(phone.connect(to: "192.168.4.1", port: 80, security: .plain, handler: end))
      return end
    }
    wait()
    // Four may wait.
    #expect(ends.count { $0.failure == .reset } == 1)
    let stream = board.accept(listener)
    #expect(board.state(stream) == HUB_STREAM_OPEN)
    ends[0].stream?.write([1, 2])
    wait()
    #expect(board.read(stream) == [1, 2])
    #expect(board.write(stream, [3]) == 1)
    // One that has gone again is not handed over.
    ends[1].stream?.reset()
    wait()
    #expect(ends[0].received == [3])
    #expect((0..<3).map { _ in board.accept(listener) >= 0 } == [true, true, false])
    board.closeListener(listener)
    #expect(board.accept(listener) < 0)
    board.openOwnNetwork("")
    #expect(board.address(HUB_NETWORK_OWN) == nil)
  }

  @Test("a certificate's fingerprint is told, and can be demanded")
  func fingerprints() throws {
    let printer = bench.world.addVirtualHost("printer", on: .farm("north"))
    let identity = ServerIdentity(commonName: "SERIAL")
    try bench.listen(on: printer, port: 8883, security: .tls(identity))
    try bench.listen(on: printer, port: 80)
    board.join("workshop", "wifi-key")
    wait(3)
    let first = board.open("printer", port: 8883, trust: HUB_TRUST_COMMON_NAME, name: "SERIAL")
    let plain = board.open("printer", port: 80)
    #expect(board.fingerprint(first) == nil)
    wait()
    let fingerprint = try #require(board.fingerprint(first))
    #expect(board.fingerprint(plain) == nil)
    let right = board.open(
      "printer", port: 8883, trust: HUB_TRUST_PINNED, name: "SERIAL", fingerprint: fingerprint)
    let other = board.open(
      "printer", port: 8883, trust: HUB_TRUST_PINNED, name: "SERIAL",
      fingerprint: fingerprint.reversed())
    let none = board.open("printer", port: 8883, trust: HUB_TRUST_PINNED, name: "SERIAL")
    wait()
    #expect(
      [right, other, none].map(board.error) == [
        HUB_ERROR_NONE, HUB_ERROR_TLS_UNTRUSTED, HUB_ERROR_TLS_UNTRUSTED,
      ])
  }

  @Test("the firmware may bring the authority that it believes")
  func authority() throws {
    try bench.listen(
      on: bench.cloud, port: 1,
      security: .tls(ServerIdentity(commonName: "cloud.hubrig.test", authority: "theirs")))
    board.join("workshop", "wifi-key")
    wait(3)
    let streams = [("", 1), ("theirs", 1), ("theirs", 8787)].map { authority, port in
      board.open(
        "cloud.hubrig.test", port: UInt16(port), trust: HUB_TRUST_CLOUD, authority: authority)
    }
    wait()
    #expect(
      streams.map(board.error) == [
        HUB_ERROR_TLS_UNTRUSTED, HUB_ERROR_NONE, HUB_ERROR_TLS_UNTRUSTED,
      ])
  }

  @Test("the button is down for as long as it is held, also over a restart")
  func button() {
    #expect(!board.button)
    bench.hub.pressButton()
    #expect(board.button)
    wait()
    #expect(!board.button)
    bench.hub.powerOn()
    bench.hub.holdButton(for: .seconds(10))
    wait(9)
    bench.hub.powerOff()
    #expect(board.button)
    bench.hub.powerOn()
    wait(2)
    #expect(!board.button)
  }

  @Test("what a phone does by Bluetooth comes as events, and it hears what the board says")
  func bluetooth() throws {
    let hubRadio = bench.host.installBluetooth()
    // As it is while the power is on; but no firmware takes the events away.
    hubRadio.onEvent = { bench.hub.hear($0) }
    let central = phone.installBluetooth()
    #expect(board.nextBluetoothEvent().kind == HUB_BLUETOOTH_NONE)
    board.advertise("Hub-1234", [1, 2])
    var found: [FoundPeripheral] = []
    central.scan(for: .seconds(1)) { found = $0 }
    wait(2)
    #expect(found.first?.advertisement.data == [1, 2])
    let link = central.connect(to: hubRadio.address)
    var heard: [BluetoothLinkEvent] = []
    link.onEvent = { heard.append($0) }
    wait()
    var event = board.nextBluetoothEvent()
    #expect(event.kind == HUB_BLUETOOTH_CONNECTED && event.connection == 1)
    link.write([5, 6, 7], to: 2) { _ in }
    link.subscribe(true, to: 3) { _ in }
    wait()
    event = board.nextBluetoothEvent()
    #expect(event.kind == HUB_BLUETOOTH_WRITTEN && event.characteristic == 2)
    #expect(event.bytes == [5, 6, 7])
    event = board.nextBluetoothEvent()
    #expect(event.kind == HUB_BLUETOOTH_SUBSCRIBED && event.characteristic == 3)
    #expect(board.setValue([9], of: 3, for: 1, notify: true))
    #expect(!board.setValue([9], of: 3, for: 2, notify: true))
    wait()
    #expect(heard == [.connected, .notified(characteristic: 3, [9])])
    board.disconnectBluetooth(1)
    wait()
    #expect(heard.last == .disconnected(.ended))
    #expect(board.nextBluetoothEvent().kind == HUB_BLUETOOTH_DISCONNECTED)
  }

  @Test("a machine without radios finds no networks, opens none and has no Bluetooth")
  func wired() {
    let printer = bench.world.addVirtualHost("printer", on: .farm("north"))
    let wired = BoardHand(HubHost(host: printer, settings: Bench.settings))
    wired.scan()
    #expect(wired.scanCount == 0)
    wired.openOwnNetwork("mine")
    #expect(wired.address(HUB_NETWORK_OWN) == nil)
    #expect(wired.address(HUB_NETWORK_JOINED) != nil)
    wired.advertise("mine", [])
    #expect(wired.nextBluetoothEvent().kind == HUB_BLUETOOTH_NONE)
    #expect(!wired.setValue([1], of: 1, for: 1, notify: false))
  }
}
