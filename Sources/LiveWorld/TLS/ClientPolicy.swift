import CMbedTLS
import Glibc
import World

/// Whom a client wants to talk to, and the checks that mbedTLS does not make for it.
struct ClientPolicy: Equatable {
  let trust: Trust
  let serverName: String
  private let addressBytes: [UInt8]?

  init(trust: Trust, serverName: String) {
    self.trust = trust
    self.serverName = serverName
    addressBytes = SocketAddress(serverName, port: 0)?.bytes
  }

  /// What to name in the greeting and to have mbedTLS check: a name, never an address.
  var nameToCheck: String? { addressBytes == nil ? serverName : nil }

  /// What is wrong with a certificate that mbedTLS has let through.
  func objection(to certificate: UnsafePointer<mbedtls_x509_crt>) -> NetworkFailure? {
    var validFrom = certificate.pointee.valid_from
    var validTo = certificate.pointee.valid_to
    if mbedtls_x509_time_is_past(&validTo) != 0 { return .tlsExpired }
    if mbedtls_x509_time_is_future(&validFrom) != 0 { return .tlsExpired }
    switch trust {
    case .commonName(let name):
      return Self.takes(certificate, wanted: name) ? nil : .tlsWrongName
    case .maker(_, let name):
      return Self.commonName(of: certificate) == Array(name.utf8) ? nil : .tlsWrongName
    case .pinned(let name, let fingerprint):
      guard Self.takes(certificate, wanted: name) else { return .tlsWrongName }
      return Self.fingerprint(of: certificate) == fingerprint ? nil : .tlsUntrusted
    case .authority:
      guard let addressBytes else { return nil }
      // mbedTLS 2.28 compares names only.
      return Self.names(certificate, holdAddress: addressBytes) ? nil : .tlsWrongName
    }
  }

  /// What mbedTLS found wrong with a chain, the gravest first.
  static func failure(flags: UInt32) -> NetworkFailure {
    if flags & UInt32(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE) != 0 {
      // An expired certificate of a stranger is a stranger's first.
      return flags & UInt32(MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0 ? .tlsUntrusted : .tlsExpired
    }
    let others = flags & ~UInt32(MBEDTLS_X509_BADCERT_CN_MISMATCH)
    return flags != 0 && others == 0 ? .tlsWrongName : .tlsUntrusted
  }

  /// The SHA-256 of a certificate.
  static func fingerprint(of certificate: UnsafePointer<mbedtls_x509_crt>) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let code = mbedtls_md(
      mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), certificate.pointee.raw.p,
      certificate.pointee.raw.len, &digest)
    precondition(code == 0, "mbedTLS without SHA-256")
    return digest
  }

  /// Whether a session that was begun under another policy may be taken up under this one. The
  /// certificate is looked at again in any case; but a chain to an authority is not.
  func takesSession(begunUnder other: ClientPolicy) -> Bool {
    if self == other { return true }
    if trust.authority != nil { return false }
    return serverName == other.serverName
  }

  private static func takes(
    _ certificate: UnsafePointer<mbedtls_x509_crt>, wanted: String
  ) -> Bool {
    Trust.takes(
      commonName(of: certificate).map { String(decoding: $0, as: UTF8.self) }, wanted: wanted)
  }

  private static func commonName(of certificate: UnsafePointer<mbedtls_x509_crt>) -> [UInt8]? {
    let identifier: [UInt8] = [0x55, 0x04, 0x03]  // 2.5.4.3
    return withUnsafePointer(to: certificate.pointee.subject) { first in
      var part: UnsafePointer<mbedtls_x509_name>? = first
      while let name = part {
        if bytes(name.pointee.oid) == identifier { return bytes(name.pointee.val) }
        part = UnsafePointer(name.pointee.next)
      }
      return nil
    }
  }

  private static func names(
    _ certificate: UnsafePointer<mbedtls_x509_crt>, holdAddress address: [UInt8]
  ) -> Bool {
    let addressTag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7
    return withUnsafePointer(to: certificate.pointee.subject_alt_names) { first in
      var part: UnsafePointer<mbedtls_x509_sequence>? = first
      while let name = part {
        if name.pointee.buf.tag == addressTag, bytes(name.pointee.buf) == address { return true }
        part = UnsafePointer(name.pointee.next)
      }
      return false
    }
  }

  private static func bytes(_ data: mbedtls_asn1_buf) -> [UInt8] {
    Array(UnsafeBufferPointer(start: data.p, count: data.len))
  }
}
