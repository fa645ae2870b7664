// One of the few files that own raw memory; see also ByteWriter, ByteQueue and RawBytes.

/// Holds the text of one token, or as much of its beginning as fits.
///
/// A text that is too long is cut between two characters, never inside the bytes of one.
@safe
struct TextScratch: ~Copyable {
  private let memory: UnsafeMutableBufferPointer<UInt8>
  private let capacity: Int
  private(set) var count = 0
  private(set) var isCut = false

  @unsafe
  init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.memory = memory
    capacity = memory.count
  }

  var text: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let filled = unsafe UnsafeBufferPointer(start: memory.baseAddress, count: count)
      return unsafe _overrideLifetime(Span(_unsafeElements: filled), borrowing: self)
    }
  }

  @inline(__always)
  mutating func removeAll() {
    count = 0
    isCut = false
  }

  /// Appends the run of plain characters that begins at `start` and answers where it ends.
  ///
  /// Whole words are stored before it is known how much of them belongs to the run: what is too
  /// much lies behind `count` and is overwritten later.
  @inline(__always)
  mutating func appendPlainText(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let raw = unsafe bytes.bytes
    var index = start
    if !isCut {
      let last = bytes.count &- RawBytes.wordSize
      let lastCount = capacity &- RawBytes.wordSize
      while index <= last, count <= lastCount {
        let word = RawBytes.word(raw, at: index)
        unsafe store(word)
        let hits = RawBytes.hitsBesidePlainText(word)
        if hits != 0 {
          let length = hits.trailingZeroBitCount &>> 3
          count &+= length
          return index &+ length
        }
        count &+= RawBytes.wordSize
        index &+= RawBytes.wordSize
      }
    }
    let end = RawBytes.endOfPlainText(bytes, from: index)
    append(bytes, from: index, to: end)
    return end
  }

  /// Stores a word behind the text, where there must be room.
  @unsafe @inline(__always)
  private func store(_ word: UInt) {
    guard let to = unsafe memory.baseAddress else { return }
    unsafe UnsafeMutableRawPointer(to + count).storeBytes(of: word.littleEndian, as: UInt.self)
  }

  /// Appends `bytes[start..<end]`, which begins and ends between characters.
  @inline(__always)
  mutating func append(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    let added = end &- start
    guard !isCut, added > 0 else { return }
    guard added <= capacity &- count else { return cut(bytes, from: start) }
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress, let to = unsafe memory.baseAddress else { return }
      unsafe Self.copy(from: from + start, to: to + count, count: added)
    }
    count &+= added
  }

  /// Most texts are short: a loop beats a call to the library.
  @unsafe @inline(__always)
  private static func copy(
    from: UnsafePointer<UInt8>, to: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    if count > 16 { return unsafe to.update(from: from, count: count) }
    var index = 0
    while index < count {
      unsafe to[index] = from[index]
      index &+= 1
    }
  }

  /// Appends the characters that fit, and no more from now on.
  @inline(never)
  private mutating func cut(_ bytes: Span<UInt8>, from start: Int) {
    isCut = true
    var fitting = capacity &- count
    while fitting > 0, bytes[start &+ fitting] & 0xC0 == 0x80 { fitting &-= 1 }
    for index in 0..<fitting { unsafe memory[count &+ index] = bytes[start &+ index] }
    count &+= fitting
  }

  /// Appends one character.
  mutating func append(scalar: UInt32) {
    var bytes: [4 of UInt8] = [0, 0, 0, 0]
    let length = UTF8Encoding.encode(scalar, into: &bytes)
    append(bytes.span, from: 0, to: length)
  }
}

/// Turns code points into UTF-8.
enum UTF8Encoding {
  /// Answers how many bytes it took. `scalar` must not be a surrogate.
  static func encode(_ scalar: UInt32, into bytes: inout [4 of UInt8]) -> Int {
    if scalar < 0x80 {
      bytes[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      bytes[0] = 0xC0 | UInt8(truncatingIfNeeded: scalar &>> 6)
      bytes[1] = tail(scalar, 0)
      return 2
    }
    if scalar < 0x10000 {
      bytes[0] = 0xE0 | UInt8(truncatingIfNeeded: scalar &>> 12)
      bytes[1] = tail(scalar, 6)
      bytes[2] = tail(scalar, 0)
      return 3
    }
    bytes[0] = 0xF0 | UInt8(truncatingIfNeeded: scalar &>> 18)
    bytes[1] = tail(scalar, 12)
    bytes[2] = tail(scalar, 6)
    bytes[3] = tail(scalar, 0)
    return 4
  }

  private static func tail(_ scalar: UInt32, _ shift: UInt32) -> UInt8 {
    0x80 | UInt8(truncatingIfNeeded: scalar &>> shift & 0x3F)
  }
}
