import Wire

/// The checksum that people compare files by.
enum ContentChecksum {
  static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    let digest = SHA256.of(bytes.span)
    return (0..<32).map { digest[$0] }
  }
}
