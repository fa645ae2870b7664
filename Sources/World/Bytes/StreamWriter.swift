/// Keeps what a stream does not take at once, and hands it over when there is room.
///
/// Its owner calls `flush` on `.opened` and on `.writable`.
public final class StreamWriter {
  private let stream: any Stream
  /// How many bytes may wait here.
  public let limit: Int
  private var queue = ByteBuffer()
  private var finishesWhenFlushed = false

  public init(_ stream: any Stream, limit: Int) {
    self.stream = stream
    self.limit = limit
  }

  /// How many bytes the stream has not taken yet.
  public var queuedCount: Int { queue.count }

  /// Writes, or keeps what cannot be written now; answers false and does neither if more would
  /// have to wait than may.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { write($0) } }

  /// The same for bytes in memory.
  @discardableResult
  public func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let room = queue.isEmpty ? stream.writableCount : 0
    guard bytes.count - min(bytes.count, room) <= limit - queue.count else { return false }
    var taken = 0
    if queue.isEmpty, bytes.count > 0 { taken = stream.write(bytes) }
    if taken < bytes.count { queue.append(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
    return true
  }

  /// Hands over what waits, as far as the stream takes it.
  public func flush() {
    while !queue.isEmpty {
      let taken = queue.withPending { stream.write($0) }
      guard taken > 0 else { return }
      queue.consume(taken)
    }
    guard finishesWhenFlushed else { return }
    finishesWhenFlushed = false
    stream.finish()
  }

  /// Ends our direction of the stream once everything was taken.
  public func finishWhenFlushed() {
    finishesWhenFlushed = true
    flush()
  }
}
