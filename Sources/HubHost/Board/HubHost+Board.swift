// The board's C calls, each led to the `HubHost` that is its context.

import CBoard
import COpenSSL
import World

extension HubHost {
  /// The board for this hub. It holds an unowned reference to it.
  func makeBoard() -> hub_board {
    var board = hub_board()
    board.context = Unmanaged.passUnretained(self).toOpaque()
    addClockAndChance(to: &board)
    addRadio(to: &board)
    addStreams(to: &board)
    addDatagrams(to: &board)
    addMemory(to: &board)
    addBluetooth(to: &board)
    addBody(to: &board)
    return board
  }

  private func addClockAndChance(to board: inout hub_board) {
    board.uptime_milliseconds = { HubHost.with($0) { $0.tellTime() } }
    board.entropy = { context, bytes, count in
      guard let bytes else { return }
      let random = HubHost.with(context) { $0.host.randomBytes(Int(count)) }
      bytes.update(from: random, count: random.count)
    }
    board.hmac_sha256 = { _, key, keyCount, message, messageCount, digest in
      guard let digest else { return }
      hmacSHA256(
        key: UnsafeBufferPointer(start: key, count: Int(keyCount)),
        message: UnsafeBufferPointer(start: message, count: Int(messageCount)), into: digest)
    }
    board.sha256_blocks = { _, state, blocks, count in
      hubrig_SHA256_blocks(state, blocks, Int(count))
    }
  }

  private func addStreams(to board: inout hub_board) {
    board.stream_open = { context, request in
      guard let request else { return HUB_ERROR_UNREACHABLE.rawValue }
      return HubHost.with(context) { $0.open(request.pointee) }
    }
    board.stream_state = { context, stream in
      HubHost.with(context) { UInt8(($0.streams[stream]?.state ?? HUB_STREAM_FAILED).rawValue) }
    }
    board.stream_error = { context, stream in
      HubHost.with(context) { ($0.streams[stream]?.error ?? HUB_ERROR_RESET).rawValue }
    }
    board.stream_read = { context, stream, into, capacity in
      HubHost.with(context) { hub in
        guard let into, let open = hub.streams[stream]?.readable else { return 0 }
        return read(open, into: into, capacity: Int(capacity))
      }
    }
    board.stream_write = { context, stream, bytes, count in
      HubHost.with(context) { hub in
        guard let open = hub.streams[stream] else { return 0 }
        return UInt32(open.write(UnsafeRawBufferPointer(start: bytes, count: Int(count))))
      }
    }
    board.stream_finish = { context, stream in
      HubHost.with(context) { $0.streams[stream]?.finish() }
    }
    board.stream_fingerprint = { context, stream, into in
      HubHost.with(context) { hub in
        guard let into, let bytes = hub.streams[stream]?.stream?.peerFingerprint,
          bytes.count == fingerprintCount
        else { return false }
        into.update(from: bytes, count: fingerprintCount)
        return true
      }
    }
    board.listen = { context, network, port in
      HubHost.with(context) { hub in
        guard !hub.isDying else { return HUB_ERROR_UNREACHABLE.rawValue }
        return hub.listeners.open(
          on: hub.host, port: port, network: HostNetwork(board: network), streams: hub.streams)
      }
    }
    board.accept = { context, listener in HubHost.with(context) { $0.listeners.accept(listener) } }
    board.listener_close = { context, listener in
      HubHost.with(context) { $0.listeners.close(listener) }
    }
    board.stream_close = { context, stream in HubHost.with(context) { $0.streams.close(stream) } }
  }

