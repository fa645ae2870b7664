import Foundation
import HubCore
import Testing

@Suite("The button")
struct ButtonTests {
  @Test("held for ten seconds it forgets everything, with all lights red before")
  func reset() {
    let rig = HubRig.connected()
    rig.board.radio.isButtonDown = true
    rig.run(milliseconds: 2_900)
    #expect(rig.board.lamps[0] == 1)
    rig.run(milliseconds: 200)
    #expect(rig.board.lamps == [0: 3, 1: 3, 2: 3])
    rig.run(milliseconds: 6_800)
    #expect(rig.board.restarts.isEmpty)
    rig.run(milliseconds: 200)
    #expect(rig.board.restarts == [1])
  }

  @Test("let go before, nothing happens", arguments: [3_500, 9_900])
  func letGo(milliseconds: UInt64) {
    let rig = HubRig.connected()
    rig.run(milliseconds: 120_000)
    rig.board.radio.isButtonDown = true
    rig.run(milliseconds: milliseconds)
    rig.board.radio.isButtonDown = false
    rig.run(milliseconds: 20_000)
    #expect(rig.board.restarts.isEmpty)
    #expect(rig.board.radio.advertisement == nil)
    #expect(rig.board.lamps[0] == 1)
  }

  @Test("a contact that only bounces is no press")
  func bounce() {
    let rig = HubRig.connected()
    rig.run(milliseconds: 120_000)
    for _ in 0..<5 {
      rig.board.radio.isButtonDown = true
      rig.run(milliseconds: 5)
      rig.board.radio.isButtonDown = false
      rig.run(milliseconds: 5)
    }
    #expect(rig.board.radio.advertisement == nil)
  }
}
