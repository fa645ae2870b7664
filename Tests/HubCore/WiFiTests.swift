import CBoard
import Foundation
import HubCore
import Testing

@Suite("WiFi")
struct WiFiTests {
  @Test("a hub that is thrown off its network joins it again at once")
  func thrownOff() {
    let rig = HubRig.connected()
    let joins = rig.board.joins.count
    rig.board.wifiState = 5
    rig.run(milliseconds: 1)
    #expect(rig.board.joins.count == joins + 1)
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connected })
  }

  @Test("the pauses between attempts grow, and are not the same for two hubs")
  func pauses() {
    func attempts(_ seed: UInt8) -> [UInt64] {
      let rig = HubRig()
      rig.board.entropy = { seed }
      rig.board.wifiAnswer = 3
      var times: [UInt64] = []
      var known = 0
      while rig.board.now < 400_000 {
        rig.run(milliseconds: 250)
        if rig.board.joins.count > known { times.append(rig.board.now) }
        known = rig.board.joins.count
      }
      return times
    }
    let one = attempts(7)
    let gaps = zip(one.dropFirst(), one).map { Int($0) - Int($1) }
    #expect(gaps.last! > gaps.first! * 8)
    #expect(one != attempts(201))
  }

  @Test("a network with accounts is joined with a name and a password of one's own")
  func enterprise() {
    let rig = HubRig.unboxed()
    rig.pairPhone()
    rig.board.radio.write(
      #"{"ssid":"campus","security":"enterprise","user":"hub@example.com","password":"secret"}"#,
      to: HUB_CHARACTERISTIC_WIFI)
    rig.run(milliseconds: 10)
    #expect(
      rig.board.joins.last
        == FakeBoard.Join(name: "campus", key: "secret", user: "hub@example.com", security: 3))
  }

  @Test("how a network guards itself is taken from what the radio has heard")
  func heardSecurity() {
    let rig = HubRig.unboxed()
    rig.board.radio.networks = [("new house", 2, -50)]
    rig.pairPhone()
    rig.board.radio.write(
      #"{"ssid":"new house","password":"long enough"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(milliseconds: 10)
    #expect(rig.board.joins.last?.security == 2)
    rig.board.radio.write(#"{"ssid":"cafe"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(milliseconds: 10)
    #expect(rig.board.joins.last?.security == 0)
  }

  @Test("a network that cannot be joined is given up, and the old one is joined again")
  func backToOld() {
    let rig = HubRig.connected()
    rig.press()
    rig.pairPhone()
    rig.board.wifiAnswer = 4
    rig.board.radio.write(
      #"{"ssid":"elsewhere","password":"mistyped"}"#, to: HUB_CHARACTERISTIC_WIFI)
    rig.run(milliseconds: 10)
    #expect(!rig.view.cloud_connected)
    rig.board.wifiAnswer = 2
    #expect(rig.run(atMost: 60_000) { rig.view.cloud_connected })
    #expect(rig.board.joins.last?.name == "farm")
  }
}
