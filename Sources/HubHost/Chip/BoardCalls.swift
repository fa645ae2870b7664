// What each call of board.h looks like in a frame: numbers are words; bytes that go in, and room for
// bytes that come out, are a count, and the bytes. Answers have the call's result first.

import CBoard

extension BoardCalls {
  static let clockAndChance = [
    BoardCall("uptime_milliseconds", \.uptime_milliseconds) { (call, board, _, out) in
      out.put(long: call(board))
    },
    BoardCall("entropy", \.entropy) { (call, board, of, out) throws(ChipFailure) in
      let count = try of.word()
      try out.fill(Int(count)) { bytes in
        call(board, bytes, count)
        return Int(count)
      }
    },
    BoardCall("log", \.log) { (call, board, of, _) throws(ChipFailure) in
      let level: UInt8 = try of.number()
      let text = try of.data()
      call(board, level, text.baseAddress, UInt32(text.count))
    },
  ]

  static let radio = [
    BoardCall("wifi_join", \.wifi_join) { (call, board, of, _) throws(ChipFailure) in
      let name = try of.data()
      let security: UInt8 = try of.number()
      let key = try of.data()
      let user = try of.data()
      var request = hub_wifi_request()
      request.name = name.baseAddress
      request.name_count = UInt32(name.count)
      request.security = security
      request.key = key.baseAddress
      request.key_count = UInt32(key.count)
      request.user = user.baseAddress
      request.user_count = UInt32(user.count)
      call(board, &request)
    },
    BoardCall("wifi_state", \.wifi_state) { (call, board, _, out) in
      out.put(UInt32(call(board)))
    },
    BoardCall("wifi_signal", \.wifi_signal) { (call, board, _, out) in out.put(call(board)) },
    BoardCall("wifi_scan", \.wifi_scan) { (call, board, _, _) in call(board) },
    BoardCall("wifi_scan_count", \.wifi_scan_count) { (call, board, _, out) in
      out.put(call(board))
    },
    BoardCall("wifi_scan_result", \.wifi_scan_result) {
      (call, board, of, out) throws(ChipFailure) in
      var network = hub_wifi_network()
      out.put(call(board, try of.word(), &network))
      out.put(value: network)
    },
    BoardCall("wifi_own_network", \.wifi_own_network) { (call, board, of, _) throws(ChipFailure) in
      let name = try of.data()
      call(board, name.baseAddress, UInt32(name.count))
    },
    BoardCall("local_address", \.local_address) { (call, board, of, out) throws(ChipFailure) in
      let network: UInt8 = try of.number()
      var address: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
      let hasOne = withUnsafeMutableBytes(of: &address) {
        call(board, network, $0.assumingMemoryBound(to: UInt8.self).baseAddress)
      }
      out.put(hasOne)
      out.put(value: UInt32(littleEndian: unsafeBitCast(address, to: UInt32.self)))
    },
  ]

  static let bluetooth = [
    BoardCall("bluetooth_advertise", \.bluetooth_advertise) {
      (call, board, of, _) throws(ChipFailure) in
      let name = try of.data()
      let data = try of.data()
      call(board, name.baseAddress, UInt32(name.count), data.baseAddress, UInt32(data.count))
    },
    BoardCall("bluetooth_next", \.bluetooth_next) { (call, board, of, out) throws(ChipFailure) in
      let capacity = try of.word()
      var event = hub_bluetooth_event()
      var bytes = [UInt8](repeating: 0, count: Int(min(capacity, UInt32(ChipFrame.limit / 2))))
      call(board, &event, &bytes, UInt32(bytes.count))
      out.put(value: event)
      try out.fill(bytes.count) { place in
        let count = min(Int(event.count), bytes.count)
        place.update(from: bytes, count: count)
        return count
      }
    },
    BoardCall("bluetooth_value", \.bluetooth_value) { (call, board, of, out) throws(ChipFailure) in
      let connection: UInt16 = try of.number()
      let characteristic: UInt8 = try of.number()
      let bytes = try of.data()
      let notifies = try of.word() != 0
      out.put(
        call(
          board, connection, characteristic, bytes.baseAddress, UInt32(bytes.count), notifies))
    },
    BoardCall("bluetooth_disconnect", \.bluetooth_disconnect) {
      (call, board, of, _) throws(ChipFailure) in call(board, try of.number())
    },
  ]

