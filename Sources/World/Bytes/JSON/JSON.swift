import Wire

/// A JSON value, held as a whole. The chip never does that; see Wire's `JSONReader`.
public enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number written without point and exponent that fits.
  case integer(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

/// The members of a JSON object, in the order in which they were written.
public struct JSONObject: Sendable {
  /// Each key and its value. Without labels, so that a literal's members become these as they are.
  public private(set) var entries: [(String, JSON)] = []
  /// Where a key stands. Made only for many members: looking at few is quicker.
  private var places: [String: Int]?
  private static let fewMembers = 64

  public init() {}

  /// Of two members with one name the later counts.
  public init(_ members: [(String, JSON)]) {
    guard members.count > Self.fewMembers || Self.hasRepeats(members) else {
      entries = members
      return
    }
    entries.reserveCapacity(members.count)
    for (key, value) in members { self[key] = value }
  }

  private static func hasRepeats(_ members: [(String, JSON)]) -> Bool {
    members.indices.contains { place(of: members[$0].0, in: members[..<$0]) != nil }
  }

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }
  public var keys: [String] { entries.map(\.0) }

  /// Setting a new key appends it, setting nil takes it out.
  public subscript(key: String) -> JSON? {
    get { place(of: key).map { entries[$0].1 } }
    set {
      let place = place(of: key)
      guard let newValue else {
        guard let place else { return }
        entries.remove(at: place)
        places = nil
        return
      }
      guard let place else { return append(key, newValue) }
      entries[place].1 = newValue
    }
  }

  private mutating func append(_ key: String, _ value: JSON) {
    // Most objects have some members, and growing from one to some takes longer than the room.
    if entries.isEmpty { entries.reserveCapacity(8) }
    entries.append((key, value))
    guard entries.count > Self.fewMembers else { return }
    if places == nil {
      var all: [String: Int] = [:]
      for (place, entry) in entries.enumerated() { all[entry.0] = place }
      places = all
    } else {
      places?[key] = entries.count - 1
    }
  }

  private func place(of key: String) -> Int? {
    if let places { return places[key] }
    return Self.place(of: key, in: entries[...])
  }

  private static func place(of key: String, in entries: ArraySlice<(String, JSON)>) -> Int? {
    let length = key.utf8.count
    return entries.firstIndex { $0.0.utf8.count == length && $0.0 == key }
  }
}

extension JSONObject: Sequence {
  public func makeIterator() -> IndexingIterator<[(String, JSON)]> {
    entries.makeIterator()
  }
}

extension JSONObject: Equatable {
  /// The order of members means nothing in JSON.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.entries.allSatisfy { b[$0.0] == $0.1 }
  }
}

extension JSON {
  public var isNull: Bool { self == .null }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// A number that is whole, however it was written.
  public var int: Int? { int64.flatMap { Int(exactly: $0) } }

  public var int64: Int64? {
    switch self {
    case .integer(let number): number
    case .double(let number): Int64(exactly: number)
    default: nil
    }
  }

  public var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// A member. Setting one makes an object of whatever else this was.
  public subscript(key: String) -> JSON? {
    get { object?[key] }
    set {
      var object = object ?? JSONObject()
      // Let go of the old one first, or it would be copied for every change.
      self = .null
      object[key] = newValue
      self = .object(object)
    }
  }

  /// An element, or nil if there is none.
  public subscript(index: Int) -> JSON? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// Keeps the order.
  public init(dictionaryLiteral members: (String, JSON)...) { self = .object(JSONObject(members)) }
}
