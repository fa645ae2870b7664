// AES-256-GCM for what lies in the database but must not be read there: printers' access codes,
// hubs' secrets. As text:  "1." hex(nonce, 12 bytes) "." hex(ciphertext, tag of 16 bytes).
// What it is the secret of is authenticated as well, so that sealed text cannot be moved from one
// row to another.

import COpenSSL
import World

/// Seals and opens short secrets with one key.
struct SecretBox {
  private let key: [UInt8]
  /// Nothing is sealed: a mistake for rigs to find.
  private let isOpen: Bool
  private static let nonceCount = 12
  private static let tagCount = 16

  /// `key` has 32 bytes.
  init(key: [UInt8], isOpen: Bool = false) {
    precondition(key.count == 32, "AES-256 has a key of 32 bytes")
    self.key = key
    self.isOpen = isOpen
  }

  /// `nonce` must never be used twice: fresh random bytes.
  func seal(_ secret: String, of owner: String, nonce: [UInt8]) -> String {
    precondition(nonce.count == Self.nonceCount, "GCM takes a nonce of 12 bytes")
    if isOpen { return "0." + secret }
    let clear = [UInt8](secret.utf8)
    var sealed = [UInt8](repeating: 0, count: clear.count + Self.tagCount)
    var count: Int32 = 0
    withContext { context in
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce)
      let owner = [UInt8](owner.utf8)
      EVP_EncryptUpdate(context, nil, &count, owner, Int32(owner.count))
      sealed.withUnsafeMutableBufferPointer { out in
        EVP_EncryptUpdate(context, out.baseAddress, &count, clear, Int32(clear.count))
        var last: Int32 = 0
        EVP_EncryptFinal_ex(context, out.baseAddress.map { $0 + clear.count }, &last)
        EVP_CIPHER_CTX_ctrl(
          context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagCount),
          out.baseAddress.map { $0 + clear.count })
      }
    }
    return "1.\(hexString(nonce)).\(hexString(sealed))"
  }

  /// The secret, or nil for text that was not sealed with this key for this owner.
  func open(_ text: String, of owner: String) -> String? {
    if isOpen, text.hasPrefix("0.") { return String(text.dropFirst(2)) }
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual("1".utf8),
      let nonce = hexBytes(Array(parts[1])), nonce.count == Self.nonceCount,
      let sealed = hexBytes(Array(parts[2])), sealed.count >= Self.tagCount
    else { return nil }
    let clearCount = sealed.count - Self.tagCount
    var clear = [UInt8](repeating: 0, count: sealed.count)
    var tag = [UInt8](sealed[clearCount...])
    var count: Int32 = 0
    var isGenuine = false
    withContext { context in
      EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce)
      let owner = [UInt8](owner.utf8)
      EVP_DecryptUpdate(context, nil, &count, owner, Int32(owner.count))
      EVP_DecryptUpdate(context, &clear, &count, sealed, Int32(clearCount))
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagCount), &tag)
      var last: Int32 = 0
      var rest = [UInt8](repeating: 0, count: Self.tagCount)
      isGenuine = EVP_DecryptFinal_ex(context, &rest, &last) == 1
    }
    guard isGenuine else { return nil }
    return String(decoding: clear[..<clearCount], as: UTF8.self)
  }

  private func withContext(_ body: (OpaquePointer) -> Void) {
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("no memory") }
    defer { EVP_CIPHER_CTX_free(context) }
    body(context)
  }
}
