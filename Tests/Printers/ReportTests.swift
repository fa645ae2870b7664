import Printers
import Testing
import Wire
import World

@Suite("Reports")
struct ReportTests {
  static let pushall: JSON = ["pushing": ["sequence_id": "1", "command": "pushall"]]

  @Test(
    "every model says everything when asked, once, marked as full", arguments: BambuModel.allCases)
  func full(model: BambuModel) throws {
    let bench = try PrinterBench(model: model)
    let client = bench.listen()
    client.publish(Self.pushall)
    #expect(bench.run { client.messages.count == 1 })
    let print = try #require(client.reports.first?["print"])
    #expect(print["msg"] == 0)
    #expect(print["command"] == "push_status")
    #expect(print["sequence_id"]?.string.flatMap { Int($0) } != nil)
    for field in Self.fields { #expect(print[field] != nil, "\(field)") }
    #expect(print["gcode_state"] == "IDLE")
    #expect(print["nozzle_temper"] == 24)
    #expect(print["wifi_signal"]?.string?.hasSuffix("dBm") == true)
    #expect(print["stg_cur"]?.int == (model.isDelta ? 255 : -1))
    #expect(print["gcode_file_prepare_percent"] == "0")
    #expect(print["ams"]?["ams"]?[0]?["tray"]?.array?.count == 4)
    // An empty place has nothing but its id.
    #expect(print["ams"]?["ams"]?[0]?["tray"]?[3] == ["id": "3"])
    #expect(Self.duplicateKeys(in: client.messages[0].payload).isEmpty)
    let size = client.messages[0].payload.count
    switch model {
    case .X1C, .X1, .X1E: #expect((8_000...12_288).contains(size), "\(size)")
    case .H2D: #expect(size > 10_000, "\(size)")
    case .P1P, .P1S, .A1, .A1mini, .P2S: #expect((3_500...8_000).contains(size), "\(size)")
    }
  }

  /// The fields that clients cannot do without.
  static let fields = [
    "gcode_state", "mc_percent", "mc_remaining_time", "layer_num", "total_layer_num",
    "gcode_file_prepare_percent", "gcode_file", "subtask_name", "project_id", "profile_id",
    "task_id", "subtask_id", "gcode_start_time", "print_type", "stg_cur", "print_error", "hms",
    "nozzle_temper", "nozzle_target_temper", "bed_temper", "bed_target_temper", "chamber_temper",
    "cooling_fan_speed", "big_fan1_speed", "big_fan2_speed", "heatbreak_fan_speed", "fan_gear",
    "spd_lvl", "spd_mag", "wifi_signal", "lights_report", "ams", "vt_tray", "ams_status", "sdcard",
    "home_flag", "ipcam", "nozzle_diameter", "nozzle_type", "online", "upgrade_state", "upload",
    "xcam", "net", "s_obj", "queue_number", "lifecycle",
  ]

  /// Keys that an object has twice; a lenient reader would hide them.
  static func duplicateKeys(in bytes: [UInt8]) -> [String] {
    let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4096)
    defer { scratch.deallocate() }
    var reader = JSONReader(scratch: scratch)
    var position = 0
    var seen: [Set<String>] = []
    var twice: [String] = []
    while true {
      guard let token = try? reader.next(bytes.span, at: &position) else { return ["broken JSON"] }
      switch token {
      case .beginObject: seen.append([])
      case .endObject: seen.removeLast()
      case .key:
        let key = reader.text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        if !seen[seen.count - 1].insert(key).inserted { twice.append(key) }
      case .end, .needsMore: return twice
      default: break
      }
    }
  }

  @Test(
    "a delta has what changed and nothing else, and all deltas together tell what a full one says",
    arguments: BambuModel.allCases.filter { $0.isDelta })
  func deltas(model: BambuModel) throws {
    let bench = try PrinterBench(model: model)
    try bench.putFile(layers: 5, seconds: 120)
    let client = bench.listen()
    client.publish(Self.pushall)
    bench.run { client.messages.count == 1 }
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.run(.seconds(40))
    bench.printer.pressPause()
    bench.run(.seconds(20))
    bench.printer.pressResume()
    bench.run(.minutes(10)) { bench.printer.machine.state == .finish }
    bench.run(.seconds(10))

    var state = JSONObject()
    for (index, message) in client.messages.enumerated() {
      let print = try #require(try JSON.parse(message.payload)["print"]?.object)
      guard print["command"] == "push_status" else { continue }
      #expect(print["msg"] == (index == 0 ? 0 : 1))
      for (key, value) in print.entries where !["msg", "command", "sequence_id"].contains(key) {
        // A new job is described as a whole; what changes of the spools is nested.
        let isOfJob = key.hasSuffix("_id") || key == "print_type" || key == "ams"
        if index > 0, !isOfJob {
          #expect(state[key] != value, "\(key) did not change: \(value.text)")
        }
        state[key] = MQTTTestClient.merge(value, over: state[key])
      }
    }
    client.forget()
    client.publish(Self.pushall)
    bench.run { !client.messages.isEmpty }
    let full = try #require(client.reports.first?["print"]?.object)
    for (key, value) in full.entries where !["msg", "command", "sequence_id"].contains(key) {
      // It cools while nobody looks.
      if key == "nozzle_temper" || key == "bed_temper" || key == "chamber_temper" { continue }
      #expect(state[key] == value, "\(key): merged \(state[key]?.text ?? "-"), full \(value.text)")
    }
  }

