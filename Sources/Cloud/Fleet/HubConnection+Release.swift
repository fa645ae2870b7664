// What becomes of a hub whose tenant gives it up: it forgets the printers it served, and nothing of
// what it knew is for whoever has it next.

import World

extension HubConnection {
  /// Printers of an earlier owner that the hub may still know.
  private static let foreignKey = "foreign"
  private static let foreignLimit = 32
  static let releasedKey = "released"

  /// The tenant gives the hub up: nothing of what it knew here is for whoever has it next.
  func letGo(_ serials: [String]) throws {
    let known = try foreignSerials()
    try keepForeign(known + serials.filter { !known.contains($0) })
    try store(nil, as: Self.foundKey)
    try store("\(platform.now)", as: Self.releasedKey)
  }

  /// The hub belongs to nobody any more. It is told to forget the printers of whoever it belonged to;
  /// one that is away hears of it when it comes back.
  func release(forgetting serials: [String]) {
    for serial in serials { link?.send(Self.removal(of: serial, platform.identifiers.uuid())) }
    dismiss(.released)
    claim = nil
    slots = [:]
    picture.forget()
    attempt("its release") { try setAlarm(at: nil) }
  }

  private static func removal(of serial: String, _ command: String) -> JSON {
    [
      "type": "configure_printer", "command_id": .string(command), "action": "remove",
      "printer": ["serial_number": .string(serial)],
    ]
  }

  private func foreignSerials() throws -> [String] {
    let kept = try stored(Self.foreignKey).flatMap { try? JSON.parse([UInt8]($0.utf8)) }
    return kept?.array?.compactMap(\.string) ?? []
  }

  private func keepForeign(_ serials: [String]) throws {
    let list = JSON.array(serials.suffix(Self.foreignLimit).map { .string($0) })
    try store(serials.isEmpty ? nil : list.text, as: Self.foreignKey)
  }

  /// Tells the hub to forget what an earlier owner had on it, until it has said that it did.
  func forgetForeign(_ newcomer: HubLink) throws {
    let all = try foreignSerials()
    guard !all.isEmpty else { return }
    let foreign = all.filter { slots[$0] == nil }
    if foreign.count != all.count { try keepForeign(foreign) }
    for serial in foreign {
      let command = platform.identifiers.uuid()
      newcomer.attachment.forgetting[command] = serial
      platform.database.onCommit { newcomer.send(Self.removal(of: serial, command)) }
    }
  }

  /// The hub has forgotten a printer of an earlier owner.
  func hasForgotten(_ serial: String) throws {
    try keepForeign(foreignSerials().filter { $0 != serial })
  }
}
