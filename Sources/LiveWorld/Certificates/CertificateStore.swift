// A directory of certificates for development.
//
//     authority.pem, authority.key            the authority that everybody uses
//     authority-NAME-DIGEST.pem, .key         any other authority
//     NAME-DIGEST.pem, .key                   a server; the digest covers its whole description
//
// What is there and still good is used again, so that a client which was told to trust something
// goes on doing so after a restart.

import COpenSSL
import Glibc
import World

/// Makes certificates and keeps them from one run to the next.
public final class CertificateStore {
  /// The authority whose certificate is `authority.pem`.
  public static let developmentAuthority = "hubrig development authority"
  /// A certificate that ends sooner than this is made anew.
  private static let reserveSeconds = 24 * 3_600

  public let directory: String
  private var known: [String: Credentials] = [:]

  public init(directory: String) throws(CertificateError) {
    self.directory = directory
    try Files.makeDirectory(directory)
  }

  /// The file with an authority's certificate, to be given to clients such as `curl --cacert`.
  public func authorityPath(_ name: String) throws(CertificateError) -> String {
    if name.hasPrefix("/") { return name }
    _ = try authority(name)
    return path(Self.authorityFile(name)) + ".pem"
  }

  /// The file with a server's certificate: what trusts a server that signed its own.
  public func certificatePath(for identity: ServerIdentity) throws(CertificateError) -> String {
    _ = try credentials(for: identity)
    return path(Self.serverFile(identity)) + ".pem"
  }

  func authorityText(_ name: String) throws(CertificateError) -> [UInt8] {
    let path = try authorityPath(name)
    guard let text = try Files.read(path) else { throw .file(path: path, reason: "is missing") }
    return text
  }

  func credentials(for identity: ServerIdentity) throws(CertificateError) -> Credentials {
    let issuer = identity.authority.isEmpty ? nil : try authority(identity.authority)
    return try stored(Self.serverFile(identity)) { found in
      found.isSigned(by: issuer ?? found)
        && (identity.validUntil != nil || found.isValid(atSecondsSince1970: Self.soon))
    } orMade: { () throws(CertificateError) in
      try CertificateMaker.makeServer(identity, authority: issuer, now: time(nil))
    }
  }

  private func authority(_ name: String) throws(CertificateError) -> Credentials {
    try stored(Self.authorityFile(name)) { found in
      found.isValid(atSecondsSince1970: Self.soon)
    } orMade: { () throws(CertificateError) in
      try CertificateMaker.makeAuthority(named: name, now: time(nil))
    }
  }

  private func stored(
    _ file: String, if isGood: (Credentials) -> Bool,
    orMade make: () throws(CertificateError) -> Credentials
  ) throws(CertificateError) -> Credentials {
    if let credentials = known[file], isGood(credentials) { return credentials }
    let path = path(file)
    // Two processes that begin at once must not each keep half of what the other made.
    let credentials = try Files.withLock(directory + "/.lock") { () throws(CertificateError) in
      if let certificateText = try Files.read(path + ".pem"),
        let keyText = try Files.read(path + ".key"),
        let found = Credentials(certificateText: certificateText, keyText: keyText), isGood(found)
      {
        return found
      }
      let made = try make()
      guard let certificateText = made.certificateText, let keyText = made.keyText else {
        throw .openSSL(openSSLFailure())
      }
      try Files.replace(path + ".key", with: keyText, mode: 0o600)
      try Files.replace(path + ".pem", with: certificateText, mode: 0o644)
      return made
    }
    known[file] = credentials
    return credentials
  }

  private func path(_ file: String) -> String { directory + "/" + file }

  private static var soon: Int { time(nil) + reserveSeconds }

  private static func authorityFile(_ name: String) -> String {
    name == developmentAuthority ? "authority" : "authority-" + fileName(name, describedBy: [name])
  }

  private static func serverFile(_ identity: ServerIdentity) -> String {
    let end = identity.validUntil.map(String.init) ?? ""
    return fileName(
      identity.commonName,
      describedBy: [identity.commonName, identity.authority, end] + identity.alternativeNames)
  }

  /// A name that people recognise and a digest that tells apart what differs anywhere.
  private static func fileName(_ name: String, describedBy parts: [String]) -> String {
    let readable = String(
      name.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" })
    let description = parts.map { "\($0.utf8.count):\($0)" }.joined()
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    EVP_Digest(Array(description.utf8), description.utf8.count, &digest, nil, EVP_sha256(), nil)
    let digits = digest.prefix(6).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    return readable.lowercased() + "-" + digits.joined()
  }
}
