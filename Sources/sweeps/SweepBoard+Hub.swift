import CBoard
import HubCore
import HubHost

/// What a whole hub asks of a board beside flash and streams.
extension SweepBoard {
  func addFarm(_ raw: inout hub_board) {
    raw.uptime_milliseconds = { SweepBoard.at($0).farm?.now ?? 0 }
    raw.restart = { context, _ in SweepBoard.at(context).farm?.restart() }
    raw.wifi_join = { context, request in
      let request = request!.pointee
      SweepBoard.at(context).farm?.join(
        UnsafeBufferPointer(start: request.name, count: Int(request.name_count)),
        UnsafeBufferPointer(start: request.key, count: Int(request.key_count)))
    }
    raw.wifi_state = { SweepBoard.at($0).farm?.wifiState ?? 0 }
    raw.wifi_signal = { _ in -52 }
    raw.wifi_scan = { _ in }
    raw.wifi_scan_count = { _ in 0 }
    raw.wifi_scan_result = { _, _, _ in false }
    raw.wifi_own_network = { _, _, _ in }
    raw.local_address = { _, _, _ in false }
    raw.bluetooth_advertise = { _, _, _, _, _ in }
    raw.bluetooth_next = { context, event, into, _ in
      SweepBoard.at(context).farm?.nextEvent(event!, into!)
    }
    raw.bluetooth_value = { context, _, _, bytes, count, _ in
      SweepBoard.at(context).farm?.phoneReads(
        UnsafeBufferPointer(start: bytes, count: Int(count)))
      return true
    }
    raw.bluetooth_disconnect = { _, _ in }
    raw.button = { SweepBoard.at($0).farm?.isButtonDown ?? false }
    raw.retained_read = { _, _, _, _ in 0 }
    raw.retained_write = { _, _, _, _ in 0 }
    raw.hmac_sha256 = { _, _, _, _, _, digest in
      for index in 0..<32 { digest![index] = 0xAB }
    }
    raw.led = { _, _, _ in }
    raw.watchdog_feed = { _ in }
    addHubStreams(&raw)
  }

  private func addHubStreams(_ raw: inout hub_board) {
    raw.stream_open = { context, request in
      let board = SweepBoard.at(context)
      let request = request!.pointee
      let host = UnsafeBufferPointer(start: request.host, count: Int(request.host_count))
      guard let farm = board.farm else { return board.server.open() }
      guard host.elementsEqual("cloud.test".utf8) else {
        return Int32(HUB_ERROR_REFUSED.rawValue)
      }
      farm.cloud.hangUp()
      return 1
    }
    raw.stream_state = { context, _ in SweepBoard.at(context).server.isBroken ? 3 : 1 }
    raw.stream_error = { _, _ in Int32(HUB_ERROR_RESET.rawValue) }
    raw.stream_read = { context, _, into, capacity in
      let board = SweepBoard.at(context)
      let memory = UnsafeMutableBufferPointer(start: into, count: Int(capacity))
      return board.farm?.cloud.read(into: memory) ?? board.server.read(into: memory)
    }
    raw.stream_write = { context, _, bytes, count in
      let board = SweepBoard.at(context)
      let memory = UnsafeBufferPointer(start: bytes, count: Int(count))
      if let farm = board.farm { farm.cloud.hear(memory) } else { board.server.hear(memory) }
      return count
    }
    raw.stream_finish = { _, _ in }
    raw.stream_close = { context, _ in
      let board = SweepBoard.at(context)
      if let farm = board.farm { farm.cloud.hangUp() } else { board.server.hangUp() }
    }
    raw.stream_fingerprint = { _, _, _ in false }
    raw.listen = { _, _, _ in Int32(HUB_ERROR_ADDRESS_IN_USE.rawValue) }
    raw.accept = { _, _ in -1 }
    raw.listener_close = { _, _ in }
    raw.datagram_open = { _, _, _ in Int32(HUB_ERROR_ADDRESS_IN_USE.rawValue) }
    raw.datagram_join = { _, _, _ in false }
    raw.datagram_send = { _, _, _, _, _ in false }
    raw.datagram_receive = { _, _, _, _, _ in 0 }
    raw.datagram_close = { _, _ in }
  }
}
