import Printers
import Testing
import World

@Suite("The machine")
struct MachineTests {
  /// The places that a machine can be brought to before something is asked of it.
  enum Place: String, CaseIterable {
    case idle, unpacking, heating, running, pausedWhileHeating, pausedWhileRunning, finished, failed
  }

  @Test("goes from idle through every step to finished, in the time that the slicer said")
  func wholePrint() throws {
    let bench = try PrinterBench()
    let file = try bench.putFile(layers: 10, seconds: 600)
    let machine = bench.printer.machine
    var states: [MachineState] = []
    bench.printer.onChange = {
      let state = bench.printer.machine.state
      if states.last != state { states.append(state) }
    }
    let client = bench.listen()
    #expect(client.print("project_file", Self.cube)?["result"] == "success")
    #expect(bench.run(.minutes(10)) { machine.state == .running })
    let start = bench.world.now
    var percents: [Int] = []
    var layers: [Int] = []
    bench.run(.minutes(30)) {
      if percents.last != machine.progress { percents.append(machine.progress) }
      if layers.last != machine.layer { layers.append(machine.layer) }
      return bench.printer.machine.state == .finish
    }
    #expect(bench.world.now - start == .seconds(600))
    #expect(states == [.prepare, .running, .finish])
    #expect(percents == Array(0...100))
    #expect(layers == Array(1...10))
    #expect(machine.remainingMinutes == 0)
    #expect(machine.printsStarted == 1)
    #expect(machine.printsFinished == 1)
    #expect(machine.history.map { $0.digest } == [contentDigest(file)])
    #expect(machine.history.map { $0.size } == [file.count])
    #expect(machine.history.map { $0.outcome } == [.finished])
    bench.run(.seconds(1))
    let stages = client.reports.compactMap { $0["print"]?["stg_cur"]?.int }
    #expect(stages == [13, 2, 7, 14, 1, 0, 255])
    #expect(
      bench.notes == [
        "begins cube.3mf: 10 layers, 10m 0s", "prints the first layer of cube.3mf",
        "cube.3mf 25 %, layer 3", "cube.3mf 50 %, layer 6", "cube.3mf 75 %, layer 8",
        "has finished cube.3mf",
      ])
  }

  static let cube: [(String, JSON)] = [
    ("param", "Metadata/plate_1.gcode"), ("url", "ftp:///cube.3mf"), ("subtask_name", "cube"),
  ]

  @Test(
    "does what it is told where that is legal, and refuses it elsewhere", arguments: Place.allCases)
  func arrows(place: Place) throws {
    for command in ["project_file", "pause", "resume", "stop"] {
      let bench = try PrinterBench()
      try bench.putFile()
      let client = bench.listen()
      try bring(bench, client, to: place)
      let before = bench.printer.machine.state
      let answer = client.print(command, command == "project_file" ? Self.cube : [])
      let after = bench.printer.machine.state
      let expected: MachineState?
      switch (command, place) {
      case ("project_file", .idle), ("project_file", .finished), ("project_file", .failed):
        expected = .prepare
      case ("pause", .heating), ("pause", .running): expected = .pause
      case ("resume", .pausedWhileHeating): expected = .prepare
      case ("resume", .pausedWhileRunning): expected = .running
      case ("stop", .unpacking), ("stop", .heating), ("stop", .running),
        ("stop", .pausedWhileHeating), ("stop", .pausedWhileRunning):
        expected = .failed
      default: expected = nil
      }
      #expect(after == expected ?? before, "\(command) while \(place)")
      #expect(answer?["result"] == (expected == nil ? "fail" : "success"), "\(command), \(place)")
      #expect(answer?["command"] == .string(command))
      if command == "stop", expected != nil {
        #expect(bench.printer.machine.printError == .stopped)
        #expect(bench.printer.machine.printError.text == "0300-400C")
        #expect(bench.printer.machine.history.last?.outcome == .stopped)
      }
    }
  }

  private func bring(_ bench: PrinterBench, _ client: MQTTTestClient, to place: Place) throws {
    guard place != .idle else { return }
    _ = client.print("project_file", Self.cube)
    try #require(bench.printer.machine.state == .prepare)
    guard place != .unpacking else { return }
    bench.run(.minutes(10)) { bench.printer.machine.printsStarted == 1 }
    if place == .pausedWhileHeating { bench.printer.pressPause() }
    guard place != .heating, place != .pausedWhileHeating else { return }
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.run(.minutes(2))
    switch place {
    case .pausedWhileRunning: bench.printer.pressPause()
    case .failed: bench.printer.pressStop()
    case .finished: bench.run(.minutes(10)) { bench.printer.machine.state == .finish }
    default: break
    }
  }

  @Test("a pause takes nothing away: the print is as long, only later")
  func pauseKeepsWork() throws {
    let bench = try PrinterBench()
    try bench.putFile(seconds: 600)
    let client = bench.listen()
    _ = client.print("project_file", Self.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    let start = bench.world.now
    bench.run(.seconds(200))
    bench.printer.pressPause()
    let percent = bench.printer.machine.progress
    bench.run(.minutes(20))
    #expect(bench.printer.machine.progress == percent)
    #expect(percent == 33)
    bench.printer.pressResume()
    bench.run(.minutes(20)) { bench.printer.machine.state == .finish }
    #expect(bench.world.now - start == .seconds(600 + 1200))
  }

  @Test("a pause while it heats lets it heat, and it goes on where it was")
  func pauseWhileHeating() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", Self.cube)
    bench.run(.minutes(1)) { bench.printer.machine.printsStarted == 1 }
    bench.printer.pressPause()
    bench.run(.minutes(30))
    #expect(bench.printer.machine.bedTemperature == 60)
    bench.printer.pressResume()
    #expect(bench.printer.machine.state == .prepare)
    #expect(bench.run(.minutes(3)) { bench.printer.machine.state == .running })
  }

  @Test("whenever it is paused while it heats, and for however long, it goes on and time with it")
  func pauseAnywhere() throws {
    for seconds in stride(from: Int64(4), through: 184, by: 12) {
      for pause in [Interval.zero, .seconds(5), .minutes(30)] {
        let bench = try PrinterBench()
        try bench.putFile()
        let client = bench.listen()
        _ = client.print("project_file", Self.cube)
        bench.run(.seconds(seconds))
        bench.printer.pressPause()
        if pause > .zero { bench.run(pause) }
        bench.printer.pressResume()
        let before = bench.world.eventCount
        bench.run(.minutes(10)) {
          bench.printer.machine.state == .running || bench.world.eventCount - before > 50_000
        }
        #expect(bench.printer.machine.state == .running, "paused at \(seconds) s for \(pause)")
      }
    }
  }

  @Test(
    "a speed level shortens or lengthens what is left",
    arguments: [
      ("1", 600 + 600), ("2", 600), ("3", 242 * 2), ("4", 181 * 2),
    ])
  func speed(level: String, seconds: Int) throws {
    let bench = try PrinterBench()
    try bench.putFile(seconds: 600)
    let client = bench.listen()
    _ = client.print("project_file", Self.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    let start = bench.world.now
    #expect(client.print("print_speed", [("param", .string(level))])?["result"] == "success")
    bench.run(.minutes(40)) { bench.printer.machine.state == .finish }
    #expect(abs((bench.world.now - start).seconds - Double(seconds)) < 2)
    #expect(client.print("print_speed", [("param", "7")])?["result"] == "fail")
  }

  @Test("heats up without passing the target, holds it, and cools down to the room")
  func heat() throws {
    let bench = try PrinterBench()
    try bench.putFile(seconds: 1200)
    let client = bench.listen()
    _ = client.print("project_file", Self.cube)
    var last = 24.0
    var rise = 0
    while bench.printer.machine.state != .running {
      bench.run(.seconds(1))
      let now = bench.printer.machine.nozzleTemperature
      #expect(now >= last && now <= 220)
      if now > last { rise += 1 }
      last = now
    }
    #expect(rise > 20)
    #expect(abs(last - 220) <= 0.5)
    #expect(abs(bench.printer.machine.bedTemperature - 60) <= 0.5)
    bench.run(.minutes(15))
    #expect(bench.printer.machine.nozzleTemperature == 220)
    bench.run(.minutes(10)) { bench.printer.machine.state == .finish }
    bench.run(.minutes(1))
    let cooling = bench.printer.machine.nozzleTemperature
    #expect(cooling < 150 && cooling > 60)
    bench.run(.minutes(180))
    #expect(abs(bench.printer.machine.nozzleTemperature - 24) < 0.5)
    #expect(abs(bench.printer.machine.bedTemperature - 24) < 0.5)
  }

  @Test("with a speed factor everything but the world goes faster")
  func speedFactor() throws {
    let bench = try PrinterBench { $0.speedFactor = 60 }
    try bench.putFile(seconds: 600)
    let client = bench.listen()
    _ = client.print("project_file", Self.cube)
    let start = bench.world.now
    #expect(bench.run(.seconds(30)) { bench.printer.machine.state == .finish })
    #expect((bench.world.now - start).seconds > 10)
  }

  @Test("the file that was there at the start is what is printed and recorded")
  func snapshot() throws {
    let bench = try PrinterBench()
    let first = try bench.putFile(seed: 1)
    let client = bench.listen()
    _ = client.print("project_file", Self.cube)
    let second = try bench.putFile(seed: 2)
    #expect(first != second)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    #expect(bench.printer.machine.history.last?.digest == contentDigest(first))
  }

  @Test(
    "two runs with one seed are the same to the last event")
  func repeats() throws {
    func hash() throws -> UInt64 {
      let bench = try PrinterBench(seed: 3)
      try bench.putFile()
      let client = bench.listen()
      _ = client.print("project_file", Self.cube)
      bench.run(.minutes(30))
      return bench.world.trace.hash
    }
    #expect(try hash() == hash())
  }
}
