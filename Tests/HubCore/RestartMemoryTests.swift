import CBoard
import Foundation
import HubCore
import HubHost
import Testing

@Suite("What a hub remembers over a restart")
struct RestartMemoryTests {
  /// Boots again, as after a loss of power unless another reason is given, and lets the cloud tell
  /// the hub of its printer as it does after every hello.
  private func reboot(_ rig: HubRig, _ printer: FakePrinter, reason: UInt8 = 0) {
    rig.rebootAndConnect(reason)
    rig.cloud.addPrinter(printer.serial)
    rig.run(milliseconds: 5_000)
  }

  // ------------------------------------------------------------------------------------ commands

  @Test(
    "a command that was done is acknowledged again after a restart, and not done again",
    arguments: ["pause", "resume", "stop"])
  func repeated(action: String) {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.cloud.command(action, printer.serial, command: "c1")
    rig.run(milliseconds: 100)
    #expect(printer.commands(action).count == 1)
    reboot(rig, printer)
    rig.cloud.forget()
    rig.cloud.command(action, printer.serial, command: "c1")
    rig.run(milliseconds: 100)
    #expect(rig.cloud.acknowledgements("c1").map { $0["success"] as? Bool } == [true])
    #expect(printer.commands(action).count == 1)
    rig.cloud.command(action, printer.serial, command: "c2")
    rig.run(milliseconds: 100)
    #expect(printer.commands(action).count == 2)
  }

