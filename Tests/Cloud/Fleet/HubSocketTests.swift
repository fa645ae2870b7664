import Testing
import Wire
import World

@testable import Cloud

@Suite("The hub's socket")
struct HubSocketTests {
  private func rigWithHub() throws -> (CloudRig, RigUser, RigHub) {
    let rig = try CloudRig()
    let user = try rig.signUp()
    try rig.claimedHub(by: user)
    return (rig, user, RigHub(rig))
  }

  private func isOnline(_ rig: CloudRig, _ user: RigUser) throws -> Bool {
    try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: user)["is_online"] == true
  }

  @Test("a hub that signs its challenge is greeted, online, and told of all its printers")
  func welcome() throws {
    let (rig, user, hub) = try rigWithHub()
    for number in 1...3 {
      _ = try rig.printer("p\(number)", serial: "S\(number)", by: user)
    }
    hub.connect()
    rig.wait(for: "three printers") { hub.commands.count == 3 }
    #expect(hub.challenge.count == 32)
    let greeting = try #require(hub.messages.first)
    #expect(greeting["type"] == "cloud_hello")
    #expect(greeting["heartbeat_seconds"] == 25)
    #expect(greeting["session_id"]?.string?.count == 36)
    #expect(greeting["server_time"]?.int64 != nil)
    #expect(hub.commands.map { $0["printer"]?["serial_number"] } == ["S1", "S2", "S3"])
    let first = try #require(hub.commands.first)
    #expect(first["type"] == "configure_printer")
    #expect(first["action"] == "add")
    #expect(
      first["printer"] == [
        "serial_number": "S1", "ip_address": "192.168.1.20", "access_code": "11112222",
        "name": "p1", "model": "P1S",
      ])
    #expect(try isOnline(rig, user))
    let read = try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: user)
    #expect(read["firmware_version"] == "0.1.0")
    #expect(read["wifi_signal_strength"] == -52)
    #expect(rig.events.contains(.hubOnline(hub: RigHub.standardID)))
  }

  /// Every way to say hello wrongly.
  @Test(
    "a hello that is wrong in any way ends with 4401, and nothing was revealed",
    arguments: ["signature", "secret", "challenge", "id", "type", "garbled", "none", "unknown"])
  func refused(fault: String) throws {
    let (rig, user, first) = try rigWithHub()
    let hub = fault == "unknown" ? RigHub(rig, id: "no-such-hub") : first
    hub.saysHello = false
    hub.connect()
    rig.wait(for: "the socket") { hub.handshakeStatus == 101 }
    switch fault {
    case "signature": hub.hello(signature: String(repeating: "0", count: 64))
    case "secret":
      hub.secret = "not the secret"
      hub.hello()
    case "challenge":
      hub.challengeToSign = "00112233445566778899aabbccddeeff"
      hub.hello()
    case "id": hub.say(["type": "hub_hello", "hub_id": "other", "firmware_version": "1"])
    case "type": hub.status("idle")
    case "garbled": hub.hello(signature: "zz")
    case "none": rig.wait(.seconds(11))
    default: hub.hello()
    }
    rig.wait(for: "the farewell") { hub.closeCode != nil }
    #expect(hub.closeCode == 4401)
    #expect(hub.messages.isEmpty)
    #expect(!(try isOnline(rig, user)))
    #expect(rig.events.contains { if case .helloRefused = $0 { true } else { false } })
    #expect(rig.cloud.badInputCounts.map(\.count).reduce(0, +) == 1)
  }

  @Test("a hello that was overheard is worth nothing on the next connection")
  func replay() throws {
    let (rig, _, hub) = try rigWithHub()
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
    let overheard = hub.challenge
    let thief = RigHub(rig)
    thief.challengeToSign = overheard
    thief.connect()
    rig.wait(for: "the farewell") { thief.closeCode == 4401 }
    #expect(hub.closeCode == nil)
  }

  @Test("a hub that is not claimed is told so with 4403, and welcome once it is")
  func unclaimed() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    try rig.makeHub()
    let hub = RigHub(rig)
    hub.connect()
    rig.wait(for: "the farewell") { hub.closeCode != nil }
    #expect(hub.closeCode == 4403)
    try rig.json(
      "POST", "/api/v1/hubs/claim", as: user,
      ["hub_id": .string(RigHub.standardID), "claim_code": "CLAIM-ME", "name": "Desk"])
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
  }

  @Test("a newer connection of the same hub replaces the older one")
  func replaced() throws {
    let (rig, user, old) = try rigWithHub()
    old.connect()
    rig.wait(for: "the welcome") { old.isWelcome }
    let new = RigHub(rig)
    new.connect()
    rig.wait(for: "the farewell") { old.closeCode == 4409 && new.isWelcome }
    rig.wait(.seconds(10))
    #expect(try isOnline(rig, user))
    #expect(!rig.events.contains { if case .hubOffline = $0 { true } else { false } })
    let printer = try rig.printer(by: user)
    rig.wait(for: "the command at the new one") { new.commands.count == 1 }
    #expect(!printer.isEmpty && old.commands.isEmpty)
  }

  @Test("a hub is offline when its socket ends, and its printers with it")
  func ends() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let path = "/api/v1/printers/\(floor.printer)"
    #expect(try rig.json("GET", path, as: floor.user)["status"] == "idle")
    floor.hub.breakOff()
    rig.wait(.seconds(2))
    #expect(!(try isOnline(rig, floor.user)))
    let printer = try rig.json("GET", path, as: floor.user)
    #expect(printer["status"] == "offline")
    #expect(printer["is_connected"] == false)
    #expect(printer["live"] == .null)
  }

  @Test("a hub of which nothing is heard for 60 s is offline; a ping is enough to stay")
  func silence() throws {
    let (rig, user, hub) = try rigWithHub()
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
    for _ in 0..<4 {
      rig.wait(.seconds(50))
      hub.ping()
    }
    rig.wait(.seconds(58))
    #expect(try isOnline(rig, user))
    rig.wait(.seconds(5))
    #expect(!(try isOnline(rig, user)))
    #expect(hub.closeCode == 4408)
  }

  @Test("what a hub says of a printer shows, and offline means not connected")
  func status() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let path = "/api/v1/printers/\(floor.printer)"
    floor.hub.status("printing", progress: 45, more: ["error_code": "0300-400C"])
    rig.wait(.seconds(1))
    var printer = try rig.json("GET", path, as: floor.user)
    #expect(printer["status"] == "printing")
    #expect(printer["is_connected"] == true)
    #expect(printer["live"]?["progress_percent"] == 45)
    #expect(printer["live"]?["temperatures"] == ["nozzle": 219.8, "bed": 60.0, "chamber": .null])
    #expect(printer["live"]?["error_code"] == "0300-400C")
    floor.hub.status("offline")
    rig.wait(.seconds(1))
    printer = try rig.json("GET", path, as: floor.user)
    #expect(printer["status"] == "offline")
    #expect(printer["is_connected"] == false)
  }

  @Test("a printer that is changed is configured anew; one that is removed is taken off")
  func changes() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let path = "/api/v1/printers/\(floor.printer)"
    try rig.json("PUT", path, as: floor.user, ["access_code": "99998888"])
    rig.wait(for: "the update") { floor.hub.commands.last?["action"] == "update" }
    #expect(floor.hub.commands.last?["printer"]?["access_code"] == "99998888")
    try rig.json("DELETE", path, as: floor.user)
    rig.wait(for: "the removal") { floor.hub.commands.last?["action"] == "remove" }
    #expect(floor.hub.commands.last?["printer"] == ["serial_number": .string(RigHub.serial)])
  }

  @Test("a removal waits for a hub that is away, also over a restart of the cloud")
  func removalWaits() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    floor.hub.breakOff()
    rig.wait(.seconds(2))
    try rig.json("DELETE", "/api/v1/printers/\(floor.printer)", as: floor.user)
    try rig.restart()
    rig.wait(.seconds(120))
    floor.hub.connect()
    rig.wait(for: "the removal") { floor.hub.commands.count == 1 }
    #expect(floor.hub.commands.first?["action"] == "remove")
    floor.hub.answerAll()
    rig.wait(.seconds(1))
    floor.hub.breakOff()
    floor.hub.connect()
    rig.wait(for: "the welcome") { floor.hub.isWelcome }
    rig.wait(.seconds(5))
    #expect(floor.hub.commands.isEmpty)
  }

  @Test("why a hub could not take a printer shows at the printer, until it can")
  func noSlot() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let path = "/api/v1/printers/\(floor.printer)"
    try rig.json("PUT", path, as: floor.user, ["name": "p9"])
    rig.wait(for: "the update") { floor.hub.commands.last?["action"] == "update" }
    let command = try #require(floor.hub.commands.last)
    floor.hub.answer(command, success: false, error: "no free printer slot (5 at most)")
    rig.wait(.seconds(1))
    #expect(
      try rig.json("GET", path, as: floor.user)["connection_error"]
        == "no free printer slot (5 at most)")
    try rig.json("PUT", path, as: floor.user, ["name": "p8"])
    rig.wait(for: "the update") { floor.hub.commands.last != command }
    floor.hub.answer(try #require(floor.hub.commands.last))
    rig.wait(.seconds(1))
    #expect(try rig.json("GET", path, as: floor.user)["connection_error"] == .null)
  }

  @Test("a command that is not answered within 30 s is given up, and told of")
  func timeout() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let given = try rig.json(
      "POST", "/api/v1/printers/\(floor.printer)/control", as: floor.user, ["action": "pause"])
    let id = try #require(given["command_id"]?.string)
    let timedOut = CloudEvent.commandTimedOut(
      command: id, hub: RigHub.standardID, what: "printer_command pause \(RigHub.serial)")
    for _ in 0..<5 {
      rig.wait(.milliseconds(5_500))
      floor.hub.ping()
    }
    #expect(!rig.events.contains(timedOut))
    rig.wait(.seconds(5))
    #expect(rig.events.contains(timedOut))
    // An answer that comes after all changes nothing.
    floor.hub.answer(["command_id": .string(id)])
    rig.wait(.seconds(1))
    #expect(
      !rig.events.contains {
        if case .commandAnswered(id, _, _, _) = $0 { true } else { false }
      })
  }

  @Test("a command that was not answered is sent again, under the same name, after a reconnect")
  func resend() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let given = try rig.json(
      "POST", "/api/v1/printers/\(floor.printer)/control", as: floor.user, ["action": "pause"])
    rig.wait(for: "the command") { floor.hub.commands.last?["action"] == "pause" }
    floor.hub.breakOff()
    rig.wait(.seconds(5))
    floor.hub.connect()
    rig.wait(for: "the command again") { floor.hub.commands.last?["action"] == "pause" }
    #expect(floor.hub.commands.last?["command_id"] == given["command_id"])
    #expect(floor.hub.commands.map { $0["type"] } == ["configure_printer", "printer_command"])
    floor.hub.answerAll()
    rig.wait(.seconds(1))
    floor.hub.breakOff()
    floor.hub.connect()
    rig.wait(for: "the welcome") { floor.hub.commands.count == 1 }
    rig.wait(.seconds(5))
    #expect(floor.hub.commands.count == 1)
  }

  @Test(
    "input that cannot be understood closes the socket with its code, and is counted",
    arguments: [
      ("broken", 1007, "json.truncated"), ("array", 1007, "json.unexpected-byte"),
      ("trailing", 1007, "json.trailing-bytes"), ("deep", 1007, "json.too-deep"),
      ("large", 1009, "websocket.too-large"), ("utf8", 1007, nil), ("binary", 1003, nil),
      ("unmasked", 1002, nil), ("reserved", 1002, nil),
    ] as [(String, UInt16, String?)])
  func garbage(kind: String, code: UInt16, reason: String?) throws {
    let (rig, user, hub) = try rigWithHub()
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
    switch kind {
    case "broken": hub.say(bytes: Array("{\"type\":\"printer_sta".utf8))
    case "array": hub.say(bytes: Array("[]".utf8))
    case "trailing": hub.say(bytes: Array("{} {}".utf8))
    case "deep": hub.say(bytes: Array(("{\"a\":" + String(repeating: "[", count: 90)).utf8))
    case "large": hub.say(bytes: [UInt8](repeating: 0x20, count: (16 << 10) + 1))
    case "utf8": hub.say(bytes: [0x7B, 0xFF, 0x7D])
    case "binary": hub.say(bytes: Array("{}".utf8), isText: false)
    case "unmasked": hub.send { WebSocketWriter.text(Array("{}".utf8).span, mask: nil, into: &$0) }
    default: hub.sendRaw([0xF1, 0x80, 0, 0, 0, 0])
    }
    rig.wait(for: "the farewell") { hub.closeCode != nil }
    #expect(hub.closeCode == code)
    #expect(rig.cloud.badInputCounts.map(\.count) == [1])
    if let reason, kind != "large" {
      #expect(rig.cloud.badInputCounts.map(\.reason) == [reason])
    }
    rig.wait(.seconds(1))
    #expect(!(try isOnline(rig, user)))
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
  }

  @Test("messages that lack something, or that nobody knows, are dropped and counted")
  func incomplete() throws {
    let (rig, _, hub) = try rigWithHub()
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
    hub.say(["type": "printer_status", "printer_id": "S"])
    hub.say(["type": "job_status", "printer_id": "S", "job_id": "j", "phase": "dancing"])
    hub.say(["type": "job_status", "printer_id": "S", "job_id": "j", "phase": "printing"])
    hub.say(["type": "command_ack", "command_id": "c"])
    hub.say(["type": "file_progress", "job_id": "j", "bytes_sent": -1, "bytes_total": 2])
    hub.say(["type": "sing"])
    hub.say(["type": 7])
    hub.say([:])
    hub.hello()
    // Of a printer that this hub does not have: one that was just removed, perhaps.
    hub.status("idle", serial: "another")
    rig.wait(.seconds(1))
    #expect(
      rig.cloud.badInputCounts.map { "\($0.reason) \($0.count)" } == [
        "hub.incomplete-ack 1", "hub.incomplete-job-status 1", "hub.incomplete-progress 1",
        "hub.incomplete-status 1", "hub.second-hello 1", "hub.unknown-job 1",
        "hub.unknown-type 3",
      ])
    #expect(hub.closeCode == nil)
  }

  @Test("without a handshake there is no socket")
  func noUpgrade() throws {
    let rig = try CloudRig()
    let answer = try rig.call("GET", "/ws/hub/\(RigHub.standardID)")
    #expect(answer.status == 426)
    #expect(answer.header("Sec-WebSocket-Version") == "13")
  }

  @Test("a hub of one tenant cannot speak of another's jobs")
  func foreignJob() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.claimedHub("bobs-hub", by: bob)
    _ = try rig.printer(serial: "BOB", hub: "bobs-hub", by: bob)
    let hub = RigHub(rig, id: "bobs-hub")
    hub.connect()
    rig.wait(for: "the welcome") { hub.commands.count == 1 }
    #expect(hub.commands.map { $0["printer"]?["serial_number"] } == ["BOB"])
    hub.job(floor.job, "completed", serial: "BOB")
    hub.status("printing", serial: RigHub.serial)
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "queued")
    let printer = try rig.json("GET", "/api/v1/printers/\(floor.printer)", as: floor.user)
    #expect(printer["status"] == "idle")
    #expect(rig.cloud.badInputCounts.map(\.reason) == ["hub.unknown-job"])
  }

  @Test("a cloud that is brought down by what hears its events is down at once")
  func crashWhileTelling() throws {
    let (rig, _, hub) = try rigWithHub()
    let cloud = rig.cloud
    cloud.onEvent = { event in if case .hubOnline = event { cloud.crash() } }
    hub.connect()
    rig.wait(for: "the reset") { hub.isGone }
    rig.wait(.seconds(300))
    try rig.restart()
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
  }

  @Test("a socket in the name of a hub that does not exist leaves nothing behind")
  func strangers() throws {
    let rig = try CloudRig()
    for number in 0..<3 {
      let hub = RigHub(rig, id: "stranger-\(number)")
      hub.connect()
      rig.wait(for: "the farewell") { hub.closeCode == 4401 }
    }
    rig.wait(.seconds(10))
    #expect(rig.cloud.awakeHubCount == 0)
  }
}
