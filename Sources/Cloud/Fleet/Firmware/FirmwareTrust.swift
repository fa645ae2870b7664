import COpenSSL
import World

/// Whose firmware a cloud publishes: the public half of the key that signs it (ECDSA on P-256), and
/// the revisions of the hub that there are. Hubs check both themselves; a cloud that does so too
/// tells whoever uploads an image, instead of every hub that refuses it.
public struct FirmwareTrust: Sendable {
  /// The point: 4, x, y.
  public let publicKey: [UInt8]
  public let hardware: [String]

  /// Nil when these are not 65 bytes of a point on the curve.
  public init?(publicKey: [UInt8], hardware: [String] = ["rig-1"]) {
    self.publicKey = publicKey
    self.hardware = hardware
    guard let key = openKey() else { return nil }
    EVP_PKEY_free(key)
  }

  /// What every virtual hub believes, and "hubrig image sign --key rig" signs with.
  public static let development: FirmwareTrust = {
    let point = hexBytes(
      "04b95536635aecc93a106846a63eb7f13c78180529933d155f9f6de1a92e01c76b"
        + "71b00c615fb72507a458b3cef4b3157ba745fd1f857d5e841086c2b341142fcd")
    guard let point, let trust = FirmwareTrust(publicKey: point) else {
      preconditionFailure("the development key is a point of P-256")
    }
    return trust
  }()

  /// Whether the key has made the signature (r and s, 32 bytes each) over what has this digest.
  func hasSigned(digest: [UInt8], _ signature: [UInt8]) -> Bool {
    guard signature.count == 64, let key = openKey() else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_PKEY_CTX_new(key, nil) else { return false }
    defer { EVP_PKEY_CTX_free(context) }
    let sequence = Self.integer(signature[..<32]) + Self.integer(signature[32...])
    let encoded = [0x30, UInt8(sequence.count)] + sequence
    return EVP_PKEY_verify_init(context) == 1
      && EVP_PKEY_verify(context, encoded, encoded.count, digest, digest.count) == 1
  }

  /// Opens the point as the DER of a public key on P-256, whose beginning is always the same.
  private func openKey() -> OpaquePointer? {
    guard publicKey.count == 65 else { return nil }
    let encoded: [UInt8] =
      [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
        0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
      ] + publicKey
    return encoded.withUnsafeBufferPointer { bytes in
      var place = bytes.baseAddress
      return d2i_PUBKEY(nil, &place, bytes.count)
    }
  }

  /// A number in DER: as short as it can be, and not negative.
  private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var digits = Array(bytes.drop { $0 == 0 })
    if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
    return [0x02, UInt8(digits.count)] + digits
  }
}
