// Reads a ZIP archive that came from outside (APPNOTE.TXT 6.3): trusts no offset, no count and no
// size in it. Only entries that are asked for are unpacked, in pieces, so that an archive which
// claims to hold a terabyte costs nothing.

import CZlib

/// The directory of an archive, and a way to its entries.
public struct ZipArchive {
  /// One entry, as the directory tells of it.
  public struct Entry: Equatable {
    public var name: String
    var method: UInt16
    var checksum: UInt32
    var packedCount: Int
    public var unpackedCount: Int
    var headerOffset: Int
  }

  /// Slicers write some twenty entries for each plate, and there are at most 36 plates.
  static let entryLimit = 4096
  /// The largest g-code that a printer's card could hold anyway.
  static let unpackedLimit = 1 << 30
  /// Deflated g-code shrinks to a fifth; an entry that grows more than this is a trap.
  static let growthLimit = 100

  public let entries: [Entry]
  private let bytes: [UInt8]
  private let directoryOffset: Int

  /// Reads the directory; the entries are not looked at yet.
  public init(_ bytes: [UInt8]) throws(ThreeMFError) {
    self.bytes = bytes
    guard let end = Self.endRecord(of: bytes) else { throw .notAnArchive }
    let count = Int(Self.number16(bytes, end + 10))
    let size = Int(Self.number32(bytes, end + 12))
    directoryOffset = Int(Self.number32(bytes, end + 16))
    // Several disks, or the marks that say: see the 64-bit record.
    guard Self.number16(bytes, end + 4) == 0, Self.number16(bytes, end + 6) == 0,
      count == Int(Self.number16(bytes, end + 8)), count != 0xFFFF, directoryOffset != 0xFFFF_FFFF
    else { throw .unsupported }
    guard count <= Self.entryLimit else { throw .tooManyEntries }
    guard directoryOffset + size <= end else { throw .damagedDirectory }

    var found: [Entry] = []
    var offset = directoryOffset
    for _ in 0..<count {
      found.append(try Self.entry(in: bytes, at: &offset, before: end))
    }
    entries = found
  }

  /// The first entry of that name.
  public func entry(named name: String) -> Entry? { entries.first { $0.name == name } }

  /// Unpacks an entry, checks all of it, and answers its first bytes, `limit` at most.
  public func beginning(of entry: Entry, limit: Int) throws(ThreeMFError) -> [UInt8] {
    guard entry.unpackedCount <= Self.unpackedLimit else { throw .expandsTooFar }
    guard entry.unpackedCount <= max(1 << 20, entry.packedCount * Self.growthLimit) else {
      throw .expandsTooFar
    }
    let packed = try packedRange(of: entry)
    switch entry.method {
    case 0:
      guard entry.packedCount == entry.unpackedCount else { throw .damagedDirectory }
      let checksum = bytes.withUnsafeBufferPointer {
        crc32_z(0, $0.baseAddress.map { $0 + packed.lowerBound }, packed.count)
      }
      guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else { throw .damagedEntry }
      return [UInt8](bytes[packed.prefix(limit)])
    case 8:
      return try inflated(packed, entry: entry, limit: limit)
    default:
      throw .unsupported
    }
  }

  private func packedRange(of entry: Entry) throws(ThreeMFError) -> Range<Int> {
    let header = entry.headerOffset
    guard header + ZipWriter.localHeaderSize <= directoryOffset,
      Self.number32(bytes, header) == 0x0403_4B50
    else { throw .damagedDirectory }
    // Bit 0: encrypted.
    guard Self.number16(bytes, header + 6) & 1 == 0 else { throw .unsupported }
    let start =
      header + ZipWriter.localHeaderSize + Int(Self.number16(bytes, header + 26))
      + Int(Self.number16(bytes, header + 28))
    guard start + entry.packedCount <= directoryOffset else { throw .damagedDirectory }
    return start..<(start + entry.packedCount)
  }

  private func inflated(
    _ packed: Range<Int>, entry: Entry, limit: Int
  ) throws(ThreeMFError) -> [UInt8] {
    var stream = z_stream()
    // Raw deflate: no zlib wrapper inside an archive.
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, size) == Z_OK else {
      throw .unsupported
    }
    defer { inflateEnd(&stream) }
    let kept = min(limit, entry.unpackedCount)
    var beginning: [UInt8] = []
    beginning.reserveCapacity(kept)
    var window = [UInt8](repeating: 0, count: 1 << 18)
    var checksum: UInt = 0
    var unpackedCount = 0

    let status: Int32 = bytes.withUnsafeBufferPointer { memory in
      stream.next_in = UnsafeMutablePointer(mutating: memory.baseAddress! + packed.lowerBound)
      stream.avail_in = UInt32(packed.count)
      return window.withUnsafeMutableBufferPointer { window in
        while true {
          stream.next_out = window.baseAddress
          stream.avail_out = UInt32(window.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          let count = window.count - Int(stream.avail_out)
          unpackedCount += count
          checksum = crc32_z(checksum, window.baseAddress, count)
          if beginning.count < kept {
            beginning += window.prefix(min(count, kept - beginning.count))
          }
          guard status == Z_OK, unpackedCount <= entry.unpackedCount else { return status }
          // No progress and no room asked for: the packed bytes ended too early.
          if count == 0 && stream.avail_in == 0 { return Z_BUF_ERROR }
        }
      }
    }
    guard unpackedCount <= entry.unpackedCount else { throw .expandsTooFar }
    guard status == Z_STREAM_END, unpackedCount == entry.unpackedCount,
      UInt32(truncatingIfNeeded: checksum) == entry.checksum
    else { throw .damagedEntry }
    return beginning
  }

  /// Where the end record begins: it has a comment behind it, so it is looked for from the end.
  private static func endRecord(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= ZipWriter.endSize else { return nil }
    let last = bytes.count - ZipWriter.endSize
    for offset in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
    where bytes[offset] == 0x50 && number32(bytes, offset) == 0x0605_4B50 {
      if offset + ZipWriter.endSize + Int(number16(bytes, offset + 20)) == bytes.count {
        return offset
      }
    }
    return nil
  }

  private static func entry(
    in bytes: [UInt8], at offset: inout Int, before end: Int
  ) throws(ThreeMFError) -> Entry {
    let start = offset
    guard start + ZipWriter.directoryHeaderSize <= end, number32(bytes, start) == 0x0201_4B50 else {
      throw .damagedDirectory
    }
    let nameCount = Int(number16(bytes, start + 28))
    let extraCount = Int(number16(bytes, start + 30)) + Int(number16(bytes, start + 32))
    let nameStart = start + ZipWriter.directoryHeaderSize
    offset = nameStart + nameCount + extraCount
    guard offset <= end else { throw .damagedDirectory }
    return Entry(
      name: String(decoding: bytes[nameStart..<(nameStart + nameCount)], as: UTF8.self),
      method: number16(bytes, start + 10),
      checksum: number32(bytes, start + 16),
      packedCount: Int(number32(bytes, start + 20)),
      unpackedCount: Int(number32(bytes, start + 24)),
      headerOffset: Int(number32(bytes, start + 42)))
  }

  private static func number16(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
    UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
  }

  private static func number32(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    UInt32(number16(bytes, offset)) | UInt32(number16(bytes, offset + 2)) << 16
  }
}
