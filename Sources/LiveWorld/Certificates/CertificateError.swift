/// Why there is no certificate.
public enum CertificateError: Error, Equatable, Sendable {
  /// The directory, or a file in it, cannot be made or read; `reason` is the system's.
  case file(path: String, reason: String)
  /// OpenSSL refused, in its words: a common name that is too long, for example.
  case openSSL(String)
}
