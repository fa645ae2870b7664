import CBoard
import World

/// The sockets for datagrams that the firmware knows by number.
final class HubDatagrams {
  static let limit = 8
  /// Something has come that the firmware should look at.
  var onChange: (() -> Void)?
  private var slots = [HubSocket?](repeating: nil, count: HubDatagrams.limit)

  subscript(number: hub_socket) -> HubSocket? {
    guard number >= 0, number < Self.limit else { return nil }
    return slots[Int(number)]
  }

  func open(on host: any Host, port: UInt16, network: HostNetwork) -> hub_socket {
    guard let number = slots.firstIndex(where: { $0 == nil }) else {
      return HUB_ERROR_TOO_MANY_STREAMS.rawValue
    }
    do throws(NetworkFailure) {
      let datagrams = try host.openDatagrams(port: port, network: network)
      slots[number] = HubSocket(datagrams, owner: self)
      return hub_socket(number)
    } catch {
      return error.boardError.rawValue
    }
  }

  func close(_ number: hub_socket) {
    guard let slot = self[number] else { return }
    slots[Int(number)] = nil
    slot.close()
  }

  /// The board has lost its power.
  func removeAll() {
    for number in slots.indices { close(hub_socket(number)) }
  }
}

/// One socket of the firmware's, and what has come to it. When more comes than it may hold, the
/// oldest goes.
final class HubSocket {
  static let queueLimit = 16
  private let datagrams: any Datagrams
  private var queue: [(from: DatagramAddress, bytes: [UInt8])] = []

  init(_ datagrams: any Datagrams, owner: HubDatagrams) {
    self.datagrams = datagrams
    datagrams.handler = { [unowned self, unowned owner] from, bytes in
      // To the firmware, a size of 0 says that there is none.
      guard !bytes.isEmpty else { return }
      if queue.count == Self.queueLimit { queue.removeFirst() }
      queue.append((from, bytes))
      owner.onChange?()
    }
  }

  func join(_ group: IPv4Address) -> Bool { datagrams.join(group: group.text) }

  func send(_ bytes: UnsafeBufferPointer<UInt8>, to address: IPv4Address, port: UInt16) -> Bool {
    datagrams.send(Array(bytes), to: address.text, port: port)
  }

  func receive() -> (from: DatagramAddress, bytes: [UInt8])? {
    queue.isEmpty ? nil : queue.removeFirst()
  }

  func close() {
    datagrams.handler = nil
    datagrams.close()
  }
}
