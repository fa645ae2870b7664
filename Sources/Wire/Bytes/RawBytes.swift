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
      let byte = byte(bytes, at: index)
      if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte > 0x7F { return index }
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

/// Whether two runs of bytes are the same.
public func equals(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
  let count = a.count
  guard count == b.count else { return false }
  var index = 0
  while index < count {
    if RawBytes.byte(a, at: index) != RawBytes.byte(b, at: index) { return false }
    index &+= 1
  }
  return true
}

/// Whether the bytes are those of a text in the program.
public func equals(_ a: Span<UInt8>, _ text: StaticString) -> Bool {
  let count = a.count
  guard count == text.utf8CodeUnitCount else { return false }
  let start = unsafe text.utf8Start
  var index = 0
  while index < count {
    if unsafe RawBytes.byte(a, at: index) != start[index] { return false }
    index &+= 1
  }
  return true
}

/// Whether the bytes are those of a text in the program, upper and lower case of A to Z being one.
public func equalsIgnoringCase(_ a: Span<UInt8>, _ text: StaticString) -> Bool {
  let count = a.count
  guard count == text.utf8CodeUnitCount else { return false }
  let start = unsafe text.utf8Start
  var index = 0
  while index < count {
    let wanted = unsafe start[index]
    if lowered(RawBytes.byte(a, at: index)) != lowered(wanted) { return false }
    index &+= 1
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
