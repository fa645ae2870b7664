import COpenSSL

/// The checksum that people compare files by.
enum ContentChecksum {
  static func sha256(_ content: CardContent) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory") }
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    for piece in content.pieces { EVP_DigestUpdate(context, piece, piece.count) }
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &count)
    return digest
  }
}
