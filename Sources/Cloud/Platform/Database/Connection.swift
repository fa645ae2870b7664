// Opening a database, reading its schema and preparing statements takes SQLite longer than a whole
// print takes to be told of. Clouds of the virtual world come and go by the thousand, and all begin
// with the same image: so a connection in memory is used again, with everything it has prepared.

import CSQLite
import Synchronization
import World

/// A connection to SQLite, with what it has prepared. It has one owner at a time.
final class Connection: @unchecked Sendable {
  /// What the statement being prepared may name.
  enum Permission { case everything, systemTables }

  let handle: OpaquePointer
  /// By the address of the literal: each is written once in our sources.
  var statements: [UnsafePointer<UInt8>: Statement] = [:]
  var permission = Permission.everything
  var refusedTable: String?
  /// What it began as, as long as it can begin as that again.
  var image: DatabaseImage?

  /// Opens or makes the file at `path`; nil keeps everything in memory.
  init(path: String?) throws(DatabaseError) {
    _ = Self.setUp
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path ?? ":memory:", &opened, flags, nil)
    guard let opened else { throw .unusable("no memory") }
    handle = opened
    guard code == SQLITE_OK else { throw .unusable(String(cString: sqlite3_errmsg(opened))) }
    sqlite3_extended_result_codes(opened, 1)
    sqlite3_busy_timeout(opened, 5_000)
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// From now on only tables that belong to nobody are for statements of nobody.
  func guardTables() {
    sqlite3_set_authorizer(
      handle,
      { context, action, first, _, _, _ in
        guard let context else { return SQLITE_OK }
        let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        return connection.authorize(action, table: first)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func authorize(_ action: Int32, table: UnsafePointer<CChar>?) -> Int32 {
    guard permission == .systemTables, let table else { return SQLITE_OK }
    switch action {
    case SQLITE_READ, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
      let name = String(cString: table)
      guard !SystemSQL.tables.contains(name) else { return SQLITE_OK }
      refusedTable = name
      return SQLITE_DENY
    default: return SQLITE_OK
    }
  }

  /// Nobody asks SQLite how much memory it has, and counting it takes a lock each time.
  private static let setUp: Void = hubrig_sqlite3_count_no_memory()

  // MARK: Used again

  private static let spares = Mutex<[Connection]>([])
  private static let spareLimit = 4

  /// One in memory that holds what the image holds; nil when there is none to spare.
  static func spare(beginningAs image: DatabaseImage) -> Connection? {
    guard let spare = spares.withLock({ $0.popLast() }), spare.image?.isSame(as: image) == true,
      image.rewind(spare.handle)
    else { return nil }
    return spare
  }

  /// The owner needs it no more.
  func giveBack() {
    guard image != nil else { return }
    if sqlite3_get_autocommit(handle) == 0,
      sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) != SQLITE_OK
    {
      return
    }
    Self.spares.withLock { if $0.count < Self.spareLimit { $0.append(self) } }
  }
}
