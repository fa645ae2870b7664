// A row of values that never move, in memory carved at boot.

/// A fixed number of values over memory it was given, reached by index and never copied.
@safe
struct Table<Element: ~Copyable>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  /// Every one of the `count` values at `base` must be initialised.
  init(_ base: UnsafeMutablePointer<Element>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(index >= 0 && index < count, "no such row in the table")
      return unsafe UnsafePointer(base + index)
    }
    unsafeMutableAddress {
      precondition(index >= 0 && index < count, "no such row in the table")
      return unsafe base + index
    }
  }
}
