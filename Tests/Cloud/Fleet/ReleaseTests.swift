import Testing
import World

@testable import Cloud

/// A hub that changes hands takes nothing along.
@Suite("Hubs that are given up")
struct ReleaseTests {
  private func claim(_ rig: CloudRig, by user: RigUser) throws {
    try rig.json(
      "POST", "/api/v1/hubs/claim", as: user,
      [
        "hub_id": .string(RigHub.standardID), "claim_code": "CLAIM-ME", "name": "Second-hand",
      ])
  }

  private func removals(_ hub: RigHub) -> [JSON] {
    hub.commands.filter { $0["action"] == "remove" }
  }

  /// A hub whose owner gives it up while it is away, after so long; Eve has claimed it since.
  private func givenUpWhileAway(
    _ time: Interval = .seconds(1)
  ) throws -> (rig: CloudRig, floor: CloudRig.Floor, eve: RigUser) {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let eve = try rig.signUp("eve@example.com", tenant: "Eve's")
    floor.hub.breakOff()
    rig.wait(time)
    try rig.json("DELETE", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)
    try claim(rig, by: eve)
    return (rig, floor, eve)
  }

  @Test("what a hub was asked and has not answered is withdrawn when it is given up")
  func withdrawn() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let place = "/api/v1/hubs/\(RigHub.standardID)"
    try rig.json("POST", place + "/discover", as: floor.user)
    rig.wait(for: "the question") { floor.hub.commands.last?["type"] == "discover_printers" }
    let command = try #require(floor.hub.commands.last?["command_id"]?.string)
    try rig.json("DELETE", place, as: floor.user)
    #expect(rig.events.contains(.commandWithdrawn(command: command)))
  }

  @Test("the next owner is shown nothing that the hub has told the last one")
  func nothingShown() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    floor.hub.say([
      "type": "discovered_printers", "command_id": "none",
      "printers": [["serial_number": "01P00A000000009", "ip_address": "192.168.1.77"]],
    ])
    rig.wait(.seconds(1))
    let place = "/api/v1/hubs/\(RigHub.standardID)"
    #expect(
      try rig.json("GET", place + "/discovered", as: floor.user)["printers"]?.array?.count == 1)
    let eve = try rig.signUp("eve@example.com", tenant: "Eve's")
    try rig.json("DELETE", place, as: floor.user)
    try rig.json("GET", place, as: floor.user, expecting: 404)
    try rig.json("GET", place, as: eve, expecting: 404)
    try claim(rig, by: eve)
    for path in ["", "/discovered", "/health", "/crashes", "/diagnostics"] {
      let text = try rig.json("GET", place + path, as: eve).text
      for word in ["192.168.1", "01P00A", "Desk hub", "p1"] {
        #expect(!text.contains(word), "\(path): \(text)")
      }
    }
    #expect(try rig.json("GET", "/api/v1/printers", as: eve).array == [])
  }

  @Test("a hub that was away when it was given up forgets the printers when it is back, for good")
  func forgetsLater() throws {
    let (rig, floor, _) = try givenUpWhileAway()
    floor.hub.connect()
    rig.wait(for: "the removal") { removals(floor.hub).count == 1 }
    #expect(removals(floor.hub)[0]["printer"]?["serial_number"]?.string == RigHub.serial)
    // It did not come to an answer.
    floor.hub.breakOff()
    try rig.restart()
    floor.hub.connect()
    rig.wait(for: "the removal") { removals(floor.hub).count == 1 }
    floor.hub.answerAll()
    rig.wait(.seconds(1))
    floor.hub.breakOff()
    floor.hub.connect()
    rig.wait(for: "the hub to be welcome") { floor.hub.isWelcome }
    rig.wait(.seconds(1))
    #expect(removals(floor.hub).isEmpty)
  }

  @Test("a printer that the next owner has as well is not forgotten")
  func samePrinter() throws {
    let (rig, floor, eve) = try givenUpWhileAway()
    _ = try rig.printer(by: eve)
    floor.hub.connect()
    rig.wait(for: "the printer") { floor.hub.commands.count == 1 }
    rig.wait(.seconds(1))
    #expect(floor.hub.commands.map { $0["action"] } == ["add"])
  }

  @Test("what a hub tells late of the time before is acknowledged, and nobody learns of it")
  func lateWord() throws {
    let (rig, floor, eve) = try givenUpWhileAway(.seconds(100))
    rig.wait(.seconds(60))
    floor.hub.connect()
    rig.wait(for: "the hub to be welcome") { floor.hub.isWelcome }
    func crash(_ sequence: Int64, secondsAgo: Int64, id: String) {
      floor.hub.say([
        "type": "crash_report", "seq": .integer(sequence), "seconds_ago": .integer(secondsAgo),
        "crash_id": .string(id), "error_code": 201, "reason": "panic",
        "trace": ["printer \(RigHub.serial): connected"],
      ])
    }
    crash(1, secondsAgo: 120, id: "old")
    crash(2, secondsAgo: 10, id: "new")
    rig.wait(for: "both to be acknowledged") { floor.hub.acknowledged == [1, 2] }
    let crashes = try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)/crashes", as: eve)
    #expect(crashes.array?.count == 1)
    #expect(crashes[0]?["id"] == "new")
  }
}
