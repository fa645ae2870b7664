import World

/// What a part of an answer looks like, for whoever reads the description of the routes.
indirect enum Shape {
  case anything
  case text
  case integer
  case number
  case bool
  /// Milliseconds since 1970.
  case time
  case uuid
  case oneOf([String])
  /// May be null.
  case optional(Shape)
  case list(Shape)
  /// The members that are always there; more may be.
  case object([(String, Shape)])
  /// One that stands in the description once, under its name.
  case named(String, [(String, Shape)])
  /// Bytes of this type instead of JSON.
  case bytes(String)

  /// The JSON Schema of it.
  var schema: JSON {
    switch self {
    case .anything: [:]
    case .text: ["type": "string"]
    case .integer: ["type": "integer"]
    case .number: ["type": "number"]
    case .bool: ["type": "boolean"]
    case .time: ["type": "integer", "description": "milliseconds since 1970"]
    case .uuid: ["type": "string", "format": "uuid"]
    case .oneOf(let words):
      ["type": "string", "enum": .array(words.map { .string($0) })]
    case .optional(let shape):
      ["anyOf": [shape.schema, ["type": "null"]]]
    case .list(let shape): ["type": "array", "items": shape.schema]
    case .object(let members): Self.schema(of: members)
    case .named(let name, _): ["$ref": .string("#/components/schemas/\(name)")]
    case .bytes: ["type": "string", "format": "binary"]
    }
  }

  /// Every named shape in it, the inner ones first.
  var named: [(name: String, schema: JSON)] {
    switch self {
    case .anything, .text, .integer, .number, .bool, .time, .uuid, .oneOf, .bytes: []
    case .optional(let shape), .list(let shape): shape.named
    case .object(let members): members.flatMap(\.1.named)
    case .named(let name, let members):
      members.flatMap(\.1.named) + [(name, Self.schema(of: members))]
    }
  }

  private static func schema(of members: [(String, Shape)]) -> JSON {
    [
      "type": "object", "required": .array(members.map { .string($0.0) }),
      "properties": .object(JSONObject(members.map { ($0.0, $0.1.schema) })),
    ]
  }
}