  static let streams = [
    BoardCall("stream_open", \.stream_open) { (call, board, of, out) throws(ChipFailure) in
      let host = try of.data()
      let port: UInt16 = try of.number()
      let trust: UInt8 = try of.number()
      let name = try of.data()
      let earlier = try of.signed()
      let fingerprint = try of.data()
      let authority = try of.data()
      guard fingerprint.isEmpty || fingerprint.count == 32 else {
        throw ChipFailure("a fingerprint has \(fingerprint.count) bytes")
      }
      var request = hub_stream_request()
      request.host = host.baseAddress
      request.host_count = UInt32(host.count)
      request.port = port
      request.trust = trust
      request.expected_name = name.baseAddress
      request.expected_name_count = UInt32(name.count)
      request.resume_session_of = earlier
      request.fingerprint = fingerprint.isEmpty ? nil : fingerprint.baseAddress
      request.authority = authority.baseAddress
      request.authority_count = UInt32(authority.count)
      out.put(call(board, &request))
    },
    BoardCall("stream_state", \.stream_state) { (call, board, of, out) throws(ChipFailure) in
      out.put(UInt32(call(board, try of.signed())))
    },
    BoardCall("stream_error", \.stream_error) { (call, board, of, out) throws(ChipFailure) in
      out.put(call(board, try of.signed()))
    },
    BoardCall("stream_read", \.stream_read) { (call, board, of, out) throws(ChipFailure) in
      let stream = try of.signed()
      try result(&out, capacity: of.word()) { Int32(bitPattern: call(board, stream, $0, $1)) }
    },
    BoardCall("stream_write", \.stream_write) { (call, board, of, out) throws(ChipFailure) in
      let stream = try of.signed()
      let bytes = try of.data()
      out.put(call(board, stream, bytes.baseAddress, UInt32(bytes.count)))
    },
    BoardCall("stream_finish", \.stream_finish) { (call, board, of, _) throws(ChipFailure) in
      call(board, try of.signed())
    },
    BoardCall("stream_close", \.stream_close) { (call, board, of, _) throws(ChipFailure) in
      call(board, try of.signed())
    },
    BoardCall("listen", \.listen) { (call, board, of, out) throws(ChipFailure) in
      let network: UInt8 = try of.number()
      out.put(call(board, network, try of.number()))
    },
    BoardCall("accept", \.accept) { (call, board, of, out) throws(ChipFailure) in
      out.put(call(board, try of.signed()))
    },
    BoardCall("listener_close", \.listener_close) { (call, board, of, _) throws(ChipFailure) in
      call(board, try of.signed())
    },
    BoardCall("stream_fingerprint", \.stream_fingerprint) {
      (call, board, of, out) throws(ChipFailure) in
      let stream = try of.signed()
      try truth(&out, bytes: 32) { call(board, stream, $0) }
    },
  ]

  static let datagrams = [
    BoardCall("datagram_open", \.datagram_open) { (call, board, of, out) throws(ChipFailure) in
      let network: UInt8 = try of.number()
      out.put(call(board, network, try of.number()))
    },
    BoardCall("datagram_join", \.datagram_join) { (call, board, of, out) throws(ChipFailure) in
      let socket = try of.signed()
      out.put(call(board, socket, try of.data(count: 4)))
    },
    BoardCall("datagram_send", \.datagram_send) { (call, board, of, out) throws(ChipFailure) in
      let socket = try of.signed()
      let raw = try of.data(count: MemoryLayout<hub_address>.size)
      let bytes = try of.data()
      var to = UnsafeRawPointer(raw!).loadUnaligned(as: hub_address.self)
      out.put(call(board, socket, &to, bytes.baseAddress, UInt32(bytes.count)))
    },
    BoardCall("datagram_receive", \.datagram_receive) {
      (call, board, of, out) throws(ChipFailure) in
      let socket = try of.signed()
      let capacity = try of.word()
      var from = hub_address()
      var bytes = [UInt8](repeating: 0, count: Int(min(capacity, UInt32(ChipFrame.limit / 2))))
      let size = call(board, socket, &from, &bytes, UInt32(bytes.count))
      out.put(size)
      out.put(value: from)
      try out.fill(bytes.count) { place in
        let count = min(Int(size), bytes.count)
        place.update(from: bytes, count: count)
        return count
      }
    },
    BoardCall("datagram_close", \.datagram_close) { (call, board, of, _) throws(ChipFailure) in
      call(board, try of.signed())
    },
  ]

