import World

/// A hub as its row has it.
struct Hub: Record {
  let id: String
  let tenantID: String?
  let name: String?
  let firmwareVersion: String?
  let hardwareRevision: String?
  let lastSeenAt: Int64?
  let isOnline: Bool
  let firmwareChannel: String
  let wifiSignal: Int64?
  let localAddress: String?
  let secretSealed: String
  let claimCodeDigest: String
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    tenantID = row.optionalText("tenant_id")
    name = row.optionalText("name")
    firmwareVersion = row.optionalText("firmware_version")
    hardwareRevision = row.optionalText("hardware_revision")
    lastSeenAt = row.optionalInteger("last_seen_at")
    isOnline = row.bool("is_online")
    firmwareChannel = row.text("firmware_channel")
    wifiSignal = row.optionalInteger("wifi_signal_strength")
    localAddress = row.optionalText("local_ip_address")
    secretSealed = row.text("secret_sealed")
    claimCodeDigest = row.text("claim_code_digest")
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }

  /// What the tenant sees: nothing that is secret.
  var json: JSON {
    [
      "id": .string(id), "name": .optional(name), "is_online": .bool(isOnline),
      "firmware_version": .optional(firmwareVersion),
      "hardware_revision": .optional(hardwareRevision), "last_seen_at": .optional(lastSeenAt),
      "wifi_signal_strength": .optional(wifiSignal), "local_ip_address": .optional(localAddress),
      "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
    ]
  }

  /// What the secret in the row is bound to.
  static func secretOwner(_ id: String) -> String { "hub \(id)" }
}