  @Test("an order to restart that comes again after the restart restarts nothing")
  func restartOnce() {
    let rig = HubRig.connected()
    rig.cloud.send(#"{"type":"reboot","command_id":"c1"}"#)
    rig.run(milliseconds: 2_000)
    #expect(rig.board.restarts == [1])
    rig.rebootAndConnect(1)
    rig.cloud.forget()
    rig.cloud.send(#"{"type":"reboot","command_id":"c1"}"#)
    rig.run(milliseconds: 5_000)
    #expect(rig.board.restarts.isEmpty)
    #expect(rig.cloud.acknowledgements("c1").first?["success"] as? Bool == true)
  }

  @Test("what can be set again costs the flash nothing")
  func idempotent() {
    let (rig, printer) = HubRig.withPrinter()
    rig.cloud.command("dance", printer.serial)
    rig.run(milliseconds: 100)
    let operations = rig.board.flash.operationCount
    rig.cloud.addPrinter(printer.serial, action: "update")
    rig.cloud.send(#"{"type":"run_diagnostics","command_id":"d1"}"#)
    rig.run(milliseconds: 100)
    #expect(rig.board.flash.operationCount == operations)
  }

  // ---------------------------------------------------------------------------------------- jobs

  @Test("a job that prints is carried on with, by what the printer shows")
  func midPrint() {
    let (rig, printer) = HubRig.withJobPrinting()
    printer.whole["gcode_state"] = "RUNNING"
    printer.whole["mc_percent"] = 40
    printer.whole["subtask_name"] = "part"
    rig.cloud.forget()
    reboot(rig, printer)
    #expect(rig.cloud.phases(of: "j1") == ["printing"])
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 1_000)
    #expect(rig.cloud.phases(of: "j1") == ["printing", "completed"])
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("a print that ended while the hub was off has ended")
  func endedMeanwhile() {
    for (state, end) in [("FINISH", "completed"), ("FAILED", "failed")] {
      let (rig, printer) = HubRig.withJobPrinting()
      printer.whole["gcode_state"] = state
      printer.whole["subtask_name"] = "part"
      reboot(rig, printer)
      #expect(rig.cloud.phases(of: "j1").last == end)
    }
  }

  @Test("an upload that a restart has cut has failed, with the reason, and is not begun again")
  func midUpload() {
    let (rig, printer) = HubRig.withPrinter()
    rig.board.openFailure = { $0.port == 443 ? -2 : nil }
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 8)
    rig.run(milliseconds: 100)
    rig.board.openFailure = nil
    rig.cloud.forget()
    reboot(rig, printer)
    #expect(rig.cloud.lastJob("j1")?["phase"] as? String == "failed")
    #expect(rig.cloud.lastJob("j1")?["error_code"] as? Int == 706)
    #expect(
      (rig.cloud.lastJob("j1")?["error_message"] as? String ?? "").hasPrefix("the hub restarted"))
    rig.cloud.start("j1", on: printer.serial, command: "c2", size: 8)
    rig.run(milliseconds: 5_000)
    #expect(rig.cloud.acknowledgements("c2").first?["success"] as? Bool == true)
    #expect(rig.fileServer.requests.isEmpty)
    #expect(printer.commands("project_file").isEmpty)
    // Another job may be taken up.
    rig.fileServer.file = Array("the file".utf8)
    rig.cloud.start("j2", on: printer.serial, size: 8)
    rig.run(milliseconds: 5_000)
    #expect(printer.commands("project_file").count == 1)
  }

  @Test("an end that the cloud had not heard of when the power failed is told after it")
  func endUntold() {
    let (rig, printer) = HubRig.withJobPrinting()
    rig.board.openFailure = { $0.host == "cloud.test" ? -2 : nil }
    rig.cloud.stream?.fail(-5)
    printer.prints("FAILED", error: 0x0300_8003)
    rig.run(milliseconds: 1_000)
    rig.board.openFailure = nil
    rig.cloud.forget()
    reboot(rig, printer)
    #expect(rig.cloud.events.contains { $0.job == "j1" && $0.phase == "failed" })
    #expect((rig.cloud.lastJob("j1")?["error_message"] as? String ?? "").contains("0300-8003"))
  }

  @Test("wherever the power fails while a job is taken up, it is started at most once")
  func cuts() {
    var cutCount = 0
    for operation in 1...40 {
      for byteCount in [0, 7, 64] {
        guard startWithCut(operation: operation, byteCount: byteCount) else { continue }
        cutCount += 1
      }
    }
    #expect(cutCount >= 12)
  }

  /// Starts a job with the power failing in an operation of the flash; false when there was none
  /// such.
  private func startWithCut(operation: Int, byteCount: Int) -> Bool {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Array("the file".utf8)
    let flash = rig.board.flash
    var isDark = false
    flash.onPowerLoss = {
      isDark = true
      for stream in rig.board.streams.values { stream.isClosedByHub = true }
      rig.board.streams.removeAll()
      rig.board.openFailure = { _ in -2 }
    }
    flash.cutPower(
      at: FlashCut(operation: flash.operationCount + operation, byteCount: byteCount))
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 8)
    rig.run(atMost: 20_000) { isDark || rig.cloud.phases(of: "j1").last == "starting" }
    flash.onPowerLoss = nil
    guard isDark else { return false }
    flash.cutPower(at: nil)
    flash.powerReturns()
    rig.board.openFailure = nil
    reboot(rig, printer)
    // The cloud has no answer, or does not know that it has one.
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 8)
    rig.run(milliseconds: 60_000)
    let starts = printer.commands("project_file").count
    #expect(starts <= 1, "cut in operation \(operation) after \(byteCount) bytes")
    if starts == 1 {
      printer.whole["gcode_state"] = "RUNNING"
      printer.whole["subtask_name"] = "part"
      printer.prints("RUNNING", percent: 1)
    }
    rig.run(milliseconds: 200_000)
    let end = rig.cloud.phases(of: "j1").last
    #expect(
      starts == 1 ? end == "printing" : end == "failed",
      "cut in operation \(operation) after \(byteCount) bytes: \(end ?? "nothing")")
    return true
  }

  @Test("a job costs the flash no more than six records")
  func wear() {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Array("the file".utf8)
    let before = rig.board.flash.operationCount
    rig.cloud.start("j1", on: printer.serial, size: 8)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    for percent in 0..<100 {
      printer.prints("RUNNING", percent: percent)
      rig.run(milliseconds: 1_000)
      printer.prints("PAUSE", percent: percent)
      rig.run(milliseconds: 1_000)
    }
    printer.prints("FINISH", percent: 100)
    rig.run(milliseconds: 1_000)
    #expect(rig.board.flash.operationCount - before <= 6 * 5)
  }
}
