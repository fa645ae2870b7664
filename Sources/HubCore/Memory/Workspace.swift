// Memory carved at boot in which something is put together and taken apart again.

/// A run of bytes that its owner uses for one thing at a time.
@safe
struct Workspace: ~Copyable {
  private let memory: UnsafeMutableBufferPointer<UInt8>

  init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.memory = memory
  }

  var capacity: Int { unsafe memory.count }

  subscript(index: Int) -> UInt8 {
    get {
      precondition(index >= 0 && index < capacity, "outside the workspace")
      return unsafe memory[index]
    }
    set {
      precondition(index >= 0 && index < capacity, "outside the workspace")
      unsafe memory[index] = newValue
    }
  }

  @_lifetime(borrow self)
  borrowing func bytes(_ range: Range<Int>) -> Span<UInt8> {
    let all = unsafe Span(_unsafeElements: UnsafeBufferPointer(memory))
    return unsafe _overrideLifetime(all.extracting(range), borrowing: self)
  }

  /// Lends a part of the bytes to be changed.
  mutating func change<Answer>(
    _ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) -> Answer
  ) -> Answer {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "outside the workspace")
    var span = unsafe MutableSpan(
      _unsafeElements: UnsafeMutableBufferPointer(rebasing: memory[range]))
    return body(&span)
  }

  /// Copies `bytes` to `offset`; they must fit.
  mutating func set(_ bytes: Span<UInt8>, at offset: Int) {
    precondition(offset >= 0 && bytes.count <= capacity - offset, "outside the workspace")
    for index in bytes.indices { unsafe memory[offset + index] = bytes[index] }
  }
}
