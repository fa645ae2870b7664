import Foundation
import Testing

/// What is the same for every kind of printer that is reached over HTTP.
@Suite("A printer of any kind")
struct KindsTests {
  /// One server of a kind, made anew for each test.
  struct Kind: CustomTestStringConvertible, Sendable {
    var name: String
    var make: @Sendable () -> FakeHTTPPrinter
    var testDescription: String { name }

    static let all = [
      Kind(name: "octoprint") { FakeOctoPrint() },
      Kind(name: "prusalink") { FakePrusaLink() },
      Kind(name: "moonraker") { FakeMoonraker() },
      Kind(name: "moonraker without a socket") {
        let server = FakeMoonraker()
        server.hasSocket = false
        return server
      },
    ]
  }

  private func finish(_ server: FakeHTTPPrinter) {
    switch server {
    case let server as FakeOctoPrint:
      server.completion = 100
      server.state = "Operational"
    case let server as FakePrusaLink:
      server.state = "FINISHED"
      server.job = nil
    case let server as FakeMoonraker:
      server.progress = 1
      server.print = "complete"
      server.tell(#"{"print_stats":{"state":"complete"},"virtual_sdcard":{"progress":1.0}}"#)
    default: break
    }
  }

  private func stopByPerson(_ server: FakeHTTPPrinter) {
    switch server {
    case let server as FakeOctoPrint:
      server.completion = nil
      server.state = "Operational"
    case let server as FakePrusaLink:
      server.state = "STOPPED"
      server.job = nil
    case let server as FakeMoonraker:
      server.print = "cancelled"
      server.tell(#"{"print_stats":{"state":"cancelled"}}"#)
    default: break
    }
  }

  @Test("is seen, with its temperatures", arguments: Kind.all)
  func status(_ kind: Kind) throws {
    let (rig, server) = HubRig.with(kind.make())
    let status = try #require(rig.cloud.lastStatus(server.serial))
    #expect(status["state"] as? String == "idle")
    let temperatures = try #require(status["temperatures"] as? [String: Any])
    #expect(temperatures["nozzle"] as? Double ?? 0 > 214)
    #expect(temperatures["bed_target"] as? Double == 60)
    #expect(rig.view.bad_input_count == 0)
  }

  @Test("prints a file from the first byte to the end", arguments: Kind.all)
  func onePrint(_ kind: Kind) throws {
    let (rig, server) = HubRig.printing(kind.make())
    #expect(server.files["part.gcode"] == Array("G28\nG1 X10\n".utf8))
    rig.run(milliseconds: 5_000)
    finish(server)
    rig.run(milliseconds: 6_000)
    #expect(
      rig.cloud.phases(of: "j1") == [
        "downloading", "uploaded", "starting", "printing", "completed",
      ])
    #expect(rig.cloud.state(server.serial) == "idle")
  }

  @Test(
    "a print that is over before anybody looks is done, the second one of a file too",
    arguments: Kind.all)
  func briefPrints(_ kind: Kind) {
    let server = kind.make()
    server.printsAtOnce = true
    let (rig, _) = HubRig.with(server)
    rig.fileServer.file = Array("G28\nG1 X10\n".utf8)
    for job in ["j1", "j2"] {
      rig.cloud.start(job, on: server.serial, name: "part.gcode", size: 11)
      rig.run(milliseconds: 30_000)
      #expect(rig.cloud.phases(of: job).last == "completed")
    }
  }

  @Test("pauses, goes on and is stopped, each answered by the printer", arguments: Kind.all)
  func control(_ kind: Kind) throws {
    let (rig, server) = HubRig.printing(kind.make())
    rig.cloud.command("pause", server.serial, command: "c1")
    #expect(rig.run(atMost: 10_000) { rig.cloud.phases(of: "j1").last == "paused" })
    rig.cloud.command("resume", server.serial, command: "c2")
    #expect(rig.run(atMost: 10_000) { rig.cloud.phases(of: "j1").last == "printing" })
    rig.cloud.command("stop", server.serial, command: "c3")
    #expect(rig.run(atMost: 10_000) { rig.cloud.phases(of: "j1").last == "cancelled" })
    rig.run(milliseconds: 1_000)
    for command in ["c1", "c2", "c3"] {
      let answers = rig.cloud.acknowledgements(command)
      #expect(answers.count == 1)
      #expect(answers.first?["success"] as? Bool == true)
    }
  }

  @Test("a print that a person stops at the machine is cancelled", arguments: Kind.all)
  func stoppedByPerson(_ kind: Kind) throws {
    let (rig, server) = HubRig.printing(kind.make())
    stopByPerson(server)
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.phases(of: "j1").last == "cancelled")
  }

