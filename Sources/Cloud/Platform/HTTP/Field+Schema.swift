import World

extension Field {
  /// The JSON Schema of the value.
  var schema: JSON {
    var schema = kind.schema
    if !isRequired, case .string(let type)? = schema["type"] {
      schema["type"] = [.string(type), "null"]
      if case .oneOf(let words) = kind {
        schema["enum"] = .array(words.map { .string($0) } + [.null])
      }
    }
    return schema
  }
}

extension Field.Kind {
  /// The JSON Schema of a value. It counts characters where we count bytes, so that it says a
  /// little more than we take of texts that are not ASCII.
  var schema: JSON {
    switch self {
    case .text(let length):
      [
        "type": "string", "minLength": .integer(Int64(length.lowerBound)),
        "maxLength": .integer(Int64(length.upperBound)),
        "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
      ]
    case .email: ["type": "string", "format": "email", "maxLength": 254]
    case .integer(let bounds):
      [
        "type": "integer", "minimum": .integer(bounds.lowerBound),
        "maximum": .integer(bounds.upperBound),
      ]
    case .number(let bounds):
      [
        "type": "number", "minimum": .double(bounds.lowerBound),
        "maximum": .double(bounds.upperBound),
      ]
    case .bool: ["type": "boolean"]
    case .oneOf(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
    case .uuid:
      [
        "type": "string", "format": "uuid",
        "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
      ]
    case .host: ["type": "string", "pattern": "^[A-Za-z0-9.:-]{1,64}$"]
    case .color: ["type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"]
    case .list(let kind, let count):
      [
        "type": "array", "items": kind.schema, "minItems": .integer(Int64(count.lowerBound)),
        "maxItems": .integer(Int64(count.upperBound)),
      ]
    case .object: ["type": "object"]
    case .records(let fields, let count):
      [
        "type": "array", "items": Field.schema(of: fields),
        "minItems": .integer(Int64(count.lowerBound)),
        "maxItems": .integer(Int64(count.upperBound)),
      ]
    }
  }
}

extension Field {
  /// The JSON Schema of an object with these members.
  static func schema(of fields: [Field]) -> JSON {
    [
      "type": "object",
      "properties": .object(JSONObject(fields.map { ($0.name, $0.schema) })),
      "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
      "additionalProperties": false,
    ]
  }
}
