// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.

/// Checks UTF-8 as it comes, cut anywhere.
public struct UTF8Checker {
  /// How many bytes of the sequence under way are missing.
  var missing: UInt8 = 0
  /// Between what the next of them must lie.
  var low: UInt8 = 0x80
  var high: UInt8 = 0xBF
  private var isBroken = false

  public init() {}

  /// Whether no sequence is under way and none was wrong.
  public var isComplete: Bool { missing == 0 && !isBroken }

  /// Answers whether everything until now can be the beginning of UTF-8. Once false it stays so.
  public mutating func accept(_ bytes: Span<UInt8>) -> Bool { accept(bytes, from: 0, mask: 0) }

  /// As `accept`, from `start` on and with a WebSocket mask taken off first; the mask's first byte
  /// is for the byte at `start`.
  mutating func accept(_ bytes: Span<UInt8>, from start: Int, mask: UInt32) -> Bool {
    let count = bytes.count
    var index = start
    while index < count, !isBroken {
      if missing == 0 {
        let rest = Mask.advanced(mask, by: index &- start)
        index = RawBytes.endOfASCII(bytes, from: index, mask: rest)
        if index == count { break }
      }
      // Above ASCII it is likely to go on above ASCII.
      while index < count {
        let byte = RawBytes.byte(bytes, at: index) ^ Mask.byte(mask, index &- start)
        if missing == 0, byte < 0x80 { break }
        guard step(byte) else {
          isBroken = true
          return false
        }
        index &+= 1
      }
    }
    return !isBroken
  }

  /// Takes one byte; false if it cannot stand here.
  @inline(__always)
  mutating func step(_ byte: UInt8) -> Bool {
    guard missing == 0 else {
      guard byte >= low, byte <= high else { return false }
      missing &-= 1
      low = 0x80
      high = 0xBF
      return true
    }
    switch byte {
    case 0x00...0x7F: return true
    case 0xC2...0xDF: missing = 1
    case 0xE0...0xEF:
      missing = 2
      if byte == 0xE0 { low = 0xA0 } else if byte == 0xED { high = 0x9F }
    case 0xF0...0xF4:
      missing = 3
      if byte == 0xF0 { low = 0x90 } else if byte == 0xF4 { high = 0x8F }
    default: return false
    }
    return true
  }
}

/// Whether the bytes are whole UTF-8.
public func isUTF8(_ bytes: Span<UInt8>) -> Bool {
  var checker = UTF8Checker()
  return checker.accept(bytes) && checker.isComplete
}
