// Which of a PrusaLink's storages takes files: the first that is there and may be written to. Printers
// have a stick, /usb; a Raspberry Pi beside one has /local, and a card in the printer that it can only
// read.

import Wire

/// Reads a list of storages and keeps the one that will do.
struct StorageChoice {
  /// Its path without slashes around it; empty when none will do.
  private(set) var path = Text<32>()
  /// A list was read at all.
  private(set) var isKnown = false
  private var candidate = Text<32>()
  private var isAvailable = false
  private var isReadOnly = false
  private var element = 0

  init() {}

  /// Takes the path of the storage that is element number `element` of the list.
  mutating func take(path text: Span<UInt8>, of element: Int) {
    turn(to: element)
    var (start, end) = (0, text.count)
    while start < end, text[start] == UInt8(ascii: "/") { start += 1 }
    while end > start, text[end - 1] == UInt8(ascii: "/") { end -= 1 }
    // One that has no room could not be written into a request.
    if !candidate.set(text.extracting(start..<end)) { candidate.removeAll() }
  }

  mutating func take(isAvailable: Bool, of element: Int) {
    turn(to: element)
    self.isAvailable = isAvailable
  }

  mutating func take(isReadOnly: Bool, of element: Int) {
    turn(to: element)
    self.isReadOnly = isReadOnly
  }

  /// The list is whole.
  mutating func finish() {
    isKnown = true
    turn(to: 0)
  }

  private mutating func turn(to element: Int) {
    guard element != self.element else { return }
    self.element = element
    if path.isEmpty, isAvailable, !isReadOnly { path = candidate }
    candidate.removeAll()
    isAvailable = false
    isReadOnly = false
  }
}
