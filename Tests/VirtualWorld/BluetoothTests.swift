import Testing
import VirtualWorld
import World

@Suite("Bluetooth")
struct BluetoothTests {
  let world = VirtualWorld(seed: 4)
  let hub: VirtualBluetooth
  let phone: VirtualBluetooth
  let advertisement = BluetoothAdvertisement(name: "hub-1234", data: [1, 2])

  init() {
    hub = world.addVirtualHost("hub", on: .farm("north")).installBluetooth()
    phone = world.addVirtualHost("phone", on: .farm("north")).installBluetooth()
  }

  /// What both ends heard.
  private final class Heard {
    var hub: [BluetoothEvent] = []
    var phone: [BluetoothLinkEvent] = []
  }

  private func connect(_ phone: VirtualBluetooth? = nil) -> (any BluetoothLink, Heard) {
    let heard = Heard()
    hub.onEvent = { heard.hub.append($0) }
    let link = (phone ?? self.phone).connect(to: hub.address)
    link.onEvent = { heard.phone.append($0) }
    #expect(heard.phone.isEmpty)
    world.run(for: .seconds(3))
    return (link, heard)
  }

  @Test("a scan finds who advertises in reach, with name and data")
  func scan() {
    var found: [[FoundPeripheral]] = []
    func look() {
      phone.scan(for: .seconds(3)) { found.append($0) }
      world.run(for: .seconds(4))
    }
    look()
    hub.advertise(advertisement)
    look()
    hub.isInReach = false
    look()
    hub.isInReach = true
    phone.place = "elsewhere"
    look()
    phone.place = "north"
    hub.advertise(nil)
    look()
    let seen = FoundPeripheral(
      address: hub.address, advertisement: advertisement, signal: hub.strength)
    #expect(found == [[], [seen], [], [], []])
  }

  @Test("a connected phone reads, writes in pieces, and is notified once it has subscribed")
  func exchange() {
    hub.advertise(advertisement)
    phone.payloadLimit = 20
    let (link, heard) = connect()
    #expect(heard.phone == [.connected] && heard.hub == [.connected(1)])
    #expect(link.payloadLimit == 20)
    let value = (0..<100).map { UInt8($0) }
    #expect(hub.setValue(value, of: 3, for: 1, notify: true))
    var read: [[UInt8]] = []
    var writes: [Bool] = []
    link.read(3) { if case .success(let bytes) = $0 { read.append(bytes) } }
    link.write([1, 2], to: 1) { if case .success = $0 { writes.append(true) } }
    link.write([UInt8](repeating: 0, count: 21), to: 1) { answer in
      if case .failure(.tooLong) = answer { writes.append(false) }
    }
    link.subscribe(true, to: 3) { _ in }
    #expect(read.isEmpty)
    world.run(for: .seconds(2))
    #expect(read == [value] && writes == [false, true])
    #expect(
      heard.hub.dropFirst() == [
        .written(1, characteristic: 1, [1, 2]), .subscribed(1, characteristic: 3),
      ])
    #expect(heard.phone.count == 1)
    #expect(hub.setValue([7], of: 3, for: 1, notify: true))
    #expect(hub.setValue(value, of: 3, for: 1, notify: true))
    world.run(for: .seconds(1))
    #expect(
      heard.phone.dropFirst() == [
        .notified(characteristic: 3, [7]), .notified(characteristic: 3, Array(value.prefix(20))),
      ])
    link.subscribe(false, to: 3) { _ in }
    world.run(for: .seconds(1))
    hub.setValue([8], of: 3, for: 1, notify: true)
    world.run(for: .seconds(1))
    #expect(heard.phone.count == 3 && heard.hub.last == .unsubscribed(1, characteristic: 3))
  }

  @Test("values have a bound, and so have notifications that are on their way")
  func bounds() {
    hub.advertise(advertisement)
    let (link, _) = connect()
    link.subscribe(true, to: 3) { _ in }
    world.run(for: .seconds(1))
    #expect(!hub.setValue([UInt8](repeating: 0, count: 513), of: 3, for: 1, notify: false))
    #expect(!hub.setValue([1], of: 3, for: 9, notify: false))
    let answers = (0..<10).map { hub.setValue([$0], of: 3, for: 1, notify: true) }
    #expect(answers == [Bool](repeating: true, count: 8) + [false, false])
  }

  @Test("each phone has its own connection and its own values, up to the bound")
  func severalPhones() {
    hub.advertise(advertisement)
    let others = (2...4).map { number in
      world.addVirtualHost("phone-\(number)", on: .farm("north")).installBluetooth()
    }
    var links = [connect().0]
    for other in others { links.append(connect(other).0) }
    var read: [[UInt8]] = []
    for number in 1...3 { hub.setValue([UInt8(number)], of: 3, for: UInt16(number), notify: false) }
    for link in links.prefix(3) {
      link.read(3) { if case .success(let bytes) = $0 { read.append(bytes) } }
    }
    var failures: [BluetoothFailure] = []
    links[3].read(3) { if case .failure(let failure) = $0 { failures.append(failure) } }
    world.run(for: .seconds(1))
    #expect(read == [[1], [2], [3]] && failures == [.closed])
  }

  @Test("whoever ends a connection, the other end hears of it")
  func endings() {
    hub.advertise(advertisement)
    let (link, heard) = connect()
    link.disconnect()
    world.run(for: .seconds(1))
    #expect(heard.phone == [.connected] && heard.hub.last == .disconnected(1))
    let (second, heardThen) = connect()
    var failures: [BluetoothFailure] = []
    second.write([1], to: 1) { if case .failure(let failure) = $0 { failures.append(failure) } }
    hub.disconnect(2)
    world.run(for: .seconds(1))
    #expect(heardThen.hub.last == .disconnected(2) && failures == [.ended])
    #expect(heardThen.phone.last == .disconnected(.ended))
    let (_, heardLast) = connect()
    hub.advertise(nil)
    world.run(for: .seconds(1))
    #expect(heardLast.phone == [.connected, .disconnected(.ended)])
    let (_, refused) = connect()
    #expect(refused.phone == [.disconnected(.notFound)])
  }

  @Test("a phone that walks away, and a hub without power, are missed after four seconds")
  func silence() {
    hub.advertise(advertisement)
    let (link, heard) = connect()
    phone.isInReach = false
    var failures: [BluetoothFailure] = []
    link.write([1], to: 1) { if case .failure(let failure) = $0 { failures.append(failure) } }
    world.run(for: .seconds(3))
    #expect(heard.phone.count == 1 && heard.hub.count == 1)
    world.run(for: .seconds(2))
    #expect(heard.phone.last == .disconnected(.outOfReach) && heard.hub.last == .disconnected(1))
    #expect(failures == [.outOfReach])
    phone.isInReach = true
    let (_, again) = connect()
    // Gone for a moment only.
    phone.isInReach = false
    world.run(for: .seconds(2))
    phone.isInReach = true
    world.run(for: .seconds(5))
    #expect(again.phone == [.connected])
    world.host(named: "hub", on: .farm("north"))?.vanish()
    world.run(for: .seconds(5))
    #expect(again.phone.last == .disconnected(.outOfReach))
  }
}
