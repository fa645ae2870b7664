import COpenSSL
import Glibc
import World

/// Bytes through an open connection of OpenSSL, at either end. Whoever has made the connection frees
/// it.
struct SecurePipe {
  let ssl: OpaquePointer

  func receive(into space: UnsafeMutableRawBufferPointer) -> Transfer {
    ERR_clear_error()
    return outcome(of: SSL_read(ssl, space.baseAddress, Int32(clamping: space.count)))
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    ERR_clear_error()
    return outcome(of: SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count)))
  }

  func sayEnd() -> Transfer {
    ERR_clear_error()
    let code = SSL_shutdown(ssl)
    if code < 0 && SSL_get_error(ssl, code) == SSL_ERROR_WANT_WRITE { return .blocked }
    // If it cannot be said there is nobody left to hear it.
    return .moved(0)
  }

  private func outcome(of code: Int32) -> Transfer {
    if code > 0 { return .moved(Int(code)) }
    let failure = errno
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
    case SSL_ERROR_ZERO_RETURN: return .ended
    case SSL_ERROR_SYSCALL: return failure == 0 ? .ended : .failed(NetworkFailure(errno: failure))
    default: return .failed(.tlsProtocol)
    }
  }
}
