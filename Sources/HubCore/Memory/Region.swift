// The one region of memory that the board gives, and how it is carved at boot. Nothing is ever
// given back: what is carved here lives as long as the hub.

/// Hands out pieces of the board's region, each aligned for anything.
@safe
struct Region: ~Copyable {
  /// Every piece begins at a multiple of this.
  static let alignment = 16

  private let base: UnsafeMutableRawPointer
  private let size: Int
  private(set) var used = 0

  /// `base` must be aligned to `Region.alignment` and hold `size` bytes.
  init(_ base: UnsafeMutableRawPointer, size: Int) {
    unsafe self.base = base
    self.size = size
  }

  /// What a piece of `count` bytes costs.
  static func cost(_ count: Int) -> Int {
    (count + alignment - 1) / alignment * alignment
  }

  /// What `count` values in one row cost.
  static func cost<Element: ~Copyable>(of type: Element.Type, count: Int = 1) -> Int {
    cost(MemoryLayout<Element>.stride * count)
  }

  mutating func bytes(_ count: Int) -> UnsafeMutableBufferPointer<UInt8> {
    let start = unsafe piece(count).bindMemory(to: UInt8.self, capacity: count)
    return unsafe UnsafeMutableBufferPointer(start: start, count: count)
  }

  /// Room for `count` values, not initialised.
  mutating func room<Element: ~Copyable>(
    for type: Element.Type, count: Int = 1
  ) -> UnsafeMutablePointer<Element> {
    unsafe piece(MemoryLayout<Element>.stride * count)
      .bindMemory(to: Element.self, capacity: count)
  }

  private mutating func piece(_ count: Int) -> UnsafeMutableRawPointer {
    let cost = Self.cost(count)
    precondition(cost <= size - used, "the region is smaller than the sum of the limits")
    defer { used += cost }
    return unsafe base + used
  }
}
