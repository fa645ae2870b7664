/// Percent-encoding by RFC 3986, section 2.
public enum PercentCoding {
  /// Leaves letters, digits and `-._~` as they are and escapes all else, slashes too.
  public static func encode(_ bytes: Span<UInt8>, into writer: inout ByteWriter) {
    for index in 0..<bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: writer.put(byte)
      default:
        guard writer.freeCount >= 3 else { return writer.overflow() }
        writer.put(0x25)
        writer.put(capitalHexDigit(byte &>> 4))
        writer.put(capitalHexDigit(byte & 15))
      }
    }
  }

  /// Answers false, and may have written some bytes, if an escape is not whole. "+" is a plus.
  public static func decode(_ text: Span<UInt8>, into writer: inout ByteWriter) -> Bool {
    var index = 0
    while index < text.count {
      guard text[index] == 0x25 else {
        writer.put(text[index])
        index &+= 1
        continue
      }
      guard index &+ 2 < text.count, let high = hexValue(text[index &+ 1]),
        let low = hexValue(text[index &+ 2])
      else { return false }
      writer.put(high &<< 4 | low)
      index &+= 3
    }
    return true
  }

  private static func capitalHexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? 0x30 &+ value : 0x37 &+ value
  }
}
