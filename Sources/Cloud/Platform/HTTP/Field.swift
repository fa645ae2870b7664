import Wire
import World

/// One member of a request's JSON object: what it is called and what it may hold. Requests are
/// checked against this at the edge, before a handler sees them.
struct Field {
  enum Kind {
    /// Text whose length in bytes of UTF-8 lies within these bounds, without control characters.
    case text(ClosedRange<Int>)
    case email
    case integer(ClosedRange<Int64>)
    case bool
    case oneOf([String])
    case uuid
    /// A host name or an address on a local network.
    case host
    case number(ClosedRange<Double>)
    /// A colour as `#RRGGBB`.
    case color
    /// So many values of one kind.
    indirect case list(Kind, ClosedRange<Int>)
    /// A JSON object of any content, of at most so many bytes.
    case object(Int)
    /// Objects with these members, so many of them.
    indirect case records([Field], ClosedRange<Int>)
  }

  let name: String
  let kind: Kind
  var isRequired = true

  static func text(_ name: String, _ length: ClosedRange<Int> = 1...200) -> Field {
    Field(name: name, kind: .text(length))
  }
  static func email(_ name: String) -> Field { Field(name: name, kind: .email) }
  static func integer(_ name: String, _ bounds: ClosedRange<Int64>) -> Field {
    Field(name: name, kind: .integer(bounds))
  }
  static func bool(_ name: String) -> Field { Field(name: name, kind: .bool) }
  static func oneOf(_ name: String, _ words: [String]) -> Field {
    Field(name: name, kind: .oneOf(words))
  }
  static func uuid(_ name: String) -> Field { Field(name: name, kind: .uuid) }
  static func host(_ name: String) -> Field { Field(name: name, kind: .host) }
  static func number(_ name: String, _ bounds: ClosedRange<Double>) -> Field {
    Field(name: name, kind: .number(bounds))
  }
  static func color(_ name: String) -> Field { Field(name: name, kind: .color) }
  static func list(_ name: String, of kind: Kind, _ count: ClosedRange<Int>) -> Field {
    Field(name: name, kind: .list(kind, count))
  }
  static func object(_ name: String, atMost byteCount: Int = 16 << 10) -> Field {
    Field(name: name, kind: .object(byteCount))
  }
  static func records(_ name: String, _ fields: [Field], _ count: ClosedRange<Int>) -> Field {
    Field(name: name, kind: .records(fields, count))
  }

  /// The same, but it may be missing or null.
  static func optional(_ field: Field) -> Field {
    Field(name: field.name, kind: field.kind, isRequired: false)
  }

  /// What a wrong value is told.
  var expectation: String { kind.expectation }

  func accepts(_ value: JSON) -> Bool { kind.accepts(value) }
}

extension Field.Kind {
  /// What a wrong value is told.
  var expectation: String {
    switch self {
    case .text(let length): "text of \(length.lowerBound) to \(length.upperBound) bytes"
    case .email: "an e-mail address"
    case .integer(let bounds): "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    case .number(let bounds): "a number from \(bounds.lowerBound) to \(bounds.upperBound)"
    case .bool: "true or false"
    case .oneOf(let words): "one of " + words.joined(separator: ", ")
    case .uuid: "a UUID in lower case"
    case .host: "a host name or address of at most 64 bytes"
    case .color: "a colour as #RRGGBB"
    case .list(let kind, let count):
      "a list of \(count.lowerBound) to \(count.upperBound), each \(kind.expectation)"
    case .object(let limit): "a JSON object of at most \(limit) bytes"
    case .records(let fields, let count):
      "a list of \(count.lowerBound) to \(count.upperBound) objects with "
        + fields.map { "\($0.name) (\($0.expectation))" }.joined(separator: ", ")
    }
  }

  func accepts(_ value: JSON) -> Bool {
    switch (self, value) {
    case (.text(let length), .string(let text)):
      length.contains(text.utf8.count)
        && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    case (.email, .string(let text)): Self.isEmail(text)
    case (.integer(let bounds), .integer(let number)): bounds.contains(number)
    case (.number(let bounds), .integer(let number)): bounds.contains(Double(number))
    case (.number(let bounds), .double(let number)): bounds.contains(number)
    case (.bool, .bool): true
    case (.oneOf(let words), .string(let text)): words.contains(text)
    case (.uuid, .string(let text)): UUIDText.bytes(text) != nil
    case (.host, .string(let text)): Self.isHost(text)
    case (.color, .string(let text)): Self.isColor(text)
    case (.list(let kind, let count), .array(let elements)):
      count.contains(elements.count) && elements.allSatisfy { kind.accepts($0) }
    case (.object(let limit), .object): value.bytes.count <= limit
    case (.records(let fields, let count), .array(let elements)):
      count.contains(elements.count)
        && elements.allSatisfy { Self.isRecord($0, of: fields) }
    default: false
    }
  }

  /// The value of a text behind the `?`, which says nothing of its own type.
  func value(of text: String) -> JSON {
    switch self {
    case .integer: Int64(text).map { .integer($0) } ?? .string(text)
    case .number: Double(text).map { .double($0) } ?? .string(text)
    case .bool:
      switch text {
      case "true": true
      case "false": false
      default: .string(text)
      }
    default: .string(text)
    }
  }

  private static func isRecord(_ value: JSON, of fields: [Field]) -> Bool {
    guard case .object(let object) = value else { return false }
    return object.entries.allSatisfy { key, _ in fields.contains { $0.name == key } }
      && fields.allSatisfy { field in
        guard let member = object[field.name], member != .null else { return !field.isRequired }
        return field.accepts(member)
      }
  }

  private static func isColor(_ text: String) -> Bool {
    text.utf8.count == 7 && text.utf8.first == UInt8(ascii: "#")
      && text.utf8.dropFirst().allSatisfy { character in
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
          UInt8(ascii: "A")...UInt8(ascii: "F"):
          true
        default: false
        }
      }
  }

  private static func isEmail(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, text.utf8.count <= 254, (1...64).contains(parts[0].count),
      !parts[1].isEmpty
    else { return false }
    return text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
  }

  private static func isHost(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { character in
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
          UInt8(ascii: ":"):
          true
        default: false
        }
      }
  }
}
