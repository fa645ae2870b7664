import CLinux
import CMbedTLS
import Glibc
import World

/// A TLS session that a client may take up again, with the policy under which it was begun.
final class ClientSession: ResumableSession {
  fileprivate let raw = UnsafeMutablePointer<mbedtls_ssl_session>.allocate(capacity: 1)
  let policy: ClientPolicy

  fileprivate init?(of ssl: UnsafePointer<mbedtls_ssl_context>, policy: ClientPolicy) {
    self.policy = policy
    mbedtls_ssl_session_init(raw)
    guard mbedtls_ssl_get_session(ssl, raw) == 0 else { return nil }
  }

  deinit {
    mbedtls_ssl_session_free(raw)
    raw.deallocate()
  }

  /// Only a resumed handshake ends with the same secret.
  fileprivate func hasSameSecret(as other: mbedtls_ssl_session) -> Bool {
    withUnsafeBytes(of: raw.pointee.master) { mine in
      withUnsafeBytes(of: other.master) { theirs in mine.elementsEqual(theirs) }
    }
  }
}

/// The client's side of TLS 1.2, by mbedTLS, as on the chip.
final class ClientTransport: Transport {
  private let ssl = UnsafeMutablePointer<mbedtls_ssl_context>.allocate(capacity: 1)
  private let socket: Int32
  private let configuration: ClientConfiguration
  private let policy: ClientPolicy
  private let earlier: ClientSession?
  private var isCertificateChecked = false
  /// mbedTLS wants to be offered again exactly what it could not send.
  private var refusedCount = 0

  private(set) var isSessionResumed = false
  private(set) var peerFingerprint: [UInt8]?
  private(set) var session: (any ResumableSession)?

  init(
    socket: Int32, configuration: ClientConfiguration, policy: ClientPolicy,
    resuming earlier: ClientSession?
  ) throws(NetworkFailure) {
    self.socket = socket
    self.configuration = configuration
    self.policy = policy
    // A session stands for a certificate that was checked: by rules as strict, or it is not ours.
    self.earlier = earlier.flatMap { policy.takesSession(begunUnder: $0.policy) ? $0 : nil }
    mbedtls_ssl_init(ssl)
    guard mbedtls_ssl_setup(ssl, configuration.raw) == 0 else { throw .tooMany }
    if let name = policy.nameToCheck, mbedtls_ssl_set_hostname(ssl, name) != 0 {
      throw .tlsWrongName
    }
    if let session = self.earlier { mbedtls_ssl_set_session(ssl, session.raw) }
    mbedtls_ssl_set_bio(
      ssl, Unmanaged.passUnretained(self).toOpaque(), sendToSocket, receiveFromSocket, nil)
  }

  deinit {
    mbedtls_ssl_free(ssl)
    ssl.deallocate()
  }

  var crossesDirections: Bool { true }

  func shakeHands() -> Handshake {
    while ssl.pointee.state != Int32(MBEDTLS_SSL_HANDSHAKE_OVER.rawValue) {
      let code = mbedtls_ssl_handshake_step(ssl)
      if code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE { return .blocked }
      if code != 0 { return .failed(failure(code), reason: describe(code)) }
      if let objection = objectionToCertificate() {
        mbedtls_ssl_send_alert_message(
          ssl, UInt8(MBEDTLS_SSL_ALERT_LEVEL_FATAL), UInt8(MBEDTLS_SSL_ALERT_MSG_BAD_CERT))
        return .failed(objection, reason: "the certificate was refused: \(objection.name)")
      }
    }
    if let earlier, let now = ssl.pointee.session {
      isSessionResumed = earlier.hasSameSecret(as: now.pointee)
    }
    session = isSessionResumed ? earlier : ClientSession(of: ssl, policy: policy)
    return .done
  }

