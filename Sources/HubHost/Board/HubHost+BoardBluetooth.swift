import CBoard
import World

extension HubHost {
  func addBluetooth(to board: inout hub_board) {
    board.bluetooth_advertise = { context, name, nameCount, data, dataCount in
      HubHost.with(context) { hub in
        guard !hub.isDying else { return }
        guard let bluetooth = hub.host.bluetooth else {
          if nameCount > 0 { hub.host.note(.detail, "this machine has no Bluetooth for the hub") }
          return
        }
        guard nameCount > 0 else { return bluetooth.advertise(nil) }
        bluetooth.advertise(
          BluetoothAdvertisement(
            name: text(name, nameCount),
            data: Array(UnsafeBufferPointer(start: data, count: Int(dataCount)))))
      }
    }
    board.bluetooth_next = { context, event, into, capacity in
      guard let event else { return }
      HubHost.with(context) { hub in
        event.pointee = hub.takeBluetoothEvent(
          into: UnsafeMutableBufferPointer(start: into, count: into == nil ? 0 : Int(capacity)))
      }
    }
    board.bluetooth_value = { context, connection, characteristic, bytes, count, notify in
      HubHost.with(context) { hub in
        guard !hub.isDying else { return false }
        return hub.host.bluetooth?.setValue(
          Array(UnsafeBufferPointer(start: bytes, count: Int(count))), of: characteristic,
          for: connection, notify: notify) ?? false
      }
    }
    board.bluetooth_disconnect = { context, connection in
      HubHost.with(context) { hub in
        if !hub.isDying { hub.host.bluetooth?.disconnect(connection) }
      }
    }
  }

  /// How many events wait for the firmware; a phone that writes faster is disconnected.
  private static let bluetoothEventLimit = 32

  func hear(_ event: BluetoothEvent) {
    if case .written(let connection, _, _) = event,
      bluetoothEvents.count >= Self.bluetoothEventLimit
    {
      host.bluetooth?.disconnect(connection)
      return
    }
    bluetoothEvents.append(event)
    pollNow()
  }

  private func takeBluetoothEvent(
    into memory: UnsafeMutableBufferPointer<UInt8>
  ) -> hub_bluetooth_event {
    var raw = hub_bluetooth_event()
    guard !bluetoothEvents.isEmpty else { return raw }
    func set(_ kind: hub_bluetooth_event_kind, _ connection: UInt16, _ characteristic: UInt8 = 0) {
      raw.kind = UInt8(kind.rawValue)
      raw.connection = connection
      raw.characteristic = characteristic
    }
    switch bluetoothEvents.removeFirst() {
    case .connected(let connection): set(HUB_BLUETOOTH_CONNECTED, connection)
    case .disconnected(let connection): set(HUB_BLUETOOTH_DISCONNECTED, connection)
    case .subscribed(let connection, let characteristic):
      set(HUB_BLUETOOTH_SUBSCRIBED, connection, characteristic)
    case .unsubscribed(let connection, let characteristic):
      set(HUB_BLUETOOTH_UNSUBSCRIBED, connection, characteristic)
    case .written(let connection, let characteristic, let bytes):
      set(HUB_BLUETOOTH_WRITTEN, connection, characteristic)
      let count = min(bytes.count, memory.count)
      _ = memory.update(fromContentsOf: bytes.prefix(count))
      raw.count = UInt32(count)
    }
    return raw
  }
}
