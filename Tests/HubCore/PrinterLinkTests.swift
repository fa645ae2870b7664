import Foundation
import Testing

@Suite("The link to a printer")
struct PrinterLinkTests {
  @Test("a printer is greeted as it expects, and by its own certificate")
  func greeting() {
    let (rig, printer) = HubRig.withPrinter()
    #expect(printer.clientID == "hubrig-0123456789abcdef")
    #expect(printer.user == "bblp")
    #expect(printer.subscriptions == ["device/01P00A000000001/report"])
    #expect(printer.broker?.trust == 2)
    #expect(printer.broker?.expectedName == printer.serial)
    #expect(printer.commands("get_version").count == 1)
    #expect(printer.commands("pushall").count == 1)
    #expect(rig.view.printer_link.0 == 3)
  }

  @Test("every message has its own sequence number, as a text")
  func sequence() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.command("pause", printer.serial)
    rig.cloud.command("resume", printer.serial)
    rig.run(milliseconds: 10)
    let numbers = printer.requests.compactMap {
      ($0.values.first as? [String: Any])?["sequence_id"] as? String
    }
    #expect(numbers.count == 4)
    #expect(Set(numbers).count == 4)
  }

  // ------------------------------------------------------------------------------------ reports

  @Test("a delta changes only the fields that it has")
  func merge() throws {
    let (rig, printer) = HubRig.withPrinter()
    printer.report([
      "msg": 0, "gcode_state": "RUNNING", "mc_percent": 42, "layer_num": 7, "total_layer_num": 100,
      "mc_remaining_time": 33, "nozzle_temper": 219.87, "bed_temper": 60, "chamber_temper": 31.5,
      "subtask_name": "vase", "gcode_file": "/data/Metadata/plate_1.gcode", "print_error": 0,
    ])
    rig.run(milliseconds: 6_000)
    printer.report(["msg": 1, "layer_num": 8])
    printer.report(["msg": 1, "bed_temper": 59.96])
    rig.run(milliseconds: 6_000)
    let status = try #require(rig.cloud.lastStatus(printer.serial))
    #expect(status["state"] as? String == "printing")
    #expect(status["gcode_state"] as? String == "RUNNING")
    #expect(status["progress_percent"] as? Int == 42)
    #expect(status["layer_current"] as? Int == 8)
    #expect(status["layer_total"] as? Int == 100)
    #expect(status["time_remaining_minutes"] as? Int == 33)
    #expect(status["current_file"] as? String == "vase")
    #expect(status["error_code"] == nil)
    let temperatures = try #require(status["temperatures"] as? [String: Any])
    #expect(temperatures["nozzle"] as? Double == 219.8)
    #expect(temperatures["bed"] as? Double == 59.9)
    #expect(temperatures["chamber"] as? Double == 31.5)
  }

  @Test("numbers may be texts, and texts numbers")
  func numbersAsTexts() throws {
    let (rig, printer) = HubRig.withPrinter()
    printer.report([
      "gcode_state": "PAUSE", "mc_percent": "45", "layer_num": "3", "total_layer_num": "9",
      "nozzle_temper": "200.5", "print_error": "50348044", "subtask_name": 17,
    ])
    rig.run(milliseconds: 6_000)
    let status = try #require(rig.cloud.lastStatus(printer.serial))
    #expect(status["state"] as? String == "paused")
    #expect(status["progress_percent"] as? Int == 45)
    #expect(status["layer_current"] as? Int == 3)
    #expect((status["temperatures"] as? [String: Any])?["nozzle"] as? Double == 200.5)
    #expect(status["error_code"] as? String == "0300-400C")
    #expect(status["current_file"] as? String == "17")
  }

  @Test("fields that are unknown, null or of another type cost nothing but themselves")
  func oddFields() throws {
    let (rig, printer) = HubRig.withPrinter()
    printer.report(["gcode_state": "RUNNING", "mc_percent": 10, "layer_num": 4])
    rig.run(milliseconds: 10)
    printer.publish(
      Array(
        """
        {"print":{"mc_percent":null,"layer_num":{"deep":[1,2]},"gcode_state":["RUNNING"],\
        "nozzle_temper":true,"news":{"from":["tomorrow"]},"subtask_name":false,\
        "ams":{"ams":[{"id":"0","tray":[{"id":"0"}]}],"tray_now":"254"},"bed_temper":61,\
        "mc_remaining_time":-5,"command":"push_status"}}
        """.utf8))
    rig.run(milliseconds: 6_000)
    let status = try #require(rig.cloud.lastStatus(printer.serial))
    #expect(status["progress_percent"] as? Int == 10)
    #expect(status["layer_current"] as? Int == 4)
    #expect((status["temperatures"] as? [String: Any])?["bed"] as? Int == 61)
    #expect(rig.view.bad_input_count == 0)
    #expect(printer.connects == 1)
  }

  @Test("messages about other things change nothing")
  func otherTopics() {
    let (rig, printer) = HubRig.withPrinter()
    for text in [
      #"{"info":{"command":"get_version","module":[{"name":"ota","sw_ver":"1"}]}}"#,
      #"{"system":{"command":"ledctrl","gcode_state":"RUNNING"}}"#,
      #"{"liveview":{"print":{"gcode_state":"RUNNING"}}}"#,
      #"{"system":{},"upgrade":{"gcode_state":"RUNNING"}}"#, "{}", "[]", "7",
      // The answer to a command repeats wishes, which are not facts.
      #"{"print":{"command":"project_file","gcode_state":"RUNNING","result":"success"}}"#,
    ] { printer.publish(Array(text.utf8)) }
    printer.publish(Array(#"{"print":{"gcode_state":"RUNNING"}}"#.utf8), topic: "device/x/report")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "idle")
    #expect(rig.view.bad_input_count == 0)
  }

  @Test("a report of 60 KB passes through a window of 2 KiB, in pieces of any size")
  func hugeReport() {
    for readLimit in [1, 7, 100, 5_000] {
      let (rig, printer) = HubRig.withPrinter()
      printer.broker?.readLimit = readLimit
      let filler = String(repeating: "x", count: 60_000)
      printer.publish(
        Array(
          #"{"print":{"filler":"\#(filler)","gcode_state":"PAUSE","command":"push_status"}}"#.utf8))
      rig.run(milliseconds: 100)
      #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "paused")
      #expect(printer.broker!.largestRead <= 2_048)
    }
  }

  @Test("an unknown state leaves the last known one, with a warning")
  func unknownState() {
    let (rig, printer) = HubRig.withPrinter()
    printer.report(["gcode_state": "RUNNING"])
    printer.report(["gcode_state": "MEDITATING"])
    rig.run(milliseconds: 10)
    #expect(rig.cloud.lastStatus(printer.serial)?["gcode_state"] as? String == "RUNNING")
    #expect(rig.board.logged("nobody knows") == 1)
  }

  @Test(
    "bytes that break the protocol close the connection, are counted, and the hub comes back",
    arguments: [
      ("JSON with a bad byte", publication(#"{"print":{"mc_percent":\#u{1}4}}"#)),
      ("JSON cut short", publication(#"{"print":{"gcode_state":"RUN"#)),
      ("something behind the JSON", publication(#"{"print":{}}x"#)),
      ("no JSON at all", publication("hello")),
      ("levels without end", publication(String(repeating: "[", count: 100))),
      (
        "a report over 64 KiB",
        [0x30, 0xFF, 0xFF, 0x07, 0, 1, 0x61] + [UInt8](repeating: 0x20, count: 9)
      ),
      ("an unknown packet", [0xF0, 0]),
      ("a length without end", [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
      ("a client's packet", [0xC0, 0]),
      ("a second welcome", [0x20, 2, 0, 0]),
    ] as [(String, [UInt8])])
  func brokenBytes(_ row: (name: String, bytes: [UInt8])) {
    let (rig, printer) = HubRig.withPrinter()
    printer.broker?.toHub += row.bytes
    rig.run(milliseconds: 1)
    #expect(rig.view.bad_input_count == 1, "\(row.name)")
    #expect(printer.broker?.isClosedByHub == true, "\(row.name)")
    #expect(rig.run(atMost: 60_000) { printer.connects == 2 && rig.view.printer_link.0 == 3 })
    #expect(rig.view.cloud_connects == 1)
  }

  static func publication(_ text: String) -> [UInt8] {
    let topic = Array("device/01P00A000000001/report".utf8)
    let body = [0, UInt8(topic.count)] + topic + Array(text.utf8)
    precondition(body.count < 16_384)
    return [0x30, UInt8(body.count & 0x7F | 0x80), UInt8(body.count >> 7)] + body
  }

  @Test("a broken report changes nothing, not even by the fields before the break")
  func brokenReportIsNotMerged() {
    let (rig, printer) = HubRig.withPrinter()
    printer.answersPushAll = false
    printer.broker?.toHub += Self.publication(#"{"print":{"mc_percent":77,"gcode_state":}}"#)
    rig.run(milliseconds: 10_000)
    printer.report(["gcode_state": "IDLE"])
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.lastStatus(printer.serial)?["progress_percent"] as? Int == 0)
  }

  @Test("a packet that never ends is a breach of protocol, however lively the printer is")
  func endlessPacket() {
    let (rig, printer) = HubRig.withPrinter()
    printer.broker?.toHub += [0x30, 0xFF, 0x7F, 0, 1, 0x61]
    for _ in 0..<29 {
      rig.run(milliseconds: 1_000)
      printer.broker?.toHub += [0x20]
    }
    #expect(printer.connects == 1)
    rig.run(milliseconds: 2_000)
    #expect(rig.view.bad_input_count == 1)
    #expect(rig.run(atMost: 60_000) { printer.connects == 2 })
  }

  @Test("a printer that hangs up, even in the middle of a report, is left at once")
  func hangUp() {
    for half in [[], [0x30, 100, 0]] as [[UInt8]] {
      let (rig, printer) = HubRig.withPrinter()
      printer.broker?.toHub += half
      printer.broker?.isFinishedByPeer = true
      rig.run(milliseconds: 1)
      #expect(printer.broker?.isClosedByHub == true)
      #expect(rig.run(atMost: 60_000) { printer.connects == 2 })
    }
  }

  // ------------------------------------------------------------------------------- coming again

  @Test("a wrong access code is called so and retried slowly")
  func wrongCode() throws {
    let (rig, printer) = HubRig.withPrinter()
    printer.code = "87654321"
    printer.broker?.fail(-5)
    rig.run(milliseconds: 10_000)
    let connects = printer.connects
    rig.run(milliseconds: 50_000)
    #expect(printer.connects == connects)
    let status = try #require(rig.cloud.lastStatus(printer.serial))
    #expect(status["state"] as? String == "offline")
    #expect(rig.board.logged("wrong access code") >= 1)
    #expect(rig.board.lamps[2] == 3)
    // The right code opens at once.
    rig.cloud.addPrinter(printer.serial, code: "87654321", action: "update")
    rig.run(milliseconds: 1_000)
    #expect(rig.view.printer_link.0 == 3)
    #expect(rig.board.lamps[2] == 1)
  }

  @Test("a lost printer is told as offline and connected again, with growing pauses")
  func reconnect() {
    let (rig, printer) = HubRig.withPrinter()
    var attempts: [UInt64] = []
    rig.board.openFailure = { stream in
      guard stream.port == 8883 else { return nil }
      attempts.append(rig.board.now)
      return -2
    }
    printer.broker?.fail(-5)
    rig.run(milliseconds: 10)
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "offline")
    rig.run(milliseconds: 900_000)
    let pauses = zip(attempts.dropFirst(), attempts).map { $0 - $1 }
    #expect(pauses.allSatisfy { $0 <= 60_001 })
    #expect(pauses.count > 15 && pauses.count < 200)
    rig.board.openFailure = nil
    #expect(rig.run(atMost: 61_000) { rig.view.printer_link.0 == 3 })
    rig.run(milliseconds: 100)
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "idle")
  }

  @Test("a printer that no longer answers pings is connected anew")
  func pings() {
    let (rig, printer) = HubRig.withPrinter()
    rig.run(milliseconds: 60_000)
    #expect(printer.pings >= 2)
    #expect(printer.connects == 1)
    printer.answersPings = false
    rig.run(milliseconds: 60_000)
    #expect(printer.connects >= 2)
    #expect(rig.board.logged("no answer to a ping") >= 1)
  }

  @Test("a printing printer that says nothing is asked once and then connected anew")
  func silence() {
    let (rig, printer) = HubRig.withPrinter(model: "X1C")
    printer.prints("RUNNING", percent: 5)
    rig.run(milliseconds: 100)
    printer.answersPushAll = false
    let asked = printer.commands("pushall").count
    rig.run(milliseconds: 61_000)
    #expect(printer.commands("pushall").count == asked + 1)
    #expect(printer.connects == 1)
    rig.run(milliseconds: 31_000)
    #expect(printer.connects == 2)
    #expect(rig.board.logged("it says nothing") == 1)
  }

  @Test("an idle printer may be silent for minutes")
  func idleSilence() {
    let (rig, printer) = HubRig.withPrinter()
    printer.answersPushAll = false
    rig.run(milliseconds: 290_000)
    #expect(printer.connects == 1)
    #expect(printer.commands("pushall").count == 1)
    rig.run(milliseconds: 60_000)
    #expect(printer.commands("pushall").count == 3)
    #expect(printer.connects == 2)
  }

  @Test("a printer that reports changes is not asked for everything by every flap")
  func flapping() {
    for (model, most) in [("P1S", 6), ("X1C", 60)] {
      let (rig, printer) = HubRig.withPrinter(model: model)
      let before = printer.commands("pushall").count
      for _ in 0..<20 {
        printer.broker?.fail(-5)
        rig.run(milliseconds: 5_000)
      }
      #expect(printer.commands("pushall").count - before <= most)
      // In the end it is asked, for what changed meanwhile is in no delta to come.
      rig.run(milliseconds: 60_000)
      #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "idle")
    }
  }

  @Test("a command that the printer's broker does not take ends a dead session")
  func deadSession() {
    let (rig, printer) = HubRig.withPrinter()
    printer.acknowledgesPackets = false
    rig.cloud.command("pause", printer.serial)
    rig.run(milliseconds: 16_000)
    #expect(printer.connects >= 2)
  }

  @Test("statuses come at once when the state changes, else at most every five seconds")
  func rate() {
    let (rig, printer) = HubRig.withPrinter()
    printer.prints("RUNNING", percent: 0)
    rig.run(milliseconds: 10)
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "printing")
    rig.cloud.forget()
    for percent in 1...60 {
      printer.prints("RUNNING", percent: percent)
      rig.run(milliseconds: 500)
    }
    let count = rig.cloud.messages("printer_status").count
    #expect(count >= 5 && count <= 7)
    rig.run(milliseconds: 6_000)
    rig.cloud.forget()
    // Nothing new is nothing to tell.
    printer.prints("RUNNING", percent: 60)
    rig.run(milliseconds: 20_000)
    #expect(rig.cloud.messages("printer_status").isEmpty)
  }

  @Test("while the cloud is away printers stay connected, and it is told all when it is back")
  func cloudAway() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.greets = false
    rig.cloud.close(1001)
    rig.run(milliseconds: 60_000)
    printer.prints("RUNNING", percent: 55)
    rig.run(milliseconds: 60_000)
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 5_000)
    #expect(printer.connects == 1)
    #expect(rig.view.state == 4)
    rig.cloud.forget()
    rig.cloud.greets = true
    rig.run(atMost: 120_000) { rig.view.cloud_connected }
    rig.run(milliseconds: 100)
    #expect(rig.cloud.phases(of: "j1") == ["completed"])
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "idle")
  }
}
