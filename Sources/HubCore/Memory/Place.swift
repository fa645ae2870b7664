// A large value with a place of its own in the region, so that whoever owns it stays small enough to
// be put together on the stack.

/// One value that never moves, in memory carved at boot.
@safe
struct Place<Element: ~Copyable>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>

  /// The value at `base` must be initialised.
  init(_ base: UnsafeMutablePointer<Element>) {
    unsafe self.base = base
  }

  var value: Element {
    unsafeAddress { unsafe UnsafePointer(base) }
    unsafeMutableAddress { unsafe base }
  }
}
