// Reads JSON as it arrives and says of every value where it stands, as a path of names:
//
//     {"state": {"flags": {"printing": true}}}     state/flags/printing
//     {"params": [{"extruder": {…}}, 578.1]}       params/#/extruder/…, params/#
//
// A name that has no room, and all that it holds, has a path that nobody asks for.

import Wire

/// A JSON reader with a memory of where it is.
struct PathReader: ~Copyable {
  private static let levelLimit = 8

  private let pinned = Pinned()
  private var reader: JSONReader
  private var path = Text<72>()
  private var level = 0
  /// How many objects have begun that stand in an array themselves: tells elements of a list apart.
  private(set) var elementCount = 0
  /// How long the path of each object or array is that we are inside of.
  private var lengths = InlineArray<8, UInt8>(repeating: 0)

  init(scratch: UnsafeMutableBufferPointer<UInt8>) {
    reader = unsafe JSONReader(scratch: scratch)
  }

  mutating func begin() {
    reader.reset()
    path.removeAll()
    level = 0
    elementCount = 0
  }

  /// Reads on from `position` up to the next text, number, truth or null; nil when all was used.
  mutating func next(
    _ chunk: Span<UInt8>, at position: inout Int
  ) throws(JSONError) -> JSONToken? {
    while true {
      let token = try reader.next(chunk, at: &position)
      if token == .needsMore || token == .end { return nil }
      switch token {
      case .beginObject: enter(isArray: false)
      case .beginArray: enter(isArray: true)
      case .endObject, .endArray: leave()
      case .key: name()
      default: return token
      }
    }
  }

  /// The value must be whole.
  mutating func finish() throws(JSONError) { try reader.finish() }

  private mutating func enter(isArray: Bool) {
    guard level < Self.levelLimit else { return reader.skip() }
    lengths[level] = UInt8(truncatingIfNeeded: path.count)
    level += 1
    if isArray {
      add("#")
    } else if !path.isEmpty, path.span[path.count - 1] == UInt8(ascii: "#") {
      elementCount += 1
    }
  }

  private mutating func leave() {
    guard level > 0 else { return }
    level -= 1
    path.keep(first: Int(lengths[level]))
  }

  private mutating func name() {
    guard level > 0 else { return }
    path.keep(first: Int(lengths[level - 1]))
    let start = path.count
    var fits = !reader.isTextCut
    if fits, start > 0 { fits = path.append(UInt8(ascii: "/")) }
    for index in 0..<reader.text.count where fits {
      let byte = reader.text[index]
      fits = path.append(byte)
    }
    guard !fits else { return }
    path.keep(first: start)
    add("?")
  }

  private mutating func add(_ sign: Unicode.Scalar) {
    let byte = UInt8(truncatingIfNeeded: sign.value)
    if !path.isEmpty, !path.append(UInt8(ascii: "/")) { return path.removeAll() }
    if !path.append(byte) { path.removeAll() }
  }

  // ------------------------------------------------------------------------- the value read last

  /// Whether it stands there.
  func stands(at place: StaticString) -> Bool { path.equals(place) }

  /// Whether it stands there, behind the first `count` bytes of its path.
  func stands(at place: StaticString, behind count: Int) -> Bool {
    path.count > count && equals(path.span.extracting(count..<path.count), place)
  }

  /// How long `beginning` is if the path begins so, or else nil.
  func behind(_ beginning: StaticString) -> Int? {
    let count = beginning.utf8CodeUnitCount
    guard path.count > count, equals(path.span.extracting(first: count), beginning) else {
      return nil
    }
    return count
  }

  var text: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { reader.text }
  }

  func says(_ word: StaticString) -> Bool { reader.textEquals(word) }

  /// As a whole number; fractions are cut. Nil for anything else and beyond `limit`.
  func number(upTo limit: Int) -> Int? {
    guard let number = reader.fixedPoint(decimals: 0), number >= 0, number <= limit else {
      return nil
    }
    return number
  }

  /// In units of ten to the power of minus `decimals`.
  func fixedPoint(decimals: Int, from low: Int, to high: Int) -> Int? {
    guard let number = reader.fixedPoint(decimals: decimals), number >= low, number <= high else {
      return nil
    }
    return number
  }

  /// A temperature in tenths of a degree.
  var temperature: Int? { fixedPoint(decimals: 1, from: -2_731, to: 20_000) }
}

extension PathReader {
  mutating func next(
    _ range: Range<Int>, of queue: borrowing ByteQueue, at position: inout Int
  ) throws(JSONError) -> JSONToken? {
    try next(queue.pending.extracting(range), at: &position)
  }
}
