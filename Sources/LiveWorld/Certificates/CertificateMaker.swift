import COpenSSL
import Glibc
import World

/// Makes keys and certificates: EC P-256, which the chip is quick with and every client takes.
enum CertificateMaker {
  private static let day = 24 * 3_600
  private static let tenYears = 3_652 * day

  static func makeAuthority(named name: String, now: Int) throws(CertificateError) -> Credentials {
    let draft = try Draft(commonName: name, from: now - day, to: now + tenYears)
    try draft.extend([
      (NID_basic_constraints, "critical,CA:TRUE"),
      (NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature"),
      (NID_subject_key_identifier, "hash"),
    ])
    return try draft.signed(by: nil)
  }

  /// `authority` is nil for a certificate that signs itself.
  static func makeServer(
    _ identity: ServerIdentity, authority: Credentials?, now: Int
  ) throws(CertificateError) -> Credentials {
    let end = identity.validUntil.map { Int($0 / 1_000) } ?? now + tenYears
    // One that has ended must have begun as well.
    let draft = try Draft(
      commonName: identity.commonName, from: min(now - day, end - 365 * day), to: end)
    try draft.extend([
      (NID_basic_constraints, "critical,CA:FALSE"),
      (NID_ext_key_usage, "serverAuth"),
      (NID_subject_key_identifier, "hash"),
    ])
    if let authority {
      try draft.extend(
        [
          (NID_key_usage, "critical,digitalSignature"),
          (NID_authority_key_identifier, "keyid:always"),
        ], issuer: authority)
    }
    try draft.name([identity.commonName] + identity.alternativeNames)
    return try draft.signed(by: authority)
  }
}

/// A certificate that is being written.
private final class Draft {
  private let credentials: Credentials
  private var certificate: OpaquePointer { credentials.certificate }

  init(commonName: String, from begin: Int, to end: Int) throws(CertificateError) {
    ERR_clear_error()  // What failed before is not what fails here.
    guard let certificate = X509_new() else { throw .openSSL(openSSLFailure()) }
    guard let key = hubrig_EC_gen_p256() else {
      X509_free(certificate)
      throw .openSSL(openSSLFailure())
    }
    credentials = Credentials(certificate: certificate, key: key)
    var entropy = SystemEntropy()
    let serial = entropy.next() >> 1
    let name = Array(commonName.utf8)
    let subject = X509_get_subject_name(certificate)
    try check(X509_set_version(certificate, 2))  // counted from 0: version 3
    try check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial))
    try check(ASN1_TIME_set(X509_getm_notBefore(certificate), begin) == nil ? 0 : 1)
    try check(ASN1_TIME_set(X509_getm_notAfter(certificate), end) == nil ? 0 : 1)
    try check(
      X509_NAME_add_entry_by_NID(
        subject, NID_commonName, MBSTRING_UTF8, name, Int32(name.count), -1, 0))
    try check(X509_set_pubkey(certificate, key))
  }

  func extend(
    _ extensions: [(kind: Int32, value: String)], issuer: Credentials? = nil
  ) throws(CertificateError) {
    for (kind, value) in extensions {
      try check(
        hubrig_X509_add_extension(
          certificate, issuer?.certificate ?? certificate, kind, value))
    }
  }

  /// Says which names and addresses it stands for; a name that cannot be one is left out.
  func name(_ names: [String]) throws(CertificateError) {
    guard let list = GENERAL_NAMES_new() else { throw .openSSL(openSSLFailure()) }
    defer { GENERAL_NAMES_free(list) }
    var known: [String] = []
    for name in names where !known.contains(name) {
      known.append(name)
      let address = SocketAddress(name, port: 0)?.bytes
      guard address != nil || Self.isHostName(name) else { continue }
      let bytes = address ?? Array(name.utf8)
      guard let text = ASN1_STRING_type_new(address == nil ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING)
      else { throw .openSSL(openSSLFailure()) }
      ASN1_STRING_set(text, bytes, Int32(bytes.count))
      guard let entry = GENERAL_NAME_new() else { throw .openSSL(openSSLFailure()) }
      GENERAL_NAME_set0_value(entry, address == nil ? GEN_DNS : GEN_IPADD, text)
      _ = hubrig_GENERAL_NAMES_push(list, entry)
    }
    guard !known.isEmpty, hubrig_GENERAL_NAMES_count(list) > 0 else { return }
    try check(
      X509_add1_ext_i2d(certificate, NID_subject_alt_name, UnsafeMutableRawPointer(list), 0, 0))
  }

  func signed(by issuer: Credentials?) throws(CertificateError) -> Credentials {
    let issuer = issuer ?? credentials
    try check(X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate)))
    try check(X509_sign(certificate, issuer.key, EVP_sha256()))
    return credentials
  }

  private func check(_ code: Int32) throws(CertificateError) {
    if code <= 0 { throw .openSSL(openSSLFailure()) }
  }

  private static func isHostName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 {
        case true: true
        case false: "0123456789-._*".utf8.contains(byte)
        }
      }
  }
}
