// Who somebody is, and what they may touch.

import World

/// Accounts, sessions, tenants and their members.
final class Identity: Gate {
  let platform: Platform
  let outbox: Outbox
  let audit: AuditLog
  /// Somebody's place in a tenant has changed or ended; heard once it is on disk.
  var onMembershipChanged: ((_ user: String, _ tenant: String) -> Void)?
  /// Sessions have ended before their time; heard once it is on disk. What is handed over tells which.
  var onSessionsEnded: ((_ isEnded: (_ session: String, _ user: String) -> Bool) -> Void)?
  /// A tenant is about to be deleted.
  var onTenantEnding: ((TenantScope) throws -> Void)?
  /// Compared with when there is no such account, so that it takes as long as with one.
  private lazy var nobodysHash = PasswordHash.make(
    "nobody", salt: [UInt8](repeating: 7, count: PasswordHash.saltCount),
    cost: platform.configuration.passwordCost)

  init(platform: Platform) {
    self.platform = platform
    outbox = Outbox(platform: platform)
    audit = AuditLog(platform: platform)
  }

  // MARK: accounts

  private static let userByEmail = SystemSQL("SELECT * FROM users WHERE email = ?")
  private static let userByID = SystemSQL("SELECT * FROM users WHERE id = ?")
  private static let addUser = SystemSQL(
    """
    INSERT INTO users (id, email, name, password_hash, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?)
    """)

  func signUp(email: String, password: String, name: String, _ call: Call) throws -> SignIn {
    let email = email.lowercased()
    guard try findUser(email: email) == nil else {
      throw APIError.conflict("there is an account with this e-mail address already")
    }
    let id = platform.identifiers.uuid()
    let now = platform.now
    try platform.database.change(Self.addUser, id, email, name, hash(password), now, now)
    return try openSession(for: try user(id), call)
  }

  func signIn(email: String, password: String, _ call: Call) throws -> SignIn {
    let user = try findUser(email: email)
    let matches = PasswordHash.matches(password, user?.passwordHash ?? nobodysHash)
    guard let user, user.passwordHash != nil, matches else {
      throw APIError.unauthorized("e-mail address or password is wrong")
    }
    return try openSession(for: user, call)
  }

  func user(_ id: String) throws -> User {
    guard let user = try platform.database.first(User.self, Self.userByID, id) else {
      throw APIError.unauthorized("this account is gone")
    }
    return user
  }

  func findUser(email: String) throws -> User? {
    try platform.database.first(User.self, Self.userByEmail, email.lowercased())
  }

  func hash(_ password: String) -> String {
    PasswordHash.make(
      password, salt: platform.host.randomBytes(PasswordHash.saltCount),
      cost: platform.configuration.passwordCost)
  }

  static func digest(_ token: String) -> String { Digest.sha256Hex([UInt8](token.utf8)) }

  // MARK: the gate

  func session(_ call: Call) throws -> Session {
    if let token = call.bearer { return try session(token: token) }
    guard let token = SessionCookie.token(in: call.headers["cookie"]) else {
      throw APIError.unauthorized("sign in and send Authorization: Bearer TOKEN")
    }
    // A cookie comes along by itself, also when another site's page asks.
    if call.changes { try checkOrigin(call) }
    return try session(token: token)
  }

  private func checkOrigin(_ call: Call) throws {
    let configuration = platform.configuration
    guard let origin = call.headers["origin"],
      origin == configuration.publicURL || configuration.trustedOrigins.contains(origin)
    else {
      throw APIError(
        status: 403, code: "cross_site",
        message: "a request with a cookie must say an Origin that is trusted here")
    }
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
        let hasNone = try tenants(of: session.userID).isEmpty
        throw APIError.badRequest(
          hasNone
            ? "you belong to no tenant yet; make one with POST /api/v1/tenants, or accept an invitation"
            : "you belong to several tenants; say which with X-Tenant-ID")
      }
      member = found
    }
    try check(member, atLeast: role)
    return member
  }

  /// The user as a member of the tenant in the path, if they are one: others are told that there is
  /// no such tenant.
  func member(_ session: Session, ofTenant tenant: String, atLeast role: Role) throws -> Member {
    guard
      let member = try Member.find(user: session.userID, tenant: tenant, in: platform.database)
    else { throw APIError.notFound("tenant") }
    try check(member, atLeast: role)
    return member
  }

  private func check(_ member: Member, atLeast role: Role) throws {
    guard member.role >= role else {
      throw APIError.forbidden(
        "this takes the role \(role.rawValue); yours is \(member.role.rawValue)")
    }
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
}
