// The client's side of TLS 1.2 by OpenSSL, for hubs on machines that are none: several times as quick
// as the chip's library where that does without the processor's own AES. What it believes and what it
// refuses is the same.

import COpenSSL
import Glibc
import World

/// A TLS session that a client may take up again, with the policy under which it was begun.
final class QuickSession: ResumableSession {
  fileprivate let raw: OpaquePointer
  let policy: ClientPolicy

  fileprivate init?(of ssl: OpaquePointer, policy: ClientPolicy) {
    guard let raw = SSL_get1_session(ssl) else { return nil }
    self.raw = raw
    self.policy = policy
  }

  deinit { SSL_SESSION_free(raw) }
}

/// How OpenSSL is to behave for clients that trust one authority, or any signer.
final class QuickContext {
  fileprivate let raw: OpaquePointer

  /// Nil for a text that holds no certificate. With `goesByCommonName` that name is demanded, without
  /// the one that was asked for.
  init?(authority: [UInt8]?, goesByCommonName: Bool) {
    guard let raw = SSL_CTX_new(TLS_client_method()) else { return nil }
    self.raw = raw
    hubrig_SSL_CTX_prepare_client(raw)
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
    if goesByCommonName { SSL_CTX_set_cert_verify_callback(raw, believeByName, nil) }
    if let authority {
      guard Self.add(authority, to: raw) else { return nil }
      // What stands between a maker's root and its machines may be all that a machine's owner has.
      X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(raw), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }
  }

  deinit { SSL_CTX_free(raw) }

  private static func add(_ text: [UInt8], to context: OpaquePointer) -> Bool {
    guard let store = SSL_CTX_get_cert_store(context),
      let input = BIO_new_mem_buf(text, Int32(text.count))
    else { return false }
    defer { BIO_free(input) }
    var count = 0
    while let certificate = PEM_read_bio_X509(input, nil, nil, nil) {
      if X509_STORE_add_cert(store, certificate) == 1 { count += 1 }
      X509_free(certificate)
    }
    ERR_clear_error()
    return count > 0
  }
}

/// The client's side of TLS 1.2, by OpenSSL.
final class QuickTransport: Transport {
  private let pipe: SecurePipe
  private let context: QuickContext
  fileprivate let policy: ClientPolicy
  private let earlier: QuickSession?
  fileprivate var objection: NetworkFailure?

  private(set) var peerFingerprint: [UInt8]?
  private(set) var session: (any ResumableSession)?

  init(
    socket: Int32, context: QuickContext, policy: ClientPolicy, resuming earlier: QuickSession?
  ) throws(NetworkFailure) {
    guard let ssl = SSL_new(context.raw) else { throw .tooMany }
    pipe = SecurePipe(ssl: ssl)
    self.context = context
    self.policy = policy
    // A session stands for a certificate that was checked: by rules as strict, or it is not ours.
    self.earlier = earlier.flatMap { policy.takesSession(begunUnder: $0.policy) ? $0 : nil }
    SSL_set_connect_state(ssl)
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    guard SSL_set_fd(ssl, socket) == 1 else { throw .tooMany }
    if let name = policy.nameToCheck {
      guard hubrig_SSL_set_server_name(ssl, name) == 1 else { throw .tlsWrongName }
    }
    if case .authority = policy.trust, let parameters = SSL_get0_param(ssl) {
      let isSet =
        policy.nameToCheck.map { X509_VERIFY_PARAM_set1_host(parameters, $0, 0) }
        ?? X509_VERIFY_PARAM_set1_ip_asc(parameters, policy.serverName)
      guard isSet == 1 else { throw .tlsWrongName }
    }
    if let session = self.earlier { SSL_set_session(ssl, session.raw) }
  }

