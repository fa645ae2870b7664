// The cloud's D1: one SQLite connection on one thread. A file is kept in WAL mode with full
// syncing, so that what was committed is on disk; the virtual world keeps it in memory.
//
// Syncing is dear, so a running cloud commits in groups: whatever is changed in one turn of its loop
// is one transaction of SQLite, in which each of ours is a savepoint. Nothing that could tell the
// outside of it leaves before the group is on disk; should that fail, all of it never was.
//
//     change ──opens the group──> transaction, transaction, change … ──turn is over──> COMMIT
//                                       │ each may undo itself alone                   │
//     answers, messages, news ──────────┴────────────── wait ──────────────────────────┴─> leave

import CSQLite
import World

/// The database of a cloud.
public final class Database {
  private let connection: Connection
  let handle: OpaquePointer
  /// What is under way and not on disk.
  var group = CommitGroup()
  /// Calls back when the turn of the loop is over; nil commits each transaction by itself.
  var endOfTurn: ((@escaping () -> Void) -> any Timer)?
  /// Hears that what was changed in a turn could not be kept: what is in memory may be ahead of it.
  var onFailedCommit: (() -> Void)?
  /// What keeps it from working as it should.
  var trouble = CloudTrouble()
  /// Answers the time in nanoseconds, and hears how long each commit took in seconds.
  var stopwatch: (now: () -> Int64, took: (Double) -> Void)?

  /// Opens or makes the file at `path`; nil keeps everything in memory, where it begins as a copy of
  /// `image` if there is one.
  init(path: String?, image: DatabaseImage? = nil) throws(DatabaseError) {
    if path == nil, let image, let spare = Connection.spare(beginningAs: image) {
      connection = spare
      handle = spare.handle
      return
    }
    connection = try Connection(path: path)
    handle = connection.handle
    if let image { try image.load(into: handle) }
    try execute("PRAGMA foreign_keys = ON")
    if path != nil {
      try execute("PRAGMA journal_mode = WAL")
      try execute("PRAGMA synchronous = FULL")
    } else {
      connection.image = image
    }
    connection.guardTables()
  }

  deinit { connection.giveBack() }

  /// Puts the image in the place of everything that is there.
  func load(_ image: DatabaseImage) throws(DatabaseError) {
    connection.statements.removeAll()
    connection.image = nil
    try image.load(into: handle)
  }

  /// What it holds now, to begin others with.
  func image() -> DatabaseImage? { DatabaseImage(of: handle) }

  // MARK: what belongs to a tenant

  /// All rows that the statement yields.
  func all<T: Record>(
    _ type: T.Type, _ sql: TenantSQL, in scope: TenantScope, _ arguments: any SQLConvertible...
  ) throws(DatabaseError) -> [T] {
    var rows: [T] = []
    try each(sql.text, .everything, scope.tenantID, arguments) {
      rows.append(T($0))
      return true
    }
    return rows
  }

  /// The first row that the statement yields.
  func first<T: Record>(
    _ type: T.Type, _ sql: TenantSQL, in scope: TenantScope, _ arguments: any SQLConvertible...
  ) throws(DatabaseError) -> T? {
    var found: T?
    try each(sql.text, .everything, scope.tenantID, arguments) {
      found = T($0)
      return false
    }
    return found
  }

  /// Changes rows, and answers how many.
  @discardableResult
  func change(
    _ sql: TenantSQL, in scope: TenantScope, _ arguments: any SQLConvertible...
  ) throws(DatabaseError) -> Int {
    try join()
    try each(sql.text, .everything, scope.tenantID, arguments) { _ in true }
    return Int(sqlite3_changes(handle))
  }

  // MARK: what belongs to nobody

  /// All rows that the statement yields.
  func all<T: Record>(
    _ type: T.Type, _ sql: SystemSQL, _ arguments: any SQLConvertible...
  ) throws(DatabaseError) -> [T] {
    var rows: [T] = []
    try each(sql.text, .systemTables, nil, arguments) {
      rows.append(T($0))
      return true
    }
    return rows
  }

