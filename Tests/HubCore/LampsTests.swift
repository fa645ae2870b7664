import Testing

@testable import HubCore

@Suite("The three lights")
struct LampsTests {
  /// One row of the table of lights.
  struct Row {
    var state: HubState
    var facts: (inout Lamps.Facts) -> Void
    var power: Lamps.Mode
    var cloud: Lamps.Mode
    var printers: Lamps.Mode
  }

  private static let waiting = HubState.bluetoothPair(missing: .hubID, askAgain: .never)
  private static let connecting = HubState.printersConnect(until: .never)

  private static let table: [Row] = [
    Row(state: .boot, facts: { _ in }, power: .solid, cloud: .off, printers: .off),
    Row(state: .initNVS, facts: { _ in }, power: .solid, cloud: .off, printers: .off),
    Row(state: waiting, facts: { _ in }, power: .solid, cloud: .blinking, printers: .off),
    Row(
      state: waiting, facts: { $0.linkNeedsPerson = true }, power: .solid, cloud: .blinkingRed,
      printers: .off),
    Row(
      state: waiting, facts: { $0.isAsked = true }, power: .blinking, cloud: .blinking,
      printers: .off),
    Row(state: .wifiConnect, facts: { _ in }, power: .solid, cloud: .blinking, printers: .off),
    Row(
      state: .cloudConnect, facts: { $0.linkNeedsPerson = true }, power: .solid,
      cloud: .blinkingRed, printers: .off),
    Row(
      state: connecting, facts: { $0.printerCount = 2 }, power: .solid, cloud: .solid,
      printers: .blinking),
    Row(state: .running, facts: { _ in }, power: .solid, cloud: .solid, printers: .off),
    Row(
      state: .running,
      facts: {
        $0.printerCount = 2
        $0.connectedPrinterCount = 1
      }, power: .solid, cloud: .solid, printers: .blinking),
    Row(
      state: .running,
      facts: {
        $0.printerCount = 2
        $0.connectedPrinterCount = 2
      }, power: .solid, cloud: .solid, printers: .solid),
    Row(
      state: .running,
      facts: {
        $0.printerCount = 2
        $0.printerNeedsPerson = true
      }, power: .solid, cloud: .solid, printers: .blinkingRed),
    Row(
      state: .running, facts: { $0.isUpdating = true }, power: .blinking, cloud: .solid,
      printers: .off),
    Row(
      state: .running, facts: { $0.isResetNear = true }, power: .blinkingRed, cloud: .blinkingRed,
      printers: .blinkingRed),
  ]

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
