// Claim tokens: what makes a hub somebody's that nobody has typed a code for. Its owner asks for one,
// gives it to the hub over Bluetooth, and the hub shows it in its first hello.
//
//     made --the hub's hello within ten minutes--> used       once; by the same hub again and again,
//       |                                                     for it may not have heard the answer
//       '--ten minutes--> expired

import World

extension Fleet {
  /// How long a token is good.
  static let claimTokenMilliseconds: Int64 = 600_000
  /// How long a token that is no good any more is known, so that it can be said why.
  private static let claimTokenMemory: Int64 = 86_400_000

  private static let addClaimToken = TenantSQL(
    """
    INSERT INTO hub_claim_tokens (digest, tenant_id, hub_name, expires_at, created_at)
    VALUES (?, :tenant, ?, ?, ?)
    """)
  private static let dropOldClaimTokens = TenantSQL(
    "DELETE FROM hub_claim_tokens WHERE tenant_id = :tenant AND expires_at < ?")
  // Whose a token is, only the token says.
  private static let claimToken = SystemSQL("SELECT * FROM hub_claim_tokens WHERE digest = ?")
  private static let useClaimToken = SystemSQL(
    "UPDATE hub_claim_tokens SET hub_id = ?, used_at = ? WHERE digest = ? AND hub_id IS NULL")
  private static let claimByToken = SystemSQL(
    """
    UPDATE hubs SET tenant_id = ?, name = ?, updated_at = ? WHERE id = ? AND tenant_id IS NULL
    """)

  /// Makes a token for a tenant; it is told here and nowhere else.
  func makeClaimToken(hubName: String?, for scope: TenantScope) throws -> JSON {
    let now = platform.now
    let token = platform.identifiers.secret(byteCount: 16)
    try platform.database.transaction {
      try platform.database.change(
        Self.dropOldClaimTokens, in: scope, now - Self.claimTokenMemory)
      try platform.database.change(
        Self.addClaimToken, in: scope, claimTokenDigest(token), hubName,
        now + Self.claimTokenMilliseconds, now)
    }
    return [
      "token": .string(token), "expires_at": .integer(now + Self.claimTokenMilliseconds),
    ]
  }

  /// A hub that has proved who it is shows a token; throws the farewell for one that is no good.
  func claim(_ hub: Hub, by token: String) throws {
    let digest = claimTokenDigest(token)
    guard let found = try platform.database.first(ClaimToken.self, Self.claimToken, digest) else {
      throw HubFarewell.tokenUnknown
    }
    if let user = found.hubID {
      // The hub that has used it may not have heard that it was welcome.
      guard user == hub.id, hub.tenantID == found.tenantID else { throw HubFarewell.tokenUsed }
      return
    }
    guard platform.now < found.expiresAt else { throw HubFarewell.tokenExpired }
    guard hub.tenantID == nil || hub.tenantID == found.tenantID else {
      throw HubFarewell.ownedByOthers
    }
    let name = found.hubName ?? "Hub " + hub.id.suffix(4).uppercased()
    try platform.database.transaction {
      try platform.database.change(Self.useClaimToken, hub.id, platform.now, digest)
      try platform.database.change(
        Self.claimByToken, found.tenantID, name, platform.now, hub.id)
    }
    platform.note("hub \(hub.name ?? name) was claimed with a token")
  }

  private func claimTokenDigest(_ token: String) -> String {
    hexString(Digest.hmacSHA256(key: platform.claimKey, [UInt8]("token\n\(token)".utf8)))
  }
}

/// A claim token as its row has it.
private struct ClaimToken: Record {
  let tenantID: String
  let hubName: String?
  let expiresAt: Int64
  let hubID: String?

  init(_ row: Row) {
    tenantID = row.text("tenant_id")
    hubName = row.optionalText("hub_name")
    expiresAt = row.integer("expires_at")
    hubID = row.optionalText("hub_id")
  }
}
