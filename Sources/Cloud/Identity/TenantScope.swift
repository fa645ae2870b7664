// The one place where a tenant's scope is made. Everything that belongs to a tenant asks for one
// (see `TenantSQL`, `ObjectKey`), so what was not decided here cannot be reached.

/// Leave to touch what belongs to one tenant.
struct TenantScope: Equatable {
  let tenantID: String

  fileprivate init(tenantID: String) { self.tenantID = tenantID }
}

/// What a member of a tenant may do. Each may do all that those below may.
public enum Role: String, CaseIterable, Comparable, Sendable {
  case viewer, `operator`, admin, owner

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .operator: 1
    case .admin: 2
    case .owner: 3
    }
  }

  public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
}

/// A user inside one of their tenants.
struct Member: Record {
  let scope: TenantScope
  let userID: String
  let role: Role

  init(_ row: Row) {
    scope = TenantScope(tenantID: row.text("tenant_id"))
    userID = row.text("user_id")
    // A role that we do not know may do the least.
    role = Role(rawValue: row.text("role")) ?? .viewer
  }

  private static let one = SystemSQL(
    "SELECT * FROM tenant_members WHERE tenant_id = ? AND user_id = ?")
  private static let ofUser = SystemSQL(
    "SELECT * FROM tenant_members WHERE user_id = ? ORDER BY created_at, tenant_id LIMIT 2")

  /// The user as a member of that tenant; nil when they are none.
  static func find(user: String, tenant: String, in database: Database) throws -> Member? {
    try database.first(Member.self, one, tenant, user)
  }

  /// The user as a member of their only tenant; nil when they have none or several.
  static func ofOnlyTenant(user: String, in database: Database) throws -> Member? {
    let members = try database.all(Member.self, ofUser, user)
    return members.count == 1 ? members.first : nil
  }
}

/// The tenant that has claimed a hub: what lets the hub's own messages touch the tenant's rows.
struct HubClaim: Record {
  let scope: TenantScope

  init(_ row: Row) { scope = TenantScope(tenantID: row.text("tenant_id")) }

  private static let one = SystemSQL(
    "SELECT tenant_id FROM hubs WHERE id = ? AND tenant_id IS NOT NULL")

  static func find(hub: String, in database: Database) throws -> HubClaim? {
    try database.first(HubClaim.self, one, hub)
  }
}

extension PresignedToken {
  /// We signed it for this tenant, so its bearer may touch what it names.
  var scope: TenantScope { TenantScope(tenantID: key.tenantID) }
}

extension TenantScope: Record {
  init(_ row: Row) { tenantID = row.text("id") }

  private static let one = SystemSQL("SELECT id FROM tenants WHERE id = ?")
  private static let every = SystemSQL("SELECT id FROM tenants ORDER BY id")

  /// The scope of a tenant that our own note of work to do names; nil when it was deleted.
  static func find(_ tenant: String, in database: Database) throws -> TenantScope? {
    try database.first(TenantScope.self, one, tenant)
  }

  /// Every tenant's, for what looks after all of them.
  static func all(in database: Database) throws -> [TenantScope] {
    try database.all(TenantScope.self, every)
  }
}
