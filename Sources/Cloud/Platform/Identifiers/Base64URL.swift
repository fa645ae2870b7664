/// Base 64 with the alphabet for URLs (RFC 4648, section 5), without padding.
enum Base64URL {
  private static let alphabet = [UInt8](
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count * 4 + 2) / 3)
    var gathered: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      gathered = gathered << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        out.append(alphabet[Int(gathered >> UInt32(bitCount) & 63)])
      }
    }
    if bitCount > 0 { out.append(alphabet[Int(gathered << UInt32(6 - bitCount) & 63)]) }
    return String(decoding: out, as: UTF8.self)
  }

  /// Exactly what `encode` wrote: another spelling of the same bytes is nil, like anything else.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var gathered: UInt32 = 0
    var bitCount = 0
    for character in text.utf8 {
      guard let value = value(character) else { return nil }
      gathered = gathered << 6 | value
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        out.append(UInt8(truncatingIfNeeded: gathered >> UInt32(bitCount)))
      }
    }
    return encode(out) == text ? out : nil
  }

  private static func value(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
