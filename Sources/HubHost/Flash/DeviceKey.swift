import CMbedTLS

/// The key that only one device holds: AES-256-GCM.
public struct DeviceKey: Sendable {
  private let bytes: [UInt8]

  /// 32 bytes.
  public init(_ bytes: [UInt8]) {
    precondition(bytes.count == 32, "a device's key has 32 bytes")
    self.bytes = bytes
  }

  /// The key of the device that the factory made so; every device has one of its own.
  init(of settings: HubHost.Settings) {
    self.init(Self.mix("device key", settings.hubID + "/" + settings.secret))
  }

  /// 32 bytes that follow from two texts.
  static func mix(_ label: String, _ text: String) -> [UInt8] {
    let label = Array(label.utf8)
    let text = Array(text.utf8)
    return [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
      label.withUnsafeBufferPointer { label in
        text.withUnsafeBufferPointer { text in
          guard let digest = digest.baseAddress else { return }
          hmacSHA256(key: label, message: text, into: digest)
        }
      }
      count = 32
    }
  }

  /// Encrypts `bytes` where they stand and answers the tag.
  public func seal(_ bytes: inout [UInt8], nonce: [UInt8], label: [UInt8]) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: 16)
    bytes.withUnsafeMutableBufferPointer { bytes in
      nonce.withUnsafeBufferPointer { nonce in
        label.withUnsafeBufferPointer { label in
          tag.withUnsafeMutableBufferPointer { tag in
            seal(bytes, nonce: nonce, label: label, tag: tag)
          }
        }
      }
    }
    return tag
  }

  /// Decrypts `bytes` where they stand; false when they or the label were changed.
  public func unseal(
    _ bytes: inout [UInt8], nonce: [UInt8], label: [UInt8], tag: [UInt8]
  ) -> Bool {
    bytes.withUnsafeMutableBufferPointer { bytes in
      nonce.withUnsafeBufferPointer { nonce in
        label.withUnsafeBufferPointer { label in
          tag.withUnsafeBufferPointer { unseal(bytes, nonce: nonce, label: label, tag: $0) }
        }
      }
    }
  }

  func seal(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, nonce: UnsafeBufferPointer<UInt8>,
    label: UnsafeBufferPointer<UInt8>, tag: UnsafeMutableBufferPointer<UInt8>
  ) {
    let status = withContext {
      mbedtls_gcm_crypt_and_tag(
        &$0, MBEDTLS_GCM_ENCRYPT, bytes.count, nonce.baseAddress, nonce.count, label.baseAddress,
        label.count, bytes.baseAddress, bytes.baseAddress, tag.count, tag.baseAddress)
    }
    precondition(status == 0, "mbedTLS without AES-GCM")
  }

  func unseal(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, nonce: UnsafeBufferPointer<UInt8>,
    label: UnsafeBufferPointer<UInt8>, tag: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    withContext {
      mbedtls_gcm_auth_decrypt(
        &$0, bytes.count, nonce.baseAddress, nonce.count, label.baseAddress, label.count,
        tag.baseAddress, tag.count, bytes.baseAddress, bytes.baseAddress)
    } == 0
  }

  private func withContext(_ body: (inout mbedtls_gcm_context) -> Int32) -> Int32 {
    var context = mbedtls_gcm_context()
    mbedtls_gcm_init(&context)
    defer { mbedtls_gcm_free(&context) }
    let status = mbedtls_gcm_setkey(&context, MBEDTLS_CIPHER_ID_AES, bytes, 256)
    return status == 0 ? body(&context) : status
  }
}
