/// Writes JSON, and sees to commas, colons and escapes.
///
/// It trusts its caller to close what was opened and to put a key before each value of an object.
public struct JSONWriter: ~Copyable {
  private var writer: ByteWriter
  private var needsComma = false

  public init(_ writer: consuming ByteWriter) { self.writer = writer }

  /// Gives the writer back.
  public consuming func finish() -> ByteWriter { writer }
  /// How many bytes would still fit.
  public var freeCount: Int { writer.freeCount }

  public mutating func beginObject() { open(0x7B) }
  public mutating func endObject() { close(0x7D) }
  public mutating func beginArray() { open(0x5B) }
  public mutating func endArray() { close(0x5D) }

  public mutating func key(_ name: StaticString) {
    separate()
    quote(name)
    writer.put(0x3A)
  }

  public mutating func key(_ name: Span<UInt8>) {
    separate()
    quote(name)
    writer.put(0x3A)
  }

  public mutating func string(_ text: StaticString) {
    separate()
    quote(text)
    needsComma = true
  }

  /// Bytes that are not UTF-8 become U+FFFD.
  public mutating func string(_ bytes: Span<UInt8>) {
    separate()
    quote(bytes)
    needsComma = true
  }

  public mutating func integer(_ number: Int) {
    separate()
    writer.put(decimal: number)
    needsComma = true
  }

  public mutating func unsigned(_ number: UInt64) {
    separate()
    writer.put(decimal64: number)
    needsComma = true
  }

  /// Writes `number` with the point moved `decimals` places to the left: 2537 with 2 is 25.37.
  public mutating func fixedPoint(_ number: Int, decimals: Int) {
    separate()
    needsComma = true
    guard decimals > 0 else { return writer.put(decimal: number) }
    let magnitude = number.magnitude
    var digits = 1
    var scale: UInt = 1
    while magnitude / scale >= 10 {
      scale &*= 10
      digits &+= 1
    }
    if number < 0 { writer.put(0x2D) }
    if digits <= decimals {
      writer.put("0.")
      for _ in digits..<decimals { writer.put(0x30) }
    }
    while digits > 0 {
      if digits == decimals, magnitude / scale >= 10 { writer.put(0x2E) }
      writer.put(0x30 &+ UInt8(truncatingIfNeeded: magnitude / scale % 10))
      scale /= 10
      digits &-= 1
    }
  }

  public mutating func bool(_ value: Bool) {
    separate()
    writer.put(value ? "true" : "false")
    needsComma = true
  }

  public mutating func null() {
    separate()
    writer.put("null")
    needsComma = true
  }

  /// Writes a value that is JSON already.
  public mutating func raw(_ bytes: Span<UInt8>) {
    separate()
    writer.put(bytes)
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    writer.put(bracket)
  }

  private mutating func close(_ bracket: UInt8) {
    writer.put(bracket)
    needsComma = true
  }

  @inline(__always)
  private mutating func separate() {
    if needsComma { writer.put(0x2C) }
    needsComma = false
  }

  private mutating func quote(_ text: StaticString) { quote(bytes(of: text)) }

  // Small enough to be copied to wherever something is written, which would cost the chip 10 KB.
  @inline(never)
  private mutating func quote(_ bytes: Span<UInt8>) {
    let count = bytes.count
    writer.put(0x22)
    var index = 0
    while index < count {
      index = writer.putPlainText(bytes, from: index)
      guard index < count else { break }
      if bytes[index] < 0x80 {
        escape(bytes[index])
        index &+= 1
      } else if let length = characterLength(bytes, at: index) {
        writer.put(bytes.extracting(index..<index &+ length))
        index &+= length
      } else {
        writer.put("\u{FFFD}")
        index &+= 1
      }
    }
    writer.put(0x22)
  }

  /// How many bytes the character above ASCII has that begins at `start`, or nil if it is none.
  private func characterLength(_ bytes: Span<UInt8>, at start: Int) -> Int? {
    var checker = UTF8Checker()
    var index = start
    repeat {
      guard index < bytes.count, checker.step(bytes[index]) else { return nil }
      index &+= 1
    } while checker.missing != 0
    return index &- start
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22: writer.put("\\\"")
    case 0x5C: writer.put("\\\\")
    case 0x08: writer.put("\\b")
    case 0x0C: writer.put("\\f")
    case 0x0A: writer.put("\\n")
    case 0x0D: writer.put("\\r")
    case 0x09: writer.put("\\t")
    case 0x00...0x1F:
      writer.put("\\u00")
      writer.put(hexDigit(byte &>> 4))
      writer.put(hexDigit(byte & 15))
    default: writer.put(byte)
    }
  }
}

extension ByteWriter {
  /// Lends the writer to one that knows JSON.
  public mutating func json(_ body: (inout JSONWriter) -> Void) {
    var json = JSONWriter(self)
    body(&json)
    self = json.finish()
  }
}