  @Test("a delta printer speaks every half to two seconds while it prints")
  func rateOfDeltas() throws {
    let bench = try PrinterBench()
    try bench.putFile(seconds: 1200)
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    client.forget()
    bench.run(.minutes(5))
    let gaps = zip(client.messages, client.messages.dropFirst()).map { ($1.at - $0.at).seconds }
    #expect((150...600).contains(client.messages.count))
    #expect(gaps.allSatisfy { $0 <= 4.1 })
    let sizes = client.messages.map { $0.payload.count }
    #expect(sizes.reduce(0, +) / sizes.count < 250)
  }

  @Test("a printer that sends everything does so every second while it prints")
  func rateOfFulls() throws {
    let bench = try PrinterBench(model: .X1C)
    try bench.putFile(seconds: 600)
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    client.forget()
    bench.run(.seconds(60))
    #expect((60...75).contains(client.messages.count))
    #expect(client.reports.allSatisfy { $0["print"]?["msg"] == 0 })
    for message in client.messages { #expect(Self.duplicateKeys(in: message.payload).isEmpty) }
  }

  @Test("an idle delta printer is silent for minutes, then gives a sign of life")
  func silence() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(Self.pushall)
    bench.run { client.messages.count == 1 }
    client.forget()
    bench.run(.seconds(200))
    #expect(client.messages.isEmpty)
    bench.run(.minutes(5))
    #expect((1...2).contains(client.messages.count))
  }

  @Test("who begins to listen to a delta printer hears nothing until he asks; an X1 speaks at once")
  func firstReport() throws {
    let quiet = try PrinterBench()
    let client = quiet.listen()
    quiet.run(.seconds(60))
    #expect(client.messages.isEmpty)
    quiet.printer.card.isInserted = false
    client.publish(Self.pushall)
    quiet.run(.seconds(1))
    #expect(client.merged["sdcard"] == false)
    let talkative = try PrinterBench(model: .X1C)
    let other = talkative.listen()
    talkative.run(.seconds(2))
    #expect(other.messages.count == 1)
  }

  @Test("nobody listens: nothing is sent, and whoever comes later gets what he asks for")
  func noAudience() throws {
    let bench = try PrinterBench()
    try bench.putFile(seconds: 600)
    let starter = bench.connect(id: "starter")
    starter.publish(["print": ["command": "project_file", "url": "ftp:///cube.3mf"]])
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.run(.minutes(2))
    #expect(starter.messages.isEmpty)
    let client = bench.listen(id: "listener")
    client.publish(Self.pushall)
    bench.run { !client.messages.isEmpty }
    #expect(client.merged["gcode_state"] == "RUNNING")
    #expect(client.merged["subtask_name"] == "cube")
  }

  @Test("the numbers of a report are the machine's: minutes, layers, percent, fans, codes")
  func numbers() throws {
    let bench = try PrinterBench()
    try bench.putFile(layers: 100, seconds: 6000)
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.run(.seconds(1500))
    client.publish(Self.pushall)
    bench.run(.milliseconds(100))
    let state = client.merged
    #expect(state["mc_remaining_time"] == 75)
    #expect(state["layer_num"] == 26)
    #expect(state["total_layer_num"] == 100)
    #expect(state["mc_percent"] == 25)
    #expect(state["cooling_fan_speed"] == "10")
    #expect(state["fan_gear"] == 178)
    #expect(state["mc_print_stage"] == "2")
    #expect(state["print_type"] == "local")
    #expect(abs((state["nozzle_temper"]?.double ?? 0) - 220) < 0.5)
    #expect(state["nozzle_target_temper"] == 220)
    let start = try #require(state["gcode_start_time"]?.string.flatMap { Int64($0) })
    #expect((bench.world.wallMilliseconds / 1000 - start) < 2000)
  }

  @Test("names with quotes and letters from elsewhere arrive as they are")
  func names() throws {
    let bench = try PrinterBench()
    try bench.putFile("/größe 'ü'.3mf")
    let client = bench.listen()
    _ = client.print(
      "project_file",
      [("url", "ftp:///größe 'ü'.3mf"), ("subtask_name", "say \"hi\" \\ 日本")])
    bench.run(.seconds(5))
    #expect(client.merged["gcode_file"] == "größe 'ü'.3mf")
    #expect(client.merged["subtask_name"] == "say \"hi\" \\ 日本")
  }
}
