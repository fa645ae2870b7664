// The frames between a chip and its rig: "Hf", the kind, a running number, the size of what follows,
// that, and a CRC-32 over all of it. hardware/ports/riscv32-qemu/README.md tells the whole.

import Wire

/// What a frame is. The rig's have the high bit clear.
enum ChipFrameKind: UInt8 {
  case boot = 1
  case poll = 2
  case answer = 3
  case report = 4
  case harm = 5
  case hello = 0x81
  case done = 0x82
  case call = 0x83
  case post = 0x84

  var isFromChip: Bool { rawValue & 0x80 != 0 }
}

/// Measures that both ends keep.
enum ChipFrame {
  static let sync: (UInt8, UInt8) = (0x48, 0x66)
  static let headSize = 8
  static let sumSize = 4
  /// No frame carries more.
  static let limit = 1 << 20
}

/// What a frame carries, taken off piece by piece.
struct ChipReader {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func word() throws(ChipFailure) -> UInt32 {
    let start = try take(4)
    return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
  }

  mutating func long() throws(ChipFailure) -> UInt64 {
    let start = try take(8)
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
  }

  mutating func signed() throws(ChipFailure) -> Int32 { Int32(bitPattern: try word()) }

  /// A word that is a narrower number to the board.
  mutating func number<Number: FixedWidthInteger>() throws(ChipFailure) -> Number {
    guard let number = Number(exactly: try word()) else {
      throw ChipFailure("a call's number is too large")
    }
    return number
  }

  /// A count and as many bytes, which stand until the next frame is read.
  mutating func data() throws(ChipFailure) -> UnsafeBufferPointer<UInt8> {
    let count = Int(try word())
    let start = try take(count)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
      .assumingMemoryBound(to: UInt8.self)
  }

  /// Exactly so many bytes.
  mutating func data(count: Int) throws(ChipFailure) -> UnsafePointer<UInt8>? {
    let data = try data()
    guard data.count == count else { throw ChipFailure("a call has bytes of another size") }
    return data.baseAddress
  }

  func finish() throws(ChipFailure) {
    guard offset == bytes.count else { throw ChipFailure("a frame is too long for what it is") }
  }

  private mutating func take(_ count: Int) throws(ChipFailure) -> Int {
    guard count <= bytes.count - offset else { throw ChipFailure("a frame is too short") }
    defer { offset += count }
    return offset
  }
}

/// A frame that is being written, in memory that is used again for the next.
struct ChipWriter: ~Copyable {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
  private(set) var count = 0

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  mutating func begin(_ kind: ChipFrameKind, number: UInt8) {
    count = 0
    put(byte: ChipFrame.sync.0)
    put(byte: ChipFrame.sync.1)
    put(byte: kind.rawValue)
    put(byte: number)
    put(UInt32(0))
  }

  mutating func end() {
    replace(at: 4, UInt32(count - ChipFrame.headSize))
    put(checksum(bytes))
  }

  mutating func put(byte: UInt8) { room(1).storeBytes(of: byte, as: UInt8.self) }

  mutating func put(_ word: UInt32) {
    room(4).storeBytes(of: word.littleEndian, as: UInt32.self)
  }

  mutating func put(_ number: Int32) { put(UInt32(bitPattern: number)) }
  mutating func put(_ isTrue: Bool) { put(UInt32(isTrue ? 1 : 0)) }

  mutating func put(long: UInt64) {
    room(8).storeBytes(of: long.littleEndian, as: UInt64.self)
  }

  mutating func put(raw bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    room(bytes.count).copyMemory(from: start, byteCount: bytes.count)
  }

  /// Lets `body` fill up to `capacity` bytes and answer how many; they go out with their count.
  mutating func fill(
    _ capacity: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int
  ) throws(ChipFailure) {
    guard capacity <= ChipFrame.limit / 2 else {
      throw ChipFailure("a call asks for \(capacity) bytes at once")
    }
    let place = count
    put(UInt32(0))
    // An empty answer needs a place as well.
    let start = room(max(capacity, 1)).assumingMemoryBound(to: UInt8.self)
    let filled = min(max(body(start), 0), capacity)
    replace(at: place, UInt32(filled))
    count = place + 4 + filled
  }

  /// A struct of the board's without pointers, which is the same on both ends.
  mutating func put<Value: BitwiseCopyable>(value: Value) {
    put(UInt32(MemoryLayout<Value>.size))
    withUnsafeBytes(of: value) { put(raw: $0) }
  }

  mutating func put(array: [UInt8]) throws(ChipFailure) {
    try fill(array.count) { place in
      place.update(from: array, count: array.count)
      return array.count
    }
  }

  /// Puts a word where another was put before.
  mutating func replace(at place: Int, _ word: UInt32) {
    memory.storeBytes(of: word.littleEndian, toByteOffset: place, as: UInt32.self)
  }

  private mutating func room(_ more: Int) -> UnsafeMutableRawPointer {
    if memory.count - count < more {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(memory.count * 2, count + more), alignment: 8)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
      memory.deallocate()
      memory = larger
    }
    defer { count += more }
    return memory.baseAddress! + count
  }
}

func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  CRC32.of(bytes.assumingMemoryBound(to: UInt8.self).span)
}
