// Datagrams on real sockets. One socket is bound to the host's own address: it sends, so that the
// far end sees who it is, and hears what is for this host alone. Each group, and broadcasts, have a
// socket of their own, bound to that address; the system gives a copy to everyone who has one.
//
// Hosts on loopback stay there: groups are joined on and sent through 127.0.0.1, and what is meant
// for 255.255.255.255 goes to 127.255.255.255, the broadcast address of loopback, which also those
// hear who listen on 0.0.0.0. A host with an address of a real interface uses that one.

import CLinux
import Glibc
import World

/// A host's socket for datagrams.
final class LiveDatagrams: Datagrams {
  let port: UInt16
  var handler: ((_ from: DatagramAddress, _ bytes: [UInt8]) -> Void)?

  private let network: LiveNetwork
  private let address: SocketAddress
  private let main: DatagramSocket
  private var others: [DatagramSocket] = []
  private var groups: [IPv4Address] = []
  private let place: String
  private var isClosed = false

  init(network: LiveNetwork, address: SocketAddress) throws(NetworkFailure) {
    self.network = network
    if address.port > 0, network.datagramPlaces.contains(Self.place(of: address)) {
      throw .addressInUse
    }
    main = try DatagramSocket(network: network, address: address)
    guard let bound = SocketAddress(localEndOf: main.descriptor) else { throw .tooMany }
    self.address = bound
    port = bound.port
    place = Self.place(of: bound)
    network.datagramPlaces.insert(place)
    main.owner = self
    var interface = self.interface
    _ = hubrig_send_groups_through(main.descriptor, &interface.raw)
    // One that is bound to no address in particular hears broadcasts itself.
    if bound.text != Self.anyAddress, let everyone = SocketAddress(everyone, port: port) {
      let socket = try DatagramSocket(network: network, address: everyone)
      socket.owner = self
      others.append(socket)
    }
  }

  private static let anyAddress = "0.0.0.0"

  private static func place(of address: SocketAddress) -> String {
    "\(address.text):\(address.port)"
  }

  private var everyone: String { address.isLoopback ? "127.255.255.255" : "255.255.255.255" }

  /// By which of the machine's interfaces groups are reached.
  private var interface: SocketAddress {
    address.isLoopback ? SocketAddress("127.0.0.1", port: 0) ?? address : address
  }

  @discardableResult
  func join(group: String) -> Bool {
    guard !isClosed, let number = IPv4Address(group), number.isMulticast,
      var groupAddress = SocketAddress(group, port: port)
    else { return false }
    guard !groups.contains(number) else { return true }
    var interface = interface
    guard let socket = try? DatagramSocket(network: network, address: groupAddress),
      hubrig_join_group(socket.descriptor, &groupAddress.raw, &interface.raw) == 0
    else { return false }
    socket.owner = self
    others.append(socket)
    groups.append(number)
    return true
  }

  @discardableResult
  func send(_ bytes: [UInt8], to address: String, port: UInt16) -> Bool {
    guard !isClosed, let number = IPv4Address(address),
      var to = SocketAddress(number.isBroadcast ? everyone : address, port: port)
    else { return false }
    return bytes.withUnsafeBytes {
      hubrig_send_datagram(main.descriptor, $0.baseAddress, $0.count, &to.raw) == $0.count
    }
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    handler = nil
    network.datagramPlaces.remove(place)
    main.close()
    for socket in others { socket.close() }
    others = []
  }

  fileprivate func take(_ bytes: [UInt8], from: SocketAddress) {
    // Broadcasts and groups come back to their sender.
    guard from.port != port || from.text != address.text else { return }
    handler?(DatagramAddress(address: from.text, port: from.port), bytes)
  }
}

/// One of its descriptors.
private final class DatagramSocket: DescriptorOwner, LoopTask {
  /// How many datagrams are taken in one turn, so that others get theirs.
  private static let atOnce = 64

  private(set) var descriptor: Int32
  /// Kept until it is closed, as streams and listeners are.
  var owner: LiveDatagrams?
  private let network: LiveNetwork
  private var registration: Registration?
  private var isScheduled = false

  init(network: LiveNetwork, address: SocketAddress) throws(NetworkFailure) {
    self.network = network
    var address = address
    descriptor = hubrig_datagram_socket()
    guard descriptor >= 0 else { throw NetworkFailure(errno: errno) }
    guard hubrig_bind_datagrams(descriptor, &address.raw) == 0 else {
      throw NetworkFailure(errno: errno)
    }
    registration = network.loop.add(descriptor, owner: self)
    guard registration != nil else { throw .tooMany }
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  func close() {
    owner = nil
    guard descriptor >= 0 else { return }
    if let registration { network.loop.remove(registration) }
    registration = nil
    Glibc.close(descriptor)
    descriptor = -1
  }

  func abandon() {
    registration = nil
    close()
  }

  func descriptorIsReady(_ readiness: Readiness) {
    guard !isScheduled else { return }
    isScheduled = true
    network.loop.schedule(self)
  }

  func runTask() {
    isScheduled = false
    for _ in 0..<Self.atOnce {
      guard descriptor >= 0, let owner else { return }
      guard let (bytes, from) = receive() else { return }
      owner.take(bytes, from: from)
    }
    descriptorIsReady(.readable)
  }

  private func receive() -> ([UInt8], SocketAddress)? {
    withUnsafeTemporaryAllocation(byteCount: LiveDatagrams.sizeLimit, alignment: 16) { memory in
      while true {
        var from = hubrig_address()
        let count = hubrig_receive_datagram(
          descriptor, memory.baseAddress, memory.count, &from)
        if count >= 0 { return (Array(memory.prefix(count)), SocketAddress(raw: from)) }
        // An earlier datagram that found nobody is told of here; the next may be fine.
        if errno != ECONNREFUSED, errno != EINTR { return nil }
      }
    }
  }
}
