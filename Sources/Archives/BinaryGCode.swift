// Prusa's binary g-code (.bgcode), as far as its parts go:
//
//     "GCDE" | version, 4 | checksum kind, 2                            (little-endian)
//     kind, 2 | compression, 2 | size, 4 | packed size, 4, if packed | encoding, 2 | content | CRC-32, 4
//
// Pictures have six bytes of parameters (format, width, height) in the place of the encoding. Only
// parts that are not packed are looked into; slicers leave the metadata so.

/// Takes binary g-code apart, and makes it.
public enum BinaryGCode {
  /// What a part is.
  public enum Kind: UInt16, Sendable {
    case fileMetadata = 0
    case gcode, slicerMetadata, printerMetadata, printMetadata, thumbnail
  }

  /// One part, not packed.
  public struct Part: Sendable {
    public var kind: Kind
    public var content: [UInt8]

    public init(kind: Kind, content: [UInt8]) {
      self.kind = kind
      self.content = content
    }

    public init(kind: Kind, text: String) {
      self.init(kind: kind, content: Array(text.utf8))
    }
  }

  private static let magic = Array("GCDE".utf8)
  private static let partLimit = 64

  public static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// The texts of metadata at the beginning of a file: lines of `name=value`. What does not lie
  /// within `bytes` as a whole, or is packed, is passed over.
  public static func metadata(of bytes: [UInt8]) -> [[UInt8]] {
    parts(of: bytes).filter { $0.kind != .gcode && $0.kind != .thumbnail }.map(\.content)
  }

  /// The first picture in PNG.
  public static func picture(of bytes: [UInt8]) -> [UInt8]? {
    parts(of: bytes).first {
      $0.kind == .thumbnail && $0.content.starts(with: [0x89, 0x50, 0x4E, 0x47])
    }?.content
  }

  private static func parts(of bytes: [UInt8]) -> [Part] {
    guard isOne(bytes), bytes.count >= 10 else { return [] }
    let checksumCount = number(bytes, 8, 2) == 1 ? 4 : 0
    var parts: [Part] = []
    var place = 10
    while place + 8 <= bytes.count, parts.count < partLimit {
      let kind = Kind(rawValue: UInt16(number(bytes, place, 2)))
      let isPacked = number(bytes, place + 2, 2) != 0
      var size = number(bytes, place + 4, 4)
      place += 8
      if isPacked {
        guard place + 4 <= bytes.count else { break }
        size = number(bytes, place, 4)
        place += 4
      }
      place += kind == .thumbnail ? 6 : 2
      guard let kind, size >= 0, place + size <= bytes.count else { break }
      if !isPacked { parts.append(Part(kind: kind, content: Array(bytes[place..<place + size]))) }
      place += size + checksumCount
    }
    return parts
  }

  private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  /// A file of these parts, without checksums.
  public static func make(_ parts: [Part]) -> [UInt8] {
    var bytes = magic + little(1, 4) + little(0, 2)
    for part in parts {
      bytes += little(Int(part.kind.rawValue), 2) + little(0, 2) + little(part.content.count, 4)
      bytes += little(0, part.kind == .thumbnail ? 6 : 2) + part.content
    }
    return bytes
  }

  private static func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
