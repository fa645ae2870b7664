// A session is one sign-in on one device. It is named by a token that lives for days, as browsers
// and simple clients use it, or by a short access token (JWT) that is renewed with a refresh token:
//
//     sign in ──> access token, refresh token 1
//     refresh token 1 ──> access token, refresh token 2      (1 is used up)
//     refresh token 1 again ──> the whole session ends       (one of the two had stolen it)
//
// An access token is only as good as its session: who has signed out is out at once.

import World

/// What somebody gets who has signed in.
struct SignIn {
  let user: User
  let sessionToken: String
  let accessToken: String
  let refreshToken: String
}

extension Identity {
  static let sessionMilliseconds: Int64 = 7 * 24 * 3600 * 1000
  static let accessMilliseconds: Int64 = 15 * 60 * 1000
  static let refreshMilliseconds: Int64 = 30 * 24 * 3600 * 1000
  private static let tokenCount = 32

  private static let addSession = SystemSQL(
    """
    INSERT INTO sessions
      (id, token_sha256, user_id, ip_address, created_at, expires_at, last_used_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    """)
  private static let sessionByToken = SystemSQL(
    "SELECT id, user_id, expires_at FROM sessions WHERE token_sha256 = ?")
  private static let sessionByID = SystemSQL(
    "SELECT id, user_id, expires_at FROM sessions WHERE id = ?")
  private static let prolong = SystemSQL(
    "UPDATE sessions SET expires_at = ?, last_used_at = ? WHERE id = ?")
  private static let renameSession = SystemSQL(
    "UPDATE sessions SET token_sha256 = ?, expires_at = ?, last_used_at = ? WHERE id = ?")
  private static let endSession = SystemSQL("DELETE FROM sessions WHERE id = ?")
  private static let endSessionsOfUser = SystemSQL("DELETE FROM sessions WHERE user_id = ?")
  private static let endOldSessions = SystemSQL("DELETE FROM sessions WHERE expires_at <= ?")

  private static let addRefresh = SystemSQL(
    """
    INSERT INTO refresh_tokens (token_sha256, session_id, user_id, created_at, expires_at)
    VALUES (?, ?, ?, ?, ?)
    """)
  private static let refreshByToken = SystemSQL(
    "SELECT * FROM refresh_tokens WHERE token_sha256 = ?")
  private static let useRefresh = SystemSQL(
    "UPDATE refresh_tokens SET used_at = ? WHERE token_sha256 = ?")
  private static let endRefreshOfSession = SystemSQL(
    "DELETE FROM refresh_tokens WHERE session_id = ?")
  private static let endRefreshOfUser = SystemSQL("DELETE FROM refresh_tokens WHERE user_id = ?")
  private static let endOldRefresh = SystemSQL("DELETE FROM refresh_tokens WHERE expires_at <= ?")

  private struct RefreshToken: Record {
    let sessionID: String
    let userID: String
    let expiresAt: Int64
    let isUsed: Bool

    init(_ row: Row) {
      sessionID = row.text("session_id")
      userID = row.text("user_id")
      expiresAt = row.integer("expires_at")
      isUsed = row.optionalInteger("used_at") != nil
    }
  }

  func openSession(for user: User, _ call: Call) throws -> SignIn {
    let id = platform.identifiers.uuid()
    let token = platform.identifiers.secret(byteCount: Self.tokenCount)
    let now = platform.now
    try platform.database.change(Self.endOldSessions, now)
    try platform.database.change(Self.endOldRefresh, now)
    try platform.database.change(
      Self.addSession, id, Self.digest(token), user.id, call.address, now,
      now + Self.sessionMilliseconds, now)
    return SignIn(
      user: user, sessionToken: token, accessToken: accessToken(user.id, session: id),
      refreshToken: try addRefreshToken(session: id, user: user.id))
  }

