import Glibc

/// Contiguous bytes on their way through a stream, up to a bound.
///
/// Memory is taken as bytes come and given back when they are gone: most streams are idle most of
/// the time, and a world may have thousands.
struct StreamBuffer: ~Copyable {
  static let limit = 64 * 1024
  private static let smallest = 4 * 1024

  private var memory: UnsafeMutableRawPointer?
  private var capacity = 0
  private var head = 0
  private(set) var count = 0
  /// The most that was held since memory was last given back.
  private var peak = 0

  init() {}

  deinit { memory?.deallocate() }

  var freeCount: Int { Self.limit - count }

  var pending: UnsafeRawBufferPointer {
    guard let memory else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: memory + head, count: count)
  }

  /// Takes what there is room for and answers how much that was.
  mutating func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let taken = min(bytes.count, freeCount)
    guard taken > 0, let start = bytes.baseAddress else { return 0 }
    makeRoom(for: taken).copyMemory(from: start, byteCount: taken)
    noteArrival(of: taken)
    return taken
  }

  /// Shows `body` free space behind the bytes and takes as many as it answers.
  mutating func fill(_ body: (UnsafeMutableRawBufferPointer) -> Int) {
    // A buffer that is filled to the brim asks for more the next time.
    let wanted = min(freeCount, max(capacity - count, Self.smallest))
    let space = makeRoom(for: wanted)
    noteArrival(of: body(UnsafeMutableRawBufferPointer(start: space, count: wanted)))
  }

  mutating func consume(_ byteCount: Int) {
    precondition(byteCount >= 0 && byteCount <= count, "consumed more than was pending")
    head += byteCount
    count -= byteCount
    if count == 0 { head = 0 }
  }

  /// To be called when nothing is under way: gives back what the last stretch did not need.
  mutating func rest() {
    guard count == 0, capacity > 0 else { return }
    if capacity > Self.smallest && peak > capacity / 4 {
      peak = 0
    } else {
      release()
    }
  }

  mutating func release() {
    memory?.deallocate()
    memory = nil
    capacity = 0
    head = 0
    count = 0
    peak = 0
  }

  private mutating func noteArrival(of byteCount: Int) {
    count += byteCount
    peak = max(peak, count)
  }

  /// Answers where `byteCount` more bytes can go.
  private mutating func makeRoom(for byteCount: Int) -> UnsafeMutableRawPointer {
    if let memory, head + count + byteCount <= capacity { return memory + head + count }
    if let memory, count + byteCount <= capacity {
      memmove(memory, memory + head, count)
      head = 0
      return memory + count
    }
    var larger = max(capacity, Self.smallest)
    while larger < count + byteCount { larger *= 4 }
    let grown = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    if let memory { grown.copyMemory(from: memory + head, byteCount: count) }
    memory?.deallocate()
    memory = grown
    capacity = larger
    head = 0
    return grown + count
  }
}
