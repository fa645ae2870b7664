/// A first-in first-out queue of plain values that can also be looked into.
struct Ring<Element: BitwiseCopyable>: ~Copyable {
  private var slots: UnsafeMutablePointer<Element>?
  private var capacity = 0
  private var head = 0
  private(set) var count = 0

  init() {}

  deinit { slots?.deallocate() }

  var isEmpty: Bool { count == 0 }

  subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(index < count)
      return slots.unsafelyUnwrapped[(head &+ index) & (capacity &- 1)]
    }
    @inline(__always) set {
      precondition(index < count)
      slots.unsafelyUnwrapped[(head &+ index) & (capacity &- 1)] = newValue
    }
  }

  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    count += 1
    self[count - 1] = element
  }

  @discardableResult
  mutating func removeFirst() -> Element {
    let element = self[0]
    head = (head &+ 1) & (capacity &- 1)
    count -= 1
    return element
  }

  mutating func removeAll() {
    head = 0
    count = 0
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: max(capacity * 2, 4))
    for index in 0..<count { (larger + index).initialize(to: self[index]) }
    slots?.deallocate()
    slots = larger
    capacity = max(capacity * 2, 4)
    head = 0
  }
}