  /// The session that a token of either kind names.
  func session(token: String) throws -> Session {
    let found: Session?
    if token.utf8.contains(UInt8(ascii: ".")) {
      let claims = platform.mint.claims(of: token, at: platform.now)
      found = try claims?["sid"]?.string.flatMap {
        try platform.database.first(Session.self, Self.sessionByID, $0)
      }
    } else {
      found = try platform.database.first(Session.self, Self.sessionByToken, Self.digest(token))
    }
    guard let session = found, platform.now < session.expiresAt else {
      throw APIError.unauthorized("the token is unknown or out of date")
    }
    return session
  }

  /// Whether a session was not signed out and is not out of date.
  func lives(session id: String) -> Bool {
    let found = try? platform.database.first(Session.self, Self.sessionByID, id)
    return found.map { platform.now < $0.expiresAt } ?? false
  }

  /// Takes a refresh token for a new one. A token that was used before ends its session: this is
  /// kept although the request is refused.
  func refresh(_ token: String) throws -> Result<SignIn, APIError> {
    let refusal = APIError.unauthorized("the refresh token is unknown, used or out of date")
    let database = platform.database
    let now = platform.now
    let digest = Self.digest(token)
    guard let known = try database.first(RefreshToken.self, Self.refreshByToken, digest) else {
      return .failure(refusal)
    }
    guard !known.isUsed else {
      try end(session: known.sessionID)
      platform.tell(.tokenReused(user: known.userID))
      platform.note("a used refresh token came again; its session has ended")
      return .failure(refusal)
    }
    guard now < known.expiresAt,
      try database.first(Session.self, Self.sessionByID, known.sessionID) != nil
    else { return .failure(refusal) }
    try database.change(Self.useRefresh, now, digest)
    let session = platform.identifiers.secret(byteCount: Self.tokenCount)
    try database.change(
      Self.renameSession, Self.digest(session), now + Self.sessionMilliseconds, now,
      known.sessionID)
    return .success(
      SignIn(
        user: try user(known.userID), sessionToken: session,
        accessToken: accessToken(known.userID, session: known.sessionID),
        refreshToken: try addRefreshToken(session: known.sessionID, user: known.userID)))
  }

  /// Lets a session that is in use live on.
  func prolong(_ session: Session) throws -> Session {
    let end = platform.now + Self.sessionMilliseconds
    guard session.expiresAt < end - Self.sessionMilliseconds / 2 else { return session }
    try platform.database.change(Self.prolong, end, platform.now, session.id)
    return try platform.database.first(Session.self, Self.sessionByID, session.id) ?? session
  }

  /// Lets go of what nobody can use any more.
  func forgetExpired() throws {
    try platform.database.change(Self.endOldSessions, platform.now)
    try platform.database.change(Self.endOldRefresh, platform.now)
  }

  func end(session id: String) throws {
    try platform.database.change(Self.endSession, id)
    try platform.database.change(Self.endRefreshOfSession, id)
    platform.database.onCommit { [self] in onSessionsEnded? { session, _ in session == id } }
  }

  func endSessions(of user: String) throws {
    try platform.database.change(Self.endSessionsOfUser, user)
    try platform.database.change(Self.endRefreshOfUser, user)
    platform.database.onCommit { [self] in onSessionsEnded? { _, owner in owner == user } }
  }

  private func accessToken(_ user: String, session: String) -> String {
    let now = platform.now
    return platform.mint.token([
      "iss": .string(platform.configuration.publicURL), "sub": .string(user),
      "sid": .string(session), "iat": .integer(now / 1000),
      "exp": .integer((now + Self.accessMilliseconds) / 1000),
    ])
  }

  private func addRefreshToken(session: String, user: String) throws -> String {
    let token = platform.identifiers.secret(byteCount: Self.tokenCount)
    let now = platform.now
    try platform.database.change(
      Self.addRefresh, Self.digest(token), session, user, now, now + Self.refreshMilliseconds)
    return token
  }
}
