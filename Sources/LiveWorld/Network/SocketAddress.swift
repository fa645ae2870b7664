import CLinux
import Glibc
import World

/// An IPv4 or IPv6 address with a port.
struct SocketAddress: @unchecked Sendable {
  var raw: hubrig_address

  init(raw: hubrig_address) { self.raw = raw }

  /// Reads "127.0.0.1" or "::1"; nil for a name.
  init?(_ text: String, port: UInt16) {
    var raw = hubrig_address()
    guard hubrig_address_parse(text, port, &raw) == 0 else { return nil }
    self.raw = raw
  }

  /// The local end of a socket.
  init?(localEndOf socket: Int32) {
    var raw = hubrig_address()
    guard hubrig_local_address(socket, &raw) == 0 else { return nil }
    self.raw = raw
  }

  /// The address without its port.
  var text: String {
    var raw = raw
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { memory in
      guard let start = memory.baseAddress, hubrig_address_text(&raw, start, memory.count) == 0
      else { return "" }
      return String(cString: start)
    }
  }

  var port: UInt16 {
    get {
      var raw = raw
      return hubrig_address_port(&raw)
    }
    set { hubrig_address_set_port(&raw, newValue) }
  }

  /// The address as it stands in certificates: 4 or 16 bytes.
  var bytes: [UInt8] {
    var raw = raw
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = hubrig_address_bytes(&raw, &bytes)
    return Array(bytes.prefix(Int(count)))
  }

  var isFour: Bool { Int32(raw.storage.ss_family) == AF_INET }

  var isLoopback: Bool {
    var raw = raw
    return hubrig_address_is_loopback(&raw) != 0
  }
}

extension NetworkFailure {
  /// What a system call's error means to an actor.
  init(errno code: Int32) {
    self =
      switch code {
      case ECONNREFUSED: .refused
      case ETIMEDOUT: .timedOut
      case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, EAFNOSUPPORT:
        .unreachable
      case EADDRINUSE: .addressInUse
      case EACCES, EPERM: .notPermitted
      case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC, EAGAIN: .tooMany
      default: .reset
      }
  }
}
