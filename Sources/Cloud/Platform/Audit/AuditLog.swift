import World

/// Who did what that others may ask about later.
struct AuditLog {
  let platform: Platform

  private static let add = TenantSQL(
    """
    INSERT INTO audit_log
      (id, tenant_id, user_id, action, entity_type, entity_id, details, ip_address, created_at)
    VALUES (?, :tenant, ?, ?, ?, ?, ?, ?, ?)
    """)

  func record(
    _ action: String, _ kind: String, _ id: String, by member: Member, _ call: Call,
    details: JSON? = nil
  ) throws {
    try platform.database.change(
      Self.add, in: member.scope, platform.identifiers.uuid(), member.userID, action, kind, id,
      details?.text, call.address, platform.now)
  }
}
