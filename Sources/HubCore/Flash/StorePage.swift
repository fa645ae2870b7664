// The first bytes of a sector of the key store, and of an entry in it.
//
//     sector   magic | number of the sector in the log | times erased | sum      4 + 4 + 4 + 4
//     entry    kind | namespace | length | 0 | name | sum of value | sum       1+1+2+4+16+4+4
//              value ... | 0
//
// An entry counts only when the byte behind its value was cleared, which is done last; until then
// it was cut. A sector is given up by clearing its magic before it is erased, so that what an
// interrupted erase leaves of it is never taken for contents. The sum of an entry also covers where
// it stands, so that a value that looks like an entry is none.

import Wire

/// What stands at the beginning of a sector in use.
struct StorePageHeader {
  static let size = 16
  private static let magic: UInt32 = 0xB75E_D32B

  /// Counts up with every sector that is taken into use: the order of the log.
  var sequence: UInt32
  var erases: UInt32

  init(sequence: UInt32, erases: UInt32) {
    self.sequence = sequence
    self.erases = erases
  }

  /// Nil when these are not the first bytes of a sector in use. `repaired` is set when one bit had
  /// to be put right.
  init?(_ bytes: InlineArray<16, UInt8>, repaired: inout Bool) {
    var bytes = bytes
    let sum = bytes.number32(at: 12)
    let found = CRC32.of(bytes.span.extracting(first: 12))
    if found != sum {
      if (found ^ sum).nonzeroBitCount != 1 {
        guard let bit = CRC32.flippedBit(wanted: sum, found: found, byteCount: 12) else {
          return nil
        }
        bytes.flip(bit: bit)
      }
      repaired = true
    }
    guard bytes.number32(at: 0) == Self.magic, bytes.number32(at: 4) != 0 else { return nil }
    sequence = bytes.number32(at: 4)
    erases = bytes.number32(at: 8)
  }

  /// How often a sector that was given up had been erased; nil when that is lost.
  static func erases(ofRetired bytes: InlineArray<16, UInt8>) -> UInt32? {
    var bytes = bytes
    bytes.set(magic, at: 0)
    guard CRC32.of(bytes.span.extracting(first: 12)) == bytes.number32(at: 12) else { return nil }
    return bytes.number32(at: 8)
  }

  var bytes: InlineArray<16, UInt8> {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    bytes.set(Self.magic, at: 0)
    bytes.set(sequence, at: 4)
    bytes.set(erases, at: 8)
    bytes.set(CRC32.of(bytes.span.extracting(first: 12)), at: 12)
    return bytes
  }
}

/// What stands before a value.
struct StoreEntryHeader {
  static let size = 32
  /// What is added to a secret: the nonce before it, the tag behind it.
  static let sealSize = 28

  enum Kind: UInt8 {
    case value = 0x1E
    case sealed = 0x2D
    case removed = 0x4B
  }

  typealias Name = InlineArray<16, UInt8>

  var kind: Kind
  var namespace: UInt8
  /// Bytes in flash, seal included.
  var length: Int
  var name: Name
  var valueSum: UInt32

  init(_ kind: Kind, namespace: UInt8, name: Name, length: Int, valueSum: UInt32) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.length = length
    self.valueSum = valueSum
  }

  /// Nil when no entry begins with these bytes at this place.
  init?(_ bytes: InlineArray<32, UInt8>, seed: UInt32, repaired: inout Bool) {
    var bytes = bytes
    let sum = bytes.number32(at: 28)
    let found = CRC32.update(seed, bytes.span.extracting(first: 28))
    if found != sum {
      if (found ^ sum).nonzeroBitCount != 1 {
        guard let bit = CRC32.flippedBit(wanted: sum, found: found, byteCount: 28) else {
          return nil
        }
        bytes.flip(bit: bit)
      }
      repaired = true
    }
    guard let kind = Kind(rawValue: bytes[0]) else { return nil }
    self.kind = kind
    namespace = bytes[1]
    length = Int(bytes.number16(at: 2))
    name = Name(repeating: 0)
    for index in 0..<16 { name[index] = bytes[8 + index] }
    valueSum = bytes.number32(at: 24)
  }

  func bytes(seed: UInt32) -> InlineArray<32, UInt8> {
    var bytes = InlineArray<32, UInt8>(repeating: 0)
    bytes[0] = kind.rawValue
    bytes[1] = namespace
    bytes.set(UInt16(truncatingIfNeeded: length), at: 2)
    for index in 0..<16 { bytes[8 + index] = name[index] }
    bytes.set(valueSum, at: 24)
    bytes.set(CRC32.update(seed, bytes.span.extracting(first: 28)), at: 28)
    return bytes
  }

  /// From one entry to the next.
  var wholeSize: Int { Self.wholeSize(ofLength: length) }

  static func wholeSize(ofLength length: Int) -> Int { (size + length + 1 + 3) / 4 * 4 }

  func isNamed(_ other: Name, in namespace: UInt8) -> Bool {
    self.namespace == namespace && equals(name.span, other.span)
  }
}
