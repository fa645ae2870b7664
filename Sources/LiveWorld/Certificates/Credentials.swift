import COpenSSL
import Glibc

/// A certificate and its key.
final class Credentials {
  let certificate: OpaquePointer
  let key: OpaquePointer

  /// Takes both over.
  init(certificate: OpaquePointer, key: OpaquePointer) {
    self.certificate = certificate
    self.key = key
  }

  /// Nil if the two do not belong together, or are not what they should be.
  convenience init?(certificateText: [UInt8], keyText: [UInt8]) {
    guard
      let certificate = reading(certificateText, { PEM_read_bio_X509($0, nil, nil, nil) })
    else { return nil }
    guard let key = reading(keyText, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else {
      X509_free(certificate)
      return nil
    }
    self.init(certificate: certificate, key: key)
    guard X509_check_private_key(certificate, key) == 1 else { return nil }
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  var certificateText: [UInt8]? { writing { PEM_write_bio_X509($0, certificate) } }

  var keyText: [UInt8]? {
    writing { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
  }

  /// Whether the certificate's signature was made by `issuer`.
  func isSigned(by issuer: Credentials) -> Bool { X509_verify(certificate, issuer.key) == 1 }

  /// Whether it will still be valid then.
  func isValid(atSecondsSince1970 moment: Int) -> Bool {
    var moment: time_t = moment
    return X509_cmp_time(X509_get0_notAfter(certificate), &moment) > 0
  }
}

private func reading(
  _ text: [UInt8], _ body: (OpaquePointer) -> OpaquePointer?
) -> OpaquePointer? {
  guard let memory = BIO_new_mem_buf(text, Int32(text.count)) else { return nil }
  defer { BIO_free(memory) }
  return body(memory)
}

private func writing(_ body: (OpaquePointer) -> Int32) -> [UInt8]? {
  guard let memory = BIO_new(BIO_s_mem()) else { return nil }
  defer { BIO_free(memory) }
  guard body(memory) == 1 else { return nil }
  var start: UnsafeMutablePointer<CChar>?
  let count = hubrig_BIO_get_mem_data(memory, &start)
  return start.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: count)) }
}