  @Test("what it cannot do is answered in words, and never sent", arguments: Kind.all)
  func unsupported(_ kind: Kind) throws {
    let (rig, server) = HubRig.with(kind.make())
    let before = server.doings
    for (action, words) in [
      ("unload_filament", "changing filament"), ("light", "chamber light"),
    ] {
      rig.cloud.send(
        """
        {"type":"printer_command","command_id":"\(action)","printer_id":"\(server.serial)",\
        "action":"\(action)","mode":"on"}
        """)
      rig.run(milliseconds: 100)
      let answer = try #require(rig.cloud.acknowledgements(action).first)
      #expect(answer["success"] as? Bool == false)
      #expect(answer["error_message"] as? String == "not supported by \(server.kind): \(words)")
    }
    rig.cloud.start("j1", on: server.serial, command: "c1", name: "part.3mf", size: 8)
    rig.run(milliseconds: 100)
    let answer = try #require(rig.cloud.acknowledgements("c1").first)
    #expect(
      answer["error_message"] as? String
        == "not supported by \(server.kind): files of this type, send g-code")
    #expect(server.doings == before)
  }

  @Test("a key that is not right is asked about seldom, and the cloud is told", arguments: Kind.all)
  func wrongKey(_ kind: Kind) throws {
    let server = kind.make()
    let (rig, _) = HubRig.with(server)
    server.key = "ffffffffffffffffffffffffffffffff"
    (server as? FakeMoonraker)?.socketStream?.fail(-5)
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.state(server.serial) == "offline")
    #expect(rig.cloud.linkProblem(server.serial) == "wrong key or password")
    let before = server.requests.count
    rig.run(milliseconds: 50_000)
    #expect(server.requests.count - before <= 2)
  }

  @Test(
    "the key stands in no line of the log and in nothing that the cloud hears", arguments: Kind.all)
  func secrecy(_ kind: Kind) throws {
    let server = kind.make()
    let (rig, _) = HubRig.printing(server)
    server.override = { _ in .init(status: 502, body: "<html>\(server.key)</html>") }
    rig.run(milliseconds: 60_000)
    #expect(!rig.board.lines.contains { $0.contains(server.key) })
    #expect(!rig.cloud.texts.contains { $0.contains(server.key) })
  }

  @Test("all of it goes through TLS where that is asked for, whoever signed", arguments: Kind.all)
  func secure(_ kind: Kind) throws {
    let server = kind.make()
    server.port = 8443
    let rig = HubRig.connected()
    rig.servers = [server]
    rig.cloud.addServer(server, isSecure: true)
    rig.fileServer.file = Array("G28\n".utf8)
    rig.cloud.start("j1", on: server.serial, name: "part.gcode", size: 4)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "printing" }
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    let streams = rig.board.opened.filter { $0.host == server.address }
    #expect(streams.count > 1)
    #expect(streams.allSatisfy { $0.port == 8443 && $0.trust != 0 && $0.expectedName.isEmpty })
  }

  @Test(
    "the certificate that was shown first is the one to come, until a person trusts another",
    arguments: Kind.all)
  func certificate(_ kind: Kind) throws {
    let server = kind.make()
    server.port = 443
    let rig = HubRig.connected()
    rig.servers = [server]
    rig.cloud.addServer(server, isSecure: true)
    rig.run(milliseconds: 10_000)
    rig.rebootAndConnect()
    rig.run(milliseconds: 5_000)
    let pinned = try #require(rig.board.opened.last { $0.host == server.address })
    #expect(pinned.trust == 3)
    #expect(pinned.fingerprint == rig.board.fingerprint)
    rig.board.fingerprint = [UInt8](repeating: 0x22, count: 32)
    rig.board.whenOpened = { [board = rig.board] stream in
      if stream.port == 443, !stream.fingerprint.isEmpty, stream.fingerprint != board.fingerprint {
        stream.fail(-6)
      }
    }
    for stream in rig.board.opened where server.answers(stream) { stream.fail(-5) }
    rig.run(milliseconds: 30_000)
    let problem = rig.cloud.linkProblem(server.serial)
    #expect(problem?.hasPrefix("shows another certificate than before") == true)
    rig.cloud.addPrinter(server.serial, command: "t1", action: "trust")
    rig.run(milliseconds: 10_000)
    #expect(rig.cloud.acknowledgements("t1").first?["success"] as? Bool == true)
    #expect(rig.cloud.state(server.serial) == "idle")
  }

  @Test(
    "its server goes away for half a minute in mid-print, and the print is finished",
    arguments: Kind.all)
  func restart(_ kind: Kind) throws {
    let (rig, server) = HubRig.printing(kind.make())
    rig.closedPorts.insert(server.port)
    for stream in rig.board.opened where server.answers(stream) { stream.fail(-5) }
    let refuse = {
      for stream in rig.board.opened where server.answers(stream) && stream.state == 0 {
        stream.fail(-3)
      }
    }
    for _ in 0..<30 {
      rig.run(milliseconds: 1_000)
      refuse()
    }
    #expect(rig.cloud.state(server.serial) == "offline")
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    rig.closedPorts.remove(server.port)
    finish(server)
    rig.run(milliseconds: 90_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
  }

  @Test(
    "answers in chunks, or on a connection that closes each time, are as good", arguments: Kind.all)
  func framing(_ kind: Kind) throws {
    let server = kind.make()
    server.sendsChunks = true
    server.closesSilently = true
    let (rig, _) = HubRig.printing(server)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    #expect(rig.view.bad_input_count == 0)
  }

  @Test("an upload that is reset is made again, and the print is started once", arguments: Kind.all)
  func uploadReset(_ kind: Kind) throws {
    let server = kind.make()
    server.resetsUploadAfter = 20_000
    server.uploadResets = 2
    let (rig, _) = HubRig.with(server)
    rig.fileServer.file = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    rig.cloud.start("j1", on: server.serial, name: "part.gcode", size: 60_000)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "printing" }
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    #expect(server.files["part.gcode"] == rig.fileServer.file)
    #expect(rig.cloud.lastJob("j1")?["error_message"] == nil)
  }

  @Test("a server that never says that a file may come gets it all the same", arguments: Kind.all)
  func silentServer(_ kind: Kind) throws {
    let server = kind.make()
    server.saysContinue = false
    let (rig, _) = HubRig.printing(server)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
  }

  @Test("a stop while the file is on its way leaves nothing started", arguments: Kind.all)
  func cancelInTransfer(_ kind: Kind) throws {
    let server = kind.make()
    let (rig, _) = HubRig.with(server)
    rig.peersActOncePerSettling = true
    rig.send("j1", to: server, size: 200_000)
    rig.run(milliseconds: 40)
    rig.cloud.command("stop", server.serial, command: "c1")
    rig.run(milliseconds: 5_000)
    #expect(rig.cloud.phases(of: "j1").last == "cancelled")
    #expect(server.files.isEmpty)
  }

  @Test("it survives a restart of the hub, with all that was set", arguments: Kind.all)
  func reboot(_ kind: Kind) throws {
    let server = kind.make()
    let (rig, _) = HubRig.printing(server)
    rig.run(milliseconds: 3_000)
    rig.rebootAndConnect()
    rig.run(milliseconds: 3_000)
    #expect(rig.cloud.state(server.serial) == "printing")
    finish(server)
    rig.run(milliseconds: 8_000)
    #expect(rig.cloud.phases(of: "j1").last == "completed")
  }

  @Test("another print in place of ours ends our job with the reason", arguments: Kind.all)
  func otherPrint(_ kind: Kind) throws {
    let (rig, server) = HubRig.printing(kind.make())
    switch server {
    case let server as FakeOctoPrint: server.file = "theirs.gcode"
    case let server as FakePrusaLink: server.begin("theirs.gcode")
    case let server as FakeMoonraker:
      server.file = "theirs.gcode"
      server.tell(#"{"print_stats":{"filename":"theirs.gcode","state":"printing"}}"#)
    default: break
    }
    rig.run(milliseconds: 25_000)
    #expect(rig.cloud.phases(of: "j1").last == "failed")
    #expect(rig.cloud.failure(of: "j1") == "printer prints something else")
  }

  @Test("garbage in place of any answer loses nothing for good", arguments: Kind.all)
  func garbage(_ kind: Kind) throws {
    let texts = [
      "", "{", "[]", "null", "<html>502</html>", "{\"state\":{\"flags\":[]}}",
      #"{"result":{"status":{"print_stats":7,"webhooks":[1]},"klippy_state":3}}"#,
      #"{"printer":{"state":9,"temp_nozzle":"hot"},"job":{"id":"x"},"state":{"flags":{"printing":"yes"}}}"#,
      String(repeating: "[", count: 200),
      "{\"a\":\"" + String(repeating: "x", count: 5_000) + "\"}",
    ]
    for text in texts {
      let server = kind.make()
      let (rig, _) = HubRig.with(server)
      server.override = { $0.method == "GET" ? .json(text) : nil }
      rig.run(milliseconds: 30_000)
      server.override = { _ in nil }
      rig.run(milliseconds: 100_000)
      #expect(rig.cloud.state(server.serial) == "idle")
    }
  }

  @Test("a connection that breaks after any byte of an answer is made anew", arguments: Kind.all)
  func breaks(_ kind: Kind) throws {
    for cut in stride(from: 0, through: 320, by: 16) {
      let server = kind.make()
      let (rig, _) = HubRig.with(server)
      (server as? FakeMoonraker)?.socketStream?.fail(-5)
      var left = 4
      server.override = { request in
        guard left > 0, request.method == "GET" else { return nil }
        left -= 1
        var reply = server.answer(request)
        guard reply.status != 101 else { return nil }
        reply.cut = cut
        return reply
      }
      rig.run(milliseconds: 60_000)
      #expect(rig.cloud.state(server.serial) == "idle", "cut at \(cut)")
    }
  }
}

