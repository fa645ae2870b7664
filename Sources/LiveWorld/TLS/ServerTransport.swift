import COpenSSL
import Glibc
import World

/// What all TLS streams of one server identity share: its key, its sessions.
final class ServerContext {
  fileprivate let raw: OpaquePointer

  /// How many sessions of TLS 1.2 clients without tickets are remembered.
  private static let sessionLimit = 1_024

  init(
    credentials: Credentials, name: String, endsAtTLS12: Bool
  ) throws(CertificateError) {
    guard let raw = SSL_CTX_new(TLS_server_method()) else { throw .openSSL("no TLS context") }
    self.raw = raw
    hubrig_SSL_CTX_prepare_server(raw)
    if endsAtTLS12 { _ = hubrig_SSL_CTX_set_max_proto_version(raw, TLS1_2_VERSION) }
    hubrig_SSL_CTX_sess_set_cache_size(raw, Self.sessionLimit)
    // Clients may only resume what was begun under the same identity.
    let mark = Array(name.utf8.suffix(Int(SSL_MAX_SSL_SESSION_ID_LENGTH)))
    guard SSL_CTX_use_certificate(raw, credentials.certificate) == 1,
      SSL_CTX_use_PrivateKey(raw, credentials.key) == 1,
      SSL_CTX_set_session_id_context(raw, mark, UInt32(mark.count)) == 1
    else { throw .openSSL(openSSLFailure()) }
  }

  deinit { SSL_CTX_free(raw) }
}

/// The server's side of TLS 1.2 and 1.3, by OpenSSL.
final class ServerTransport: Transport {
  private let ssl: OpaquePointer
  private let context: ServerContext

  init?(context: ServerContext, socket: Int32) {
    guard let ssl = SSL_new(context.raw) else { return nil }
    self.ssl = ssl
    self.context = context
    SSL_set_accept_state(ssl)
    guard SSL_set_fd(ssl, socket) == 1 else { return nil }
  }

  deinit { SSL_free(ssl) }

  var crossesDirections: Bool { true }
  var peerFingerprint: [UInt8]? { nil }
  var isSessionResumed: Bool { SSL_session_reused(ssl) == 1 }

  func shakeHands() -> Handshake {
    ERR_clear_error()
    let code = SSL_do_handshake(ssl)
    if code == 1 { return .done }
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
    case SSL_ERROR_SYSCALL: return .failed(.reset, reason: "the far end hung up")
    default: return .failed(.tlsProtocol, reason: openSSLFailure())
    }
  }

  func receive(into space: UnsafeMutableRawBufferPointer) -> Transfer {
    SecurePipe(ssl: ssl).receive(into: space)
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer { SecurePipe(ssl: ssl).send(bytes) }
  func sayEnd() -> Transfer { SecurePipe(ssl: ssl).sayEnd() }
}

/// What OpenSSL says went wrong last, for people.
func openSSLFailure() -> String {
  let code = ERR_get_error()
  guard code != 0 else { return "unknown" }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { memory in
    ERR_error_string_n(code, memory.baseAddress, memory.count)
    guard let start = memory.baseAddress else { return "unknown" }
    // "error:0A00009C:SSL routines::http request": the last part is for people.
    let text = String(cString: start)
    return text.split(separator: ":").last.map(String.init) ?? text
  }
}
