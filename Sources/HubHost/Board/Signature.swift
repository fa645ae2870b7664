import CMbedTLS

/// HMAC-SHA256, as the chip's own library makes it.
func hmacSHA256(
  key: UnsafeBufferPointer<UInt8>, message: UnsafeBufferPointer<UInt8>,
  into digest: UnsafeMutablePointer<UInt8>
) {
  let status = mbedtls_md_hmac(
    mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key.baseAddress, key.count, message.baseAddress,
    message.count, digest)
  precondition(status == 0, "mbedTLS without SHA-256")
}
