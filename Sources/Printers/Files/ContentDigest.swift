// A 64-bit fingerprint of a file's bytes: what was uploaded against what was printed.
//
// It tells accidents apart (a lost, doubled, swapped or changed byte), not attackers: the rig
// compares its own bytes with its own bytes. Eight bytes are folded at a time, so that files of
// hundreds of megabytes cost little.

/// Folds bytes as they come; the cuts between pieces do not matter.
public struct ContentDigest: Sendable {
  private var state: UInt64 = 0x7072_696E_7465_6421
  private var byteCount: UInt64 = 0
  /// Bytes that do not fill a word yet, lowest first.
  private var tail: UInt64 = 0
  private var tailCount = 0

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var offset = 0
    while tailCount != 0 && offset < bytes.count {
      append(bytes[offset])
      offset += 1
    }
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      state = Self.fold(state, UInt64(littleEndian: word))
      offset += 8
    }
    while offset < bytes.count {
      append(bytes[offset])
      offset += 1
    }
  }

  public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// The digest of everything so far.
  public var value: UInt64 { Self.fold(Self.fold(state, tail), byteCount ^ 0xA076_1D64_78BD_642F) }

  private mutating func append(_ byte: UInt8) {
    tail |= UInt64(byte) << UInt64(8 * tailCount)
    tailCount += 1
    guard tailCount == 8 else { return }
    state = Self.fold(state, tail)
    tail = 0
    tailCount = 0
  }

  @inline(__always)
  private static func fold(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    // The plain sum keeps a product of zero from swallowing what came before.
    return product.high ^ product.low &+ (state << 1 | state >> 63)
  }
}

/// The digest of a whole file; the same as feeding it to ``ContentDigest`` in pieces.
public func contentDigest(_ bytes: [UInt8]) -> UInt64 {
  var digest = ContentDigest()
  digest.update(bytes)
  return digest.value
}
