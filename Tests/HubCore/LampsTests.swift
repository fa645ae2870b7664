import Testing

@testable import HubCore

@Suite("The three lights")
struct LampsTests {
  /// One row of the table of lights.
  struct Row {
    var state: HubState
    var power: Lamps.Mode
    var cloud: Lamps.Mode
    var printers: Lamps.Mode
    var facts: (inout Lamps.Facts) -> Void

    init(
      _ state: HubState, _ power: Lamps.Mode, _ cloud: Lamps.Mode, _ printers: Lamps.Mode,
      _ facts: @escaping (inout Lamps.Facts) -> Void = { _ in }
    ) {
      self.state = state
      self.power = power
      self.cloud = cloud
      self.printers = printers
      self.facts = facts
    }
  }

  private static let waiting = HubState.bluetoothPair(missing: .hubID, askAgain: .never)
  private static let connecting = HubState.printersConnect(until: .never)

  /// The hub's state, what its lights for power, cloud and printers show, and what else is so.
  private static let table: [Row] = [
    Row(.boot, .solid, .off, .off),
    Row(.initNVS, .solid, .off, .off),
    Row(waiting, .solid, .blinking, .off),
    Row(waiting, .solid, .blinkingRed, .off) { $0.linkNeedsPerson = true },
    Row(waiting, .blinking, .blinking, .off) { $0.isAsked = true },
    Row(.wifiConnect, .solid, .blinking, .off),
    Row(.cloudConnect, .solid, .blinkingRed, .off) { $0.linkNeedsPerson = true },
    Row(connecting, .solid, .solid, .blinking) { $0.printerCount = 2 },
    Row(.running, .solid, .solid, .off),
    Row(.running, .solid, .solid, .blinking) { has(&$0, printers: 2, connected: 1) },
    Row(.running, .solid, .solid, .solid) { has(&$0, printers: 2, connected: 2) },
    Row(.running, .solid, .solid, .blinkingRed) {
      has(&$0, printers: 2, connected: 0)
      $0.printerNeedsPerson = true
    },
    Row(.running, .blinking, .solid, .off) { $0.isUpdating = true },
    Row(.running, .blinkingRed, .blinkingRed, .blinkingRed) { $0.isResetNear = true },
  ]

  private static func has(_ facts: inout Lamps.Facts, printers: Int, connected: Int) {
    facts.printerCount = printers
    facts.connectedPrinterCount = connected
  }

  @Test("each row of the table of lights shows as it says", arguments: table.indices)
  func rows(index: Int) {
    let row = Self.table[index]
    var facts = Lamps.Facts()
    row.facts(&facts)
    let lamps = Lamps(in: row.state, facts)
    #expect(lamps.power == row.power)
    #expect(lamps.cloud == row.cloud)
    #expect(lamps.printers == row.printers)
  }
}
