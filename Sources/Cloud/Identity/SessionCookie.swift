/// The cookie that browsers are signed in with: scripts cannot read it, other sites' forms do not
/// bring it along.
enum SessionCookie {
  static let name = "hubrig_session"

  /// What sets it, for so many seconds; 0 takes it away.
  static func header(_ token: String, seconds: Int64, isSecure: Bool) -> (String, String) {
    let rest = "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    return ("Set-Cookie", "\(name)=\(token); Max-Age=\(seconds)\(rest)")
  }

  /// The token in a request's `Cookie` field.
  static func token(in header: String?) -> String? {
    for pair in (header ?? "").split(separator: ";") {
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, sides[0].filter({ $0 != " " }) == name else { continue }
      return String(sides[1])
    }
    return nil
  }
}
