/// One numbered step of the schema.
struct Migration {
  let number: Int
  let name: String
  let script: [UInt8]
  /// Clouds of a rig are started by the thousand, and each looks at it.
  let digest: String

  init(number: Int, name: String, script: [UInt8]) {
    self.number = number
    self.name = name
    self.script = script
    digest = Digest.sha256Hex(script)
  }

  /// Every file of `Migrations`, in order. They are compiled into the program.
  static let all: [Migration] = [
    Migration(number: 0, name: "platform", script: PackageResources._000_platform_sql),
    Migration(number: 1, name: "tenants_users", script: PackageResources._001_tenants_users_sql),
    Migration(number: 2, name: "hubs_printers", script: PackageResources._002_hubs_printers_sql),
    Migration(
      number: 3, name: "products_inventory", script: PackageResources._003_products_inventory_sql),
    Migration(
      number: 4, name: "print_files_jobs", script: PackageResources._004_print_files_jobs_sql),
    Migration(
      number: 5, name: "finished_goods_tasks",
      script: PackageResources._005_finished_goods_tasks_sql),
    Migration(number: 6, name: "orders", script: PackageResources._006_orders_sql),
    Migration(number: 7, name: "supporting", script: PackageResources._007_supporting_sql),
    Migration(
      number: 8, name: "logging_analytics", script: PackageResources._008_logging_analytics_sql),
    Migration(number: 9, name: "identity", script: PackageResources._009_identity_sql),
    Migration(number: 10, name: "printing", script: PackageResources._010_printing_sql),
    Migration(number: 11, name: "queues", script: PackageResources._011_queues_sql),
    Migration(
      number: 12, name: "printer_orders", script: PackageResources._012_printer_orders_sql),
    Migration(
      number: 13, name: "small_objects", script: PackageResources._013_small_objects_sql),
    Migration(number: 14, name: "alerts", script: PackageResources._014_alerts_sql),
    Migration(number: 20, name: "firmware", script: PackageResources._020_firmware_sql),
    Migration(number: 21, name: "hub_health", script: PackageResources._021_hub_health_sql),
    Migration(
      number: 23, name: "printer_certificates",
      script: PackageResources._023_printer_certificates_sql),
    Migration(number: 24, name: "printer_kinds", script: PackageResources._024_printer_kinds_sql),
    Migration(number: 40, name: "claim_tokens", script: PackageResources._040_claim_tokens_sql),
  ]
}

/// Brings a database up to the newest schema: all that is missing, in one transaction.
struct MigrationRunner {
  let database: Database

  private struct Applied: Record {
    let number: Int64
    let digest: String
    init(_ row: Row) {
      number = row.integer("number")
      digest = row.text("sha256")
    }
  }

  private static let make: StaticString =
    """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        applied_at INTEGER NOT NULL
    )
    """
  private static let applied = SystemSQL(
    "SELECT number, sha256 FROM schema_migrations ORDER BY number")
  private static let record = SystemSQL("INSERT INTO schema_migrations VALUES (?, ?, ?, ?)")

  /// Applies what is missing and answers how many steps that were.
  @discardableResult
  func run(_ migrations: [Migration] = Migration.all, at now: Int64) throws -> Int {
    try database.transaction {
      try database.step(Self.make)
      let known = try database.all(Applied.self, Self.applied)
      if let newest = known.last?.number, newest > migrations.map(\.number).max() ?? -1 {
        throw DatabaseError.schemaTooNew(Int(newest))
      }
      var applied = 0
      for migration in migrations {
        let digest = migration.digest
        if let known = known.first(where: { $0.number == migration.number }) {
          guard known.digest == digest else { throw DatabaseError.migrationChanged(migration.name) }
          continue
        }
        try database.execute(String(decoding: migration.script, as: UTF8.self))
        try database.change(Self.record, migration.number, migration.name, digest, now)
        applied += 1
      }
      return applied
    }
  }
}
