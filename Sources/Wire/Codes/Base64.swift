/// Base64 by RFC 4648, section 4, with padding.
public enum Base64 {
  public static func encode(_ bytes: Span<UInt8>, into writer: inout ByteWriter) {
    let characters = (bytes.count &+ 2) / 3 &* 4
    guard characters <= writer.freeCount else { return writer.overflow() }
    for index in 0..<characters { writer.put(character(at: index, of: bytes)) }
  }

  /// Answers false, and may have written some bytes, if `text` is not the one way to write them.
  public static func decode(_ text: Span<UInt8>, into writer: inout ByteWriter) -> Bool {
    let count = text.count
    guard count & 3 == 0 else { return false }
    var index = 0
    while index < count {
      let isLast = index &+ 4 == count
      guard let a = value(of: text[index]), let b = value(of: text[index &+ 1]) else {
        return false
      }
      writer.put(a &<< 2 | b &>> 4)
      if isLast, text[index &+ 2] == 0x3D {
        return text[index &+ 3] == 0x3D && b & 15 == 0
      }
      guard let c = value(of: text[index &+ 2]) else { return false }
      writer.put(b &<< 4 | c &>> 2)
      if isLast, text[index &+ 3] == 0x3D { return c & 3 == 0 }
      guard let d = value(of: text[index &+ 3]) else { return false }
      writer.put(c &<< 6 | d)
      index &+= 4
    }
    return true
  }

  /// The character at `index` of the text that stands for `bytes`.
  static func character(at index: Int, of bytes: Span<UInt8>) -> UInt8 {
    let first = index / 4 &* 3
    let count = bytes.count
    let a = bytes[first]
    let b = first &+ 1 < count ? bytes[first &+ 1] : 0
    let c = first &+ 2 < count ? bytes[first &+ 2] : 0
    switch index & 3 {
    case 0: return character(of: a &>> 2)
    case 1: return character(of: a &<< 4 & 63 | b &>> 4)
    case 2: return first &+ 1 < count ? character(of: b &<< 2 & 63 | c &>> 6) : 0x3D
    default: return first &+ 2 < count ? character(of: c & 63) : 0x3D
    }
  }

  private static func character(of value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: 0x41 &+ value
    case 26..<52: 0x61 &+ value &- 26
    case 52..<62: 0x30 &+ value &- 52
    case 62: 0x2B
    default: 0x2F
    }
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5A: character &- 0x41
    case 0x61...0x7A: character &- 0x61 &+ 26
    case 0x30...0x39: character &- 0x30 &+ 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
