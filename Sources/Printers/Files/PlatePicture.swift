// The smallest honest PNG (ISO 15948): one plain colour, grey, stored without compression.

import CZlib

/// A thumbnail as slicers put beside a plate.
enum PlatePicture {
  static let side = 16

  static func png(grey: UInt8) -> [UInt8] {
    let row = [0] + [UInt8](repeating: grey, count: side)
    let pixels = [UInt8]((0..<side).map { _ in row }.joined())
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let size = bigEndian(UInt32(side))
    bytes += chunk("IHDR", size + size + [8, 0, 0, 0, 0])
    bytes += chunk("IDAT", stored(pixels))
    bytes += chunk("IEND", [])
    return bytes
  }

  private static func chunk(_ name: StaticString, _ body: [UInt8]) -> [UInt8] {
    let named = name.withUTF8Buffer { [UInt8]($0) } + body
    return bigEndian(UInt32(body.count)) + named + bigEndian(checksum(named))
  }

  /// One stored block in a zlib wrapper (RFC 1950, RFC 1951 section 3.2.4).
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    let sizes = [count, ~count].flatMap {
      [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
    }
    let sum = adler32(1, bytes, UInt32(bytes.count))
    return [0x78, 0x01, 0x01] + sizes + bytes + bigEndian(UInt32(truncatingIfNeeded: sum))
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
  }

  private static func bigEndian(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) }
  }
}
