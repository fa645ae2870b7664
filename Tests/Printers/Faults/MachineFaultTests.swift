import Printers
import Testing
import World

@Suite("Faults of the machine")
struct MachineFaultTests {
  /// A fault, how it shows, and during which state.
  static let stories: [(fault: BambuFault, stage: Int, error: Int, message: JSON)] = [
    (.filamentRunOut, 6, 0x07FF_8011, ["attr": 0x07FF_2000, "code": 0x0002_0001]),
    (.filamentJam, 24, 0x07FF_8010, ["attr": 0x07FF_0200, "code": 0x0001_0001]),
    (.doorOpen, 17, 0x0300_8005, ["attr": 0x0300_9600, "code": 0x0003_0001]),
    (.nozzleClog, 35, 0x0300_8016, ["attr": 0x0300_1A00, "code": 0x0002_0002]),
    (.bedAdhesion, 34, 0x0C00_8001, ["attr": 0x0C00_0300, "code": 0x0002_0008]),
    (.plateMismatch, 11, 0x0500_8051, ["attr": 0x0C00_0200, "code": 0x0002_0005]),
  ]

  @Test("a print pauses, says why, pauses again as long as it is wrong, and then goes on")
  func pauses() throws {
    for story in Self.stories {
      let bench = try PrinterBench()
      try bench.putFile(layers: 10, seconds: 600)
      let machine = bench.printer.machine
      let client = bench.listen()
      bench.printer.begin(story.fault)
      _ = client.print("project_file", MachineTests.cube)
      #expect(bench.run(.minutes(20)) { bench.printer.machine.state == .pause }, "\(story.fault)")
      bench.run(.seconds(1))
      #expect(client.merged["gcode_state"] == "PAUSE")
      #expect(client.merged["stg_cur"]?.int == story.stage, "\(story.fault)")
      #expect(client.merged["print_error"]?.int == story.error, "\(story.fault)")
      #expect(client.merged["hms"] == [story.message], "\(story.fault)")
      let bit = (client.merged["home_flag"]?.int ?? 0) >> 23 & 1
      #expect(bit == (story.fault == .doorOpen ? 1 : 0))
      _ = client.print("resume")
      bench.run(.seconds(10))
      #expect(machine.state == .pause)
      bench.printer.end(story.fault)
      _ = client.print("resume")
      #expect(bench.run(.minutes(40)) { bench.printer.machine.state == .finish })
      #expect(client.merged["hms"] == [])
    }
  }

  @Test("a broken heater ends the print")
  func heater() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.printer.begin(.heaterFault)
    bench.run(.seconds(1))
    #expect(client.merged["gcode_state"] == "FAILED")
    #expect(client.merged["stg_cur"] == 20)
    #expect(client.merged["print_error"] == 0x0300_8008)
    #expect(bench.printer.machine.history.last?.outcome == .failed)
  }

  @Test("after a power loss it offers to go on, and goes on at the layer where it stopped")
  func powerLoss() throws {
    let bench = try PrinterBench()
    bench.printer.clock = bench.client
    try bench.putFile(layers: 10, seconds: 600)
    let machine = bench.printer.machine
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(30)) { bench.printer.machine.progress >= 50 }
    bench.printer.begin(.powerLoss)
    #expect(!bench.printer.isOn)
    bench.run(.seconds(41)) { bench.printer.isOn }
    let next = bench.listen(id: "next")
    next.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    #expect(next.merged["gcode_state"] == "PAUSE")
    #expect(next.merged["print_error"] == 0x0300_8007)
    #expect(machine.progress == 50)
    #expect(next.print("resume")?["result"] == "success")
    bench.run(.minutes(2))
    #expect(machine.progress >= 50)
    bench.run(.minutes(40)) { bench.printer.machine.state == .finish }
    #expect(machine.history.map { $0.outcome } == [.finished])
    #expect(machine.printsStarted == 1)
  }

  @Test("without recovery a power loss ends the print; with the option it is offered again")
  func withoutRecovery() throws {
    for recovers in [false, true] {
      let bench = try PrinterBench()
      try bench.putFile()
      let client = bench.listen()
      _ = client.print("print_option", [("auto_recovery", .bool(recovers))])
      _ = client.print("project_file", MachineTests.cube)
      bench.run(.minutes(30)) { bench.printer.machine.progress >= 50 }
      bench.printer.stop()
      try bench.printer.start()
      #expect(bench.printer.machine.state == (recovers ? .pause : .idle))
    }
  }

  @Test("a mapping that leads to an empty place pauses at the start")
  func mapping() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    let wrong = MachineTests.cube + [("use_ams", true), ("ams_mapping", [3])]
    #expect(client.print("project_file", wrong)?["result"] == "success")
    bench.run(.seconds(30))
    #expect(bench.printer.machine.state == .pause)
    #expect(client.merged["print_error"] == 0x0700_8012)
    // Somebody puts a spool there.
    _ = client.print("ams_filament_setting", [("ams_id", 0), ("tray_id", 3), ("tray_type", "PLA")])
    _ = client.print("resume")
    #expect(bench.run(.minutes(60)) { bench.printer.machine.state == .finish })
    #expect(bench.printer.machine.history.map { $0.outcome } == [.finished])
  }
}
