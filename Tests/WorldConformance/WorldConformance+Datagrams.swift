import Testing
import World

extension WorldConformance {
  /// For two hosts of one network, since datagrams stay there.
  public static let datagramChecks: [(sentence: String, check: Check)] = [
    ("a datagram and its answer get through", { try $0.datagrams() }),
    ("a datagram comes whole, or not at all", { try $0.wholeDatagrams() }),
    ("nothing is heard from inside send", { try $0.datagramsLater() }),
    ("a group is heard by those who joined it", { try $0.groups() }),
    ("a broadcast is heard by others on its port, not by its sender", { try $0.broadcasts() }),
    ("a host has one socket for datagrams on a port", { try $0.datagramPorts() }),
    ("a closed socket neither sends nor hears", { try $0.closedSocket() }),
  ]

  /// Two sockets on the same network, each on a port of its own.
  private func mailboxes() throws -> (near: Mailbox, far: Mailbox) {
    (try Mailbox(on: client, port: 0), try Mailbox(on: server, port: 0))
  }

  private func close(_ mailboxes: Mailbox...) {
    for mailbox in mailboxes { mailbox.socket.close() }
  }

  private func datagrams() throws {
    let (near, far) = try mailboxes()
    far.onDatagram = { from, bytes in
      far.socket.send(bytes.reversed(), to: from.address, port: from.port)
    }
    #expect(near.socket.send([1, 2, 3], to: server.address, port: far.socket.port))
    #expect(goOn { near.heard == [[3, 2, 1]] })
    #expect(
      far.senders == [DatagramAddress(address: client.address, port: near.socket.port)])
    #expect(
      near.senders == [DatagramAddress(address: server.address, port: far.socket.port)])
    close(near, far)
  }

  private func wholeDatagrams() throws {
    let (near, far) = try mailboxes()
    let large = pattern(32_000)
    #expect(near.socket.send(large, to: server.address, port: far.socket.port))
    #expect(near.socket.send([7], to: server.address, port: far.socket.port))
    #expect(goOn { far.heard.count == 2 })
    #expect(far.heard.contains { $0 == large } && far.heard.contains([7]))
    let tooMuch = [UInt8](repeating: 0, count: 65_508)
    #expect(!near.socket.send(tooMuch, to: server.address, port: far.socket.port))
    close(near, far)
  }

  private func datagramsLater() throws {
    let (near, far) = try mailboxes()
    near.socket.send([1], to: server.address, port: far.socket.port)
    #expect(far.heard.isEmpty)
    #expect(goOn { !far.heard.isEmpty })
    close(near, far)
  }

  private func groups() throws {
    let (near, far) = try mailboxes()
    #expect(far.socket.join(group: "239.255.77.77"))
    #expect(far.socket.join(group: "239.255.77.77"))
    #expect(!far.socket.join(group: "127.0.0.1"))
    near.socket.send([1], to: "239.255.77.78", port: far.socket.port)
    #expect(near.socket.send([2], to: "239.255.77.77", port: far.socket.port))
    #expect(goOn { !far.heard.isEmpty })
    #expect(far.heard == [[2]])
    #expect(far.senders.map(\.address) == [client.address])
    close(near, far)
  }

  private func broadcasts() throws {
    let (near, far) = try mailboxes()
    // From the same port where that is another machine's.
    var sender = near
    if client !== server, near.socket.port != far.socket.port {
      sender = try Mailbox(on: client, port: far.socket.port)
    }
    #expect(sender.socket.send([5], to: "255.255.255.255", port: far.socket.port))
    #expect(goOn { !far.heard.isEmpty })
    #expect(far.heard == [[5]])
    #expect(sender.heard.isEmpty && near.heard.isEmpty)
    close(sender, near, far)
  }

  private func datagramPorts() throws {
    let first = try server.openDatagrams(port: 0)
    #expect(throws: NetworkFailure.addressInUse) { try server.openDatagrams(port: first.port) }
    first.close()
    try server.openDatagrams(port: first.port).close()
  }

  private func closedSocket() throws {
    let (near, far) = try mailboxes()
    far.socket.close()
    #expect(!far.socket.send([1], to: client.address, port: near.socket.port))
    near.socket.send([1], to: server.address, port: far.socket.port)
    var isOver = false
    client.after(.milliseconds(100)) { isOver = true }
    #expect(goOn { isOver })
    #expect(far.heard.isEmpty && near.heard.isEmpty)
    close(near)
  }
}