  static let memories = [
    BoardCall("flash_size", \.flash_size) { (call, board, of, out) throws(ChipFailure) in
      out.put(call(board, try of.number()))
    },
    BoardCall("flash_read", \.flash_read) { (call, board, of, out) throws(ChipFailure) in
      let partition: UInt8 = try of.number()
      let offset = try of.word()
      let count = try of.word()
      try truth(&out, bytes: Int(count)) { call(board, partition, offset, $0, count) }
    },
    BoardCall("flash_program", \.flash_program) { (call, board, of, out) throws(ChipFailure) in
      let partition: UInt8 = try of.number()
      let offset = try of.word()
      let bytes = try of.data()
      out.put(call(board, partition, offset, bytes.baseAddress, UInt32(bytes.count)))
    },
    BoardCall("flash_erase", \.flash_erase) { (call, board, of, out) throws(ChipFailure) in
      let partition: UInt8 = try of.number()
      out.put(call(board, partition, try of.word()))
    },
    BoardCall("retained_read", \.retained_read) { (call, board, of, out) throws(ChipFailure) in
      let offset = try of.word()
      try result(&out, capacity: of.word()) { Int32(bitPattern: call(board, offset, $0, $1)) }
    },
    BoardCall("retained_write", \.retained_write) { (call, board, of, out) throws(ChipFailure) in
      let offset = try of.word()
      let bytes = try of.data()
      out.put(call(board, offset, bytes.baseAddress, UInt32(bytes.count)))
    },
  ]

  static let crypto = [
    BoardCall("seal", \.seal) { (call, board, of, out) throws(ChipFailure) in
      let nonce = try of.data(count: 12)
      let label = try of.data()
      var bytes = Array(try of.data())
      var tag = [UInt8](repeating: 0, count: 16)
      call(
        board, nonce, label.baseAddress, UInt32(label.count), &bytes, UInt32(bytes.count), &tag)
      try out.put(array: bytes)
      try out.put(array: tag)
    },
    BoardCall("unseal", \.unseal) { (call, board, of, out) throws(ChipFailure) in
      let nonce = try of.data(count: 12)
      let label = try of.data()
      var bytes = Array(try of.data())
      let tag = try of.data(count: 16)
      out.put(
        call(
          board, nonce, label.baseAddress, UInt32(label.count), &bytes, UInt32(bytes.count), tag))
      try out.put(array: bytes)
    },
    BoardCall("firmware_signature_is_good", \.firmware_signature_is_good) {
      (call, board, of, out) throws(ChipFailure) in
      let digest = try of.data(count: 32)
      out.put(call(board, digest, try of.data(count: 64)))
    },
    BoardCall("hmac_sha256", \.hmac_sha256) { (call, board, of, out) throws(ChipFailure) in
      let key = try of.data()
      let message = try of.data()
      try out.fill(32) { digest in
        call(
          board, key.baseAddress, UInt32(key.count), message.baseAddress, UInt32(message.count),
          digest)
        return 32
      }
    },
    BoardCall("sha256_blocks", \.sha256_blocks) { (call, board, of, out) throws(ChipFailure) in
      let before = UnsafeRawBufferPointer(start: try of.data(count: 32), count: 32)
      var state = [UInt32](repeating: 0, count: 8)
      state.withUnsafeMutableBytes { $0.copyBytes(from: before) }
      let blocks = try of.data()
      call(board, &state, blocks.baseAddress, UInt32(blocks.count / 64))
      try out.put(array: state.withUnsafeBytes { Array($0) })
    },
  ]

  static let body = [
    BoardCall("button", \.button) { (call, board, _, out) in out.put(call(board)) },
    BoardCall("led", \.led) { (call, board, of, _) throws(ChipFailure) in
      let lamp: UInt8 = try of.number()
      call(board, lamp, try of.number())
    },
    BoardCall("watchdog_feed", \.watchdog_feed) { (call, board, _, _) in call(board) },
    BoardCall("restart", \.restart) { (call, board, of, _) throws(ChipFailure) in
      call(board, try of.number())
    },
  ]

  /// A call that fills bytes and answers how many, or a number below zero.
  private static func result(
    _ out: inout ChipWriter, capacity: UInt32,
    _ call: (UnsafeMutablePointer<UInt8>, UInt32) -> Int32
  ) throws(ChipFailure) {
    let place = out.count
    out.put(UInt32(0))
    var answer: Int32 = 0
    try out.fill(Int(capacity)) { bytes in
      answer = call(bytes, capacity)
      return Int(answer)
    }
    out.replace(at: place, UInt32(bitPattern: answer))
  }

  /// A call that answers whether it has filled so many bytes.
  private static func truth(
    _ out: inout ChipWriter, bytes count: Int, _ call: (UnsafeMutablePointer<UInt8>) -> Bool
  ) throws(ChipFailure) {
    let place = out.count
    out.put(UInt32(0))
    var answer = false
    try out.fill(count) { bytes in
      bytes.initialize(repeating: 0, count: count)
      answer = call(bytes)
      return count
    }
    out.replace(at: place, answer ? 1 : 0)
  }
}
