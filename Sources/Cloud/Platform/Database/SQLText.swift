// Two kinds of SQL, told apart by the compiler. What belongs to a tenant can only be asked for
// together with a `TenantScope`, and only Identity can make one of those.

/// SQL over tables that belong to tenants. It names its tenant as `:tenant`, which `Database` binds
/// from the scope; other values are `?`.
struct TenantSQL: Sendable {
  let text: StaticString
  init(_ text: StaticString) { self.text = text }
}

/// SQL over what belongs to no tenant: users, sessions, hubs on their way to being claimed, the
/// platform's own registers. Naming any other table is refused when the statement is prepared.
struct SystemSQL: Sendable {
  let text: StaticString
  init(_ text: StaticString) { self.text = text }

  /// Everything that may be named here. A new table is a tenant's unless somebody adds it.
  static let tables: Set<String> = [
    "tenants", "users", "tenant_members", "sessions", "hubs",
    "refresh_tokens", "password_resets", "invitations", "mails",
    "hub_claim_tokens", "firmware_releases", "firmware_rollouts", "hub_updates",
    "queue_messages", "kv", "alerts", "objects", "object_bytes",
    "actor_storage", "actor_alarms", "schema_migrations",
    "sqlite_master", "sqlite_schema",
  ]
}
