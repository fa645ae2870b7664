/// Memory that keeps what it holds over a restart, not over a loss of power.
struct RetainedMemory {
  static let size = 4_096
  private var bytes = [UInt8](repeating: 0xA5, count: RetainedMemory.size)

  mutating func losePower() { bytes = [UInt8](repeating: 0xA5, count: Self.size) }

  /// Answers how many bytes of the range there are.
  func read(at offset: Int, into memory: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let count = max(min(memory.count, Self.size - offset), 0)
    for index in 0..<count { memory[index] = bytes[offset + index] }
    return count
  }

  mutating func write(at offset: Int, _ memory: UnsafeBufferPointer<UInt8>) -> Int {
    let count = max(min(memory.count, Self.size - offset), 0)
    guard offset >= 0, count > 0 else { return 0 }
    bytes.withUnsafeMutableBytes {
      UnsafeMutableRawBufferPointer(rebasing: $0[offset..<offset + count])
        .copyMemory(from: UnsafeRawBufferPointer(start: memory.baseAddress, count: count))
    }
    return count
  }
}
