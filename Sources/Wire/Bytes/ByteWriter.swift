// One of the few files that own raw memory; see also ByteQueue, RawBytes and TextScratch.

/// Writes into memory it was given, and sticks at the bound.
///
/// What does not fit is left out whole: a `put` writes all of its bytes or none, and after the
/// first that did not fit nothing more is written. So nobody has to check before the end.
@safe
public struct ByteWriter: ~Copyable {
  @usableFromInline let memory: UnsafeMutableBufferPointer<UInt8>
  @usableFromInline var writtenCount = 0
  /// The capacity, until something did not fit; then what had been written by then.
  @usableFromInline var limit: Int

  /// The memory must outlive the writer and is nobody else's meanwhile.
  @unsafe @inlinable
  public init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.memory = memory
    limit = memory.count
  }

  /// How many bytes were written.
  @inlinable public var count: Int { writtenCount }
  @inlinable public var capacity: Int { unsafe memory.count }
  /// How many bytes would still fit.
  @inlinable public var freeCount: Int { limit &- writtenCount }
  /// Whether something did not fit. It stays so.
  public private(set) var overflowed = false

  /// What was put so far.
  @inlinable public var written: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let filled = unsafe UnsafeBufferPointer(start: memory.baseAddress, count: writtenCount)
      return unsafe _overrideLifetime(Span(_unsafeElements: filled), borrowing: self)
    }
  }

  /// Gives up: from now on nothing is written, as if something had not fitted.
  @usableFromInline @inline(never)
  mutating func overflow() {
    overflowed = true
    limit = writtenCount
  }

  @inlinable @inline(__always)
  public mutating func put(_ byte: UInt8) {
    guard writtenCount < limit else { return overflow() }
    unsafe memory[writtenCount] = byte
    writtenCount &+= 1
  }

  @inlinable
  public mutating func put(_ bytes: Span<UInt8>) {
    let added = bytes.count
    guard added <= limit &- writtenCount else { return overflow() }
    unsafe bytes.withUnsafeBufferPointer { unsafe copy($0, added) }
  }

  @inlinable
  public mutating func put(_ text: StaticString) {
    let added = text.utf8CodeUnitCount
    guard added <= limit &- writtenCount else { return overflow() }
    unsafe copy(UnsafeBufferPointer(start: text.utf8Start, count: added), added)
  }

  /// Copies what is known to fit.
  @unsafe @usableFromInline @inline(__always)
  mutating func copy(_ source: UnsafeBufferPointer<UInt8>, _ added: Int) {
    guard added > 0, let from = source.baseAddress, let to = unsafe memory.baseAddress
    else { return }
    unsafe (to + writtenCount).update(from: from, count: added)
    writtenCount &+= added
  }

  /// Puts the run of plain characters of a JSON string that begins at `start` and answers where it
  /// ends.
  ///
  /// Whole words are stored before it is known how much of them belongs to the run: what is too
  /// much lies behind what was written and is overwritten later.
  mutating func putPlainText(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let count = bytes.count
    guard count &- start <= limit &- writtenCount, let base = unsafe memory.baseAddress else {
      let end = RawBytes.endOfPlainText(bytes, from: start)
      put(bytes.extracting(start..<end))
      return end
    }
    let raw = unsafe bytes.bytes
    let to = unsafe UnsafeMutableRawPointer(base + writtenCount)
    var index = start
    while index &+ RawBytes.wordSize <= count {
      let word = RawBytes.word(raw, at: index)
      unsafe to.storeBytes(of: word.littleEndian, toByteOffset: index &- start, as: UInt.self)
      let hits = RawBytes.hitsBesidePlainText(word)
      if hits != 0 {
        index &+= hits.trailingZeroBitCount &>> 3
        writtenCount &+= index &- start
        return index
      }
      index &+= RawBytes.wordSize
    }
    while index < count {
      let byte = RawBytes.byte(bytes, at: index)
      guard RawBytes.isPlainText(byte) else { break }
      unsafe to.storeBytes(of: byte, toByteOffset: index &- start, as: UInt8.self)
      index &+= 1
    }
    writtenCount &+= index &- start
    return index
  }

  /// Puts `bytes` with the four bytes of `mask`, most significant first, laid over them.
  mutating func put(_ bytes: Span<UInt8>, maskedBy mask: UInt32) {
    let added = bytes.count
    guard mask != 0 else { return put(bytes) }
    guard added <= limit &- writtenCount else { return overflow() }
    guard added > 0, let base = unsafe memory.baseAddress else { return }
    let to = unsafe UnsafeMutableRawPointer(base + writtenCount)
    unsafe bytes.withUnsafeBytes { from in
      let words = Mask.word(mask)
      var index = 0
      while index &+ MemoryLayout<UInt>.size <= added {
        let word = unsafe from.loadUnaligned(fromByteOffset: index, as: UInt.self)
        unsafe to.storeBytes(of: word ^ words, toByteOffset: index, as: UInt.self)
        index &+= MemoryLayout<UInt>.size
      }
      while index < added {
        let byte = unsafe from[index] ^ Mask.byte(mask, index)
        unsafe to.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        index &+= 1
      }
    }
    writtenCount &+= added
  }
}

