// Reading bytes by the word, and the texts that stand in the program. One of the few files that
// touch raw memory, so that the codecs need not; see also ByteWriter, ByteQueue and TextScratch.
//
// The tests on whole words are the well-known ones: `word &- ones &* n` borrows into the top bit
// of a byte that is below `n`. A borrow may also reach the bytes above such a byte, never those
// below, so the lowest hit is always true, and on a little-endian machine it is the first.

/// Scans over contiguous bytes.
enum RawBytes {
  static let wordSize = MemoryLayout<UInt>.size
  /// 0x01 in each byte of a word.
  @inline(__always) static var ones: UInt { UInt.max / 255 }
  /// 0x80 in each byte of a word.
  @inline(__always) static var tops: UInt { ones &* 0x80 }

  /// The bytes from `offset` on as a word. They must be there.
  @inline(__always)
  static func word(_ bytes: RawSpan, at offset: Int) -> UInt {
    UInt(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: offset, as: UInt.self))
  }

  /// The four bytes from `offset` on, the lowest first. They must be there.
  @inline(__always)
  static func littleEndian32(_ bytes: RawSpan, at offset: Int) -> UInt32 {
    UInt32(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(
        fromUncheckedByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  static func byte(_ bytes: Span<UInt8>, at index: Int) -> UInt8 { unsafe bytes[unchecked: index] }

  /// The top bit of each byte that is a quote, a backslash, a control character or above 0x7F; the
  /// lowest is always true.
  @inline(__always)
  static func hitsBesidePlainText(_ word: UInt) -> UInt {
    let quotes = word ^ (ones &* 0x22)
    let slashes = word ^ (ones &* 0x5C)
    return
      ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
      | (word &- ones &* 0x20) & ~word | word) & tops
  }

  /// Whether a byte is none of those.
  @inline(__always)
  static func isPlainText(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte <= 0x7F && byte != 0x22 && byte != 0x5C
  }

  /// Where the run of plain characters of a JSON string ends that begins at `start`: the index of
  /// the first quote, backslash, control character or byte above 0x7F, or the count.
  @inline(__always)
  static func endOfPlainText(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    let count = bytes.count
    var index = start
    while index &+ wordSize <= count {
      let hits = hitsBesidePlainText(word(raw, at: index))
      if hits != 0 { return index &+ hits.trailingZeroBitCount &>> 3 }
      index &+= wordSize
    }
    while index < count {
      guard isPlainText(byte(bytes, at: index)) else { return index }
      index &+= 1
    }
    return count
  }

  /// The index of the first byte above 0x7F at or after `start`, or the count, once `mask` was
  /// laid over the bytes; its first byte is for the byte at `start`.
  @inline(__always)
  static func endOfASCII(_ bytes: Span<UInt8>, from start: Int, mask: UInt32 = 0) -> Int {
    let raw = unsafe bytes.bytes
    let count = bytes.count
    let words = UInt(littleEndian: Mask.word(mask))
    var index = start
    while index &+ wordSize <= count {
      let hits = (word(raw, at: index) ^ words) & tops
      if hits != 0 { return index &+ hits.trailingZeroBitCount &>> 3 }
      index &+= wordSize
    }
    while index < count {
      if byte(bytes, at: index) ^ Mask.byte(mask, index &- start) > 0x7F { return index }
      index &+= 1
    }
    return count
  }

  /// Where two runs of one length stop being the same from `start` on: the index of the first byte
  /// that differs, or the count.
  static func endOfSame(_ a: Span<UInt8>, _ b: Span<UInt8>, from start: Int) -> Int {
    let (rawA, rawB) = unsafe (a.bytes, b.bytes)
    let count = a.count
    var index = start
    while index &+ wordSize <= count {
      let difference = word(rawA, at: index) ^ word(rawB, at: index)
      if difference != 0 { return index &+ difference.trailingZeroBitCount &>> 3 }
      index &+= wordSize
    }
    while index < count, byte(a, at: index) == byte(b, at: index) { index &+= 1 }
    return index
  }

  /// The index of the first `wanted` at or after `start` and before `end`, or nil.
  @inline(__always)
  static func first(_ wanted: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    let raw = unsafe bytes.bytes
    let end = end < bytes.count ? end : bytes.count
    let pattern = ones &* UInt(wanted)
    var index = start
    while index &+ wordSize <= end {
      let difference = word(raw, at: index) ^ pattern
      let hits = (difference &- ones) & ~difference & tops
      if hits != 0 { return index &+ hits.trailingZeroBitCount &>> 3 }
      index &+= wordSize
    }
    while index < end {
      if byte(bytes, at: index) == wanted { return index }
      index &+= 1
    }
    return nil
  }
}

/// Whether every bit is set, as in flash that was erased and not written since.
public func isBlank(_ bytes: Span<UInt8>) -> Bool {
  let raw = unsafe bytes.bytes
  let count = bytes.count
  var index = 0
  while index &+ RawBytes.wordSize <= count {
    if RawBytes.word(raw, at: index) != UInt.max { return false }
    index &+= RawBytes.wordSize
  }
  while index < count {
    if RawBytes.byte(bytes, at: index) != 0xFF { return false }
    index &+= 1
  }
  return true
}

/// A number to know bytes again by, cheaply: others have the same once in four billion times. Nothing
/// may hang on it that somebody could gain by finding such ones.
public func checksum(of bytes: Span<UInt8>, beginningWith start: UInt32) -> UInt32 {
  let raw = unsafe bytes.bytes
  let count = bytes.count
  var sum = mixed(UInt(start), UInt(truncatingIfNeeded: count))
  var index = 0
  while index &+ RawBytes.wordSize <= count {
    sum = mixed(sum, RawBytes.word(raw, at: index))
    index &+= RawBytes.wordSize
  }
  while index < count {
    sum = mixed(sum, UInt(RawBytes.byte(bytes, at: index)))
    index &+= 1
  }
  return UInt32(truncatingIfNeeded: sum)
}

/// Can be undone, so that what was apart stays apart.
@inline(__always)
private func mixed(_ sum: UInt, _ word: UInt) -> UInt {
  let product = (sum ^ word) &* 0x9E37_79B1
  return product ^ product &>> UInt(UInt.bitWidth / 2 &- 1)
}

/// Whether two runs of bytes are the same.
@inline(never)
public func equals(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
  a.count == b.count && RawBytes.endOfSame(a, b, from: 0) == a.count
}

/// Whether the bytes are those of a text in the program.
@inline(never)
public func equals(_ a: Span<UInt8>, _ text: StaticString) -> Bool {
  equals(a, bytes(of: text))
}

/// Whether the bytes are those of a text in the program, upper and lower case of A to Z being one.
public func equalsIgnoringCase(_ a: Span<UInt8>, _ text: StaticString) -> Bool {
  let wanted = bytes(of: text)
  guard a.count == wanted.count else { return false }
  // Mostly the case is the same too, but for a letter here and there.
  var index = RawBytes.endOfSame(a, wanted, from: 0)
  while index < a.count {
    guard lowered(RawBytes.byte(a, at: index)) == lowered(RawBytes.byte(wanted, at: index))
    else { return false }
    index = RawBytes.endOfSame(a, wanted, from: index &+ 1)
  }
  return true
}

/// The byte, or the small letter of a capital of A to Z.
@inline(__always)
func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

/// The bytes of a text in the program.
@_lifetime(immortal)
func bytes(of text: StaticString) -> Span<UInt8> {
  let buffer = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  return unsafe _overrideLifetime(Span(_unsafeElements: buffer), copying: ())
}

/// One byte of a text in the program; `index` must be inside it.
@inline(__always)
func byte(of text: StaticString, at index: Int) -> UInt8 {
  precondition(index >= 0 && index < text.utf8CodeUnitCount)
  return unsafe text.utf8Start[index]
}
