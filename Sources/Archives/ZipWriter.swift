// Writes a ZIP archive of stored entries (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12, 4.3.16):
//
//     local header, name, bytes | … | directory header, name | … | end record
//
// Nothing is compressed, so that the size of the archive is known before it is written.

import CZlib

/// An archive under way.
public struct ZipWriter {
  static let localHeaderSize = 30
  static let directoryHeaderSize = 46
  static let endSize = 22

  public private(set) var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var entryCount: UInt16 = 0

  /// Makes room for so many bytes.
  public init(reserving byteCount: Int) { bytes.reserveCapacity(byteCount) }

  /// How many bytes an archive with these entries has.
  public static func size(of entries: [(name: String, byteCount: Int)]) -> Int {
    entries.reduce(endSize) {
      $0 + localHeaderSize + directoryHeaderSize + 2 * $1.name.utf8.count + $1.byteCount
    }
  }

  /// Adds an entry; names are taken as they are.
  public mutating func add(_ name: String, _ content: [UInt8]) {
    let offset = UInt32(bytes.count)
    let checksum = UInt32(
      truncatingIfNeeded: content.withUnsafeBufferPointer {
        crc32_z(0, $0.baseAddress, $0.count)
      })
    var common: [UInt8] = []
    // Version 2.0; names are UTF-8; stored; midnight of the first day that the format knows.
    for field: UInt16 in [20, 0x0800, 0, 0, 0x0021] { Self.append(field, to: &common) }
    for field in [checksum, UInt32(content.count), UInt32(content.count)] {
      Self.append(field, to: &common)
    }
    Self.append(UInt16(name.utf8.count), to: &common)
    Self.append(UInt16(0), to: &common)

    Self.append(UInt32(0x0403_4B50), to: &bytes)
    bytes += common
    bytes += name.utf8
    bytes += content

    Self.append(UInt32(0x0201_4B50), to: &directory)
    Self.append(UInt16(20), to: &directory)
    directory += common
    // No comment, first disk, no attributes.
    for field: UInt16 in [0, 0, 0, 0, 0] { Self.append(field, to: &directory) }
    Self.append(offset, to: &directory)
    directory += name.utf8
    entryCount += 1
  }

  /// Ends it and answers the whole archive.
  public consuming func finish() -> [UInt8] {
    let start = UInt32(bytes.count)
    bytes += directory
    Self.append(UInt32(0x0605_4B50), to: &bytes)
    for field in [0, 0, entryCount, entryCount] { Self.append(field, to: &bytes) }
    Self.append(UInt32(directory.count), to: &bytes)
    Self.append(start, to: &bytes)
    Self.append(UInt16(0), to: &bytes)
    return bytes
  }

  private static func append<Number: FixedWidthInteger>(
    _ number: Number, to output: inout [UInt8]
  ) {
    for index in 0..<(Number.bitWidth / 8) {
      output.append(UInt8(truncatingIfNeeded: number >> Number(8 * index)))
    }
  }
}
