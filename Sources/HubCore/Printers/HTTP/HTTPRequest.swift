// One request while it is composed: where it goes and what it carries. Nothing of it outlives the
// call in which it is sent.

import Wire

/// A request over memory that was lent for it.
struct HTTPRequest: ~Copyable {
  private(set) var method: StaticString = "GET"
  /// The target, and behind it the body.
  private var writer: ByteWriter
  private var targetCount = 0
  private(set) var hasBody = false
  /// Asks for a WebSocket in place of an answer.
  private(set) var isUpgrade = false

  init(_ writer: consuming ByteWriter) { self.writer = writer }

  var target: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { writer.written.extracting(first: targetCount) }
  }

  var body: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { writer.written.extracting(targetCount..<writer.count) }
  }

  /// Whether all of it had room.
  var isWhole: Bool { !writer.overflowed }

  /// Begins the request; `target` is a path and, perhaps, a query.
  mutating func begin(_ method: StaticString, _ target: (inout ByteWriter) -> Void) {
    self.method = method
    target(&writer)
    targetCount = writer.count
  }

  mutating func begin(_ method: StaticString, _ target: StaticString) {
    begin(method) { $0.put(target) }
  }

  /// Adds an object as the body.
  mutating func carry(_ body: (inout JSONWriter) -> Void) {
    hasBody = true
    writer.json {
      $0.beginObject()
      body(&$0)
      $0.endObject()
    }
  }

  /// A request with no body that wants one all the same, if only an empty one.
  mutating func carryNothing() { hasBody = true }

  mutating func upgrade() { isUpgrade = true }
}
