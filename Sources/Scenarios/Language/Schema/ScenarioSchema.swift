// The language as a JSON Schema, so that an editor completes the words, tells what they mean and
// underlines mistakes. It comes from the same tables as everything else that knows the language.

import World

/// The JSON Schema of a scenario file.
public enum ScenarioSchema {
  /// The schema as a text, indented for people.
  public static var text: String { IndentedJSON.text(of: schema) + "\n" }

  static var schema: JSON {
    var root = section(ScenarioWords.scenario)
    root = adding(
      [
        ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
        ("title", .string("A scenario: a story about hubs, printers, a cloud and people")),
      ], before: root)
    var definitions: [(String, JSON)] = [
      ("parameter", parameter),
      ("step", ["anyOf": .array(Verb.allCases.map { step($0) })]),
    ]
    for form in [Form.duration, .size, .rate, .share] {
      definitions.append((name(of: form), pattern(form)))
    }
    // A part of a story, which others include, has not all the words that a story needs.
    guard case .object(var object) = root else { return root }
    object["required"] = nil
    object["$defs"] = .object(JSONObject(definitions))
    return .object(object)
  }

  // MARK: Maps

  private static func section(_ section: Section) -> JSON {
    map(section.words, description: nil)
  }

  private static func step(_ verb: Verb) -> JSON {
    let word = Word(verb.rawValue, verb.argument, required: true, verb.meaning)
    return map([word] + verb.options + Verb.times, description: verb.meaning)
  }

  private static func map(_ words: [Word], description: String?) -> JSON {
    var properties: [(String, JSON)] = []
    for word in words where !properties.contains(where: { $0.0 == word.name }) {
      properties.append((word.name, value(word.form, description: word.meaning)))
    }
    var members: [(String, JSON)] = [("type", .string("object"))]
    if let description { members.append(("description", .string(description))) }
    members.append(("properties", .object(JSONObject(properties))))
    let required = words.filter(\.isRequired).map { JSON.string($0.name) }
    if !required.isEmpty { members.append(("required", .array(required))) }
    members.append(("additionalProperties", .bool(false)))
    return .object(JSONObject(members))
  }

  private static func adding(_ members: [(String, JSON)], before object: JSON) -> JSON {
    guard case .object(let rest) = object else { return object }
    return .object(JSONObject(members + rest.entries))
  }

  // MARK: Values

  private static func value(_ form: Form, description: String) -> JSON {
    adding([("description", .string(description))], before: value(form))
  }

  private static func value(_ form: Form) -> JSON {
    switch form {
    // YAML takes 1.10 for a number and yes for a truth; here they are texts.
    case .text, .moment, .condition: ["type": ["string", "number", "boolean"]]
    case .newName, .name: ["type": ["string", "number"]]
    case .count(let range):
      range.upperBound == .max
        ? [
          "anyOf": [
            ["type": "integer", "minimum": .integer(Int64(range.lowerBound))],
            reference("parameter"),
          ]
        ]
        : [
          "anyOf": [
            [
              "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
              "maximum": .integer(Int64(range.upperBound)),
            ], reference("parameter"),
          ]
        ]
    case .duration, .size, .rate, .share: reference(name(of: form))
    case .choice(let vocabulary):
      [
        "anyOf": .array(
          vocabulary.entries.map { entry in
            ["const": .string(entry.name), "description": .string(entry.meaning)]
          } + [reference("parameter")])
      ]
    case .section(let section): self.section(section)
    case .list(let element): ["type": "array", "items": value(element)]
    case .steps: ["type": "array", "items": reference("step")]
    case .table(let ofLists):
      [
        "type": "object",
        "additionalProperties": ofLists ? ["type": "array", "minItems": 1] : [:],
      ]
    }
  }

  private static func reference(_ name: String) -> JSON { ["$ref": .string("#/$defs/\(name)")] }

  private static func name(of form: Form) -> String {
    switch form {
    case .duration: "duration"
    case .size: "size"
    case .rate: "rate"
    default: "share"
    }
  }

  private static let parameter: JSON = [
    "type": "string", "pattern": "\\$\\{[^}]+\\}", "description": "The value of a parameter.",
  ]

  private static func pattern(_ form: Form) -> JSON {
    let number = "[0-9]+(\\.[0-9]+)?"
    let size = "\(number) ?(B|KB|MB|GB|KiB|MiB|GiB)"
    let pattern =
      switch form {
      case .duration: "^(\(number)(d|h|m|s|ms|us))+$"
      case .size: "^\(size)$"
      case .rate: "^\(size)/s$"
      default: "^\(number)%$"
      }
    return [
      "anyOf": [
        ["type": "string", "pattern": .string(pattern), "description": .string(form.expectation)],
        reference("parameter"),
      ]
    ]
  }
}

/// JSON with line breaks, for files that people look at.
enum IndentedJSON {
  static func text(of value: JSON, indent: String = "") -> String {
    let inner = indent + "  "
    switch value {
    case .object(let object) where !object.isEmpty:
      let lines = object.map { key, value in
        "\(inner)\(plain(.string(key))): \(text(of: value, indent: inner))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    case .array(let elements) where !elements.isEmpty:
      let short = plain(value)
      if short.utf8.count + indent.utf8.count <= 88 { return short }
      let lines = elements.map { inner + text(of: $0, indent: inner) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    default: return plain(value)
    }
  }

  private static func plain(_ value: JSON) -> String {
    String(decoding: value.bytes, as: UTF8.self)
  }
}