  deinit {
    // A connection that broke off says nothing against its session.
    SSL_set_shutdown(pipe.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    SSL_free(pipe.ssl)
  }

  var crossesDirections: Bool { true }
  var isSessionResumed: Bool { SSL_session_reused(pipe.ssl) == 1 }

  func shakeHands() -> Handshake {
    let ssl = pipe.ssl
    ERR_clear_error()
    let code = SSL_do_handshake(ssl)
    if code != 1 {
      let system = errno
      switch SSL_get_error(ssl, code) {
      case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .blocked
      case SSL_ERROR_SYSCALL where system != 0:
        return .failed(NetworkFailure(errno: system), reason: "the far end hung up")
      default: return .failed(objection ?? verdict, reason: openSSLFailure())
      }
    }
    // Of a session that was taken up no certificate is shown: the one that came with it counts.
    guard let certificate = SSL_get1_peer_certificate(ssl) else {
      return .failed(.tlsUntrusted, reason: "no certificate")
    }
    defer { X509_free(certificate) }
    peerFingerprint = Self.fingerprint(of: certificate)
    if isSessionResumed, let objection = self.objection(to: certificate) {
      return .failed(objection, reason: "the certificate was refused: \(objection.name)")
    }
    session = isSessionResumed ? earlier : QuickSession(of: ssl, policy: policy)
    return .done
  }

  func receive(into space: UnsafeMutableRawBufferPointer) -> Transfer { pipe.receive(into: space) }
  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer { pipe.send(bytes) }
  func sayEnd() -> Transfer { pipe.sayEnd() }

  /// What was wrong with a chain that was held against an authority.
  private var verdict: NetworkFailure {
    switch SSL_get_verify_result(pipe.ssl) {
    case Int(X509_V_OK): .tlsProtocol
    case Int(X509_V_ERR_CERT_HAS_EXPIRED), Int(X509_V_ERR_CERT_NOT_YET_VALID): .tlsExpired
    case Int(X509_V_ERR_HOSTNAME_MISMATCH), Int(X509_V_ERR_IP_ADDRESS_MISMATCH): .tlsWrongName
    default: .tlsUntrusted
    }
  }

  /// What is wrong with the certificate of a server that is known by its name.
  fileprivate func objection(to certificate: OpaquePointer) -> NetworkFailure? {
    if X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0
      || X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0
    {
      return .tlsExpired
    }
    switch policy.trust {
    case .authority: return nil
    case .commonName(let name):
      return Trust.takes(Self.commonName(of: certificate), wanted: name) ? nil : .tlsWrongName
    case .maker(_, let name):
      return Self.commonName(of: certificate) == name ? nil : .tlsWrongName
    case .pinned(let name, let fingerprint):
      guard Trust.takes(Self.commonName(of: certificate), wanted: name) else {
        return .tlsWrongName
      }
      return Self.fingerprint(of: certificate) == fingerprint ? nil : .tlsUntrusted
    }
  }

  private static func commonName(of certificate: OpaquePointer) -> String? {
    guard let subject = X509_get_subject_name(certificate) else { return nil }
    let place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    guard place >= 0, let entry = X509_NAME_get_entry(subject, place),
      let text = X509_NAME_ENTRY_get_data(entry)
    else { return nil }
    let count = Int(ASN1_STRING_length(text))
    return String(
      decoding: UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: count),
      as: UTF8.self)
  }

  private static func fingerprint(of certificate: OpaquePointer) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 32
    guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else {
      preconditionFailure("OpenSSL without SHA-256")
    }
    return digest
  }
}

/// Called by OpenSSL in the middle of a handshake in which the common name counts.
private func believeByName(
  _ store: OpaquePointer?, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let store,
    let pointer = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
    let owner = SSL_get_ex_data(OpaquePointer(pointer), 0),
    let certificate = X509_STORE_CTX_get0_cert(store)
  else { return 0 }
  let transport = Unmanaged<QuickTransport>.fromOpaque(owner).takeUnretainedValue()
  if transport.policy.trust.authority != nil, X509_verify_cert(store) <= 0 { return 0 }
  transport.objection = transport.objection(to: certificate)
  guard transport.objection == nil else {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
    return 0
  }
  return 1
}
