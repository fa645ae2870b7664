import Foundation
import Testing
import World

@testable import Cloud

@Suite("The database")
struct DatabaseTests {
  private func migrated() throws -> Database {
    let database = try Database(path: nil)
    try MigrationRunner(database: database).run(at: 1)
    return database
  }

  private static let users = SystemSQL("SELECT count(*) FROM users")
  private static let addUser = SystemSQL(
    "INSERT INTO users (id, email, created_at, updated_at) VALUES (?, ?, 1, 1)")

  @Test("migrations are applied once, however often they are run")
  func idempotent() throws {
    let database = try Database(path: nil)
    let runner = MigrationRunner(database: database)
    #expect(try runner.run(at: 1) == Migration.all.count)
    #expect(try runner.run(at: 2) == 0)
  }

  @Test("every file of the migrations' folder is compiled in, in order")
  func allListed() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Cloud/Platform/Database/Migrations").standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let listed = Migration.all.map { migration in
      let number = String(migration.number)
      return String(repeating: "0", count: 4 - number.count) + number + "_\(migration.name).sql"
    }
    #expect(files == listed)
    for (file, migration) in zip(files, Migration.all) {
      #expect(try Data(contentsOf: folder.appending(path: file)) == Data(migration.script))
    }
  }

  @Test("a migration that was applied and then changed is refused")
  func changed() throws {
    let database = try Database(path: nil)
    let runner = MigrationRunner(database: database)
    let first = Migration(number: 0, name: "one", script: Array("CREATE TABLE a (x);".utf8))
    let second = Migration(number: 0, name: "one", script: Array("CREATE TABLE b (x);".utf8))
    try runner.run([first], at: 1)
    #expect(throws: DatabaseError.migrationChanged("one")) { try runner.run([second], at: 1) }
  }

  @Test("a migration that fails leaves nothing behind and is tried again")
  func failing() throws {
    let database = try Database(path: nil)
    let runner = MigrationRunner(database: database)
    let broken = Migration(
      number: 0, name: "one", script: Array("CREATE TABLE a (x); CREATE TABLE a (x);".utf8))
    #expect(throws: DatabaseError.self) { try runner.run([broken], at: 1) }
    let whole = Migration(number: 0, name: "one", script: Array("CREATE TABLE a (x);".utf8))
    #expect(try runner.run([whole], at: 1) == 1)
  }

  private struct Columns: Record {
    let seen: [Int64]
    init(_ row: Row) {
      seen = ["a", "c", "a", "b", "c", "c"].map { row.integer($0) }
    }
  }

  @Test("columns are found in any order, and of two with one name the later counts")
  func columns() throws {
    let database = try migrated()
    let sql = SystemSQL("SELECT ? AS a, ? AS b, ? AS c, ? AS a")
    for number in 0..<3 {
      let row = try #require(try database.first(Columns.self, sql, number, 10, 20, 30 + number))
      let a = Int64(30 + number)
      #expect(row.seen == [a, 20, a, 10, 20, 20])
    }
  }

  @Test("one in memory that takes up the connection of another holds nothing of it")
  func takenUp() throws {
    let image = try #require(DatabaseImage.empty)
    let secret = WordSearch([Array("a-secret-of-before".utf8)])
    for isInTransaction in [false, true, false, true] {
      let database = try Database(path: nil, image: image)
      var found = 0
      DatabaseImage.search(database.handle, for: secret) { _ in found += 1 }
      #expect(found == 0)
      #expect(try database.first(Int64.self, Self.users) == 0)
      for number in 0..<200 {
        try database.change(Self.addUser, "user-\(number)", "\(number)@a-secret-of-before.test")
      }
      #expect(try database.first(Int64.self, Self.users) == 200)
      DatabaseImage.search(database.handle, for: secret) { _ in found += 1 }
      #expect(found >= 200)
      if isInTransaction { try database.step("BEGIN IMMEDIATE") }
    }
  }

  @Test("a state that a newer hubrig has made is refused, and left as it is")
  func tooNew() throws {
    let database = try migrated()
    let next = Migration(number: 9_000, name: "next", script: Array("CREATE TABLE a (x);".utf8))
    try MigrationRunner(database: database).run(Migration.all + [next], at: 2)
    #expect(throws: DatabaseError.schemaTooNew(9_000)) {
      try MigrationRunner(database: database).run(at: 3)
    }
    #expect("\(DatabaseError.schemaTooNew(9_000))".contains("newer hubrig"))
    let steps = SystemSQL("SELECT count(*) FROM schema_migrations")
    #expect(try database.first(Int64.self, steps) == Int64(Migration.all.count + 1))
  }

  @Test("a new directory's database is what the migrations make, in WAL mode from the start")
  func newDirectory() throws {
    let directory = try TemporaryDirectory()
    // Left by a database that is gone; none of it is part of the new one.
    for ending in ["-wal", "-shm", "-journal"] {
      try Data("left over".utf8).write(
        to: URL(filePath: directory.path + "/cloud.sqlite" + ending))
    }
    let schema = SystemSQL("SELECT type || name || coalesce(sql, '') FROM sqlite_master ORDER BY 1")
    let steps = SystemSQL("SELECT number || name || sha256 || applied_at FROM schema_migrations")
    do {
      let new = try CloudStorage.directory(directory.path, at: 1).database
      let header = try FileBytes.read(directory.path + "/cloud.sqlite")
      #expect(header[18...19] == [2, 2])
      let old = try migrated()
      #expect(try new.all(String.self, schema) == old.all(String.self, schema))
      #expect(try new.all(String.self, steps) == old.all(String.self, steps))
      #expect(try new.first(String.self, SystemSQL("PRAGMA integrity_check")) == "ok")
      #expect(try MigrationRunner(database: new).run(at: 2) == 0)
      try new.change(Self.addUser, "u1", "a@b")
    }
    let again = try CloudStorage.directory(directory.path, at: 9)
    #expect(try again.database.first(Int64.self, Self.users) == 1)
  }

  @Test("a file is kept in WAL mode with full syncing, and foreign keys hold")
  func pragmas() throws {
    let directory = try TemporaryDirectory()
    let database = try Database(path: directory.path + "/a.sqlite")
    #expect(try database.first(String.self, SystemSQL("PRAGMA journal_mode")) == "wal")
    #expect(try database.first(Int64.self, SystemSQL("PRAGMA synchronous")) == 2)
    #expect(try database.first(Int64.self, SystemSQL("PRAGMA foreign_keys")) == 1)
  }

  @Test("what a transaction that throws has changed never was")
  func rollback() throws {
    struct Stop: Error {}
    let database = try migrated()
    #expect(throws: Stop.self) {
      try database.transaction {
        try database.change(Self.addUser, "u1", "a@b")
        throw Stop()
      }
    }
    #expect(try database.first(Int64.self, Self.users) == 0)
  }

  @Test("an inner transaction is part of the outer one")
  func nested() throws {
    struct Stop: Error {}
    let database = try migrated()
    #expect(throws: Stop.self) {
      try database.transaction {
        _ = try database.transaction { try database.change(Self.addUser, "u1", "a@b") }
        throw Stop()
      }
    }
    #expect(try database.first(Int64.self, Self.users) == 0)
  }

  @Test("what waits for the commit happens after it, in order, and never after a rollback")
  func afterCommit() throws {
    struct Stop: Error {}
    let database = try migrated()
    var heard: [String] = []
    try database.transaction {
      database.onCommit { heard.append("first") }
      database.onCommit { heard.append("second") }
      heard.append("inside")
    }
    #expect(heard == ["inside", "first", "second"])
    try? database.transaction {
      database.onCommit { heard.append("never") }
      throw Stop()
    }
    database.onCommit { heard.append("at once") }
    #expect(heard == ["inside", "first", "second", "at once"])
  }

  @Test("a row that is there already, and a reference to nothing, are told apart")
  func constraints() throws {
    let database = try migrated()
    try database.change(Self.addUser, "u1", "a@b")
    #expect(throws: DatabaseError.notUnique("UNIQUE constraint failed: users.email")) {
      try database.change(Self.addUser, "u2", "a@b")
    }
    #expect(throws: DatabaseError.dangling) {
      try database.change(
        SystemSQL("INSERT INTO tenant_members VALUES (?, ?, 'owner', 1)"), "t1", "u1")
    }
  }

  @Test("every kind of value comes back as it was stored")
  func values() throws {
    struct Cell: Record {
      let value: SQLValue
      init(_ row: Row) { value = row.value("value") }
    }
    let database = try migrated()
    let put = SystemSQL("INSERT INTO actor_storage VALUES ('c', 'n', ?, ?)")
    let values: [SQLValue] = [
      .text(""), .text("Käse\u{1F9C0}"), .integer(.max), .integer(.min), .real(1.5), .blob([]),
      .blob([0, 1, 255]),
    ]
    for (number, value) in values.enumerated() { try database.change(put, "\(number)", value) }
    let stored = try database.all(
      Cell.self, SystemSQL("SELECT value FROM actor_storage ORDER BY key"))
    // The column is of text: numbers are stored as their digits.
    #expect(
      stored.map(\.value) == [
        .text(""), .text("Käse\u{1F9C0}"), .text("9223372036854775807"),
        .text("-9223372036854775808"), .text("1.5"), .blob([]), .blob([0, 1, 255]),
      ])
  }

  @Test("a tenant's table cannot be named without a scope")
  func withoutScope() async {
    await #expect(processExitsWith: .failure) {
      let database = try Database(path: nil)
      try MigrationRunner(database: database).run(at: 1)
      _ = try database.first(Int64.self, SystemSQL("SELECT count(*) FROM printers"))
    }
  }

  @Test("a statement over tenants' tables that names no tenant is refused")
  func withoutTenant() async {
    await #expect(processExitsWith: .failure) {
      let database = try Database(path: nil)
      try MigrationRunner(database: database).run(at: 1)
      let token = PresignedToken(
        method: .upload, key: ObjectKey(signed: .printFile, id: "f", tenantID: "t"), byteLimit: 1,
        expiresAt: 1)
      _ = try database.first(
        Int64.self, TenantSQL("SELECT count(*) FROM printers"), in: token.scope)
    }
  }
}
