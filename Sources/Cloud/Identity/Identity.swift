// Who somebody is, and what they may touch.

import World

/// Accounts, sessions, tenants and their members.
final class Identity: Gate {
  static let sessionMilliseconds: Int64 = 7 * 24 * 3600 * 1000
  private static let tokenCount = 32

  private let platform: Platform
  /// Compared with when there is no such account, so that it takes as long as with one.
  private lazy var nobodysHash = PasswordHash.make(
    "nobody", salt: [UInt8](repeating: 7, count: PasswordHash.saltCount),
    cost: platform.configuration.passwordCost)

  init(platform: Platform) { self.platform = platform }

  // MARK: accounts

  private static let userByEmail = SystemSQL("SELECT * FROM users WHERE email = ?")
  private static let userByID = SystemSQL("SELECT * FROM users WHERE id = ?")
  private static let addUser = SystemSQL(
    """
    INSERT INTO users (id, email, name, password_hash, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?)
    """)

  func signUp(email: String, password: String, name: String) throws -> (token: String, user: User) {
    let email = email.lowercased()
    guard try platform.database.first(User.self, Self.userByEmail, email) == nil else {
      throw APIError.conflict("there is an account with this e-mail address already")
    }
    let id = platform.identifiers.uuid()
    let hash = PasswordHash.make(
      password, salt: platform.host.randomBytes(PasswordHash.saltCount),
      cost: platform.configuration.passwordCost)
    let now = platform.now
    try platform.database.change(Self.addUser, id, email, name, hash, now, now)
    return (try openSession(for: id), try user(id))
  }

  func signIn(email: String, password: String) throws -> (token: String, user: User) {
    let user = try platform.database.first(User.self, Self.userByEmail, email.lowercased())
    let matches = PasswordHash.matches(password, user?.passwordHash ?? nobodysHash)
    guard let user, user.passwordHash != nil, matches else {
      throw APIError.unauthorized("e-mail address or password is wrong")
    }
    return (try openSession(for: user.id), user)
  }

  func user(_ id: String) throws -> User {
    guard let user = try platform.database.first(User.self, Self.userByID, id) else {
      throw APIError.unauthorized("this account is gone")
    }
    return user
  }

  // MARK: sessions

  private static let addSession = SystemSQL(
    "INSERT INTO sessions (token_sha256, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)")
  private static let sessionByToken = SystemSQL(
    "SELECT user_id, expires_at FROM sessions WHERE token_sha256 = ?")
  private static let endSession = SystemSQL("DELETE FROM sessions WHERE token_sha256 = ?")
  private static let endOldSessions = SystemSQL("DELETE FROM sessions WHERE expires_at <= ?")

  private func openSession(for user: String) throws -> String {
    let token = platform.identifiers.secret(byteCount: Self.tokenCount)
    let now = platform.now
    try platform.database.change(Self.endOldSessions, now)
    try platform.database.change(
      Self.addSession, Self.digest(token), user, now, now + Self.sessionMilliseconds)
    return token
  }

  func signOut(_ call: Call) throws {
    guard let token = call.bearer else { return }
    try platform.database.change(Self.endSession, Self.digest(token))
  }

  private static func digest(_ token: String) -> String { Digest.sha256Hex([UInt8](token.utf8)) }

  // MARK: the gate

  func session(_ call: Call) throws -> Session {
    guard let token = call.bearer else {
      throw APIError.unauthorized("sign in and send Authorization: Bearer TOKEN")
    }
    guard
      let session = try platform.database.first(
        Session.self, Self.sessionByToken, Self.digest(token)),
      platform.now < session.expiresAt
    else { throw APIError.unauthorized("the token is unknown or out of date") }
    return session
  }

  func member(_ call: Call, _ session: Session, atLeast role: Role) throws -> Member {
    let member: Member
    if let tenant = call.headers["x-tenant-id"] ?? call.query("tenant_id") {
      guard
        let found = try Member.find(user: session.userID, tenant: tenant, in: platform.database)
      else { throw APIError.forbidden("you are no member of this tenant") }
      member = found
    } else {
      guard let found = try Member.ofOnlyTenant(user: session.userID, in: platform.database) else {
        throw APIError.badRequest("say which tenant with X-Tenant-ID")
      }
      member = found
    }
    guard member.role >= role else {
      throw APIError.forbidden(
        "this takes the role \(role.rawValue); yours is \(member.role.rawValue)")
    }
    return member
  }

  func checkFactory(_ call: Call) throws {
    guard let key = call.headers["x-factory-key"] else {
      throw APIError.unauthorized("send the factory's key as X-Factory-Key")
    }
    let expected = platform.configuration.factoryKey
    guard !expected.isEmpty, Digest.areEqual(secret: key, expected) else {
      throw APIError.forbidden("this is not the factory's key")
    }
  }

  // MARK: tenants

  private static let addTenant = SystemSQL(
    "INSERT INTO tenants (id, name, slug, created_at, updated_at) VALUES (?, ?, ?, ?, ?)")
  private static let addMember = SystemSQL(
    "INSERT INTO tenant_members (tenant_id, user_id, role, created_at) VALUES (?, ?, ?, ?)")
  private static let tenantsOfUser = SystemSQL(
    """
    SELECT tenants.id, tenants.name, tenants.slug, tenants.created_at, tenant_members.role
    FROM tenant_members JOIN tenants ON tenants.id = tenant_members.tenant_id
    WHERE tenant_members.user_id = ? ORDER BY tenants.created_at, tenants.id
    """)
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
    guard let tenant = try tenants(of: user).first(where: { $0.id == id }) else {
      preconditionFailure("a tenant that was just made is there")
    }
    return tenant
  }

  func tenants(of user: String) throws -> [Tenant] {
    try platform.database.all(Tenant.self, Self.tenantsOfUser, user)
  }

  // MARK: members

  private static let membersOfTenant = SystemSQL(
    """
    SELECT users.id, users.email, users.name, tenant_members.role, tenant_members.created_at
    FROM tenant_members JOIN users ON users.id = tenant_members.user_id
    WHERE tenant_members.tenant_id = ? ORDER BY tenant_members.created_at, users.id
    """)

  /// The user as a member of the tenant in the path, if they are one: others are told that there is
  /// no such tenant.
  func member(_ session: Session, ofTenant tenant: String, atLeast role: Role) throws -> Member {
    guard
      let member = try Member.find(user: session.userID, tenant: tenant, in: platform.database)
    else { throw APIError.notFound("tenant") }
    guard member.role >= role else {
      throw APIError.forbidden(
        "this takes the role \(role.rawValue); yours is \(member.role.rawValue)")
    }
    return member
  }

  func members(of member: Member) throws -> [Membership] {
    try platform.database.all(Membership.self, Self.membersOfTenant, member.scope.tenantID)
  }

  /// Takes somebody who has an account into the tenant.
  func add(email: String, as role: Role, to member: Member) throws -> Membership {
    guard role <= member.role else {
      throw APIError.forbidden("a role above your own cannot be given")
    }
    guard let user = try platform.database.first(User.self, Self.userByEmail, email.lowercased())
    else { throw APIError.notFound("account") }
    guard
      try Member.find(user: user.id, tenant: member.scope.tenantID, in: platform.database) == nil
    else { throw APIError.conflict("this account is a member already") }
    try platform.database.change(
      Self.addMember, member.scope.tenantID, user.id, role.rawValue, platform.now)
    guard let added = try members(of: member).first(where: { $0.userID == user.id }) else {
      preconditionFailure("a member that was just added is there")
    }
    return added
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
}
