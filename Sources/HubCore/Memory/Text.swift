// A short text inside its owner. Bytes are UTF-8 as they came; nothing here looks inside.

import Wire

/// A text of at most `capacity` bytes that lives wholly inside its owner.
package struct Text<let capacity: Int> {
  private var storage = InlineArray<capacity, UInt8>(repeating: 0)
  /// Half as wide as an `Int`, for there are hundreds of texts.
  private var used: UInt16 = 0

  package init() {}

  /// The most bytes that it holds.
  static var limit: Int { capacity }

  init(_ text: StaticString) {
    write { $0.put(text) }
  }

  private(set) var count: Int {
    get { Int(used) }
    set { used = UInt16(truncatingIfNeeded: newValue) }
  }

  var isEmpty: Bool { used == 0 }

  package var span: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { storage.span.extracting(first: count) }
  }

  /// Takes the whole of `bytes`, or nothing and answers false.
  @discardableResult
  package mutating func set(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count <= capacity else { return false }
    for index in bytes.indices { storage[index] = bytes[index] }
    count = bytes.count
    return true
  }

  /// Takes the beginning of `bytes`, in whole characters.
  mutating func setBeginning(of bytes: Span<UInt8>) {
    var end = bytes.count
    if end > capacity {
      end = capacity
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    }
    set(bytes.extracting(first: end))
  }

  /// Takes the beginning of `bytes` with a sign in place of what cannot be seen, which JSON would
  /// write six times as long.
  mutating func setPrintable(_ bytes: Span<UInt8>) {
    setBeginning(of: bytes)
    for index in 0..<count where storage[index] < 0x20 || storage[index] == 0x7F {
      storage[index] = UInt8(ascii: "_")
    }
  }

  /// Adds a byte, or answers false when there is no room.
  mutating func append(_ byte: UInt8) -> Bool {
    guard count < capacity else { return false }
    storage[count] = byte
    count += 1
    return true
  }

  mutating func removeAll() { count = 0 }

  /// Drops all but the beginning.
  mutating func keep(first length: Int) { if length < count { count = length } }

  /// Replaces the text with what `body` writes; what does not fit is left out.
  mutating func write(_ body: (inout ByteWriter) -> Void) {
    var storageSpan = storage.mutableSpan
    count = unsafe storageSpan.withUnsafeMutableBufferPointer { memory in
      var writer = unsafe ByteWriter(memory)
      body(&writer)
      return writer.count
    }
  }

  /// Replaces the text with the bytes that `body` put at the front of the memory shown to it.
  mutating func fill(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
    var storageSpan = storage.mutableSpan
    let filled = unsafe storageSpan.withUnsafeMutableBufferPointer { unsafe body($0) }
    count = filled < 0 ? 0 : filled > capacity ? capacity : filled
  }

  /// Replaces the text with `count` bytes that `body` provides; when it answers false the text is
  /// empty, and so is the answer.
  mutating func fill(_ count: Int, _ body: (inout MutableSpan<UInt8>) -> Bool) -> Bool {
    precondition(count <= capacity, "more bytes than a text can hold")
    self.count = 0
    var storageSpan = storage.mutableSpan
    let isGood = unsafe storageSpan.withUnsafeMutableBufferPointer { memory in
      var span = unsafe MutableSpan(
        _unsafeElements: UnsafeMutableBufferPointer(rebasing: memory[..<count]))
      return body(&span)
    }
    if isGood { self.count = count }
    return isGood
  }

  func equals(_ other: Span<UInt8>) -> Bool { Wire.equals(span, other) }

  func equals(_ other: StaticString) -> Bool { Wire.equals(span, other) }
}

extension Text: Equatable {
  package static func == (left: Text, right: Text) -> Bool { Wire.equals(left.span, right.span) }
}
