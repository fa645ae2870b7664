import World

/// A socket for datagrams on a virtual host.
final class VirtualDatagrams: Datagrams {
  let port: UInt16
  var handler: ((_ from: DatagramAddress, _ bytes: [UInt8]) -> Void)?

  /// nil once the socket is closed or its process has ended.
  private unowned(unsafe) var host: VirtualHost?
  private var groups: [IPv4Address] = []

  init(port: UInt16, host: VirtualHost) {
    self.port = port
    self.host = host
  }

  @discardableResult
  func join(group: String) -> Bool {
    guard host != nil, let address = IPv4Address(group), address.isMulticast else { return false }
    if !groups.contains(address) { groups.append(address) }
    return true
  }

  @discardableResult
  func send(_ bytes: [UInt8], to address: String, port: UInt16) -> Bool {
    guard let host, bytes.count <= Self.sizeLimit, port > 0 else { return false }
    let engine = host.engine
    let to = IPv4Address(address)
    let isForMany = to.map { $0.isBroadcast || $0.isMulticast } ?? false
    let others: [VirtualHost]
    let isForSelf: Bool
    if let to, isForMany {
      isForSelf = host.socket(on: port).map { $0 !== self && $0.hears(to) } ?? false
      others = engine.neighbours(of: host) { $0.awaits(to, on: port) }
    } else {
      guard let target = engine.find(address, from: host),
        target === host || target.segment == host.segment
      else { return false }
      isForSelf = target === host
      others = isForSelf ? [] : [target]
    }
    guard host.isOn, (isForSelf && !isForMany) || host.link.carries(outgoing: true) else {
      return false
    }
    let from = DatagramAddress(address: host.address, port: self.port)
    func setOut(to receiver: VirtualHost, at time: Int64) {
      Parcel(
        bytes: bytes, from: from, to: isForMany ? to : nil, port: port, receiver: receiver,
        sender: self
      ).setOut(at: time)
    }
    if isForSelf { setOut(to: host, at: engine.now) }
    guard isForMany || !isForSelf else { return true }
    let copies = host.link.drawDuplication() ? 2 : 1
    for _ in 0..<copies {
      guard let departure = host.link.passDatagram(bytes.count, outgoing: true, at: engine.now)
      else { continue }
      for receiver in others { setOut(to: receiver, at: departure) }
    }
    return true
  }

  func close() {
    host?.remove(self)
    vanish()
  }

  /// Closed by the end of the process that had it.
  func vanish() {
    host = nil
    handler = nil
  }

  /// Whether what is sent to this group, to everyone or (nil) to the host is for this socket.
  func hears(_ address: IPv4Address?) -> Bool {
    guard let address, !address.isBroadcast else { return true }
    return groups.contains(address)
  }
}
