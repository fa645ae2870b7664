// One of the few files that own raw memory; see also ByteWriter, RawBytes and TextScratch.

/// A first-in first-out queue of bytes over memory it was given once.
///
/// The unread bytes are always contiguous, so that a decoder sees one span. Consuming only moves
/// the head; the bytes are moved to the front when the room behind them is short.
@safe
public struct ByteQueue: ~Copyable {
  @usableFromInline let memory: UnsafeMutableBufferPointer<UInt8>
  @usableFromInline var head = 0
  @usableFromInline var tail = 0

  /// The memory must outlive the queue and is nobody else's meanwhile.
  @unsafe @inlinable
  public init(_ memory: UnsafeMutableBufferPointer<UInt8>) { unsafe self.memory = memory }

  /// How many bytes are unread.
  @inlinable public var count: Int { tail &- head }
  @inlinable public var isEmpty: Bool { tail == head }
  @inlinable public var capacity: Int { unsafe memory.count }
  @inlinable public var freeCount: Int { capacity &- count }

  /// The unread bytes, oldest first.
  @inlinable public var pending: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let unread = unsafe UnsafeBufferPointer(rebasing: UnsafeBufferPointer(memory)[head..<tail])
      return unsafe _overrideLifetime(Span(_unsafeElements: unread), borrowing: self)
    }
  }

  /// Appends all of `bytes`, or answers false and appends none.
  public mutating func append(_ bytes: Span<UInt8>) -> Bool {
    let added = bytes.count
    guard added <= freeCount else { return false }
    guard added > 0 else { return true }
    if added > capacity &- tail { compact() }
    guard let to = unsafe memory.baseAddress else { return false }
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      unsafe (to + tail).update(from: from, count: added)
    }
    tail &+= added
    return true
  }

  /// Runs `body` on a writer over all of the free room and keeps what it wrote; answers false and
  /// keeps nothing when that did not fit.
  public mutating func write(_ body: (inout ByteWriter) -> Void) -> Bool {
    compact()
    let room = unsafe UnsafeMutableBufferPointer(rebasing: memory[tail...])
    var writer = unsafe ByteWriter(room)
    body(&writer)
    guard !writer.overflowed else { return false }
    tail &+= writer.count
    return true
  }

  /// Shows all of the free room; `body` answers how many bytes it put at its front.
  public mutating func fill(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
    compact()
    let room = unsafe UnsafeMutableBufferPointer(rebasing: memory[tail...])
    let added = unsafe body(room)
    precondition(added >= 0 && added <= capacity &- tail, "filled more than there was room for")
    tail &+= added
  }

  /// Drops the `length` oldest bytes.
  @inlinable
  public mutating func consume(_ length: Int) {
    precondition(length >= 0 && length <= count, "consumed more than was pending")
    head &+= length
    if head == tail { removeAll() }
  }

  @inlinable
  public mutating func removeAll() {
    head = 0
    tail = 0
  }

  private mutating func compact() {
    guard head > 0 else { return }
    if let base = unsafe memory.baseAddress {
      unsafe base.update(from: base + head, count: count)
    }
    tail &-= head
    head = 0
  }
}
