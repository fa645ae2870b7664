// Bluetooth as the firmware sees it: one service, three characteristics, a queue of events.

import CBoard
import Wire

/// A characteristic of the hub's service. Its number is the board's.
enum Characteristic: UInt8 {
  case wifi = 1
  case claim = 2
  case status = 3
}

/// What a phone has done.
enum BluetoothEvent: Equatable {
  case connected(UInt16)
  case disconnected(UInt16)
  /// So many bytes are in the memory that was lent.
  case written(UInt16, Characteristic, count: Int)
  case subscribed(UInt16)
  case unsubscribed(UInt16)
  /// Something on a characteristic that the hub does not have.
  case strange(UInt16)
}

extension Board {
  /// Advertises the hub's service.
  func advertise(name: Span<UInt8>, data: Span<UInt8>) {
    unsafe name.withUnsafeBufferPointer { name in
      unsafe data.withUnsafeBufferPointer { data in
        unsafe raw.pointee.bluetooth_advertise?(
          raw.pointee.context, name.baseAddress, UInt32(truncatingIfNeeded: name.count),
          data.baseAddress, UInt32(truncatingIfNeeded: data.count))
      }
    }
  }

  /// Ends every connection and advertises no more.
  func stopAdvertising() { advertise(name: Span(), data: Span()) }

  /// Takes the oldest event; what was written is put into `memory`.
  func nextBluetoothEvent(into memory: UnsafeMutableBufferPointer<UInt8>) -> BluetoothEvent? {
    var event = hub_bluetooth_event()
    guard let next = unsafe raw.pointee.bluetooth_next else { return nil }
    unsafe next(
      raw.pointee.context, &event, memory.baseAddress,
      UInt32(truncatingIfNeeded: memory.count))
    let connection = event.connection
    switch event.kind {
    case 1: return .connected(connection)
    case 2: return .disconnected(connection)
    case 3:
      guard let place = Characteristic(rawValue: event.characteristic) else {
        return .strange(connection)
      }
      let count = min(Int(event.count), memory.count)
      return .written(connection, place, count: count)
    case 4: return .subscribed(connection)
    case 5: return .unsubscribed(connection)
    default: return nil
    }
  }

  /// What a read of a characteristic answers to this phone from now on; also sent to it, if it has
  /// asked for that.
  @discardableResult
  func setValue(
    _ bytes: Span<UInt8>, of place: Characteristic, for connection: UInt16, notify: Bool
  ) -> Bool {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe raw.pointee.bluetooth_value?(
        raw.pointee.context, connection, place.rawValue, bytes.baseAddress,
        UInt32(truncatingIfNeeded: bytes.count), notify) ?? false
    }
  }

  func disconnectBluetooth(_ connection: UInt16) {
    unsafe raw.pointee.bluetooth_disconnect?(raw.pointee.context, connection)
  }
}
