import COpenSSL
import World

/// Digests and keyed digests, by OpenSSL.
enum Digest {
  static let byteCount = 32

  static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    var count: UInt32 = 0
    let code = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil)
    precondition(code == 1, "OpenSSL has no SHA-256")
    return digest
  }

  static func sha256Hex(_ bytes: [UInt8]) -> String { hexString(sha256(bytes)) }

  static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    var count: UInt32 = 0
    let code = HMAC(
      EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &count)
    precondition(code != nil, "OpenSSL has no HMAC")
    return digest
  }

  /// Compares in a time that does not depend on where the two differ.
  static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// The same for secrets of any length: neither content nor length shows in the time.
  static func areEqual(secret a: String, _ b: String) -> Bool {
    areEqual(sha256([UInt8](a.utf8)), sha256([UInt8](b.utf8)))
  }
}

/// SHA-256 of bytes that come in pieces.
final class RunningDigest {
  private let context: OpaquePointer

  init() {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory") }
    self.context = context
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  func add(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Ends it; nothing can be added afterwards.
  func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Digest.byteCount)
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &count)
    return digest
  }
}
