import CLinux
import Glibc
import World

/// What became of an attempt to move bytes.
enum Transfer {
  case moved(Int)
  /// Not now: wait until the socket is ready again.
  case blocked
  /// The far end has ended its direction.
  case ended
  case failed(NetworkFailure)
}

/// What became of an attempt to get ready.
enum Handshake {
  case done
  case blocked
  case failed(NetworkFailure, reason: String)
}

/// What lies between a stream's buffers and its socket: nothing, or TLS.
///
/// It does not own the socket. Nothing here waits.
protocol Transport: AnyObject {
  /// Whether reading may have to wait until the socket can be written, and the other way round.
  var crossesDirections: Bool { get }
  var isSessionResumed: Bool { get }
  /// Of the server's certificate, at the client's end.
  var peerFingerprint: [UInt8]? { get }
  /// What can be resumed, at a client's end; there once hands were shaken.
  var session: (any ResumableSession)? { get }
  func shakeHands() -> Handshake
  func receive(into space: UnsafeMutableRawBufferPointer) -> Transfer
  /// Bytes that were refused once must be offered again first; more may follow them.
  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer
  /// Says that nothing more will be sent, above TCP; `.moved` when it has been said.
  func sayEnd() -> Transfer
}

/// What a client can take up again of an earlier connection.
protocol ResumableSession: AnyObject {}

extension Transport {
  var session: (any ResumableSession)? { nil }
}

/// Bytes as they are.
final class PlainTransport: Transport {
  private let socket: Int32

  init(socket: Int32) { self.socket = socket }

  var crossesDirections: Bool { false }
  var isSessionResumed: Bool { false }
  var peerFingerprint: [UInt8]? { nil }

  func shakeHands() -> Handshake { .done }

  func receive(into space: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = recv(socket, space.baseAddress, space.count, 0)
      if count > 0 { return .moved(count) }
      if count == 0 { return .ended }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .blocked : .failed(NetworkFailure(errno: errno))
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    while true {
      let count = Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .moved(count) }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .blocked : .failed(NetworkFailure(errno: errno))
    }
  }

  func sayEnd() -> Transfer { .moved(0) }
}
