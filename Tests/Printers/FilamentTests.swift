import Printers
import Testing
import World

@Suite("Filament")
struct FilamentTests {
  @Test("a print takes its weight off the spool, and deltas tell only the place that changed")
  func spending() throws {
    let bench = try PrinterBench()
    // 20 hours are 600 g of the 840 g on the first spool.
    try bench.putFile(layers: 100, seconds: 72_000)
    let client = bench.listen()
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    _ = client.print("project_file", MachineTests.cube + [("use_ams", true), ("ams_mapping", [0])])
    bench.run(.minutes(30 * 60)) { bench.printer.machine.progress == 50 }
    bench.run(.seconds(2))
    #expect(client.merged["ams"]?["ams"]?[0]?["tray"]?[0]?["remain"] == 53)
    #expect(client.merged["ams"]?["ams"]?[0]?["tray"]?[1]?["remain"] == 41)
    let changes = client.reports.dropFirst().compactMap { $0["print"]?["ams"]?["ams"] }
    #expect(changes.contains { $0[0]?["tray"]?.array?.count == 1 })
    #expect(!changes.isEmpty && changes.allSatisfy { $0[0]?["tray"]?[1] == nil })
  }

  @Test("an empty spool pauses the print at its moment; a new one lets it end")
  func empty() throws {
    let bench = try PrinterBench()
    // 30 hours are 900 g: more than the 840 g on the first spool.
    try bench.putFile(layers: 100, seconds: 108_000)
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube + [("use_ams", true), ("ams_mapping", [0])])
    #expect(bench.run(.minutes(40 * 60)) { bench.printer.machine.state == .pause })
    bench.run(.seconds(1))
    #expect(bench.printer.machine.progress == 93)
    #expect(client.merged["print_error"] == 0x0700_8011)
    #expect(client.merged["hms"] == [["attr": 0x0700_2000, "code": 0x0002_0001]])
    _ = client.print("resume")
    #expect(bench.run(.minutes(40 * 60)) { bench.printer.machine.state == .finish })
    #expect(bench.printer.machine.history.map { $0.outcome } == [.finished])
  }

  @Test("a spool is pulled in and out over seconds, and not while it prints")
  func loading() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    let load: [(String, JSON)] = [("target", 1), ("curr_temp", 220), ("tar_temp", 220)]
    #expect(client.print("ams_change_filament", load)?["result"] == "success")
    bench.run(.seconds(2))
    #expect(client.merged["stg_cur"] == 24)
    #expect(client.merged["ams"]?["tray_tar"] == "1")
    #expect(client.merged["ams"]?["tray_now"] == "255")
    #expect((client.merged["ams_status"]?.int ?? 0) >> 8 == 1)
    bench.run(.seconds(30))
    #expect(client.merged["ams"]?["tray_now"] == "1")
    #expect(client.merged["stg_cur"] == 255)
    #expect(client.print("unload_filament")?["result"] == "success")
    bench.run(.seconds(30))
    #expect(client.merged["ams"]?["tray_now"] == "255")
    #expect(client.print("ams_change_filament", [("target", 3)])?["result"] == "fail")
    _ = client.print("project_file", MachineTests.cube)
    #expect(client.print("unload_filament")?["result"] == "fail")
  }

  @Test("calibration is a job of its own, with its own name and stages, and no part at its end")
  func calibration() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    #expect(client.print("calibration", [("option", 6)])?["result"] == "success")
    bench.run(.minutes(20)) { bench.printer.machine.state == .finish }
    bench.run(.seconds(1))
    #expect(client.merged["gcode_state"] == "FINISH")
    #expect(client.merged["print_type"] == "system")
    #expect(client.merged["subtask_name"] == "auto_cali_for_user")
    let stages = client.reports.compactMap { $0["print"]?["stg_cur"]?.int }
    #expect(stages == [13, 1, 3, 255])
    #expect(bench.printer.machine.history.isEmpty)
    #expect(bench.printer.machine.printsFinished == 0)
    #expect(client.print("calibration", [("option", 0)])?["result"] == "fail")
  }

  @Test("what is only remembered is told in reports")
  func options() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    func ask(_ group: String, _ more: [(String, JSON)]) -> JSON? {
      client.ask(group, .object(JSONObject([("sequence_id", "9")] + more)))
    }
    #expect(
      ask("camera", [("command", "ipcam_timelapse"), ("control", "enable")])?["result"]
        == "success")
    #expect(
      ask("camera", [("command", "ipcam_record_set"), ("control", "disable")])?["result"]
        == "success")
    #expect(
      ask("camera", [("command", "ipcam_record_set"), ("control", "perhaps")])?["result"] == "fail")
    let watch: [(String, JSON)] = [
      ("command", "xcam_control_set"), ("module_name", "spaghetti_detector"), ("control", false),
      ("print_halt", true),
    ]
    #expect(ask("xcam", watch)?["result"] == "success")
    bench.run(.seconds(2))
    #expect(client.merged["ipcam"]?["timelapse"] == "enable")
    #expect(client.merged["ipcam"]?["ipcam_record"] == "disable")
    #expect(client.merged["xcam"]?["spaghetti_detector"] == false)
  }
}
