import World

/// Whether the cloud lives, for people and for whoever watches over processes.
struct HealthRoutes {
  let platform: Platform
  /// How many hubs are connected.
  let onlineHubs: () -> Int

  private static let anything = SystemSQL("SELECT count(*) FROM schema_migrations")

  private static let ok = Shape.object([("status", .text)])

  var routes: [Route] {
    [
      Route(.get, "/health", .open { _ in .data(["status": "ok"]) })
        .described("Whether the cloud is there", Self.ok),
      Route(.get, "/health/live", .open { _ in .data(["status": "ok"]) })
        .described("Whether the process lives", Self.ok),
      Route(
        .get, "/health/ready",
        .open { [platform] _ in
          _ = try platform.database.first(Int64.self, Self.anything)
          return .data(["status": "ok"])
        }
      ).described("Whether requests can be answered", Self.ok),
      Route(
        .get, "/health/detailed",
        .open { [platform, onlineHubs] _ in
          let migrations = try platform.database.first(Int64.self, Self.anything) ?? 0
          return .data([
            "status": "ok", "time": .integer(platform.now),
            "database": ["status": "ok", "migrations": .integer(migrations)],
            "hubs_online": .integer(onlineHubs()),
            "bad_input": .integer(platform.badInputCounts.values.reduce(0, +)),
          ])
        }
      ).described(
        "How the parts of the cloud are",
        .object([
          ("status", .text), ("time", .time),
          ("database", .object([("status", .text), ("migrations", .integer)])),
          ("hubs_online", .integer), ("bad_input", .integer),
        ])),
    ]
  }
}
