import Testing

@testable import HubCore

@Suite("The hub's states")
struct HubStateTests {
  private static let later = Uptime(milliseconds: 9)

  private static let states: [HubState] = [
    .boot, .initNVS, .bluetoothPair(missing: .hubID, askAgain: later), .wifiConnect, .cloudConnect,
    .printersConnect(until: later), .running,
  ]

  private static let events: [HubState.Event] = [
    .started, .settingMissing(.wifiName, askAgain: later), .settingsComplete, .radioJoined,
    .radioLost, .cloudGreeted(printersUntil: later), .cloudLost, .printersReady, .printersLate,
  ]

  /// Every arrow: from, by which event, to; by their places above.
  private static let arrows: [[Int]] = [
    [0, 0, 1], [1, 1, 2], [2, 1, 2], [3, 1, 2], [1, 2, 3], [2, 2, 3], [3, 3, 4], [4, 4, 3],
    [5, 4, 3], [6, 4, 3], [4, 5, 5], [5, 6, 4], [6, 6, 4], [5, 7, 6], [5, 8, 6],
  ]

  @Test("every state answers every event as the picture says, and no other way")
  func arrows() {
    for from in Self.states.indices {
      for event in Self.events.indices {
        var state = Self.states[from]
        let changed = state.handle(Self.events[event])
        let arrow = Self.arrows.first { $0[0] == from && $0[1] == event }
        let expected = arrow.map { Self.states[$0[2]].number } ?? Self.states[from].number
        #expect(state.number == expected)
        #expect(changed == (state != Self.states[from]))
        if arrow == nil { #expect(!changed) }
      }
    }
  }

  @Test("there is a network in the last three states only")
  func network() {
    #expect(Self.states.map(\.hasNetwork) == [false, false, false, false, true, true, true])
  }
}