  func receive(into space: UnsafeMutableRawBufferPointer) -> Transfer {
    let code = mbedtls_ssl_read(
      ssl, space.baseAddress?.assumingMemoryBound(to: UInt8.self), space.count)
    if code > 0 { return .moved(Int(code)) }
    switch code {
    case MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_SSL_WANT_WRITE: return .blocked
    // Without close_notify, too, as on the server's side.
    case 0, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, MBEDTLS_ERR_SSL_CONN_EOF: return .ended
    default: return .failed(failure(code))
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count = refusedCount > 0 ? min(refusedCount, bytes.count) : bytes.count
    let code = mbedtls_ssl_write(ssl, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
    if code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE {
      refusedCount = count
      return .blocked
    }
    refusedCount = 0
    return code >= 0 ? .moved(Int(code)) : .failed(failure(code))
  }

  func sayEnd() -> Transfer {
    mbedtls_ssl_close_notify(ssl) == MBEDTLS_ERR_SSL_WANT_WRITE ? .blocked : .moved(0)
  }

  /// Asked once, when the server has shown its certificate or a session stands in for it; so a
  /// server that is not the right one is told so before the handshake ends.
  private func objectionToCertificate() -> NetworkFailure? {
    guard !isCertificateChecked,
      ssl.pointee.state > Int32(MBEDTLS_SSL_SERVER_CERTIFICATE.rawValue)
    else { return nil }
    isCertificateChecked = true
    let session = ssl.pointee.session_negotiate ?? ssl.pointee.session
    guard let certificate = session?.pointee.peer_cert else { return .tlsUntrusted }
    peerFingerprint = ClientPolicy.fingerprint(of: certificate)
    return policy.objection(to: certificate)
  }

  private func failure(_ code: Int32) -> NetworkFailure {
    switch code {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
      ClientPolicy.failure(flags: mbedtls_ssl_get_verify_result(ssl))
    case MBEDTLS_ERR_NET_CONN_RESET: .reset
    case MBEDTLS_ERR_NET_RECV_FAILED, MBEDTLS_ERR_NET_SEND_FAILED: .timedOut
    default: .tlsProtocol
    }
  }

  private func describe(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { memory in
      mbedtls_strerror(code, memory.baseAddress, memory.count)
      guard let start = memory.baseAddress else { return "code \(code)" }
      return String(cString: start)
    }
  }

  fileprivate func receive(_ space: UnsafeMutablePointer<UInt8>?, _ capacity: Int) -> Int32 {
    while true {
      let count = recv(socket, space, capacity, 0)
      if count >= 0 { return Int32(count) }
      if errno != EINTR { return code(of: errno, blocked: MBEDTLS_ERR_SSL_WANT_READ) }
    }
  }

  fileprivate func send(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    while true {
      let sent = Glibc.send(socket, bytes, count, Int32(MSG_NOSIGNAL))
      if sent >= 0 { return Int32(sent) }
      if errno != EINTR { return code(of: errno, blocked: MBEDTLS_ERR_SSL_WANT_WRITE) }
    }
  }

  private func code(of error: Int32, blocked: Int32) -> Int32 {
    switch error {
    case EAGAIN: blocked
    case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH: MBEDTLS_ERR_NET_RECV_FAILED
    default: MBEDTLS_ERR_NET_CONN_RESET
    }
  }
}

private func receiveFromSocket(
  _ context: UnsafeMutableRawPointer?, _ space: UnsafeMutablePointer<UInt8>?, _ capacity: Int
) -> Int32 {
  guard let context else { return MBEDTLS_ERR_NET_INVALID_CONTEXT }
  return Unmanaged<ClientTransport>.fromOpaque(context).takeUnretainedValue()
    .receive(space, capacity)
}

private func sendToSocket(
  _ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int
) -> Int32 {
  guard let context else { return MBEDTLS_ERR_NET_INVALID_CONTEXT }
  return Unmanaged<ClientTransport>.fromOpaque(context).takeUnretainedValue().send(bytes, count)
}
