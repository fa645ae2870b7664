// What a laboratory sees that reads a hub's flash with a clip: which keys stand where. It needs no
// key of the device, for names are not sealed.

/// The store partition of a flash, looked at from outside.
public struct StoreSight {
  /// One value as it stands in flash.
  public struct Entry: Equatable, Sendable {
    public var name: String
    /// Where its value begins in the partition, and its bytes.
    public var value: Range<Int>
  }

  private static let pageHeaderSize = 16
  private static let headerSize = 32
  private let bytes: [UInt8]
  private let pageCount: Int

  public init(_ flash: NORFlash) {
    bytes = flash.contents(of: .store)
    pageCount = bytes.count / NORFlash.sectorSize
  }

  /// The name in a header of an entry of the store; nil when these bytes are none.
  public static func name(inHeader bytes: some Collection<UInt8>) -> String? {
    let bytes = Array(bytes)
    guard bytes.count == headerSize, bytes[0] == 0x1E || bytes[0] == 0x2D,
      bytes[4..<8].allSatisfy({ $0 == 0 })
    else { return nil }
    return String(decoding: bytes[8..<24].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The sectors in use, the oldest first.
  public var pages: [Int] {
    (0..<pageCount).compactMap { page -> (sequence: UInt32, page: Int)? in
      let start = page * NORFlash.sectorSize
      guard bytes[start] == 0x2B, bytes[start + 3] == 0xB7 else { return nil }
      return (number(at: start + 4), page)
    }.sorted { $0.sequence < $1.sequence }.map(\.page)
  }

  /// Every value that was written, the oldest first; those that were replaced since are among them.
  public var entries: [Entry] {
    pages.flatMap { page -> [Entry] in
      var found: [Entry] = []
      var offset = page * NORFlash.sectorSize + Self.pageHeaderSize
      let end = (page + 1) * NORFlash.sectorSize
      while offset + Self.headerSize < end {
        let length = Int(bytes[offset + 2]) | Int(bytes[offset + 3]) << 8
        guard let name = Self.name(inHeader: bytes[offset..<offset + Self.headerSize]),
          offset + Self.headerSize + length < end
        else {
          offset += 4
          continue
        }
        let start = offset + Self.headerSize
        found.append(Entry(name: name, value: start..<start + length))
        offset = start + (length + 1 + 3) / 4 * 4
      }
      return found
    }
  }

  private func number(at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) }
  }
}
