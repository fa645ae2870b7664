import World

/// Does what the queue `notifications` asks for: a mail to each owner of a
/// tenant, or to whoever is named.
struct Notifications {
  let platform: Platform
  let outbox: Outbox

  private static let owners = SystemSQL(
    """
    SELECT users.email FROM tenant_members JOIN users ON users.id = tenant_members.user_id
    WHERE tenant_members.tenant_id = ? AND tenant_members.role = 'owner' ORDER BY users.id
    """)

  func take(_ message: JSON) throws {
    guard let subject = message["subject"]?.string, let body = message["body"]?.string else {
      return
    }
    if let recipient = message["recipient"]?.string {
      try outbox.send(to: recipient, subject, body)
    }
    guard let tenant = message["tenant_id"]?.string else { return }
    for owner in try platform.database.all(String.self, Self.owners, tenant) {
      try outbox.send(to: owner, subject, body)
    }
  }
}
