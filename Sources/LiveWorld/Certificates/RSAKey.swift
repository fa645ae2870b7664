import COpenSSL

/// Keys for what others check by their public half, where curves are not taken.
public enum RSAKey {
  private static let bitCount: UInt32 = 2_048

  /// A new private key, in PEM.
  public static func make() -> [UInt8] {
    let bio = BIO_new(BIO_s_mem())
    defer { BIO_free(bio) }
    let pair = hubrig_RSA_gen(bitCount)
    defer { EVP_PKEY_free(pair) }
    let code = PEM_write_bio_PrivateKey(bio, pair, nil, nil, 0, nil, nil)
    precondition(code == 1, "OpenSSL makes no RSA key")
    var content: UnsafeMutablePointer<CChar>?
    let count = hubrig_BIO_get_mem_data(bio, &content)
    return [UInt8](UnsafeRawBufferPointer(start: content, count: count))
  }
}
