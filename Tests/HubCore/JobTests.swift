import Foundation
import Testing

@Suite("A job, from order to end")
struct JobTests {
  @Test("a print goes from download through upload and start to its end")
  func wholePrint() throws {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 50_000, plate: 2)
    rig.run(milliseconds: 100)

    #expect(rig.cloud.acknowledgements("c1").map { $0["success"] as? Bool } == [true])
    #expect(rig.cloud.phases(of: "j1") == ["downloading", "uploaded", "starting"])
    #expect(printer.files.card["part.3mf"] == rig.fileServer.file)
    let start = try #require(printer.commands("project_file").first)
    #expect(start["param"] as? String == "Metadata/plate_2.gcode")
    #expect(start["url"] as? String == "ftp:///part.3mf")
    #expect(start["subtask_name"] as? String == "part")
    #expect(start["use_ams"] as? Bool == false)

    printer.prints("PREPARE")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.phases(of: "j1").last == "printing")
    printer.prints("RUNNING", percent: 50)
    rig.run(milliseconds: 10)
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    #expect(
      rig.cloud.phases(of: "j1") == [
        "downloading", "uploaded", "starting", "printing", "completed",
      ])
    #expect(rig.cloud.lastJob("j1")?["progress_percent"] as? Int == 100)
    #expect(printer.commands("project_file").count == 1)
  }

  private func phase(_ rig: HubRig) -> String? { rig.cloud.phases(of: "j1").last }
  private func reason(_ rig: HubRig) -> String? {
    rig.cloud.lastJob("j1")?["error_message"] as? String
  }

  // ---------------------------------------------------------------------------------- accepting

  @Test("the same job under another command id is acknowledged and not started again")
  func sameJob() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.start("j1", on: printer.serial, command: "again", size: 8)
    rig.run(milliseconds: 1_000)
    #expect(rig.cloud.acknowledgements("again").first?["success"] as? Bool == true)
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    rig.cloud.start("j1", on: printer.serial, command: "once more", size: 8)
    rig.run(milliseconds: 5_000)
    #expect(rig.cloud.acknowledgements("once more").first?["success"] as? Bool == true)
    #expect(printer.commands("project_file").count == 1)
    #expect(rig.fileServer.requests.count == 1)
  }

  @Test("another job is refused while one is under way, and taken after its end")
  func secondJob() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.start("j2", on: printer.serial, command: "c2", size: 8)
    rig.run(milliseconds: 10)
    #expect(
      rig.cloud.acknowledgements("c2").first?["error_message"] as? String == "printer is busy")
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    // The printer lingers in FINISH, which is as good as idle.
    rig.cloud.start("j2", on: printer.serial, command: "c3", size: 8)
    rig.run(milliseconds: 1_000)
    #expect(rig.cloud.phases(of: "j2") == ["downloading", "uploaded", "starting"])
    printer.prints("RUNNING", percent: 1)
    rig.run(milliseconds: 10)
    #expect(rig.cloud.phases(of: "j2").last == "printing")
  }

  @Test(
    "a printer that prints something of its own refuses a job",
    arguments: ["RUNNING", "PREPARE", "SLICING", "PAUSE"])
  func busyPrinter(state: String) {
    let (rig, printer) = HubRig.withPrinter()
    printer.prints(state, name: "somebody's")
    rig.run(milliseconds: 10)
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 8)
    rig.run(milliseconds: 10)
    #expect(
      rig.cloud.acknowledgements("c1").first?["error_message"] as? String == "printer is busy")
    #expect(rig.fileServer.requests.isEmpty)
  }

  @Test(
    "an order that cannot be carried out is refused with its reason",
    arguments: [
      ("ftp://files.test/f", "a.3mf", 1, "file_url is no http or https address"),
      ("hello", "a.3mf", 1, "file_url is no http or https address"),
      ("", "a.3mf", 1, "file_url is missing"),
      ("https://files.test/f", "", 1, "file_name is missing"),
      ("https://files.test/f", "a.3mf", 0, "plate is not between 1 and 99"),
      (
        "https://files.test/" + String(repeating: "f", count: 1_010), "a.3mf", 1,
        "file_url is too long"
      ),
    ])
  func badOrders(url: String, name: String, plate: Int, reason: String) {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.start(
      "j1", on: printer.serial, command: "c1", url: url, name: name, size: 1, plate: plate)
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").first?["error_message"] as? String == reason)
    #expect(rig.cloud.phases(of: "j1").isEmpty)
  }

  @Test(
    "a file's name on the printer is one that every printer takes",
    arguments: [
      ("Größe 10%.3mf", "Gr__e_10_.3mf"), ("plain.3MF", "plain.3mf"),
      ("../../etc/x", "_.._etc_x.3mf"),
      ("...", "print.3mf"), ("a\\r\\nDELE b.3mf", "a__DELE_b.3mf"),
      (String(repeating: "n", count: 99), String(repeating: "n", count: 92) + ".3mf"),
    ])
  func names(given: String, stored: String) {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = [1, 2, 3]
    rig.cloud.start("j1", on: printer.serial, name: given, size: 3)
    rig.run(milliseconds: 100)
    #expect(Array(printer.files.card.keys) == [stored])
    #expect(printer.commands("project_file").first?["url"] as? String == "ftp:///" + stored)
  }

  // ----------------------------------------------------------------------------------- starting

  @Test("an uploaded job waits for its printer to come back, and is not sent before it has spoken")
  func uploadedWaits() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = [1]
    printer.answersPushAll = false
    rig.closedPorts = [8883]
    printer.broker?.fail(-5)
    rig.run(milliseconds: 10)
    rig.cloud.start("j1", on: printer.serial, size: 1)
    rig.run(milliseconds: 60_000)
    #expect(phase(rig) == "uploaded")
    rig.closedPorts = []
    for stream in rig.board.opened where stream.state == 0 { stream.fail(-4) }
    rig.run(milliseconds: 60_000)
    #expect(rig.view.printer_link.0 == 3)
    #expect(printer.commands("project_file").isEmpty)
    printer.prints("IDLE", name: "")
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "starting")
  }

  @Test("uploaded -> failed when the printer turned out to print something else")
  func uploadedBusy() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = [1]
    printer.files.ignores = ["STOR"]
    rig.cloud.start("j1", on: printer.serial, size: 1)
    rig.run(milliseconds: 100)
    printer.prints("RUNNING", name: "somebody's")
    printer.files.ignores = []
    rig.run(milliseconds: 60_000)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == "printer is busy")
    #expect(printer.commands("project_file").isEmpty)
  }

  @Test("uploaded -> failed when the printer stays away for a quarter of an hour")
  func uploadedAway() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = [1]
    rig.board.openFailure = { $0.port == 8883 ? -2 : nil }
    printer.broker?.fail(-5)
    rig.run(milliseconds: 10)
    rig.cloud.start("j1", on: printer.serial, size: 1)
    rig.run(milliseconds: 890_000)
    #expect(phase(rig) == "uploaded")
    rig.run(milliseconds: 20_000)
    #expect(reason(rig) == "printer did not come back to take the job")
  }

  @Test("starting -> printing may take more than two minutes, and nothing is sent twice meanwhile")
  func slowStart() {
    let (rig, printer) = HubRig.withJobStarting()
    rig.run(milliseconds: 170_000)
    #expect(phase(rig) == "starting")
    printer.prints("PREPARE")
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "printing")
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("starting -> failed after three minutes without a print")
  func neverStarts() {
    let (rig, printer) = HubRig.withJobStarting()
    rig.run(milliseconds: 181_000)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == "printer did not start the print")
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("starting -> printing after long heating, though the printer says that it is idle")
  func heatsUnsaid() {
    let (rig, printer) = HubRig.withJobStarting()
    for _ in 0..<10 {
      printer.report([
        "gcode_state": "IDLE", "subtask_name": "part", "gcode_file": "part.3mf",
        "nozzle_target_temper": 220,
      ])
      rig.run(milliseconds: 60_000)
      #expect(phase(rig) == "starting")
    }
    printer.prints("RUNNING", percent: 1)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "printing")
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("a printer that says nothing is asked before a start is given up, and believed")
  func asksBeforeGivingUp() {
    let (rig, printer) = HubRig.withJobStarting()
    let asked = printer.commands("pushall").count
    printer.whole["gcode_state"] = "RUNNING"
    printer.whole["subtask_name"] = "part"
    rig.run(milliseconds: 170_000)
    #expect(printer.commands("pushall").count == asked + 1)
    #expect(phase(rig) == "printing")
  }

  @Test("a printer that was asked and says only how warm it is has not said that it does nothing")
  func asksUntilItHears() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.answersPushAll = false
    for _ in 0..<40 {
      rig.run(milliseconds: 5_000)
      printer.report(["nozzle_temper": 31])
    }
    #expect(phase(rig) == "starting")
    printer.answersPushAll = true
    printer.whole["gcode_state"] = "RUNNING"
    printer.whole["subtask_name"] = "part"
    for _ in 0..<8 {
      rig.run(milliseconds: 5_000)
      printer.report(["nozzle_temper": 32])
    }
    #expect(phase(rig) == "printing")
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("a start is not given up while nobody can see the printer")
  func blindStart() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.answersPushAll = false
    rig.run(milliseconds: 900_000)
    #expect(phase(rig) == "starting")
    printer.prints("RUNNING", percent: 50)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "printing")
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("starting -> failed when the printer prints something else in its place")
  func startsOther() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.whole["gcode_state"] = "RUNNING"
    printer.whole["subtask_name"] = "somebody's"
    for _ in 0..<10 {
      printer.prints("RUNNING", name: "somebody's")
      rig.run(milliseconds: 30_000)
    }
    #expect(reason(rig) == "printer prints something else")
  }

  @Test("starting -> failed when the printer refuses, with its reason")
  func refusedStart() throws {
    let (rig, printer) = HubRig.withJobStarting()
    let sequence = try #require(printer.commands("project_file").first?["sequence_id"])
    printer.report(["command": "project_file", "sequence_id": "9999", "result": "fail"])
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "starting")
    printer.report([
      "command": "project_file", "sequence_id": sequence, "result": "FAIL", "reason": "no card",
    ])
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == "printer refused the print: no card")
  }

  @Test("a printer that wants signed commands is told apart, in all three ways it says so")
  func developerMode() {
    for way in 0..<3 {
      let (rig, printer) = HubRig.withJobStarting()
      let sequence = printer.commands("project_file")[0]["sequence_id"]!
      switch way {
      case 0:
        printer.report([
          "command": "project_file", "sequence_id": sequence, "result": "fail",
          "reason": "mqtt message Verify failed",
        ])
      case 1: printer.report(["print_error": 84_033_543])
      default: printer.prints("FAILED", error: 84_033_543)
      }
      rig.run(milliseconds: 10)
      #expect(phase(rig) == "failed")
      #expect(reason(rig)?.contains("Developer Mode") == true)
    }
  }

  @Test("an accepted start that the printer then drops is no start")
  func droppedStart() {
    let (rig, printer) = HubRig.withJobStarting()
    let sequence = printer.commands("project_file")[0]["sequence_id"]!
    printer.report([
      "command": "project_file", "sequence_id": sequence, "result": "success",
      "subtask_name": "part", "gcode_file": "part.3mf",
    ])
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "starting")
    rig.run(milliseconds: 181_000)
    #expect(phase(rig) == "failed")
  }

  @Test("the end of the last print, lingering, is not taken for the end of this one")
  func lingering() {
    for (state, error) in [("FINISH", 0), ("FAILED", 0x0300_400C), ("FAILED", 0x0300_1234)] {
      let (rig, printer) = HubRig.withPrinter()
      rig.fileServer.file = [1]
      printer.prints(state, percent: 100, error: error)
      rig.run(milliseconds: 10)
      rig.cloud.start("j1", on: printer.serial, size: 1)
      rig.run(milliseconds: 100)
      printer.prints(state, percent: 100, error: error)
      printer.prints(state, percent: 100, error: 0)
      rig.run(milliseconds: 1_000)
      #expect(phase(rig) == "starting")
      printer.prints("RUNNING", percent: 1)
      rig.run(milliseconds: 10)
      #expect(phase(rig) == "printing")
    }
  }

  @Test("a report whose name is still that of the last print does not start this one")
  func nameOfLastPrint() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.prints("PREPARE", name: "other")
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "starting")
    printer.prints("PREPARE", name: "part")
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "printing")
  }

  @Test("starting -> failed when the file cannot be read: FAILED with a new error")
  func failedAtStart() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.prints("FAILED", error: 0x0500_C010)
    rig.run(milliseconds: 10)
    #expect(reason(rig) == "printer error 0500-C010")
  }

  @Test("starting -> paused when the printer stops at once, as for a wrong filament")
  func pausedAtStart() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.prints("PAUSE")
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "paused")
  }

  @Test("starting -> completed when the print began and ended while the printer was out of sight")
  func completedUnseen() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.answersPushAll = false
    printer.broker?.fail(-5)
    rig.run(atMost: 120_000) { printer.connects == 2 }
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "completed")
  }

  @Test("time without the printer does not count against the start")
  func lostWhileStarting() {
    let (rig, printer) = HubRig.withJobStarting()
    printer.whole["gcode_state"] = "IDLE"
    rig.run(milliseconds: 100_000)
    rig.board.openFailure = { $0.port == 8883 ? -2 : nil }
    printer.broker?.fail(-5)
    rig.run(milliseconds: 600_000)
    #expect(phase(rig) == "starting")
    rig.board.openFailure = nil
    rig.run(atMost: 70_000) { rig.view.printer_link.0 == 3 }
    rig.run(milliseconds: 70_000)
    #expect(phase(rig) == "starting")
    rig.run(milliseconds: 20_000)
    #expect(phase(rig) == "failed")
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("a start that never left the hub is sent again, one that may have left is not")
  func sentTwice() {
    for leaves in [false, true] {
      let (rig, printer) = HubRig.withPrinter()
      rig.fileServer.file = [1]
      rig.run(milliseconds: 31_000)
      // The stream takes only the first bytes of it, or all but keeps them.
      let stream = printer.broker!
      stream.window = leaves ? .max : 20
      rig.cloud.start("j1", on: printer.serial, size: 1)
      if leaves {
        rig.run(atMost: 5_000) { phase(rig) == "starting" }
      } else {
        // The broker reads nothing, so nothing more is taken.
        printer.deafTo = stream
        rig.run(atMost: 5_000) { phase(rig) == "starting" }
      }
      stream.fail(-5)
      rig.run(milliseconds: 30_000)
      #expect(printer.commands("project_file").count == 1)
      #expect(phase(rig) == "starting")
      #expect(rig.cloud.phases(of: "j1").filter { $0 == "uploaded" }.count == (leaves ? 1 : 2))
    }
  }

  // ----------------------------------------------------------------------------------- printing

  @Test("printing <-> paused, by command and at the printer")
  func pauseAndResume() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.command("pause", printer.serial, command: "c1")
    rig.run(milliseconds: 10)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
    #expect(printer.commands("pause").count == 1)
    #expect(phase(rig) == "printing")
    printer.prints("PAUSE", percent: 11)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "paused")
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "paused")
    rig.cloud.command("resume", printer.serial)
    rig.run(milliseconds: 10)
    #expect(printer.commands("resume").count == 1)
    printer.prints("RUNNING", percent: 11)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "printing")
  }

  @Test("printing -> failed with the printer's error")
  func failedPrint() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("FAILED", percent: 40, error: 0x0300_8003)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == "printer error 0300-8003")
    let status = rig.cloud.lastStatus(printer.serial)
    #expect(status?["state"] as? String == "error")
    #expect(status?["error_code"] as? String == "0300-8003")
  }

  @Test("printing -> cancelled after our stop")
  func stopped() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.command("stop", printer.serial, command: "c1")
    rig.run(milliseconds: 10)
    #expect(printer.commands("stop").count == 1)
    #expect(phase(rig) == "printing")
    printer.prints("FAILED", percent: 10, error: 0)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "cancelled")
  }

  @Test("a stop that has no effect is sent again, a few times")
  func stoppedAgain() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.command("stop", printer.serial)
    for percent in 10..<40 {
      rig.run(milliseconds: 3_000)
      printer.prints("RUNNING", percent: percent)
    }
    #expect(printer.commands("stop").count == 4)
    #expect(rig.board.restarts.isEmpty)
  }

  @Test(
    "printing -> cancelled when somebody stops it at the printer",
    arguments: [0x0300_400C, 0x0500_400E])
  func stoppedAtPrinter(error: Int) {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("FAILED", percent: 10, error: error)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "cancelled")
    #expect(rig.cloud.lastStatus(printer.serial)?["state"] as? String == "idle")
  }

  @Test("printing -> completed when the printer goes to IDLE at 99 percent without FINISH")
  func idleAtTheEnd() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("RUNNING", percent: 99)
    rig.run(milliseconds: 10)
    printer.prints("IDLE", percent: 0, name: "")
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "completed")
  }

  @Test("printing -> failed when the printer forgot the print, and not for a moment's IDLE")
  func forgotten() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("IDLE", percent: 40, name: "")
    rig.run(milliseconds: 5_000)
    #expect(phase(rig) == "printing")
    printer.prints("RUNNING", percent: 41)
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "printing")
    printer.prints("IDLE", percent: 0, name: "")
    rig.run(milliseconds: 16_000)
    #expect(phase(rig) == "failed")
    #expect(reason(rig) == "printer forgot the print")
  }

  @Test("printing -> failed when the printer prints something else")
  func otherPrint() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("RUNNING", percent: 3, name: "somebody's")
    rig.run(milliseconds: 16_000)
    #expect(reason(rig) == "printer prints something else")
  }

  @Test("100 percent for minutes is still printing")
  func stuckAtTheEnd() {
    let (rig, printer) = HubRig.withJobPrinting()
    for _ in 0..<20 {
      printer.prints("RUNNING", percent: 100)
      rig.run(milliseconds: 10_000)
    }
    #expect(phase(rig) == "printing")
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    #expect(phase(rig) == "completed")
  }

  @Test("a lost printer ends nothing; what it says when it is back decides")
  func lostWhilePrinting() {
    for (state, end) in [("RUNNING", "printing"), ("PAUSE", "paused"), ("FINISH", "completed")] {
      let (rig, printer) = HubRig.withJobPrinting()
      rig.board.openFailure = { $0.port == 8883 ? -2 : nil }
      printer.broker?.fail(-5)
      rig.run(milliseconds: 1_200_000)
      #expect(phase(rig) == "printing")
      printer.whole["gcode_state"] = state
      printer.whole["mc_percent"] = 80
      printer.whole["subtask_name"] = "part"
      rig.board.openFailure = nil
      rig.run(milliseconds: 120_000)
      #expect(phase(rig) == end)
    }
  }

  @Test("a printer that was away at 99 percent knows that it was done, or has forgotten the print")
  func awayAtTheEnd() {
    for (percent, end) in [(0, "failed"), (100, "completed")] {
      let (rig, printer) = HubRig.withJobPrinting()
      printer.prints("RUNNING", percent: 99)
      rig.run(milliseconds: 10)
      printer.broker?.fail(-5)
      printer.whole["gcode_state"] = "IDLE"
      printer.whole["mc_percent"] = percent
      printer.whole["subtask_name"] = ""
      rig.run(milliseconds: 60_000)
      #expect(phase(rig) == end)
    }
  }

  @Test("a job of a printer that is removed has failed")
  func removed() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.addPrinter(printer.serial, action: "remove")
    rig.run(milliseconds: 10)
    #expect(reason(rig) == "printer was removed from the hub")
    #expect(rig.view.printer_link.0 == 0)
    #expect(printer.broker?.isClosedByHub == true)
  }

  @Test("what is decided stays decided, whatever the printer says later")
  func finalStaysFinal() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    printer.prints("FAILED", error: 0x0300_8003)
    printer.prints("RUNNING", percent: 5)
    rig.run(milliseconds: 30_000)
    #expect(phase(rig) == "completed")
  }

  // ---------------------------------------------------------------------------- telling the end

  @Test("the end is told every half minute until the cloud says that it knows")
  func endIsRepeated() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.acknowledges = false
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 10)
    let end = rig.cloud.events.last!.sequence
    rig.cloud.forget()
    rig.run(milliseconds: 91_000)
    #expect(rig.cloud.events.map(\.sequence) == [end, end, end])
    rig.cloud.acknowledge(end - 1)
    rig.run(milliseconds: 31_000)
    #expect(rig.cloud.events.count == 4)
    rig.cloud.acknowledge(end)
    rig.run(milliseconds: 200_000)
    #expect(rig.cloud.events.count == 4)
  }

  @Test("after every hello the latest job is told again")
  func toldAgain() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.prints("PAUSE", percent: 20)
    rig.run(milliseconds: 10)
    rig.cloud.forget()
    rig.cloud.close(1001)
    rig.run(atMost: 60_000) { rig.view.cloud_connects == 2 }
    rig.run(milliseconds: 10)
    #expect(rig.cloud.phases(of: "j1") == ["paused"])
    #expect(rig.cloud.messages("printer_status").count == 1)
  }
}
