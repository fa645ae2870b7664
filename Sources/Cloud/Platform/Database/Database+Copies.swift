// Whole tables, for copies. This goes around the scopes of tenants: nothing that answers a request
// may use it.

import CSQLite
import World

extension Database {
  /// Every table of ours, in the order in which they were made.
  func tableNames() throws -> [String] {
    try all(
      String.self,
      SystemSQL(
        """
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        ORDER BY rowid
        """))
  }

  /// Shows each row as a JSON object.
  func eachRow(of table: String, _ body: (JSON) -> Void) throws {
    try unscoped("SELECT * FROM \"\(table)\"", []) { statement in
      var row = JSONObject()
      for index in 0..<sqlite3_column_count(statement) {
        guard let name = sqlite3_column_name(statement, index) else { continue }
        row[String(cString: name)] = Self.json(statement, index)
      }
      body(.object(row))
    }
  }

  /// Whether a row refers to one that is not there.
  func hasDanglingRows() throws -> Bool {
    var isFound = false
    try unscoped("PRAGMA foreign_key_check", []) { _ in isFound = true }
    return isFound
  }

  func insert(_ row: JSONObject, into table: String) throws {
    let names = row.keys.filter { name in
      name.utf8.allSatisfy {
        $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
      }
    }
    let columns = names.map { "\"\($0)\"" }.joined(separator: ", ")
    let places = names.map { _ in "?" }.joined(separator: ", ")
    try unscoped(
      "INSERT OR REPLACE INTO \"\(table)\" (\(columns)) VALUES (\(places))",
      names.map { Self.value(row[$0] ?? .null) }
    ) { _ in }
  }

  private static func json(_ statement: OpaquePointer, _ index: Int32) -> JSON {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, index))
    case SQLITE_FLOAT: .double(sqlite3_column_double(statement, index))
    case SQLITE_TEXT: .string(text(statement, index))
    case SQLITE_BLOB: ["base64url": .string(Base64URL.encode(blob(statement, index)))]
    default: .null
    }
  }

  private static func text(_ statement: OpaquePointer, _ index: Int32) -> String {
    let count = Int(sqlite3_column_bytes(statement, index))
    return sqlite3_column_text(statement, index).map {
      String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    } ?? ""
  }

  private static func blob(_ statement: OpaquePointer, _ index: Int32) -> [UInt8] {
    let count = Int(sqlite3_column_bytes(statement, index))
    return sqlite3_column_blob(statement, index).map {
      [UInt8](UnsafeRawBufferPointer(start: $0, count: count))
    } ?? []
  }

  private static func value(_ json: JSON) -> SQLValue {
    switch json {
    case .integer(let number): .integer(number)
    case .double(let number): .real(number)
    case .bool(let value): .integer(value ? 1 : 0)
    case .string(let text): .text(text)
    case .object:
      json["base64url"]?.string.flatMap { Base64URL.decode($0) }.map { .blob($0) } ?? .null
    case .null, .array: .null
    }
  }
}
