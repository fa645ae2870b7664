import Printers
import Testing
import Wire
import World

@Suite("Faults of reports and commands")
struct ReportFaultTests {
  /// What comes in place of one full report.
  private func messages(
    with fault: BambuFault, _ amount: BambuFault.Amount? = nil
  ) throws -> [[UInt8]] {
    let bench = try PrinterBench()
    let client = bench.listen()
    bench.printer.begin(fault, amount)
    bench.run(.seconds(1))
    client.forget()
    client.publish(ReportTests.pushall)
    bench.run(.seconds(2))
    return client.messages.map { $0.payload }
  }

  @Test("a truncated or garbled report is no JSON")
  func broken() throws {
    for fault in [BambuFault.reportTruncated, .reportGarbage] {
      let sent = try messages(with: fault)
      #expect(sent.count == 1)
      #expect(throws: JSONError.self) { try JSON.parse(sent[0]) }
    }
    #expect(try messages(with: .reportGarbage)[0].contains(0x01))
  }

  @Test("a huge report is still JSON, as deep as a reader must stand and as long as was asked")
  func huge() throws {
    let sent = try messages(with: .reportHuge, .size(60_000))
    #expect(sent[0].count > 60_000)
    let print = try #require(try JSON.parse(sent[0])["print"])
    #expect(print["gcode_state"] == "IDLE")
    var deepest = 2
    var value = print["device_ext"]
    while let inner = value?[0] {
      deepest += 1
      value = inner
    }
    #expect(deepest == 64)
  }

  @Test("a duplicate is the same twice, an old one is the one before")
  func again() throws {
    let twice = try messages(with: .reportDuplicate)
    #expect(twice.count == 2 && twice[0] == twice[1])
    let bench = try PrinterBench()
    let client = bench.listen()
    bench.printer.begin(.reportOld)
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    let numbers = client.reports.compactMap { $0["print"]?["sequence_id"]?.string }
    #expect(numbers.count == 3)
    #expect(numbers[2] == numbers[0] && numbers[1] != numbers[0])
  }

  @Test("numbers come as texts, everywhere")
  func texts() throws {
    let print = try #require(try JSON.parse(try messages(with: .numbersAsStrings)[0])["print"])
    #expect(print["mc_percent"] == "0")
    #expect(print["nozzle_temper"] == "24")
    #expect(print["ams"]?["ams"]?[0]?["tray"]?[0]?["remain"] == "84")
  }

  @Test("odd types stand where numbers belong")
  func odd() throws {
    let print = try #require(try JSON.parse(try messages(with: .reportOddTypes)[0])["print"])
    #expect(print["hms"] == .some(nil))
    #expect(print["total_layer_num"]?.object != nil)
    #expect(print["gcode_state"] == "IDLE")
  }

