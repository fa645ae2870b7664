import CSQLite

/// One prepared statement, kept for the life of its database.
final class Statement {
  let handle: OpaquePointer
  /// Where `:tenant` stands; 0 when it does not.
  let tenantIndex: Int32
  /// Where each `?` stands, in order.
  let argumentIndexes: [Int32]
  /// A statement can be asked for while it is stepped through (a row's reader may query too);
  /// such a second user gets a statement of its own.
  var isBusy = false
  /// What each column is called, and which was wanted after it the last time.
  private var columns: [(name: String, next: Int)] = []
  /// The column that was read last.
  private var column = 0

  init(_ handle: OpaquePointer) {
    self.handle = handle
    var tenantIndex: Int32 = 0
    var argumentIndexes: [Int32] = []
    for index in 1..<(sqlite3_bind_parameter_count(handle) + 1) {
      if let name = sqlite3_bind_parameter_name(handle, index) {
        precondition(String(cString: name) == ":tenant", "only :tenant is bound by name")
        tenantIndex = index
      } else {
        argumentIndexes.append(index)
      }
    }
    self.tenantIndex = tenantIndex
    self.argumentIndexes = argumentIndexes
    let columnCount = sqlite3_column_count(handle)
    for index in 0..<columnCount {
      let name = sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
      columns.append((name, Int(columnCount) - 1))
    }
  }

  /// Where a column stands; of two with one name the later counts. Rows are read in the same order each
  /// time: what was wanted after a column is most likely wanted after it again.
  func index(of wanted: String) -> Int32? {
    guard !columns.isEmpty else { return nil }
    let likely = columns[column].next
    if columns[likely].name == wanted {
      column = likely
    } else {
      guard let place = columns.lastIndex(where: { $0.name == wanted }) else { return nil }
      columns[column].next = place
      column = place
    }
    return Int32(column)
  }

  deinit { sqlite3_finalize(handle) }

  func bind(tenant: String?, _ arguments: [any SQLConvertible]) {
    precondition(arguments.count == argumentIndexes.count, "as many values as there are ?")
    if let tenant { bind(.text(tenant), at: tenantIndex) }
    for (position, argument) in arguments.enumerated() {
      bind(argument.sqlValue, at: argumentIndexes[position])
    }
  }

  private func bind(_ value: SQLValue, at index: Int32) {
    let copied = hubrig_SQLITE_TRANSIENT()
    switch value {
    case .null: sqlite3_bind_null(handle, index)
    case .integer(let number): sqlite3_bind_int64(handle, index, number)
    case .real(let number): sqlite3_bind_double(handle, index, number)
    case .text(var text):
      // An empty buffer may have no address, which SQLite would take for NULL.
      guard !text.isEmpty else {
        sqlite3_bind_text(handle, index, "", 0, copied)
        return
      }
      text.withUTF8 { bytes in
        _ = bytes.withMemoryRebound(to: CChar.self) {
          sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), copied)
        }
      }
    case .blob(let bytes):
      _ = bytes.withUnsafeBytes {
        // Likewise; a blob of no bytes is made of zero bytes.
        $0.isEmpty
          ? sqlite3_bind_zeroblob(handle, index, 0)
          : sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copied)
      }
    }
  }
}