extension ByteWriter {
  @inlinable
  public mutating func put(bigEndian16 number: UInt16) {
    guard freeCount >= 2 else { return overflow() }
    put(UInt8(truncatingIfNeeded: number &>> 8))
    put(UInt8(truncatingIfNeeded: number))
  }

  @inlinable
  public mutating func put(bigEndian32 number: UInt32) {
    guard freeCount >= 4 else { return overflow() }
    put(UInt8(truncatingIfNeeded: number &>> 24))
    put(UInt8(truncatingIfNeeded: number &>> 16))
    put(UInt8(truncatingIfNeeded: number &>> 8))
    put(UInt8(truncatingIfNeeded: number))
  }

  /// Puts the bytes as lower-case hexadecimal digits.
  public mutating func put(hex bytes: Span<UInt8>) {
    guard bytes.count <= freeCount / 2 else { return overflow() }
    for index in 0..<bytes.count {
      put(hexDigit(bytes[index] &>> 4))
      put(hexDigit(bytes[index] & 15))
    }
  }

  public mutating func put(decimal number: Int) {
    put(magnitude: number.magnitude, isNegative: number < 0)
  }

  public mutating func put(decimal number: UInt32) {
    put(magnitude: UInt(number), isNegative: false)
  }

  /// Named apart, so that a literal is never 64 bits wide by accident on the chip.
  public mutating func put(decimal64 number: UInt64) {
    var divisor: UInt64 = 1
    var digits = 1
    while number / divisor >= 10 {
      divisor = divisor &* 10
      digits &+= 1
    }
    guard digits <= freeCount else { return overflow() }
    for _ in 0..<digits {
      let digit = UInt32(truncatingIfNeeded: number / divisor % 10)
      put(0x30 &+ UInt8(truncatingIfNeeded: digit))
      divisor = divisor / 10
    }
  }

  private mutating func put(magnitude: UInt, isNegative: Bool) {
    var digits = 1
    var rest = magnitude / 10
    while rest > 0 {
      digits &+= 1
      rest /= 10
    }
    guard digits &+ (isNegative ? 1 : 0) <= freeCount else { return overflow() }
    if isNegative { put(0x2D) }
    // The last digit is known first.
    var at = writtenCount &+ digits
    writtenCount = at
    rest = magnitude
    while digits > 0 {
      at &-= 1
      digits &-= 1
      unsafe memory[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }
}

/// The lower-case hexadecimal digit of a number below 16.
@inline(__always)
func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }

/// The value of a hexadecimal digit, or nil for any other byte.
@inline(__always)
func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 0x30...0x39: digit &- 0x30
  case 0x41...0x46: digit &- 0x37
  case 0x61...0x66: digit &- 0x57
  default: nil
  }
}

/// The WebSocket mask, laid out for memory.
enum Mask {
  /// A whole word that holds the mask over and over, in the order of memory.
  @inline(__always)
  static func word(_ mask: UInt32) -> UInt {
    let inMemory = UInt(mask.bigEndian)
    return MemoryLayout<UInt>.size == 8 ? inMemory &<< 32 | inMemory : inMemory
  }

  @inline(__always)
  static func byte(_ mask: UInt32, _ index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: mask &>> UInt32(truncatingIfNeeded: 24 &- (index & 3) &* 8))
  }

  /// The mask as it stands `offset` bytes later.
  @inline(__always)
  static func advanced(_ mask: UInt32, by offset: Int) -> UInt32 {
    let turn = UInt32(truncatingIfNeeded: (offset & 3) &* 8)
    return turn == 0 ? mask : mask &<< turn | mask &>> (32 &- turn)
  }
}
