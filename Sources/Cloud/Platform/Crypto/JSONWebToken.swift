// JSON Web Tokens (RFC 7519) in the compact form of RFC 7515, signed with HS256 or RS256:
//
//     base64url(header) "." base64url(claims) "." base64url(signature)
//
// Only the algorithm that is configured is accepted, whatever the header of a token claims; and the
// key of one is never one of the other: the public half of a pair signs nothing.

import COpenSSL
import World

/// How access tokens are signed.
public enum TokenAlgorithm: Equatable, Sendable {
  /// HMAC with SHA-256, under a key made of the cloud's secret key.
  case hs256
  /// RSA with SHA-256; a private key of at least 2,048 bits in PEM.
  case rs256(privateKey: String)

  /// Whether its key is one.
  public var isUsable: Bool { (try? TokenMint(self, sharedKey: [])) != nil }
}

/// Signs and checks tokens.
final class TokenMint {
  private enum Key {
    case shared([UInt8])
    case pair(OpaquePointer)
  }

  private let key: Key
  private let header: JSON

  /// Throws for a private key that is none.
  init(_ algorithm: TokenAlgorithm, sharedKey: [UInt8]) throws {
    switch algorithm {
    case .hs256:
      key = .shared(sharedKey)
      header = ["alg": "HS256", "typ": "JWT"]
    case .rs256(let text):
      key = .pair(try Self.privateKey(text))
      header = ["alg": "RS256", "typ": "JWT"]
    }
  }

  private static func privateKey(_ text: String) throws(UnusableKey) -> OpaquePointer {
    // The reader looks into these bytes as long as it lives; they must, too.
    let pair = [UInt8](text.utf8).withUnsafeBytes { bytes -> OpaquePointer? in
      let reader = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
      defer { BIO_free(reader) }
      // Whoever started the cloud is not asked for a password, wherever the key came from.
      return PEM_read_bio_PrivateKey(reader, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let pair else { throw UnusableKey() }
    guard hubrig_EVP_PKEY_is_RSA(pair) == 1, EVP_PKEY_get_bits(pair) >= 2048 else {
      EVP_PKEY_free(pair)
      throw UnusableKey()
    }
    return pair
  }

  deinit { if case .pair(let pair) = key { EVP_PKEY_free(pair) } }

  /// The private key that was configured cannot be used.
  struct UnusableKey: Error {}

  func token(_ claims: JSON) -> String {
    let message = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
    return message + "." + Base64URL.encode(signature(of: [UInt8](message.utf8)))
  }

  /// The claims of a token that was signed here and is not out of date at `now` (ms since 1970).
  func claims(of token: String, at now: Int64) -> JSON? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let head = Base64URL.decode(parts[0]),
      let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
      let named = try? JSON.parse(head, maximumStringLength: 64), named["alg"] == header["alg"],
      isGenuine(signature, of: [UInt8]("\(parts[0]).\(parts[1])".utf8)),
      let claims = try? JSON.parse(payload, maximumStringLength: 256),
      let end = claims["exp"]?.int64, now < end * 1000
    else { return nil }
    return claims
  }

  private func signature(of message: [UInt8]) -> [UInt8] {
    switch key {
    case .shared(let key): return Digest.hmacSHA256(key: key, message)
    case .pair(let pair):
      var count = Int(EVP_PKEY_get_size(pair))
      var signature = [UInt8](repeating: 0, count: count)
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pair)
      let code = EVP_DigestSign(context, &signature, &count, message, message.count)
      precondition(code == 1, "OpenSSL did not sign")
      return Array(signature.prefix(count))
    }
  }

  private func isGenuine(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    switch key {
    case .shared(let key):
      return Digest.areEqual(Digest.hmacSHA256(key: key, message), signature)
    case .pair(let pair):
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, pair)
      return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
  }
}
