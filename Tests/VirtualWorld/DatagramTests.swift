import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Datagrams")
struct DatagramTests {
  let world = VirtualWorld(seed: 5)
  let hub: VirtualHost
  let printer: VirtualHost
  let other: VirtualHost
  let stranger: VirtualHost

  init() {
    hub = world.addVirtualHost("hub", on: .farm("north"))
    printer = world.addVirtualHost("printer", on: .farm("north"))
    other = world.addVirtualHost("other", on: .farm("north"))
    stranger = world.addVirtualHost("stranger", on: .farm("south"))
  }

  @Test("one gets from socket to socket, with the address to answer to")
  func unicast() throws {
    let here = try Mailbox(on: hub, port: 0)
    let there = try Mailbox(on: printer, port: 2_021)
    there.onDatagram = { from, bytes in
      there.socket.send(bytes.reversed(), to: from.address, port: from.port)
    }
    #expect(here.socket.send([1, 2, 3], to: printer.address, port: 2_021))
    #expect(there.heard.isEmpty)
    world.run(for: .seconds(1))
    #expect(there.heard == [[1, 2, 3]])
    #expect(there.senders == [DatagramAddress(address: hub.address, port: here.socket.port)])
    #expect(here.heard == [[3, 2, 1]])
    // A millisecond on each of the two wires, there and back.
    #expect(here.times == [.start + .milliseconds(4)])
  }

  @Test("a broadcast reaches everyone of the network but its sender, and nobody elsewhere")
  func broadcast() throws {
    let sender = try Mailbox(on: hub, port: 2_021)
    let others = try [printer, other].map { try Mailbox(on: $0, port: 2_021) }
    let elsewhere = try [(stranger, 2_021), (other, 2_022), (hub, 2_023)]
      .map { try Mailbox(on: $0.0, port: $0.1) }
    sender.socket.send([9], to: "255.255.255.255", port: 2_021)
    world.run(for: .seconds(1))
    #expect(others.map(\.heard) == [[[9]], [[9]]])
    #expect((elsewhere + [sender]).allSatisfy { $0.heard.isEmpty })
  }

