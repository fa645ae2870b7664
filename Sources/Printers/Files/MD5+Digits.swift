import Wire
import World

extension MD5 {
  /// The digest of bytes in pieces, in lower-case hexadecimal digits.
  static func digits(of pieces: [[UInt8]]) -> String {
    var sum = MD5()
    for piece in pieces { sum.update(piece.span) }
    let digest = sum.finish()
    return String(decoding: encoded(32) { $0.put(hex: digest.span) }, as: UTF8.self)
  }
}
