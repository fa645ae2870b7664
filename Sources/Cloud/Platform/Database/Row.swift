import CSQLite

/// The row under the cursor. Columns are read by name; a name that the statement does not yield, or
/// NULL where a value must be, is a mistake of ours and traps.
struct Row {
  fileprivate let statement: Statement

  init(of statement: Statement) { self.statement = statement }

  func text(_ column: String) -> String { text(at: index(column), column) }

  func integer(_ column: String) -> Int64 {
    let index = index(column)
    precondition(!isNull(index), "\(column) is NULL")
    return sqlite3_column_int64(statement.handle, index)
  }

  func bool(_ column: String) -> Bool { integer(column) != 0 }

  func optionalText(_ column: String) -> String? {
    let index = index(column)
    return isNull(index) ? nil : text(at: index, column)
  }

  func optionalInteger(_ column: String) -> Int64? {
    let index = index(column)
    return isNull(index) ? nil : sqlite3_column_int64(statement.handle, index)
  }

  func optionalReal(_ column: String) -> Double? {
    let index = index(column)
    return isNull(index) ? nil : sqlite3_column_double(statement.handle, index)
  }

  /// Any column, as it is stored.
  func value(_ column: String) -> SQLValue {
    let index = index(column)
    switch sqlite3_column_type(statement.handle, index) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement.handle, index))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement.handle, index))
    case SQLITE_TEXT: return .text(text(at: index, column))
    case SQLITE_BLOB:
      let count = Int(sqlite3_column_bytes(statement.handle, index))
      guard let start = sqlite3_column_blob(statement.handle, index) else { return .blob([]) }
      return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
    default: return .null
    }
  }

  fileprivate func text(at index: Int32, _ column: String) -> String {
    guard let start = sqlite3_column_text(statement.handle, index) else {
      preconditionFailure("\(column) is NULL")
    }
    let count = Int(sqlite3_column_bytes(statement.handle, index))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  private func isNull(_ index: Int32) -> Bool {
    sqlite3_column_type(statement.handle, index) == SQLITE_NULL
  }

  private func index(_ column: String) -> Int32 {
    guard let index = statement.index(of: column) else {
      preconditionFailure("no column \(column)")
    }
    return index
  }
}

/// Something that is read from a row.
protocol Record {
  init(_ row: Row)
}

extension String: Record {
  /// The only column, as text.
  init(_ row: Row) { self = row.text(at: 0, "the column") }
}

extension Int64: Record {
  /// The only column, as a whole number.
  init(_ row: Row) { self = sqlite3_column_int64(row.statement.handle, 0) }
}
