import World

/// Makes names that nobody can guess, out of the host's chance.
struct Identifiers {
  let host: any Host

  /// A version 4 UUID in lower case.
  func uuid() -> String {
    var bytes = host.randomBytes(16)
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return UUIDText.text(bytes)
  }

  /// Random bytes as lower-case hexadecimal digits.
  func secret(byteCount: Int) -> String { hexString(host.randomBytes(byteCount)) }
}

/// UUIDs between their two forms: 16 bytes, and 36 characters in lower case.
enum UUIDText {
  static func text(_ bytes: [UInt8]) -> String {
    precondition(bytes.count == 16, "a UUID has 16 bytes")
    let text = encoded(36) { writer in
      for position in 0..<16 {
        if position == 4 || position == 6 || position == 8 || position == 10 { writer.put("-") }
        writer.put(hex: bytes.span.extracting(position..<(position + 1)))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a UUID as `text(_:)` writes it; nil for anything else.
  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    guard text.utf8.count == 36 else { return nil }
    let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
    guard digits.count == 32, let bytes = hexBytes(digits), Self.text(bytes) == text else {
      return nil
    }
    return bytes
  }
}