  /// The first row that the statement yields.
  func first<T: Record>(
    _ type: T.Type, _ sql: SystemSQL, _ arguments: any SQLConvertible...
  ) throws(DatabaseError) -> T? {
    var found: T?
    try each(sql.text, .systemTables, nil, arguments) {
      found = T($0)
      return false
    }
    return found
  }

  /// Changes rows, and answers how many.
  @discardableResult
  func change(_ sql: SystemSQL, _ arguments: any SQLConvertible...) throws(DatabaseError) -> Int {
    try join()
    try each(sql.text, .systemTables, nil, arguments) { _ in true }
    return Int(sqlite3_changes(handle))
  }

  /// Runs statements that yield nothing of interest: pragmas, transactions, migrations.
  func execute(_ script: String) throws(DatabaseError) {
    connection.permission = .everything
    guard sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// Runs SQL that was put together, for copies of whole tables; nothing that answers a request may.
  func unscoped(
    _ sql: String, _ arguments: [SQLValue], _ body: (OpaquePointer) -> Void
  ) throws(DatabaseError) {
    connection.permission = .everything
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
      throw failure()
    }
    let statement = Statement(prepared)
    statement.bind(tenant: nil, arguments)
    while true {
      switch sqlite3_step(prepared) {
      case SQLITE_ROW: body(prepared)
      case SQLITE_DONE: return
      default: throw failure()
      }
    }
  }

  // MARK: how

  /// Runs a statement of transactions.
  func step(_ sql: StaticString) throws(DatabaseError) {
    try each(sql, .systemTables, nil, []) { _ in true }
  }

  private func each(
    _ sql: StaticString, _ permission: Connection.Permission, _ tenant: String?,
    _ arguments: [any SQLConvertible], _ body: (Row) -> Bool
  ) throws(DatabaseError) {
    let statement = prepared(sql, permission)
    statement.isBusy = true
    statement.bind(tenant: tenant, arguments)
    defer {
      sqlite3_reset(statement.handle)
      sqlite3_clear_bindings(statement.handle)
      statement.isBusy = false
    }
    while true {
      switch sqlite3_step(statement.handle) {
      case SQLITE_ROW: guard body(Row(of: statement)) else { return }
      case SQLITE_DONE: return
      default: throw failure()
      }
    }
  }

  private func prepared(_ sql: StaticString, _ permission: Connection.Permission) -> Statement {
    if let known = connection.statements[sql.utf8Start], !known.isBusy { return known }
    connection.permission = permission
    connection.refusedTable = nil
    var handle: OpaquePointer?
    let code = sql.utf8Start.withMemoryRebound(to: CChar.self, capacity: sql.utf8CodeUnitCount) {
      sqlite3_prepare_v3(
        self.handle, $0, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &handle,
        nil)
    }
    // SQLite may prepare it again by itself later on; it has been judged then.
    connection.permission = .everything
    if let refusedTable = connection.refusedTable {
      preconditionFailure("\(refusedTable) belongs to tenants: \(sql)")
    }
    guard code == SQLITE_OK, let handle else {
      preconditionFailure("\(String(cString: sqlite3_errmsg(self.handle))): \(sql)")
    }
    let statement = Statement(handle)
    switch permission {
    case .everything: precondition(statement.tenantIndex != 0, "names no :tenant: \(sql)")
    case .systemTables: precondition(statement.tenantIndex == 0, "no scope for :tenant: \(sql)")
    }
    if connection.statements[sql.utf8Start] == nil {
      connection.statements[sql.utf8Start] = statement
    }
    return statement
  }

  func failure() -> DatabaseError {
    let code = sqlite3_extended_errcode(handle)
    let message = String(cString: sqlite3_errmsg(handle))
    switch code {
    case Int32(hubrig_SQLITE_CONSTRAINT_UNIQUE), Int32(hubrig_SQLITE_CONSTRAINT_PRIMARYKEY),
      Int32(hubrig_SQLITE_CONSTRAINT_ROWID):
      return .notUnique(message)
    case Int32(hubrig_SQLITE_CONSTRAINT_FOREIGNKEY): return .dangling
    default: return .failed(code: code, message: message)
    }
  }
}
