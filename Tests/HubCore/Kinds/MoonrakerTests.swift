import Testing

@Suite("Moonraker")
struct MoonrakerTests {
  @Test("is followed on a socket after it was greeted, and told who we are")
  func follows() throws {
    let (rig, server) = HubRig.with(FakeMoonraker())
    rig.run(milliseconds: 1_000)
    #expect(
      server.requests.map(\.line).contains("GET /server/info"))
    #expect(
      server.methods.prefix(2) == ["server.connection.identify", "printer.objects.subscribe"])
    let hello = try #require(server.heard.first?["params"] as? [String: Any])
    #expect(hello["client_name"] as? String == "hubrig")
    #expect(hello["type"] as? String == "agent")
    let before = server.requests.count
    rig.run(milliseconds: 60_000)
    #expect(server.requests.count == before)
  }

  @Test("what it tells is only what has changed; the rest stays as it was")
  func partial() throws {
    let (rig, server) = HubRig.printing(FakeMoonraker())
    server.tell(#"{"extruder":{"temperature":111.14}}"#)
    server.tell(#"{"virtual_sdcard":{"progress":0.257}}"#)
    server.tell(#"{"print_stats":{"info":{"current_layer":7}},"toolhead":{"position":[1,2,3]}}"#)
    server.tell(#"{"print_stats":{"print_duration":300.5},"display_status":{"progress":null}}"#)
    rig.run(milliseconds: 6_000)
    let status = try #require(rig.cloud.lastStatus(server.serial))
    #expect(status["state"] as? String == "printing")
    #expect(status["progress_percent"] as? Int == 25)
    #expect(status["layer_current"] as? Int == 7)
    #expect(status["layer_total"] as? Int == 40)
    #expect(status["time_remaining_minutes"] as? Int == 25)
    let temperatures = try #require(status["temperatures"] as? [String: Any])
    #expect(temperatures["nozzle"] as? Double == 111.1)
    #expect(temperatures["bed_target"] as? Double == 60)
  }

  @Test(
    "the file comes with its checksum and as a file of g-code; the start is an order of its own")
  func upload() throws {
    let server = FakeMoonraker()
    let (rig, _) = HubRig.with(server)
    rig.fileServer.file = Array("G28\n".utf8)
    let digest = sha256(rig.fileServer.file)
    rig.cloud.send(
      """
      {"type":"print_command","command_id":"c1","printer_id":"\(server.serial)","action":"start",\
      "job_id":"j1","file_url":"https://files.test/f","file_name":"part.gcode","file_size":4,\
      "sha256":"\(digest)"}
      """)
    rig.run(atMost: 30_000) { rig.cloud.phases(of: "j1").last == "printing" }
    let upload = try #require(server.requests.first { $0.target == "/server/files/upload" })
    let (fields, name) = server.fields(of: upload)
    #expect(name == "part.gcode")
    #expect(fields["root"] == Array("gcodes".utf8))
    #expect(fields["print"] == Array("false".utf8))
    #expect(fields["checksum"] == Array(digest.utf8))
    #expect(server.methods.contains("printer.print.start"))
  }

  @Test("a checksum that differs costs an attempt, a file that is loaded the job")
  func refusals() {
    let server = FakeMoonraker()
    let (rig, _) = HubRig.with(server)
    var mismatches = 1
    server.override = { request in
      guard request.target == "/server/files/upload", mismatches > 0 else { return nil }
      mismatches -= 1
      return .json(#"{"error":{"code":422,"message":"checksum mismatch"}}"#, status: 422)
    }
    rig.fileServer.file = Array("G28\n".utf8)
    rig.cloud.start("j1", on: server.serial, name: "part.gcode", size: 4)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "printing" }
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    server.print = "complete"
    server.tell(#"{"print_stats":{"state":"complete"}}"#)
    rig.run(milliseconds: 1_000)
    server.override = { request in
      request.target == "/server/files/upload"
        ? .json(#"{"error":{"code":403,"message":"File is loaded"}}"#, status: 403) : nil
    }
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 4)
    rig.run(milliseconds: 10_000)
    #expect(
      rig.cloud.failure(of: "j2")
        == "printer refused the file with HTTP 403: wrong key, or the file is being printed")
  }

  @Test("Klippy that starts is waited for, with words, and followed when it is ready")
  func startup() {
    let server = FakeMoonraker()
    server.klippy = "startup"
    let rig = HubRig.told(of: server)
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.state(server.serial) == "offline")
    #expect(rig.cloud.linkProblem(server.serial) == "Klippy is starting")
    server.klippy = "ready"
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.state(server.serial) == "idle")
    #expect(server.subscriptions > 0)
  }

  @Test("Klippy that starts anew before it can be followed is not there until it is ready")
  func startsAnew() {
    let server = FakeMoonraker()
    server.override = { [unowned server] request in
      if request.target.hasPrefix("/websocket") { server.klippy = "startup" }
      return nil
    }
    let (rig, _) = HubRig.with(server)
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.linkProblem(server.serial) == "Klippy is starting")
    server.override = { _ in nil }
    server.klippy = "ready"
    rig.run(milliseconds: 40_000)
    #expect(rig.cloud.state(server.serial) == "idle")
  }

  @Test("Klippy that stops in mid-print fails the job with its words; a restart clears that")
  func shutdown() {
    let (rig, server) = HubRig.printing(FakeMoonraker())
    server.klippy = "shutdown"
    server.klippyMessage = "MCU 'mcu' shutdown: Timer too close"
    server.notify("notify_klippy_shutdown")
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.failure(of: "j1") == "printer error MCU 'mcu' shutdown: Timer too close")
    #expect(rig.cloud.state(server.serial) == "error")
    server.override = { request in
      guard request.target == "/printer/firmware_restart" else { return nil }
      server.klippy = "ready"
      server.print = "standby"
      return .json(#"{"result":"ok"}"#)
    }
    rig.cloud.command("clear_error", server.serial, command: "c1")
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(rig.cloud.state(server.serial) == "idle")
  }

  @Test("a subscription is renewed when Klippy comes back, and from time to time")
  func renews() {
    let (rig, server) = HubRig.with(FakeMoonraker())
    rig.run(milliseconds: 1_000)
    let before = server.subscriptions
    server.notify("notify_klippy_ready")
    rig.run(milliseconds: 1_000)
    #expect(server.subscriptions == before + 1)
    rig.run(milliseconds: 60_000)
    #expect((before + 3...before + 5).contains(server.subscriptions))
  }

  @Test("a socket that is open and dead is left, and the printer looked at meanwhile")
  func silent() {
    let (rig, server) = HubRig.printing(FakeMoonraker())
    server.isSocketMute = true
    server.print = "complete"
    rig.run(milliseconds: 40_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
  }

  @Test("a server without a socket is asked, and for a socket again after minutes")
  func polling() {
    let server = FakeMoonraker()
    server.hasSocket = false
    let (rig, _) = HubRig.with(server)
    rig.run(milliseconds: 60_000)
    #expect(server.count(of: "GET /websocket") == 1)
    server.hasSocket = true
    rig.run(milliseconds: 300_000)
    #expect(server.subscriptions > 0)
  }

  @Test("g-code that Klipper does not know is refused with its words")
  func gcode() {
    let (rig, server) = HubRig.with(FakeMoonraker())
    rig.run(milliseconds: 1_000)
    rig.cloud.gcode("BAD", server.serial, command: "c1")
    rig.run(milliseconds: 3_000)
    #expect(rig.cloud.refusal(of: "c1") == "printer refused the command: Unknown command")
  }

  @Test("no key is needed where the address is trusted")
  func trusted() {
    let server = FakeMoonraker()
    server.key = ""
    let rig = HubRig.told(of: server)
    rig.run(milliseconds: 10_000)
    #expect(server.requests.first?.headers["x-api-key"] == nil)
  }

  @Test("frames and texts that are none close the socket and nothing else")
  func badFrames() {
    for garbage: [UInt8] in [
      [0xFF, 0xFF, 0xFF, 0xFF], [0x81, 0x85, 1, 2, 3, 4, 5], [0x81, 3, 0x7B, 0x5D, 0x7D],
      [0x88, 0], [0x82, 2, 0, 1], [0x81, 0x7E, 0x00, 0x01, 0x41],
    ] {
      let (rig, server) = HubRig.with(FakeMoonraker())
      rig.run(milliseconds: 1_000)
      server.socketStream?.toHub += garbage
      rig.run(milliseconds: 60_000)
      #expect(rig.cloud.state(server.serial) == "idle")
    }
  }
}
