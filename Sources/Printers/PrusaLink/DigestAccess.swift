// Digest access with MD5 and without a qop (RFC 2069), as the printers' firmware does it:
//
//     WWW-Authenticate: Digest realm="Printer API", nonce="0123456789abcdef", stale=false
//     Authorization: Digest username="maker", realm=..., nonce=..., uri=..., response=...
//
// Clients that count and add to it all the same are understood, too.

import Wire
import World

/// Gives out nonces and checks what is made of them.
final class DigestAccess {
  static let realm = "Printer API"
  private static let lifetime = Interval.minutes(10)
  private static let nonceLimit = 32

  enum Verdict { case allowed, refused, stale }

  private let host: any Host
  private var nonces: [(text: String, until: Instant)] = []

  init(host: any Host) { self.host = host }

  /// The header that asks for it.
  func challenge(isStale: Bool) -> (String, String) {
    let nonce = hexString(host.randomBytes(8))
    nonces.append((nonce, host.now + Self.lifetime))
    if nonces.count > Self.nonceLimit { nonces.removeFirst() }
    return (
      "WWW-Authenticate",
      "Digest realm=\"\(Self.realm)\", nonce=\"\(nonce)\", stale=\(isStale ? "true" : "false")"
    )
  }

  /// With `isHasty` each nonce is good for one request.
  func check(
    _ header: String, method: String, user: String, password: String, isHasty: Bool
  ) -> Verdict {
    let fields = Self.fields(of: header)
    guard let nonce = fields["nonce"], let uri = fields["uri"], let response = fields["response"],
      fields["username"] == user, fields["realm"] == Self.realm
    else { return .refused }
    let secret = Self.digest("\(user):\(Self.realm):\(password)")
    let asked = Self.digest("\(method):\(uri)")
    let expected =
      if let quality = fields["qop"] {
        Self.digest(
          "\(secret):\(nonce):\(fields["nc"] ?? ""):\(fields["cnonce"] ?? ""):\(quality):\(asked)")
      } else {
        Self.digest("\(secret):\(nonce):\(asked)")
      }
    guard response.lowercased() == expected else { return .refused }
    nonces.removeAll { $0.until <= host.now }
    guard let place = nonces.firstIndex(where: { $0.text == nonce }) else { return .stale }
    if isHasty { nonces.remove(at: place) }
    return .allowed
  }

  /// What stands behind `Digest`: names with values, in quotes or not.
  private static func fields(of header: String) -> [String: String] {
    guard header.lowercased().hasPrefix("digest ") else { return [:] }
    var fields: [String: String] = [:]
    for part in header.dropFirst("digest ".count).split(separator: ",") {
      let halves = part.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { continue }
      let value = halves[1].trimmed
      fields[halves[0].trimmed.lowercased()] =
        value.hasPrefix("\"") && value.hasSuffix("\"") && value.utf8.count > 1
        ? String(value.dropFirst().dropLast()) : value
    }
    return fields
  }

  static func digest(_ text: String) -> String { MD5.digits(of: [Array(text.utf8)]) }
}
