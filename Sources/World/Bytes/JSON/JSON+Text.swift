import Wire

extension JSON {
  /// Reads one JSON value. A single text of more than `maximumStringLength` bytes is refused.
  public static func parse(
    _ bytes: [UInt8], maximumStringLength: Int = .max
  ) throws(JSONError) -> JSON {
    try parse(bytes.span, maximumStringLength: maximumStringLength)
  }

  /// Reads one JSON value from a text.
  public static func parse(_ text: String) throws(JSONError) -> JSON {
    try parse(Array(text.utf8).span)
  }

  /// Reads one JSON value where it lies.
  public static func parse(
    _ bytes: Span<UInt8>, maximumStringLength: Int = .max
  ) throws(JSONError) -> JSON {
    let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(
      capacity: max(1, min(bytes.count, maximumStringLength)))
    defer { scratch.deallocate() }
    var parser = JSONParser(scratch)
    return try parser.parse(bytes)
  }

  /// Compact, in UTF-8. Numbers that JSON has no word for become null.
  public var bytes: [UInt8] {
    encoded(byteCount) { $0.json { write(into: &$0) } }
  }

  /// Compact.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// For people: one member or element a line.
  public var prettyText: String {
    var text = ""
    writePretty(into: &text, indentation: "\n")
    return text
  }

  /// Writes the value; for those who write JSON by hand but have a whole value for one part of it.
  public func write(into writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .integer(let number): writer.integer(Int(number))
    case .double(let number):
      guard number.isFinite else { return writer.null() }
      writer.raw(number.description.utf8.span)
    case .string(let text): writer.string(text.utf8.span)
    case .array(let elements):
      writer.beginArray()
      for element in elements { element.write(into: &writer) }
      writer.endArray()
    case .object(let object):
      writer.beginObject()
      for (key, value) in object.entries {
        writer.key(key.utf8.span)
        value.write(into: &writer)
      }
      writer.endObject()
    }
  }

  /// About how many bytes it takes; exact but for numbers and escapes.
  private var byteCount: Int {
    switch self {
    case .null, .bool: 5
    case .integer, .double: 20
    case .string(let text): text.utf8.count + 4
    case .array(let elements): elements.reduce(2) { $0 + $1.byteCount + 1 }
    case .object(let object):
      object.entries.reduce(2) { $0 + $1.0.utf8.count + $1.1.byteCount + 4 }
    }
  }

  private func writePretty(into text: inout String, indentation: String) {
    let inner = indentation + "  "
    switch self {
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() {
        text += index == 0 ? "[" : ","
        text += inner
        element.writePretty(into: &text, indentation: inner)
      }
      text += indentation + "]"
    case .object(let object) where !object.isEmpty:
      for (index, (key, value)) in object.entries.enumerated() {
        text += index == 0 ? "{" : ","
        text += inner + JSON.string(key).text + ": "
        value.writePretty(into: &text, indentation: inner)
      }
      text += indentation + "}"
    default: text += self.text
    }
  }
}

/// Makes values of the tokens of Wire's reader.
private struct JSONParser: ~Copyable {
  private var reader: JSONReader
  private var position = 0

  init(_ scratch: UnsafeMutableBufferPointer<UInt8>) { reader = JSONReader(scratch: scratch) }

  mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
    let first = try reader.next(bytes, at: &position)
    // Only a number can be all there is and still wait for its end.
    if first == .needsMore {
      guard try reader.finish() == .number else { throw .truncated }
      return try number()
    }
    let value = try value(beginningWith: first, bytes)
    guard try reader.next(bytes, at: &position) == .end else { throw .trailingBytes }
    return value
  }

  private mutating func value(
    beginningWith token: JSONToken, _ bytes: Span<UInt8>
  ) throws(JSONError) -> JSON {
    switch token {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .number: return try number()
    case .string: return .string(try text())
    case .beginArray:
      var elements: [JSON] = []
      while true {
        let token = try reader.next(bytes, at: &position)
        if token == .endArray { return .array(elements) }
        elements.append(try value(beginningWith: token, bytes))
      }
    case .beginObject:
      var object = JSONObject()
      while true {
        let token = try reader.next(bytes, at: &position)
        if token == .endObject { return .object(object) }
        guard token == .key else { throw .truncated }
        let key = try text()
        object[key] = try value(beginningWith: try reader.next(bytes, at: &position), bytes)
      }
    case .needsMore, .end, .key, .endObject, .endArray: throw .truncated
    }
  }

  private func text() throws(JSONError) -> String {
    guard !reader.isTextCut else { throw .textTooLong }
    return reader.text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  private func number() throws(JSONError) -> JSON {
    if !reader.isTextCut, let number = decimalInteger(reader.text) {
      return .integer(Int64(number))
    }
    let text = try text()
    guard let number = Double(text) else { throw .badNumber }
    return .double(number)
  }
}