  private func addBody(to board: inout hub_board) {
    board.log = { context, level, bytes, count in
      let kind: TraceKind = UInt32(level) == HUB_LOG_DEBUG.rawValue ? .detail : .hub
      let prefix =
        switch UInt32(level) {
        case HUB_LOG_WARNING.rawValue: "warning: "
        case HUB_LOG_ERROR.rawValue: "error: "
        default: ""
        }
      HubHost.with(context) { hub in
        guard !hub.isDying else { return }
        hub.host.note(kind, prefix + text(bytes, count))
      }
    }
    board.led = { context, lamp, mode in
      HubHost.with(context) { hub in
        guard !hub.isDying, hub.lamps.set(lamp, to: mode) else { return }
        hub.host.note(.detail, "lamp: " + hub.lamps.text(of: lamp))
      }
    }
    board.button = { HubHost.with($0) { $0.isButtonDown } }
    board.watchdog_feed = { HubHost.with($0) { $0.feedWatchdog() } }
    board.restart = { context, reason in
      HubHost.with(context) { $0.restart(BootReason(rawValue: reason) ?? .restart) }
    }
  }

  /// The hub behind a context, which outlives every call to its board.
  @inline(__always)
  static func with<Answer>(
    _ context: UnsafeMutableRawPointer?, _ body: (HubHost) -> Answer
  ) -> Answer {
    guard let context else { preconditionFailure("the firmware lost its board's context") }
    return Unmanaged<HubHost>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }

  private func open(_ request: hub_stream_request) -> hub_stream {
    guard !isDying else { return HUB_ERROR_UNREACHABLE.rawValue }
    if behaviour == .neverReachesCloud, UInt32(request.trust) == HUB_TRUST_CLOUD.rawValue {
      return HUB_ERROR_UNREACHABLE.rawValue
    }
    let name = text(request.host, request.host_count)
    let earlier = streams[request.resume_session_of]?.stream
    let security: ClientSecurity
    switch UInt32(request.trust) {
    case HUB_TRUST_PLAIN.rawValue: security = .plain
    case HUB_TRUST_CLOUD.rawValue:
      let given = text(request.authority, request.authority_count)
      security = .tls(
        trust: .authority(given.isEmpty ? settings.cloudAuthority : given), serverName: name,
        resuming: earlier)
    case HUB_TRUST_PINNED.rawValue:
      let expected = text(request.expected_name, request.expected_name_count)
      let fingerprint = UnsafeBufferPointer(
        start: request.fingerprint, count: request.fingerprint == nil ? 0 : fingerprintCount)
      security = .tls(
        trust: .pinned(commonName: expected, fingerprint: Array(fingerprint)),
        serverName: expected, resuming: earlier)
    case HUB_TRUST_MAKER.rawValue:
      guard !settings.makerAuthority.isEmpty else { return HUB_ERROR_TLS_UNTRUSTED.rawValue }
      let expected = text(request.expected_name, request.expected_name_count)
      security = .tls(
        trust: .maker(authority: settings.makerAuthority, commonName: expected),
        serverName: expected, resuming: earlier)
    case HUB_TRUST_COMMON_NAME.rawValue:
      let expected = text(request.expected_name, request.expected_name_count)
      security = .tls(trust: .commonName(expected), serverName: expected, resuming: earlier)
    default: return HUB_ERROR_TLS_PROTOCOL.rawValue
    }
    return streams.open(on: host, to: name, port: request.port, security: security)
  }
}

/// Bytes of a SHA-256.
private let fingerprintCount = 32

/// A text as the firmware hands it over.
func text(_ bytes: UnsafePointer<UInt8>?, _ count: UInt32) -> String {
  String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
}

/// Takes what is there, even when it lies in more than one piece.
private func read(
  _ stream: any Stream, into start: UnsafeMutablePointer<UInt8>, capacity: Int
) -> UInt32 {
  var taken = 0
  while taken < capacity, stream.unreadCount > 0 {
    stream.read { bytes in
      let count = min(bytes.count, capacity - taken)
      guard count > 0, let source = bytes.baseAddress else { return 0 }
      UnsafeMutableRawPointer(start + taken).copyMemory(from: source, byteCount: count)
      taken += count
      return count
    }
  }
  return UInt32(taken)
}
