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
      rig.cloud.phases(of: "j1") == ["downloading", "uploaded", "starting", "printing", "completed"])
    #expect(rig.cloud.lastJob("j1")?["progress_percent"] as? Int == 100)
    #expect(printer.commands("project_file").count == 1)
  }
}
