import Testing
import World

@testable import Cloud

@Suite("Hubs and printers over HTTP")
struct FleetRouteTests {
  @Test("only the factory makes hubs, and each once")
  func factory() throws {
    let rig = try CloudRig()
    try rig.makeHub()
    let body: JSON = [
      "id": .string(RigHub.standardID), "secret": .string(RigHub.secret), "claim_code": "CODE",
    ]
    let key = [("X-Factory-Key", CloudRig.factoryKey)]
    try rig.json("POST", "/api/v1/factory/hubs", body, headers: key, expecting: 409)
    try rig.json(
      "POST", "/api/v1/factory/hubs", body, headers: [("X-Factory-Key", "the-factory-kex")],
      expecting: 403)
    try rig.json("POST", "/api/v1/factory/hubs", body, expecting: 401)
  }

  @Test("a hub is claimed once, by whoever knows its code")
  func claim() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.makeHub()
    func claim(_ user: RigUser, code: String, hub: String = RigHub.standardID, _ status: Int) throws
      -> JSON
    {
      try rig.json(
        "POST", "/api/v1/hubs/claim", as: user,
        ["hub_id": .string(hub), "claim_code": .string(code), "name": "Desk"], expecting: status)
    }
    let wrong = try claim(ada, code: "WRONG", 404)
    let unknown = try claim(ada, code: "CLAIM-ME", hub: "no-such-hub", 404)
    #expect(wrong["message"] == unknown["message"])
    #expect(try claim(ada, code: "CLAIM-ME", 200)["name"] == "Desk")
    _ = try claim(bob, code: "CLAIM-ME", 409)
    _ = try claim(bob, code: "WRONG", 404)
  }

  @Test("a tenant sees its own hubs only, and nothing secret of them")
  func hubs() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.claimedHub(by: ada)
    let hub = try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: ada)
    #expect(hub["is_online"] == false)
    #expect(!hub.text.contains("secret") && !hub.text.contains("claim"))
    #expect(try rig.json("GET", "/api/v1/hubs", as: ada).array?.count == 1)
    #expect(try rig.json("GET", "/api/v1/hubs", as: bob).array?.count == 0)
    try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: bob, expecting: 404)
  }

  @Test("a printer is made, read, changed and removed by its own tenant only")
  func printers() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.claimedHub(by: ada)
    let printer = try rig.printer(by: ada)
    let path = "/api/v1/printers/\(printer)"
    let read = try rig.json("GET", path, as: ada)
    #expect(read["status"] == "offline")
    #expect(read["printer_id"] == 1)
    #expect(read["access_code"] == nil)
    #expect(!read.text.contains("11112222"))
    let changed = try rig.json("PUT", path, as: ada, ["ip_address": "10.0.0.9", "mqtt_port": 1883])
    #expect(changed["ip_address"] == "10.0.0.9")
    #expect(changed["mqtt_port"] == 1883)
    #expect(changed["name"] == "p1")

    try rig.json("GET", path, as: bob, expecting: 404)
    try rig.json("PUT", path, as: bob, ["name": "mine"], expecting: 404)
    try rig.json("DELETE", path, as: bob, expecting: 404)
    try rig.json("POST", path + "/control", as: bob, ["action": "stop"], expecting: 404)
    #expect(try rig.json("GET", "/api/v1/printers", as: bob).array?.count == 0)
    #expect(try rig.json("GET", path, as: ada)["name"] == "p1")

    try rig.json("DELETE", path, as: ada)
    try rig.json("GET", path, as: ada, expecting: 404)
  }

  @Test("a printer needs a hub of the same tenant, a free name, a free serial and sound fields")
  func badPrinters() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.claimedHub(by: ada)
    _ = try rig.printer(by: ada)
    let whole: JSON = [
      "name": "p2", "model": "P1S", "hub_id": .string(RigHub.standardID), "serial_number": "S2",
      "ip_address": "10.0.0.2", "access_code": "1",
    ]
    func expect(_ status: Int, _ key: String, _ value: JSON, as user: RigUser) throws {
      var body = whole
      body[key] = value
      try rig.json("POST", "/api/v1/printers", as: user, body, expecting: status)
    }
    try expect(404, "name", "p2", as: bob)
    try expect(409, "name", "p1", as: ada)
    try expect(409, "serial_number", .string(RigHub.serial), as: ada)
    try expect(404, "hub_id", "another", as: ada)
    try expect(400, "ip_address", "10.0.0.2; rm", as: ada)
    try expect(400, "mqtt_port", 65_536, as: ada)
    try expect(400, "serial_number", .string(String(repeating: "S", count: 41)), as: ada)
    try expect(400, "mqtt_port", "1883", as: ada)
    try expect(400, "name", "line\nbreak", as: ada)
    try expect(201, "name", "'); DROP TABLE printers; --", as: ada)
    #expect(try rig.json("GET", "/api/v1/printers", as: ada).array?.count == 2)
  }

  @Test("neither access code nor hub secret is in clear in the database or the trace")
  func secrets() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let floor = try rig.floor()
    #expect(floor.hub.commands.first?["printer"]?["access_code"] == "11112222")
    for file in ["cloud.sqlite", "cloud.sqlite-wal"] {
      let bytes = String(
        decoding: try FileBytes.read(directory.path + "/" + file), as: UTF8.self)
      #expect(!bytes.contains("11112222"))
      #expect(!bytes.contains(RigHub.secret))
      #expect(!bytes.contains("CLAIM-ME"))
    }
    #expect(!rig.notes.contains { $0.contains("11112222") || $0.contains(RigHub.secret) })
  }

  @Test("a printer is controlled through its hub, while that is there")
  func control() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let path = "/api/v1/printers/\(floor.printer)/control"
    let given = try rig.json("POST", path, as: floor.user, ["action": "pause"])
    rig.wait(for: "the command") { floor.hub.commands.last?["type"] == "printer_command" }
    let command = try #require(floor.hub.commands.last)
    #expect(command["command_id"] == given["command_id"])
    #expect(command["action"] == "pause")
    #expect(command["printer_id"]?.string == RigHub.serial)
    try rig.json("POST", path, as: floor.user, ["action": "explode"], expecting: 400)
    floor.hub.breakOff()
    rig.wait(.seconds(2))
    try rig.json("POST", path, as: floor.user, ["action": "pause"], expecting: 409)
  }

  @Test("a printer with a job under way is not removed")
  func removeBusy() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    let path = "/api/v1/printers/\(floor.printer)"
    try rig.json("DELETE", path, as: floor.user, expecting: 409)
    floor.hub.job(floor.job, "printing")
    rig.wait(.seconds(1))
    try rig.json("DELETE", path, as: floor.user, expecting: 409)
    floor.hub.job(floor.job, "failed")
    rig.wait(.seconds(1))
    try rig.json("DELETE", path, as: floor.user)
  }
}
