import Printers
import Testing
import World

@Suite("Requests")
struct RequestTests {
  @Test("an answer repeats the command with its parameters and its number, and says how it went")
  func repeats() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    let answer = client.ask(
      "system",
      [
        "sequence_id": "2003", "command": "ledctrl", "led_node": "chamber_light",
        "led_mode": "off", "led_on_time": 500, "led_off_time": 500, "loop_times": 0,
        "interval_time": 0,
      ])
    #expect(answer?["led_on_time"] == 500)
    #expect(answer?["result"] == "success")
    bench.run(.seconds(1))
    #expect(client.merged["lights_report"] == [["node": "chamber_light", "mode": "off"]])
  }

  @Test(
    "get_version lists the parts, the first with the serial number", arguments: BambuModel.allCases)
  func version(model: BambuModel) throws {
    let bench = try PrinterBench(model: model)
    let client = bench.listen()
    let answer = client.ask("info", ["sequence_id": "7", "command": "get_version"])
    let modules = try #require(answer?["module"]?.array)
    #expect(modules[0]["name"] == "ota")
    #expect(modules[0]["sn"] == .string(PrinterBench.serial))
    #expect(modules.contains { $0["name"]?.string == (model.isDelta ? "esp32" : "rv1126") })
    #expect(modules.contains { $0["name"]?.string?.hasPrefix("ams") == true })
    #expect(modules.allSatisfy { $0["sw_ver"] != nil && $0["hw_ver"] != nil })
  }

  @Test("one message may ask for several things, and needs no number")
  func several() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish([
      "pushing": ["command": "pushall"], "info": ["command": "get_version"],
      "upgrade": ["command": "get_history"],
    ])
    bench.run { client.messages.count == 3 }
    #expect(client.reports.compactMap { $0.object?.keys.first } == ["print", "info", "upgrade"])
  }

  @Test("an update that is not there cannot be begun", arguments: ["start", "upgrade_confirm"])
  func noUpdate(command: String) throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(["upgrade": ["sequence_id": "7", "command": .string(command)]])
    bench.run { client.messages.count == 1 }
    let answer = client.reports.first?["upgrade"]
    #expect(answer?["sequence_id"] == "7" && answer?["result"] == "fail")
    #expect(answer?["reason"] == "no update is there")
  }

  @Test(
    "what it does not know it passes over in silence",
    arguments: [
      ["print": ["sequence_id": "1", "command": "make_coffee"]],
      ["print": ["sequence_id": "1"]], ["espresso": ["command": "pushall"]],
      ["system": ["command": "reboot_the_moon"]],
      ["system": ["command": "ledctrl", "led_mode": "disco"]],
    ] as [JSON])
  func unknown(message: JSON) throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(message)
    bench.run(.seconds(10))
    #expect(client.messages.isEmpty)
    #expect(!client.isOver)
    #expect(bench.printer.faults.total == 0)
  }

  @Test("g-code sets temperatures and fans, and bad g-code is a success too")
  func gcode() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    let lines = "M104 S180\nM140 S55 ; bed\nM106 P1 S255\nm106 p2 s128\nG28\n"
    #expect(client.print("gcode_line", [("param", .string(lines))])?["result"] == "success")
    bench.run(.minutes(10))
    client.publish(ReportTests.pushall)
    bench.run(.seconds(1))
    let state = client.merged
    #expect(state["nozzle_target_temper"] == 180)
    #expect(state["nozzle_temper"] == 180)
    #expect(state["bed_temper"] == 55)
    #expect(state["cooling_fan_speed"] == "15")
    #expect(state["fan_gear"]?.int == 128 << 8 | 255)
    #expect((state["home_flag"]?.int ?? 0) & 7 == 7)
    for bad in ["%&$", "", "M104 Sxyz", "G999 Q1e99999"] {
      #expect(client.print("gcode_line", [("param", .string(bad))])?["result"] == "success")
    }
    #expect(client.print("gcode_line", [("param", "M104 S1e300")])?["result"] == "success")
    bench.run(.minutes(10))
    #expect(bench.printer.machine.nozzleTemperature == 300)
  }

  @Test("a spool that somebody describes is what reports say from then on")
  func filament() throws {
    let bench = try PrinterBench()
    let client = bench.listen()
    client.publish(ReportTests.pushall)
    bench.run { client.messages.count == 1 }
    let answer = client.print(
      "ams_filament_setting",
      [
        ("ams_id", 0), ("tray_id", 3), ("tray_info_idx", "GFB00"), ("tray_color", "FF0000FF"),
        ("nozzle_temp_min", 240), ("nozzle_temp_max", 270), ("tray_type", "ABS"),
      ])
    #expect(answer?["result"] == "success")
    bench.run(.seconds(1))
    let tray = client.merged["ams"]?["ams"]?[0]?["tray"]?[3]
    #expect(tray?["tray_type"] == "ABS")
    #expect(tray?["tray_color"] == "FF0000FF")
    #expect(client.merged["ams"]?["tray_exist_bits"] == "f")
    let wrong = client.print("ams_filament_setting", [("ams_id", 9), ("tray_id", 0)])
    #expect(wrong?["result"] == "fail")
  }

  @Test("objects can be left out while it prints, and not otherwise")
  func skip() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    #expect(client.print("skip_objects", [("obj_list", [3])])?["result"] == "fail")
    _ = client.print("project_file", MachineTests.cube)
    #expect(client.print("skip_objects", [("obj_list", [3, "5", 3])])?["result"] == "success")
    bench.run(.seconds(1))
    #expect(client.merged["s_obj"] == [3, 5])
  }

  @Test("an error stays on the screen until it is cleared")
  func clearError() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    _ = client.print("stop")
    bench.run(.minutes(2))
    #expect(client.merged["print_error"]?.int == 0x0300_400C)
    _ = client.print("clean_print_error")
    bench.run(.seconds(1))
    #expect(client.merged["print_error"] == 0)
    #expect(client.merged["gcode_state"] == "FAILED")
  }

  @Test("a person at the screen is seen by everybody")
  func touchScreen() throws {
    let bench = try PrinterBench()
    try bench.putFile()
    let client = bench.listen()
    _ = client.print("project_file", MachineTests.cube)
    bench.run(.minutes(10)) { bench.printer.machine.state == .running }
    bench.printer.pressPause()
    bench.run(.milliseconds(200))
    #expect(client.merged["gcode_state"] == "PAUSE")
    #expect(client.merged["stg_cur"] == 16)
    bench.printer.pressResume()
    bench.run(.milliseconds(200))
    #expect(client.merged["gcode_state"] == "RUNNING")
    bench.printer.pressStop()
    bench.run(.milliseconds(200))
    #expect(client.merged["gcode_state"] == "FAILED")
  }

  @Test("the bigger models answer in capitals")
  func capitals() throws {
    let bench = try PrinterBench(model: .X1C)
    let client = bench.listen()
    #expect(client.print("gcode_line", [("param", "G28\n")])?["result"] == "SUCCESS")
    #expect(client.print("resume")?["result"] == "FAIL")
  }
}