  @Test("a group is heard by those who joined it, also on the sender's machine")
  func multicast() throws {
    let sender = try Mailbox(on: hub, port: 0)
    let joined = try Mailbox(on: printer, port: 1_900)
    let same = try Mailbox(on: hub, port: 1_900)
    let absent = try Mailbox(on: other, port: 1_900)
    for mailbox in [joined, same] { #expect(mailbox.socket.join(group: "239.255.255.250")) }
    #expect(!absent.socket.join(group: "10.0.0.1") && !absent.socket.join(group: "everyone"))
    absent.socket.join(group: "224.0.0.251")
    sender.socket.send([1], to: "239.255.255.250", port: 1_900)
    world.run(for: .seconds(1))
    #expect(joined.heard == [[1]] && same.heard == [[1]] && absent.heard.isEmpty)
  }

  @Test("what nobody hears on a machine does not travel there, and asks no chance")
  func unheard() throws {
    for host in [printer, other] { host.link.loss = 0.5 }
    var drawn: [String] = []
    world.onChoice = { drawn.append($0.by) }
    let sender = try hub.openDatagrams(port: 2_021)
    let absent = try Mailbox(on: printer, port: 1_900)
    let elsewhere = try Mailbox(on: printer, port: 2_022)
    sender.send([1], to: "239.255.255.250", port: 1_900)
    sender.send([2], to: "255.255.255.255", port: 2_021)
    #expect(!world.step() && world.eventCount == 0 && drawn.isEmpty)
    absent.socket.join(group: "239.255.255.250")
    sender.send([3], to: "239.255.255.250", port: 1_900)
    world.run(for: .seconds(1))
    #expect(drawn == [printer.link.name] && elsewhere.heard.isEmpty)
  }

  @Test("who opens a socket while a shout is under way misses it")
  func tooLate() throws {
    let sender = try hub.openDatagrams(port: 2_021)
    sender.send([1], to: "255.255.255.255", port: 2_021)
    let late = try Mailbox(on: printer, port: 2_021)
    sender.send([2], to: "255.255.255.255", port: 2_021)
    world.run(for: .seconds(1))
    #expect(late.heard == [[2]])
  }

  @Test("on a line with a queue, what nobody hears takes up room all the same")
  func unheardInQueue() throws {
    let sender = try hub.openDatagrams(port: 2_021)
    let there = try Mailbox(on: printer, port: 1)
    printer.link.bandwidth = 1_000
    sender.send([UInt8](repeating: 0, count: 100), to: "255.255.255.255", port: 2_021)
    sender.send([1], to: printer.address, port: 1)
    world.run(for: .seconds(1))
    #expect(there.times == [.start + .milliseconds(103)])
  }

  @Test("a port belongs to one socket of a host, and is free again after a close")
  func ports() throws {
    let first = try hub.openDatagrams(port: 5_353)
    #expect(throws: NetworkFailure.addressInUse) { try hub.openDatagrams(port: 5_353) }
    first.close()
    _ = try hub.openDatagrams(port: 5_353)
    #expect(!first.send([1], to: printer.address, port: 1))
    #expect(try hub.openDatagrams(port: 0).port != hub.openDatagrams(port: 0).port)
  }

  @Test("another network, nobody, or too many bytes cannot be sent to")
  func refusals() throws {
    let socket = try hub.openDatagrams(port: 0)
    #expect(!socket.send([1], to: stranger.address, port: 1))
    #expect(!socket.send([1], to: "10.9.9.9", port: 1))
    #expect(!socket.send([UInt8](repeating: 0, count: 65_508), to: printer.address, port: 1))
    hub.link.isUp = false
    #expect(!socket.send([1], to: printer.address, port: 1))
  }

  @Test("some get lost, some come twice, some overtake others, and each run has its own luck again")
  func badLuck() throws {
    func run(_ seed: UInt64) throws -> (heard: [[UInt8]], hash: UInt64) {
      let world = VirtualWorld(seed: seed)
      let hub = world.addVirtualHost("hub", on: .farm("north"))
      let printer = world.addVirtualHost("printer", on: .farm("north"))
      let there = try Mailbox(on: printer, port: 1)
      printer.link.loss = 0.1
      hub.link.duplication = 0.1
      printer.link.duplication = 0.1
      printer.link.reordering = 0.2
      let here = try hub.openDatagrams(port: 0)
      for number in 0..<100 {
        world.at(.start + .milliseconds(Int64(number))) {
          here.send([UInt8(number)], to: printer.address, port: 1)
        }
      }
      world.run(for: .seconds(5))
      return (there.heard, world.trace.hash)
    }
    let first = try run(1)
    let numbers = first.heard.map { $0[0] }
    let different = Set(numbers)
    #expect(different.count > 70 && different.count < 100)
    #expect(numbers.count > different.count + 5)
    #expect(zip(numbers, numbers.dropFirst()).contains { $0 > $1 })
    let again = try run(1)
    #expect(again == first)
    #expect(try run(2).hash != first.hash)
  }

  @Test("a slow wire takes its time, and drops what would have to wait for more than a second")
  func slowWire() throws {
    let here = try hub.openDatagrams(port: 0)
    let there = try Mailbox(on: printer, port: 1)
    hub.link.bandwidth = 1_000
    for number in 0..<30 {
      here.send([UInt8](repeating: UInt8(number), count: 100), to: printer.address, port: 1)
    }
    world.run(for: .seconds(10))
    #expect(there.heard.count == 10)
    #expect(there.times.first == .start + .milliseconds(102))
    #expect(there.times.last == .start + .milliseconds(1_002))
  }

  @Test("what is under way when a link goes down or a machine loses its power is lost")
  func broken() throws {
    let here = try hub.openDatagrams(port: 0)
    let there = try Mailbox(on: printer, port: 1)
    here.send([1], to: printer.address, port: 1)
    world.run(for: .microseconds(500))
    printer.link.isUp = false
    world.run(for: .seconds(1))
    printer.link.isUp = true
    here.send([2], to: printer.address, port: 1)
    printer.vanish()
    printer.comeBack()
    world.run(for: .seconds(1))
    #expect(there.heard.isEmpty)
    #expect(!there.socket.send([1], to: hub.address, port: 1))
    let again = try Mailbox(on: printer, port: 1)
    here.send([3], to: printer.address, port: 1)
    world.run(for: .seconds(1))
    #expect(again.heard == [[3]])
  }

  @Test("an address is four numbers below 256")
  func addresses() {
    #expect(IPv4Address("192.168.4.1")?.bytes ?? (0, 0, 0, 0) == (192, 168, 4, 1))
    #expect(IPv4Address("192.168.4.1")?.text == "192.168.4.1")
    #expect(IPv4Address("239.255.255.250")?.isMulticast == true)
    #expect(IPv4Address("255.255.255.255")?.isBroadcast == true)
    for text in ["", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "a.b.c.d"] {
      #expect(IPv4Address(text) == nil)
    }
  }
}
