import Wire

/// The SHA-256 of bytes, in hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
  var digest = SHA256()
  digest.update(bytes.span)
  let result = digest.finish()
  return result.indices.map { index in
    let digits = String(result[index], radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}