  @Test("an answer is lost, or late, and what was asked for is done at once")
  func acknowledgements() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    bench.printer.begin(.acknowledgementLost)
    #expect(client.print("print_speed", [("param", "3")]) == nil)
    #expect(bench.printer.machine.speedLevel == 3)
    bench.printer.end(.acknowledgementLost)
    bench.printer.begin(.acknowledgementLate, .duration(.seconds(135)))
    #expect(client.print("print_speed", [("param", "4")]) == nil)
    #expect(bench.printer.machine.speedLevel == 4)
    client.forget()
    bench.run(.seconds(129))
    #expect(!client.reports.contains { $0["print"]?["result"] != nil })
    bench.run(.seconds(3))
    #expect(client.reports.contains { $0["print"]?["result"] == "success" })
  }

  @Test("a dropped command is a success that changes nothing")
  func dropped() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    bench.printer.begin(.commandDropped)
    #expect(client.print("project_file", MachineTests.cube)?["result"] == "success")
    bench.run(.minutes(5))
    #expect(bench.printer.machine.state == .idle)
  }

  @Test("a start in the middle of a print ends that print, with the code for it")
  func startCancels() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    bench.printer.begin(.startCancels)
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    _ = client.print("project_file", MachineTests.cube)
    #expect(bench.printer.machine.history.map { $0.outcome } == [.stopped, .underWay])
  }

  @Test("without signatures control is refused, in three ways, and questions are answered")
  func signatures() throws {
    for word in ["answer", "hms", "silence"] {
      let bench = try PrinterBench(model: .X1C)
      try bench.putFile()
      let client = bench.listen()
      bench.printer.begin(.verifyRefused, .word(word))
      let answer = client.print("project_file", MachineTests.cube)
      bench.run(.minutes(2))
      #expect(bench.printer.machine.state == .idle)
      client.publish(ReportTests.pushall)
      bench.run(.seconds(1))
      switch word {
      case "answer":
        #expect(answer?["result"] == "FAIL")
        #expect(answer?["reason"]?.string?.contains("verify") == true)
        #expect(client.merged["print_error"] == 0x0502_4007)
      case "hms":
        #expect(answer?["result"] == "SUCCESS")
        #expect(client.merged["hms"] == [["attr": 0x0500_0500, "code": 0x0001_0007]])
      default: #expect(answer == nil)
      }
      #expect(client.ask("info", ["sequence_id": "1", "command": "get_version"]) != nil)
      #expect(client.print("print_speed", [("param", "3")])?["result"] == "SUCCESS")
    }
  }

  @Test("after an update it wants signatures, tells so, and has another version")
  func update() throws {
    let bench = try PrinterBench(model: .X1C)
    bench.printer.clock = bench.client
    bench.printer.begin(.rebootAfterUpdate)
    #expect(!bench.printer.isOn)
    bench.run(.seconds(299))
    #expect(!bench.printer.isOn)
    bench.run(.seconds(2))
    #expect(bench.printer.isOn)
    let client = bench.listen()
    bench.run(.seconds(1))
    let abilities = client.merged["fun"]?.string.flatMap { Int($0, radix: 16) } ?? 0
    #expect(abilities & 0x2000_0000 != 0)
    let version = client.ask("info", ["sequence_id": "1", "command": "get_version"])
    #expect(version?["module"]?[0]?["sw_ver"] == "01.08.05.00")
    #expect(client.print("gcode_line", [("param", "G28\n")])?["result"] == "FAIL")
  }

  @Test("it says that it prints another file, while it prints the right one")
  func otherFile() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    bench.printer.begin(.startsOtherFile)
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(3))
    #expect(client.merged["subtask_name"] == "spare_bracket")
    #expect(bench.printer.machine.currentFile == "/cube.3mf")
  }

  @Test("layers come late, the clock is wrong, and states are skipped")
  func smallLies() throws {
    let bench = try PrinterBench()
    try bench.putFile(layers: 10, seconds: 600)
    let client = bench.listen()
    for fault in [BambuFault.layersLate, .clockWrong, .stateSkips] { bench.printer.begin(fault) }
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.seconds(60))
    #expect(client.merged["total_layer_num"]?.int ?? 0 == 0)
    #expect(client.merged["gcode_start_time"]?.string.flatMap { Int($0) } ?? .max < 86_400)
    bench.run(.minutes(30)) { bench.printer.machine.state == .running }
    bench.run(.minutes(1))
    #expect(client.merged["total_layer_num"] == 10)
    bench.run(.minutes(30)) { bench.printer.machine.state == .finish }
    bench.run(.seconds(3))
    let states = client.reports.compactMap { $0["print"]?["gcode_state"]?.string }
    #expect(states == ["RUNNING", "IDLE"])
  }

  @Test("at 100 % it stays running for as long as was said")
  func stuck() throws {
    let bench = try PrinterBench()
    try bench.putFile(layers: 10, seconds: 600)
    let client = bench.listen()
    bench.printer.begin(.stuckAt100)
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(60)) { bench.printer.machine.progress == 100 }
    bench.run(.seconds(170))
    #expect(bench.printer.machine.state == .running)
    #expect(client.merged["mc_percent"] == 100)
    bench.run(.seconds(15))
    #expect(bench.printer.machine.state == .finish)
  }

  @Test("FINISH is there again after a night without power; FAILED of a job that is long over too")
  func lingering() throws {
    let bench = try PrinterBench()
    try bench.putFile(layers: 2, seconds: 60)
    let client = bench.listen()
    bench.printer.begin(.finishLingers)
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(30)) { bench.printer.machine.state == .finish }
    bench.printer.stop()
    try bench.printer.start()
    #expect(bench.printer.machine.state == .finish)
    #expect(bench.printer.machine.currentFile == "/cube.3mf")

    let other = try PrinterBench()
    other.printer.begin(.failedLingers)
    let late = other.listen()
    late.publish(ReportTests.pushall)
    other.run(.seconds(1))
    #expect(late.merged["gcode_state"] == "FAILED")
    #expect(late.merged["print_error"] == 0x0300_400C)
  }

  @Test("fingers on the screen do what the buttons say")
  func screen() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    let steps: [(String, MachineState)] = [
      ("pause", .pause), ("resume", .running), ("stop", .failed), ("start", .prepare),
    ]
    for (button, state) in steps {
      bench.printer.begin(.touchScreen, .word(button))
      #expect(bench.printer.machine.state == state)
    }
  }
}