/// What a slot keeps of its printer, and what it does not.
@Suite("A slot and the kind of its printer")
struct KindOfSlotTests {
  @Test("a kind that nobody knows is refused, and the slot stays free")
  func unknownKind() throws {
    let rig = HubRig.connected()
    rig.cloud.send(
      """
      {"type":"configure_printer","command_id":"c1","action":"add","printer":{"kind":"replicator",\
      "serial_number":"R2","ip_address":"10.0.0.9","access_code":"x"}}
      """)
    rig.run(milliseconds: 100)
    let answer = try #require(rig.cloud.acknowledgements("c1").first)
    #expect(
      answer["error_message"] as? String
        == "expected kind bambu, octoprint, prusalink or moonraker")
    #expect(!rig.board.opened.contains { $0.host == "10.0.0.9" })
  }

  @Test("a printer that becomes another kind in mid-transfer loses its job, and is spoken to anew")
  func changesKind() {
    let first = FakeOctoPrint()
    let (rig, _) = HubRig.with(first)
    rig.peersActOncePerSettling = true
    rig.send("j1", to: first, size: 200_000)
    rig.run(milliseconds: 40)
    let printer = FakePrinter(first.serial)
    rig.printers.append(printer)
    rig.cloud.addPrinter(first.serial, address: printer.address)
    rig.run(milliseconds: 5_000)
    #expect(rig.cloud.phases(of: "j1").last == "failed")
    #expect(first.files.isEmpty)
    #expect(rig.board.opened.contains { $0.host == printer.address && $0.port == 8883 })
  }
}
