import World

extension Identity {
  private static let addTenant = SystemSQL(
    "INSERT INTO tenants (id, name, slug, created_at, updated_at) VALUES (?, ?, ?, ?, ?)")
  private static let addMember = SystemSQL(
    "INSERT INTO tenant_members (tenant_id, user_id, role, created_at) VALUES (?, ?, ?, ?)")
  private static let tenantsOfUser = SystemSQL(
    """
    SELECT tenants.*, tenant_members.role
    FROM tenant_members JOIN tenants ON tenants.id = tenant_members.tenant_id
    WHERE tenant_members.user_id = ? ORDER BY tenants.created_at, tenants.id
    """)
  private static let tenantOfMember = SystemSQL(
    """
    SELECT tenants.*, tenant_members.role
    FROM tenant_members JOIN tenants ON tenants.id = tenant_members.tenant_id
    WHERE tenant_members.user_id = ? AND tenants.id = ?
    """)
  private static let changeTenant = SystemSQL(
    "UPDATE tenants SET name = ?, slug = ?, settings = ?, updated_at = ? WHERE id = ?")
  // What is deleted with it belongs to the tenant.
  private static let removeTenant = TenantSQL("DELETE FROM tenants WHERE id = :tenant")
  private static let slugs = SystemSQL("SELECT id FROM tenants WHERE slug = ?")

  /// Whoever makes a tenant owns it.
  func makeTenant(name: String, by user: String) throws -> Tenant {
    let id = platform.identifiers.uuid()
    let now = platform.now
    var slug = Self.slug(name)
    if try platform.database.first(String.self, Self.slugs, slug) != nil {
      slug += "-\(id.prefix(8))"
    }
    try platform.database.change(Self.addTenant, id, name, slug, now, now)
    try platform.database.change(Self.addMember, id, user, Role.owner.rawValue, now)
    platform.note("tenant \(slug) was made")
    return try tenant(id, of: user)
  }

  func tenants(of user: String) throws -> [Tenant] {
    try platform.database.all(Tenant.self, Self.tenantsOfUser, user)
  }

  func tenant(of member: Member) throws -> Tenant {
    try tenant(member.scope.tenantID, of: member.userID)
  }

  private func tenant(_ id: String, of user: String) throws -> Tenant {
    guard let tenant = try platform.database.first(Tenant.self, Self.tenantOfMember, user, id)
    else { throw APIError.notFound("tenant") }
    return tenant
  }

  func change(tenantOf member: Member, _ call: Call) throws -> Tenant {
    let old = try tenant(of: member)
    let input = call.input
    let slug = input.optionalText("slug") ?? old.slug
    guard Self.slug(slug) == slug else {
      throw APIError.invalidField("slug", expected: "lower-case letters, digits and single hyphens")
    }
    if slug != old.slug, try platform.database.first(String.self, Self.slugs, slug) != nil {
      throw APIError.conflict("another tenant has this slug")
    }
    try platform.database.change(
      Self.changeTenant, input.optionalText("name") ?? old.name, slug,
      input.json("settings")?.text ?? old.settings, platform.now, old.id)
    try audit.record("tenant.update", "tenant", old.id, by: member, call)
    return try tenant(of: member)
  }

  /// Everything of the tenant goes; its hubs belong to nobody again.
  func remove(tenantOf member: Member) throws {
    let name = try tenant(of: member).slug
    try onTenantEnding?(member.scope)
    let tenant = member.scope.tenantID
    let users = try members(of: member).map(\.userID)
    try platform.database.change(Self.removeTenant, in: member.scope)
    platform.note("tenant \(name) was deleted")
    platform.database.onCommit { [weak self] in
      for user in users { self?.onMembershipChanged?(user, tenant) }
    }
  }

  /// A name as it may stand in an address: lower-case letters, digits and single hyphens.
  private static func slug(_ name: String) -> String {
    var slug = ""
    for character in name.lowercased().unicodeScalars {
      switch character {
      case "a"..."z", "0"..."9": slug.unicodeScalars.append(character)
      default: if !slug.isEmpty, slug.last != "-" { slug.append("-") }
      }
    }
    if slug.last == "-" { slug.removeLast() }
    return slug.isEmpty ? "tenant" : slug
  }

  // MARK: members

  private static let membersOfTenant = SystemSQL(
    """
    SELECT users.id, users.email, users.name, tenant_members.role, tenant_members.created_at
    FROM tenant_members JOIN users ON users.id = tenant_members.user_id
    WHERE tenant_members.tenant_id = ? ORDER BY tenant_members.created_at, users.id
    """)
  private static let setRole = SystemSQL(
    "UPDATE tenant_members SET role = ? WHERE tenant_id = ? AND user_id = ?")
  private static let removeMember = SystemSQL(
    "DELETE FROM tenant_members WHERE tenant_id = ? AND user_id = ?")

  func members(of member: Member) throws -> [Membership] {
    try platform.database.all(Membership.self, Self.membersOfTenant, member.scope.tenantID)
  }

  private func membership(_ user: String, of member: Member) throws -> Membership {
    guard let found = try members(of: member).first(where: { $0.userID == user }) else {
      throw APIError.notFound("member")
    }
    return found
  }

  func join(_ user: String, tenant: String, as role: Role) throws {
    try platform.database.change(Self.addMember, tenant, user, role.rawValue, platform.now)
  }

  func checkMayGive(_ role: Role, by member: Member) throws {
    guard role <= member.role else {
      throw APIError.forbidden("a role above your own cannot be given")
    }
  }

  func change(_ user: String, to role: Role, by member: Member, _ call: Call) throws -> Membership {
    let old = try membership(user, of: member)
    if old.role == Role.owner.rawValue, role != .owner { try checkAnotherOwner(member) }
    try platform.database.change(Self.setRole, role.rawValue, member.scope.tenantID, user)
    try audit.record(
      "member.role", "user", user, by: member, call, details: ["role": .string(role.rawValue)])
    tellMembershipChanged(user, member.scope.tenantID)
    return try membership(user, of: member)
  }

  func remove(_ user: String, by member: Member, _ call: Call) throws {
    let old = try membership(user, of: member)
    let isOwner = old.role == Role.owner.rawValue
    guard user == member.userID || member.role >= .admin else {
      throw APIError.forbidden("this takes the role admin; yours is \(member.role.rawValue)")
    }
    guard !isOwner || member.role == .owner else {
      throw APIError.forbidden("only an owner removes an owner")
    }
    if isOwner { try checkAnotherOwner(member) }
    try platform.database.change(Self.removeMember, member.scope.tenantID, user)
    try audit.record("member.remove", "user", user, by: member, call)
    tellMembershipChanged(user, member.scope.tenantID)
  }

  private func checkAnotherOwner(_ member: Member) throws {
    let owners = try members(of: member).count { $0.role == Role.owner.rawValue }
    guard owners > 1 else { throw APIError.conflict("a tenant has at least one owner") }
  }

  private func tellMembershipChanged(_ user: String, _ tenant: String) {
    platform.database.onCommit { [weak self] in self?.onMembershipChanged?(user, tenant) }
  }
}
