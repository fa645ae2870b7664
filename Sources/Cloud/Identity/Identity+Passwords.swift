import World

extension Identity {
  private static let resetMilliseconds: Int64 = 3_600_000

  private static let addReset = SystemSQL(
    """
    INSERT INTO password_resets (token_sha256, user_id, created_at, expires_at)
    VALUES (?, ?, ?, ?)
    """)
  private static let userOfReset = SystemSQL(
    "SELECT user_id FROM password_resets WHERE token_sha256 = ? AND expires_at > ?")
  private static let endResets = SystemSQL("DELETE FROM password_resets WHERE user_id = ?")
  private static let setPassword = SystemSQL(
    "UPDATE users SET password_hash = ?, email_verified = 1, updated_at = ? WHERE id = ?")

  /// Mails a token if there is such an account. Whoever asks does not learn whether there is.
  func forgotPassword(email: String) throws {
    guard let user = try findUser(email: email) else { return }
    let token = platform.identifiers.secret(byteCount: 32)
    let now = platform.now
    try platform.database.change(Self.endResets, user.id)
    try platform.database.change(
      Self.addReset, Self.digest(token), user.id, now, now + Self.resetMilliseconds)
    try outbox.send(
      to: user.email, "Choose a new password",
      "Within an hour, send this token with your new password:\n\(token)\n")
  }

  /// Sets a new password and ends every session of the account.
  func resetPassword(token: String, password: String) throws {
    guard
      let user = try platform.database.first(
        String.self, Self.userOfReset, Self.digest(token), platform.now)
    else { throw APIError.badRequest("the token is unknown, used or out of date") }
    try platform.database.change(Self.setPassword, hash(password), platform.now, user)
    try platform.database.change(Self.endResets, user)
    try endSessions(of: user)
  }
}
