/// Why a live world could not begin.
public enum LiveWorldError: Error, Equatable, Sendable {
  /// The system gives this process no more descriptors.
  case noDescriptors
  /// The system gives no random numbers.
  case noEntropy
  case certificates(CertificateError)
}
