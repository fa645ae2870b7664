import CBoard

@testable import HubHost

extension BoardHand {
  func scan() { raw.wifi_scan(raw.context) }
  var scanCount: Int32 { raw.wifi_scan_count(raw.context) }

  func scanResult(_ index: UInt32) -> (name: String, security: UInt8, signal: Int8)? {
    var network = hub_wifi_network()
    guard raw.wifi_scan_result(raw.context, index, &network) else { return nil }
    let name = withUnsafeBytes(of: network.name) {
      String(decoding: $0.prefix(Int(network.name_count)), as: UTF8.self)
    }
    return (name, network.security, network.signal)
  }

  func openOwnNetwork(_ name: String) {
    let name = Array(name.utf8)
    raw.wifi_own_network(raw.context, name, UInt32(name.count))
  }

  func address(_ network: hub_network) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 4)
    return raw.local_address(raw.context, UInt8(network.rawValue), &bytes) ? bytes : nil
  }

  func listen(_ port: UInt16, on network: hub_network) -> hub_listener {
    raw.listen(raw.context, UInt8(network.rawValue), port)
  }

  func accept(_ listener: hub_listener) -> hub_stream { raw.accept(raw.context, listener) }
  func closeListener(_ listener: hub_listener) { raw.listener_close(raw.context, listener) }

  func fingerprint(_ stream: hub_stream) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 32)
    return raw.stream_fingerprint(raw.context, stream, &bytes) ? bytes : nil
  }

  var button: Bool { raw.button(raw.context) }

  func advertise(_ name: String, _ data: [UInt8]) {
    let name = Array(name.utf8)
    raw.bluetooth_advertise(
      raw.context, name, UInt32(name.count), data, UInt32(data.count))
  }

  func nextBluetoothEvent() -> HeardEvent {
    var event = hub_bluetooth_event()
    var bytes = [UInt8](repeating: 0, count: 512)
    raw.bluetooth_next(raw.context, &event, &bytes, UInt32(bytes.count))
    return HeardEvent(
      kind: hub_bluetooth_event_kind(UInt32(event.kind)), connection: event.connection,
      characteristic: event.characteristic, bytes: Array(bytes.prefix(Int(event.count))))
  }

  func setValue(
    _ bytes: [UInt8], of characteristic: UInt8, for connection: UInt16, notify: Bool
  ) -> Bool {
    raw.bluetooth_value(
      raw.context, connection, characteristic, bytes, UInt32(bytes.count), notify)
  }

  func disconnectBluetooth(_ connection: UInt16) {
    raw.bluetooth_disconnect(raw.context, connection)
  }
}

/// An event of Bluetooth as the firmware is told of it.
struct HeardEvent {
  let kind: hub_bluetooth_event_kind
  let connection: UInt16
  let characteristic: UInt8
  let bytes: [UInt8]
}
