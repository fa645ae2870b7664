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

  /// The same, but it may be missing or null.
  static func optional(_ field: Field) -> Field {
    Field(name: field.name, kind: field.kind, isRequired: false)
  }

  /// What a wrong value is told.
  var expectation: String {
    switch kind {
    case .text(let length): "text of \(length.lowerBound) to \(length.upperBound) bytes"
    case .email: "an e-mail address"
    case .integer(let bounds): "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    case .bool: "true or false"
    case .oneOf(let words): "one of " + words.joined(separator: ", ")
    case .uuid: "a UUID in lower case"
    case .host: "a host name or address of at most 64 bytes"
    }
  }

  func accepts(_ value: JSON) -> Bool {
    switch kind {
    case .text(let length):
      guard case .string(let text) = value else { return false }
      return length.contains(text.utf8.count)
        && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    case .email:
      guard case .string(let text) = value else { return false }
      return Self.isEmail(text)
    case .integer(let bounds):
      guard case .integer(let number) = value else { return false }
      return bounds.contains(number)
    case .bool:
      if case .bool = value { return true }
      return false
    case .oneOf(let words):
      guard case .string(let text) = value else { return false }
      return words.contains(text)
    case .uuid:
      guard case .string(let text) = value else { return false }
      return UUIDText.bytes(text) != nil
    case .host:
      guard case .string(let text) = value else { return false }
      return Self.isHost(text)
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

/// A request's JSON object after the check: what the route describes, and nothing else.
struct Input {
  private let json: JSON
  private let fields: [Field]

  /// Checks `bytes` against the description.
  init(_ bytes: [UInt8], _ fields: [Field]) throws {
    self.fields = fields
    guard !bytes.isEmpty || fields.contains(where: \.isRequired) else {
      json = [:]
      return
    }
    guard !bytes.isEmpty else { throw APIError.badRequest("a JSON object is expected") }
    do throws(JSONError) {
      json = try JSON.parse(bytes)
    } catch {
      throw APIError.badRequest("the body is no JSON: \(error.name)")
    }
    guard case .object(let object) = json else {
      throw APIError.badRequest("the body: expected a JSON object")
    }
    for (name, _) in object.entries where !fields.contains(where: { $0.name == name }) {
      let known = fields.map(\.name).joined(separator: ", ")
      throw APIError.badRequest("\(name.prefix(64)): no such field; expected \(known)")
    }
    for field in fields {
      let value = json[field.name] ?? .null
      if value == .null {
        guard !field.isRequired else {
          throw APIError.invalidField(field.name, expected: field.expectation)
        }
      } else {
        guard field.accepts(value) else {
          throw APIError.invalidField(field.name, expected: field.expectation)
        }
      }
    }
  }

  func text(_ name: String) -> String {
    guard let text = optionalText(name) else { preconditionFailure("\(name) is not required") }
    return text
  }

  func integer(_ name: String) -> Int64 {
    guard let number = optionalInteger(name) else { preconditionFailure("\(name) is not required") }
    return number
  }

  func optionalText(_ name: String) -> String? { value(name)?.string }
  func optionalBool(_ name: String) -> Bool? { value(name)?.bool }
  func optionalInteger(_ name: String) -> Int64? {
    if case .integer(let number)? = value(name) { return number }
    return nil
  }

  private func value(_ name: String) -> JSON? {
    precondition(fields.contains { $0.name == name }, "the route does not describe \(name)")
    return json[name]
  }
}
