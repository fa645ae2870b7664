import CBoard
import World

@testable import HubHost

/// Calls a hub's board as firmware does, without any firmware.
struct BoardHand {
  let raw: hub_board
  /// The board does not keep its hub.
  private let hub: HubHost

  init(_ hub: HubHost) {
    self.hub = hub
    raw = hub.makeBoard()
  }

  func open(
    _ host: String, port: UInt16, trust: hub_trust = HUB_TRUST_PLAIN, name: String = "",
    resuming: hub_stream = -1, fingerprint: [UInt8]? = nil, authority: String = ""
  ) -> hub_stream {
    var host = host
    var name = name
    var authority = authority
    return host.withUTF8 { hostBytes in
      name.withUTF8 { nameBytes in
        authority.withUTF8 { authorityBytes in
          (fingerprint ?? []).withUnsafeBufferPointer { fingerprintBytes in
            var request = hub_stream_request()
            request.host = hostBytes.baseAddress
            request.host_count = UInt32(hostBytes.count)
            request.port = port
            request.trust = UInt8(trust.rawValue)
            request.expected_name = nameBytes.baseAddress
            request.expected_name_count = UInt32(nameBytes.count)
            request.resume_session_of = resuming
            request.fingerprint = fingerprint == nil ? nil : fingerprintBytes.baseAddress
            request.authority = authorityBytes.baseAddress
            request.authority_count = UInt32(authorityBytes.count)
            return raw.stream_open(raw.context, &request)
          }
        }
      }
    }
  }

  func state(_ stream: hub_stream) -> hub_stream_state {
    hub_stream_state(UInt32(raw.stream_state(raw.context, stream)))
  }

  func error(_ stream: hub_stream) -> hub_stream_error {
    hub_stream_error(raw.stream_error(raw.context, stream))
  }

  func read(_ stream: hub_stream, upTo capacity: Int = 1_024) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      count = Int(
        raw.stream_read(raw.context, stream, buffer.baseAddress, UInt32(capacity)))
    }
  }

  func write(_ stream: hub_stream, _ bytes: [UInt8]) -> Int {
    Int(raw.stream_write(raw.context, stream, bytes, UInt32(bytes.count)))
  }

  func finish(_ stream: hub_stream) { raw.stream_finish(raw.context, stream) }
  func close(_ stream: hub_stream) { raw.stream_close(raw.context, stream) }

  var uptime: UInt64 { raw.uptime_milliseconds(raw.context) }
  var wifi: hub_wifi_state { hub_wifi_state(UInt32(raw.wifi_state(raw.context))) }
  var signal: Int32 { raw.wifi_signal(raw.context) }

  func join(_ name: String, _ key: String) {
    let name = Array(name.utf8)
    let key = Array(key.utf8)
    name.withUnsafeBufferPointer { name in
      key.withUnsafeBufferPointer { key in
        var request = hub_wifi_request()
        request.name = name.baseAddress
        request.name_count = UInt32(name.count)
        request.security = UInt8((key.isEmpty ? HUB_WIFI_OPEN : HUB_WIFI_WPA2).rawValue)
        request.key = key.baseAddress
        request.key_count = UInt32(key.count)
        raw.wifi_join(raw.context, &request)
      }
    }
  }

  func entropy(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    raw.entropy(raw.context, &bytes, UInt32(count))
    return bytes
  }

  func signature(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    raw.hmac_sha256(
      raw.context, key, UInt32(key.count), message, UInt32(message.count), &digest)
    return digest
  }

  func digest(blocks: Span<UInt8>, into state: inout [8 of UInt32]) {
    var words = (0..<8).map { state[$0] }
    let bytes = blocks.withUnsafeBufferPointer { Array($0) }
    raw.sha256_blocks(raw.context, &words, bytes, UInt32(bytes.count / 64))
    for index in 0..<8 { state[index] = words[index] }
  }

  func log(_ level: hub_log_level, _ text: String) {
    let bytes = Array(text.utf8)
    raw.log(raw.context, UInt8(level.rawValue), bytes, UInt32(bytes.count))
  }

  func light(_ lamp: hub_led, _ mode: hub_led_mode) {
    raw.led(raw.context, UInt8(lamp.rawValue), UInt8(mode.rawValue))
  }

  func openDatagrams(_ port: UInt16, on network: hub_network = HUB_NETWORK_JOINED) -> hub_socket {
    raw.datagram_open(raw.context, UInt8(network.rawValue), port)
  }

  func join(_ socket: hub_socket, group: [UInt8]) -> Bool {
    raw.datagram_join(raw.context, socket, group)
  }

  func send(_ socket: hub_socket, _ bytes: [UInt8], to address: String, port: UInt16) -> Bool {
    guard let to = IPv4Address(address) else { return false }
    var raw = hub_address(bytes: to.bytes, port: port)
    return self.raw.datagram_send(self.raw.context, socket, &raw, bytes, UInt32(bytes.count))
  }

  func receive(_ socket: hub_socket, upTo capacity: Int = 256) -> (from: String, bytes: [UInt8]) {
    var from = hub_address()
    var bytes = [UInt8](repeating: 0, count: capacity)
    let count = raw.datagram_receive(raw.context, socket, &from, &bytes, UInt32(capacity))
    let (a, b, c, d) = from.bytes
    return ("\(IPv4Address(a, b, c, d).text):\(from.port)", Array(bytes.prefix(Int(count))))
  }

  func close(socket: hub_socket) { raw.datagram_close(raw.context, socket) }
}
