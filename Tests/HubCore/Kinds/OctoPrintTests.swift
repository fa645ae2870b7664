import Testing

@Suite("OctoPrint")
struct OctoPrintTests {
  @Test("is asked as its documentation says, with the key as a header")
  func requests() throws {
    let (rig, server) = HubRig.with(FakeOctoPrint())
    #expect(
      server.requests.prefix(3).map(\.line) == [
        "GET /api/version", "GET /api/printer?exclude=sd", "GET /api/job",
      ])
    let first = try #require(server.requests.first)
    #expect(first.headers["x-api-key"] == server.key)
    #expect(first.headers["host"] == "10.0.0.21")
    // One connection carries them all.
    #expect(Set(server.requests.map(\.stream)).count == 1)
    #expect(rig.cloud.lastStatus(server.serial)?["firmware_version"] as? String == "1.11.8")
  }

  @Test("is looked at every five seconds at rest and every two at work")
  func rate() {
    let (rig, server) = HubRig.with(FakeOctoPrint())
    var before = server.count(of: "GET /api/job")
    rig.run(milliseconds: 60_000)
    #expect((11...13).contains(server.count(of: "GET /api/job") - before))
    server.state = "Printing"
    server.file = "theirs.gcode"
    rig.run(milliseconds: 6_000)
    before = server.count(of: "GET /api/job")
    rig.run(milliseconds: 60_000)
    #expect((29...31).contains(server.count(of: "GET /api/job") - before))
  }

  @Test("progress, time left and the name of the file are told")
  func progress() throws {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    server.completion = 42.7
    server.timeLeft = 1_500
    rig.run(milliseconds: 10_000)
    let status = try #require(rig.cloud.lastStatus(server.serial))
    #expect(status["state"] as? String == "printing")
    #expect(status["progress_percent"] as? Int == 42)
    #expect(status["time_remaining_minutes"] as? Int == 25)
    #expect(status["current_file"] as? String == "part")
  }

  @Test("a printer that OctoPrint is not connected to is asked for, and then there")
  func connects() {
    let server = FakeOctoPrint()
    server.state = "Offline"
    let (rig, _) = HubRig.with(server)
    #expect(server.doings == ["POST /api/connection"])
    #expect(server.requests.first { $0.method == "POST" }?.json["command"] as? String == "connect")
    #expect(rig.cloud.state(server.serial) == "idle")
  }

  @Test("a printer that cannot be had is offline with words, and asked for twice a minute at most")
  func staysOffline() {
    let server = FakeOctoPrint()
    server.state = "Offline"
    server.override = { $0.target == "/api/connection" ? .empty(400) : nil }
    let (rig, _) = HubRig.with(server)
    rig.run(milliseconds: 60_000)
    let status = rig.cloud.lastStatus(server.serial)
    #expect(status?["state"] as? String == "offline")
    #expect(status?["link_problem"] as? String == "OctoPrint is not connected to the printer")
    #expect(server.doings.count <= 5)
  }

  @Test("a serial line that is lost in mid-print fails the job with OctoPrint's words")
  func serialLost() {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    server.state = "Offline after error"
    server.error = "Thermal runaway, printer halted"
    server.override = { $0.target == "/api/connection" ? .empty(400) : nil }
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.phases(of: "j1").last == "failed")
    #expect(rig.cloud.failure(of: "j1") == "printer error Thermal runaway, printer halted")
    #expect(rig.cloud.state(server.serial) == "error")
  }

  @Test("the file comes as a form that neither selects nor prints it; the start is its own request")
  func form() throws {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    #expect(server.doings == ["POST /api/files/local", "POST /api/files/local/part.gcode"])
    let upload = try #require(server.requests.first { $0.line == "POST /api/files/local" })
    #expect(upload.headers["expect"] == "100-continue")
    let (fields, name) = server.fields(of: upload)
    #expect(name == "part.gcode")
    #expect(fields["print"] == Array("false".utf8))
    #expect(fields["select"] == Array("false".utf8))
    let start = try #require(server.requests.last { $0.method == "POST" })
    #expect(start.json["command"] as? String == "select")
    #expect(start.json["print"] as? Bool == true)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
  }

  @Test("a refused upload ends the job with what the number means", arguments: [413, 415, 409])
  func refusedUpload(_ status: Int) throws {
    let server = FakeOctoPrint()
    let (rig, _) = HubRig.with(server)
    server.override = { $0.target == "/api/files/local" ? .empty(status) : nil }
    rig.send("j1", to: server, size: 100)
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.phases(of: "j1").last == "failed")
    let reason = try #require(rig.cloud.failure(of: "j1"))
    #expect(reason.hasPrefix("printer refused the file with HTTP \(status): "))
  }

  @Test("a refused start fails the job with OctoPrint's words, and is not tried again")
  func refusedStart() {
    let server = FakeOctoPrint()
    let (rig, _) = HubRig.with(server)
    server.override = { request in
      request.target == "/api/files/local/part.gcode"
        ? .json(#"{"error":"Printer is already printing"}"#, status: 409) : nil
    }
    rig.send("j1", to: server, size: 100)
    rig.run(milliseconds: 60_000)
    #expect(rig.cloud.failure(of: "j1") == "printer refused the print: Printer is already printing")
    #expect(server.count(of: "POST /api/files/local/part.gcode") == 1)
  }

  @Test("a brief print after one that was stopped is done, and not stopped as well")
  func briefAfterStopped() {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    rig.cloud.command("stop", server.serial, command: "c1")
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "cancelled")
    server.printsAtOnce = true
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 11)
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.phases(of: "j2").last == "completed")
  }

  @Test("a start without an answer is not taken for done because the print before is still shown")
  func startWithoutAnswer() {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    server.completion = 100
    server.state = "Operational"
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
    server.override = { $0.target == "/api/files/local/part.gcode" ? .init(cut: 0) : nil }
    rig.cloud.start("j2", on: server.serial, name: "part.gcode", size: 11)
    rig.run(milliseconds: 60_000)
    #expect(rig.cloud.phases(of: "j2").last == "starting")
  }

  @Test("g-code goes line by line in one request, and a refusal has the printer's words")
  func gcode() throws {
    let (rig, server) = HubRig.with(FakeOctoPrint())
    rig.cloud.gcode("G28\\nM104 S200", server.serial, command: "c1")
    rig.run(milliseconds: 1_000)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    let request = try #require(server.requests.first { $0.target == "/api/printer/command" })
    #expect(request.json["commands"] as? [String] == ["G28", "M104 S200"])
    rig.cloud.command("pause", server.serial, command: "c2")
    rig.run(milliseconds: 1_000)
    let refusal = try #require(rig.cloud.acknowledgements("c2").first)
    #expect(
      refusal["error_message"] as? String
        == "printer refused the command: Printer is not printing")
  }

  @Test("a printer that still pauses is paused; a resume waits until it has, for it would be lost")
  func pausing() {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    server.state = "Pausing"
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "paused")
    rig.cloud.command("resume", server.serial, command: "c1")
    rig.run(milliseconds: 6_000)
    #expect(!server.doings.contains("POST /api/job"))
    #expect(rig.cloud.acknowledgements("c1").isEmpty)
    server.state = "Paused"
    rig.run(milliseconds: 6_000)
    #expect(server.doings.last == "POST /api/job")
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
  }

  @Test("a stop does not wait behind a resume that does")
  func stopWhilePausing() {
    let (rig, server) = HubRig.printing(FakeOctoPrint())
    server.override = { request in
      guard request.line == "POST /api/job", request.json["command"] as? String == "cancel"
      else { return nil }
      server.state = "Operational"
      server.completion = nil
      return .empty(204)
    }
    server.state = "Pausing"
    rig.run(milliseconds: 6_000)
    rig.cloud.command("resume", server.serial, command: "c1")
    rig.run(milliseconds: 1_000)
    rig.cloud.command("stop", server.serial, command: "c2")
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "cancelled")
  }

  @Test("a redirect to TLS on the same host is followed once and remembered; elsewhere never")
  func redirect() throws {
    let server = FakeOctoPrint()
    let secure = FakeOctoPrint()
    secure.port = 443
    server.override = { request in
      FakeHTTPPrinter.Reply(status: 301, headers: ["Location: https://10.0.0.21\(request.target)"])
    }
    let rig = HubRig.connected()
    rig.servers = [server, secure]
    rig.cloud.addServer(server)
    rig.run(milliseconds: 30_000)
    #expect(rig.cloud.state(server.serial) == "idle")
    #expect(server.requests.count == 1)
    #expect(rig.board.opened.first { $0.port == 443 && $0.host == "10.0.0.21" }?.trust == 2)

    let thief = FakeOctoPrint()
    let other = HubRig.connected()
    thief.override = { _ in .init(status: 302, headers: ["Location: https://10.6.6.6/api"]) }
    other.servers = [thief]
    other.cloud.addServer(thief)
    other.run(milliseconds: 60_000)
    #expect(!other.board.opened.contains { $0.host == "10.6.6.6" })
    #expect(other.cloud.lastStatus(thief.serial)?["state"] as? String == "offline")
  }

  @Test("a kept connection that the server has closed costs neither a look nor an order")
  func keepAlive() {
    let server = FakeOctoPrint()
    server.closesSilently = true
    let (rig, _) = HubRig.with(server)
    rig.run(milliseconds: 60_000)
    #expect(rig.cloud.state(server.serial) == "idle")
    rig.cloud.gcode("G28", server.serial, command: "c1")
    rig.run(milliseconds: 1_000)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(server.count(of: "POST /api/printer/command") == 1)
  }

  @Test("one look that fails is made again; the second one in a row means that the printer is lost")
  func missedLooks() {
    let (rig, server) = HubRig.with(FakeOctoPrint())
    rig.cloud.forget()
    var failures = 1
    server.override = { _ in
      failures -= 1
      return failures >= 0 ? .init(status: 502, body: "<html>bad gateway</html>") : nil
    }
    rig.run(milliseconds: 20_000)
    #expect(
      rig.cloud.messages("printer_status").allSatisfy {
        ($0["status"] as? [String: Any])?["state"] as? String == "idle"
      })
    failures = 2
    rig.run(milliseconds: 20_000)
    #expect(
      rig.cloud.messages("printer_status").contains {
        ($0["status"] as? [String: Any])?["state"] as? String == "offline"
      })
  }

  @Test("an order that waits behind a slow answer for too long is never given")
  func slowServer() {
    let (rig, server) = HubRig.with(FakeOctoPrint())
    rig.run(milliseconds: 4_000)
    server.isMute = true
    rig.run(milliseconds: 3_000)
    rig.cloud.gcode("G28", server.serial, command: "c1")
    rig.run(milliseconds: 24_000)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == false)
    server.isMute = false
    rig.run(milliseconds: 30_000)
    #expect(server.count(of: "POST /api/printer/command") == 0)
  }
}
