import CBoard
import World

extension HubHost {
  func addDatagrams(to board: inout hub_board) {
    board.datagram_open = { context, network, port in
      HubHost.with(context) { hub in
        guard !hub.isDying else { return HUB_ERROR_UNREACHABLE.rawValue }
        return hub.datagrams.open(on: hub.host, port: port, network: HostNetwork(board: network))
      }
    }
    board.datagram_join = { context, socket, group in
      guard let group else { return false }
      return HubHost.with(context) { hub in
        hub.datagrams[socket]?.join(IPv4Address(group[0], group[1], group[2], group[3])) ?? false
      }
    }
    board.datagram_send = { context, socket, to, bytes, count in
      guard let to else { return false }
      return HubHost.with(context) { hub in
        hub.datagrams[socket]?.send(
          UnsafeBufferPointer(start: bytes, count: Int(count)),
          to: IPv4Address(board: to.pointee.bytes), port: to.pointee.port) ?? false
      }
    }
    board.datagram_receive = { context, socket, from, into, capacity in
      HubHost.with(context) { hub in
        guard let datagram = hub.datagrams[socket]?.receive() else { return 0 }
        if let from, let address = IPv4Address(datagram.from.address) {
          from.pointee = hub_address(bytes: address.bytes, port: datagram.from.port)
        }
        let count = min(datagram.bytes.count, Int(capacity))
        if count > 0 { into?.update(from: datagram.bytes, count: count) }
        return UInt32(count)
      }
    }
    board.datagram_close = { context, socket in
      HubHost.with(context) { $0.datagrams.close(socket) }
    }
  }
}

extension HostNetwork {
  init(board network: UInt8) {
    self = UInt32(network) == HUB_NETWORK_OWN.rawValue ? .own : .joined
  }
}

extension IPv4Address {
  init(board bytes: (UInt8, UInt8, UInt8, UInt8)) {
    self.init(bytes.0, bytes.1, bytes.2, bytes.3)
  }
}
