import World

/// Short-lived values under names: the cloud's KV.
struct KeyValueStore {
  let database: Database

  private static let valueOf = SystemSQL(
    "SELECT value FROM kv WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)")
  private static let set = SystemSQL(
    """
    INSERT INTO kv (key, value, expires_at) VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
    """)
  private static let remove = SystemSQL("DELETE FROM kv WHERE key = ?")
  private static let removeOld = SystemSQL("DELETE FROM kv WHERE expires_at <= ?")

  /// The value, unless its time is over.
  func value(_ key: String, at now: Int64) throws -> String? {
    try database.first(String.self, Self.valueOf, key, now)
  }

  /// Keeps a value, for ever or until a time (ms since 1970).
  func set(_ key: String, _ value: String, until end: Int64?) throws {
    try database.change(Self.set, key, value, end)
  }

  func remove(_ key: String) throws { try database.change(Self.remove, key) }

  /// Lets go of what nobody can see any more.
  func removeExpired(at now: Int64) throws { try database.change(Self.removeOld, now) }
}
