import Wire
import World

/// A request's JSON object after the check: what the route describes, and nothing else.
struct Input {
  private let json: JSON
  private let fields: [Field]

  /// Nothing was asked for.
  static let none = Input()

  private init() {
    json = [:]
    fields = []
  }

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
    try Self.check(object, json, fields)
  }

  /// Checks what stands behind the `?`. Who asks for which tenant may stand there too.
  init(query: [(name: String, value: String)], _ fields: [Field], ignoring ignored: [String]) throws
  {
    self.fields = fields
    var object = JSONObject()
    for (name, value) in query where !ignored.contains(name) {
      guard object[name] == nil else {
        throw APIError.badRequest("\(name.prefix(64)): it stands twice behind the ?")
      }
      object[name] = fields.first { $0.name == name }?.kind.value(of: value) ?? .string(value)
    }
    json = .object(object)
    try Self.check(object, json, fields)
  }

  private static func check(_ object: JSONObject, _ json: JSON, _ fields: [Field]) throws {
    for (name, _) in object.entries where !fields.contains(where: { $0.name == name }) {
      let known =
        fields.isEmpty ? "none" : fields.map(\.name).joined(separator: ", ")
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

  /// Whether the field was given, be it as null.
  func has(_ name: String) -> Bool { json[name] != nil }

  func json(_ name: String) -> JSON? { value(name) }
  func optionalNumber(_ name: String) -> Double? { value(name)?.double }
  func texts(_ name: String) -> [String]? { value(name)?.array?.compactMap(\.string) }
  func optionalText(_ name: String) -> String? { value(name)?.string }
  func optionalList(_ name: String) -> [JSON]? { value(name)?.array }
  func optionalBool(_ name: String) -> Bool? { value(name)?.bool }
  func optionalInteger(_ name: String) -> Int64? {
    if case .integer(let number)? = value(name) { return number }
    return nil
  }

  private func value(_ name: String) -> JSON? {
    precondition(fields.contains { $0.name == name }, "the route does not describe \(name)")
    guard let value = json[name], value != .null else { return nil }
    return value
  }
}
