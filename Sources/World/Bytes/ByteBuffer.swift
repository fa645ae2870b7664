/// A first-in first-out queue of bytes that grows as needed.
///
/// Consuming moves only the head; the bytes are moved when more than half of the room before them
/// is waste, so that each is moved once on average.
public struct ByteBuffer: Sendable {
  private var bytes: [UInt8] = []
  private var head = 0

  public init() {}

  public var count: Int { bytes.count - head }
  public var isEmpty: Bool { bytes.count == head }

  public mutating func append(_ more: UnsafeRawBufferPointer) {
    makeRoom(more.count)
    bytes.append(contentsOf: more)
  }

  public mutating func append(_ more: [UInt8]) {
    makeRoom(more.count)
    bytes.append(contentsOf: more)
  }

  public mutating func append(_ more: Span<UInt8>) {
    more.withUnsafeBytes { append($0) }
  }

  /// Takes over what is unread on a stream, as long as there are less than `limit` bytes here;
  /// answers how many bytes came.
  @discardableResult
  public mutating func take(from stream: any Stream, limit: Int = .max) -> Int {
    var total = 0
    while stream.unreadCount > 0, count < limit {
      var taken = 0
      stream.read { unread in
        taken = min(unread.count, limit - count)
        append(UnsafeRawBufferPointer(rebasing: unread[..<taken]))
        return taken
      }
      guard taken > 0 else { break }
      total += taken
    }
    return total
  }

  /// Shows the bytes, oldest first.
  public func withPending<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
  }

  /// Shows the bytes, oldest first, as codecs want them.
  public func withPendingSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    body(bytes.span.extracting(head..<bytes.count))
  }

  /// Drops the `length` oldest bytes.
  public mutating func consume(_ length: Int) {
    precondition(length >= 0 && length <= count, "consumed more than was pending")
    head += length
    if head == bytes.count { removeAll() }
  }

  /// Takes all bytes out.
  public mutating func takeAll() -> [UInt8] {
    let all = head == 0 ? bytes : Array(bytes[head...])
    removeAll()
    return all
  }

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16)
    head = 0
  }

  private mutating func makeRoom(_ added: Int) {
    guard head > 0, bytes.count + added > bytes.capacity || head > bytes.count / 2 else { return }
    bytes.removeSubrange(0..<head)
    head = 0
  }
}
