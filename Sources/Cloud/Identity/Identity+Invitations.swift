import World

/// Somebody who may become a member.
struct Invitation: Record {
  let id: String
  let tenantID: String
  let email: String
  let role: Role
  let createdAt: Int64
  let expiresAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    tenantID = row.text("tenant_id")
    email = row.text("email")
    role = Role(rawValue: row.text("role")) ?? .viewer
    createdAt = row.integer("created_at")
    expiresAt = row.integer("expires_at")
  }
}

extension Identity {
  private static let invitationMilliseconds: Int64 = 7 * 24 * 3600 * 1000

  private static let addInvitation = SystemSQL(
    """
    INSERT INTO invitations
      (id, tenant_id, email, role, token_sha256, invited_by, created_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, email) DO UPDATE SET
      id = excluded.id, role = excluded.role, token_sha256 = excluded.token_sha256,
      invited_by = excluded.invited_by, created_at = excluded.created_at,
      expires_at = excluded.expires_at
    """)
  private static let invitationsOfTenant = SystemSQL(
    "SELECT * FROM invitations WHERE tenant_id = ? AND expires_at > ? ORDER BY created_at, id")
  private static let invitationByToken = SystemSQL(
    "SELECT * FROM invitations WHERE token_sha256 = ? AND expires_at > ?")
  private static let removeInvitation = SystemSQL(
    "DELETE FROM invitations WHERE tenant_id = ? AND id = ?")

  private static let verified = SystemSQL(
    "UPDATE users SET email_verified = 1, updated_at = ? WHERE id = ? AND email_verified = 0")

  /// Mails an invitation; a new one for the same address takes the old one's place. Nobody becomes a
  /// member by it: whoever has made an account for an address need not be who reads its mail, and
  /// nobody finds themselves in a tenant that they know nothing of.
  func invite(_ email: String, as role: Role, to member: Member, _ call: Call) throws -> Invitation
  {
    try checkMayGive(role, by: member)
    let email = email.lowercased()
    if let user = try findUser(email: email),
      try Member.find(user: user.id, tenant: member.scope.tenantID, in: platform.database) != nil
    {
      throw APIError.conflict("this account is a member already")
    }
    let token = platform.identifiers.secret(byteCount: 32)
    let id = platform.identifiers.uuid()
    let now = platform.now
    try platform.database.change(
      Self.addInvitation, id, member.scope.tenantID, email, role.rawValue, Self.digest(token),
      member.userID, now, now + Self.invitationMilliseconds)
    let tenant = try tenant(of: member).name
    try outbox.send(
      to: email, "You are invited to \(tenant)",
      "Sign in with an account of this address, then send this token within a week to "
        + "POST /api/v1/invitations/accept:\n\(token)\n")
    try audit.record("member.invite", "invitation", id, by: member, call)
    guard let made = try invitations(of: member).first(where: { $0.id == id }) else {
      preconditionFailure("an invitation that was just made is there")
    }
    return made
  }

  func invitations(of member: Member) throws -> [Invitation] {
    try platform.database.all(
      Invitation.self, Self.invitationsOfTenant, member.scope.tenantID, platform.now)
  }

  func withdraw(invitation id: String, by member: Member) throws {
    guard
      try platform.database.change(Self.removeInvitation, member.scope.tenantID, id) == 1
    else { throw APIError.notFound("invitation") }
  }

  /// Makes a member of whoever has the token and the address it was sent to.
  func accept(token: String, by session: Session) throws -> Tenant {
    let user = try user(session.userID)
    guard
      let invitation = try platform.database.first(
        Invitation.self, Self.invitationByToken, Self.digest(token), platform.now),
      invitation.email == user.email
    else { throw APIError.notFound("invitation") }
    let tenant = invitation.tenantID
    if try Member.find(user: user.id, tenant: tenant, in: platform.database) == nil {
      try join(user.id, tenant: tenant, as: invitation.role)
    }
    try platform.database.change(Self.removeInvitation, tenant, invitation.id)
    // Only who reads the mail of that address can have the token.
    try platform.database.change(Self.verified, platform.now, user.id)
    guard let joined = try tenants(of: user.id).first(where: { $0.id == tenant }) else {
      preconditionFailure("a member of a tenant sees it")
    }
    return joined
  }
}
