/// One piece of a JSON text.
public enum JSONToken: Equatable, Sendable {
  /// The whole input was used and the value goes on: come again with the next chunk.
  case needsMore
  case beginObject, endObject, beginArray, endArray
  /// A name in an object; the reader's `text` holds it.
  case key
  /// The reader's `text` holds it.
  case string
  /// The reader's `text` holds it as it was written.
  case number
  case bool(Bool)
  case null
  /// The value is whole and the input used.
  case end

  // Written out, because what the compiler derives is called, not inlined, in other modules.
  @inlinable
  public static func == (a: JSONToken, b: JSONToken) -> Bool { a.code == b.code }

  @inlinable var code: UInt8 {
    switch self {
    case .needsMore: 0
    case .beginObject: 1
    case .endObject: 2
    case .beginArray: 3
    case .endArray: 4
    case .key: 5
    case .string: 6
    case .number: 7
    case .bool(let value): value ? 8 : 9
    case .null: 10
    case .end: 11
    }
  }
}

/// Why a text is no JSON. The reader stays where it is after any of them.
public enum JSONError: Error, Equatable, Sendable {
  case unexpectedByte
  case badEscape
  case badNumber
  case badUTF8
  case tooDeep
  /// Something stands behind the value.
  case trailingBytes
  /// The input was over before the value was.
  case truncated
  /// A text is longer than whoever keeps it whole allows; the reader itself cuts it instead.
  case textTooLong

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .unexpectedByte: "json.unexpected-byte"
    case .badEscape: "json.bad-escape"
    case .badNumber: "json.bad-number"
    case .badUTF8: "json.bad-utf8"
    case .tooDeep: "json.too-deep"
    case .trailingBytes: "json.trailing-bytes"
    case .truncated: "json.truncated"
    case .textTooLong: "json.text-too-long"
    }
  }
}
