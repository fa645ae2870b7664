// A long text in memory that was carved for it at boot, so that its owner stays small enough to be
// moved.

import Wire

/// A text over memory it was given.
@safe
struct LongText: ~Copyable {
  private let memory: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  private var capacity: Int { unsafe memory.count }

  init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.memory = memory
  }

  var isEmpty: Bool { count == 0 }

  var span: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let bytes = unsafe Span(_unsafeElements: UnsafeBufferPointer(memory))
      return unsafe _overrideLifetime(bytes.extracting(first: count), borrowing: self)
    }
  }

  /// Takes the whole of `bytes`, or nothing and answers false.
  @discardableResult
  mutating func set(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count <= capacity else { return false }
    for index in bytes.indices { unsafe memory[index] = bytes[index] }
    count = bytes.count
    return true
  }

  mutating func removeAll() { count = 0 }
}
