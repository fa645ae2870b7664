// The printers that the hub has found on its network, be they this cloud's or not.

import World

extension HubConnection {
  /// More than a hub ever tells of.
  private static let foundLimit = 32
  static let foundKey = "found"

  /// The printers that the hub has found on its network.
  func foundPrinters() throws -> [JSON] {
    let kept = try stored(Self.foundKey).flatMap { try? JSON.parse([UInt8]($0.utf8)) }
    return kept?.array ?? []
  }

  /// What is there on the hub's network. A printer of ours that has moved keeps its row, under its
  /// new address.
  func takeDiscovered(_ bytes: [UInt8]) throws {
    guard let claim, let message = try? JSON.parse(bytes),
      let found = message["printers"]?.array, found.count <= Self.foundLimit
    else { return platform.badInput(from: source, "hub.incomplete-discovery") }
    let printers: [JSON] = found.compactMap { printer in
      guard let serial = printer["serial_number"]?.string,
        let address = printer["ip_address"]?.string
      else { return nil }
      return [
        "serial_number": .string(serial), "ip_address": .string(address),
        "model_id": printer["model_id"] ?? .null, "name": printer["name"] ?? .null,
        "firmware_version": printer["firmware_version"] ?? .null,
        "wifi_signal": printer["wifi_signal"] ?? .null,
        "is_bound": printer["is_bound"] ?? .null,
        "is_known": .bool(slots[serial] != nil),
        "seen_at": .integer(platform.now - Int64(printer["seconds_ago"]?.int ?? 0) * 1_000),
      ]
    }
    try platform.database.transaction {
      try store(JSON.array(printers).text, as: Self.foundKey)
      for printer in printers {
        guard let serial = printer["serial_number"]?.string, let slot = slots[serial],
          let address = printer["ip_address"]?.string
        else { continue }
        try fleet.printerMoved(slot.printerID, to: address, in: claim.scope)
      }
    }
  }
}
