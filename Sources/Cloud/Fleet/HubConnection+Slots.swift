// The printers of a hub, as its object has them in memory: each report is held against them.

import World

extension HubConnection {
  /// What is known of a printer without asking the database.
  final class Slot {
    let printerID: String
    var status: String
    var isConnected: Bool
    var live: PrinterReport?

    init(_ printer: Printer) {
      printerID = printer.id
      status = printer.status
      isConnected = printer.isConnected
    }
  }

  /// The cloud's id of a printer of this hub.
  func printerID(serial: String) -> String? { slots[serial]?.printerID }

  /// What the hub said last about a printer.
  func live(serial: String) -> PrinterReport? { slots[serial]?.live }

  /// A printer of this hub was added, changed or removed.
  func printersChanged() throws {
    guard claim != nil else { return }
    try loadSlots()
  }

  func loadSlots() throws {
    guard let claim else { return }
    var fresh: [String: Slot] = [:]
    for printer in try fleet.printers(of: name, in: claim.scope) {
      if platform.has(.keepsStaleStatus), let known = slots[printer.serial] {
        fresh[printer.serial] = known
        continue
      }
      let slot = Slot(printer)
      slot.live = slots[printer.serial]?.live ?? link?.attachment.live[printer.serial]
      fresh[printer.serial] = slot
    }
    slots = fresh
    if let link { link.attachment.live = link.attachment.live.filter { slots[$0.key] != nil } }
  }
}
