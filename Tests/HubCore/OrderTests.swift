import Foundation
import Testing

@Suite("Orders to printers")
struct OrderTests {
  private func give(_ rig: HubRig, _ printer: FakePrinter, _ members: String, id: String = "c1") {
    rig.cloud.send(
      """
      {"type":"printer_command","command_id":"\(id)","printer_id":"\(printer.serial)",\(members)}
      """)
  }

  private func answer(_ rig: HubRig, _ id: String = "c1") -> [String: Any]? {
    rig.cloud.acknowledgements(id).first
  }

  @Test(
    "each order is told as the printer wants it",
    arguments: [
      (#""action":"speed","level":3"#, "print_speed", ["param": "3"]),
      (#""action":"gcode","lines":"G28\nM106 S0""#, "gcode_line", ["param": "G28\nM106 S0\n"]),
      (
        #""action":"light","mode":"off""#, "ledctrl",
        ["led_node": "chamber_light", "led_mode": "off"]
      ),
      (#""action":"unload_filament""#, "unload_filament", ["param": ""]),
      (#""action":"ams","mode":"resume""#, "ams_control", ["param": "resume"]),
      (#""action":"clear_error""#, "clean_print_error", ["subtask_id": "0"]),
      (#""action":"pause""#, "pause", ["param": ""]),
    ])
  func orders(members: String, command: String, fields: [String: String]) throws {
    let (rig, printer) = HubRig.withPrinter()
    give(rig, printer, members)
    rig.run(milliseconds: 100)
    let sent = try #require(printer.commands(command).first)
    for (name, value) in fields { #expect(sent[name] as? String == value) }
    #expect(answer(rig)?["success"] as? Bool == true)
  }

  @Test("orders with numbers and lists say them as numbers and lists")
  func numbers() throws {
    let (rig, printer) = HubRig.withPrinter()
    give(rig, printer, #""action":"load_filament","tray":2,"temperature":240"#, id: "c1")
    give(rig, printer, #""action":"skip_objects","objects":[3,70,12]"#, id: "c2")
    give(rig, printer, #""action":"calibrate","option":6"#, id: "c3")
    rig.run(milliseconds: 100)
    let load = try #require(printer.commands("ams_change_filament").first)
    #expect(load["target"] as? Int == 2 && load["tar_temp"] as? Int == 240)
    #expect(printer.commands("skip_objects").first?["obj_list"] as? [Int] == [3, 70, 12])
    #expect(printer.commands("calibration").first?["option"] as? Int == 6)
    for id in ["c1", "c2", "c3"] { #expect(answer(rig, id)?["success"] as? Bool == true) }
  }

  @Test(
    "an order that makes no sense is refused by what was expected",
    arguments: [
      (#""action":"speed","level":5"#, "level from 1 to 4"),
      (#""action":"light","mode":"disco""#, "mode on, off or flashing"),
      (#""action":"ams","mode":"on""#, "mode resume, reset or pause"),
      (#""action":"gcode""#, "lines is missing"),
      (#""action":"skip_objects","objects":[]"#, "objects is missing"),
      (#""action":"skip_objects","objects":[70000]"#, "objects is too long"),
      (#""action":"calibrate","option":16"#, "option from 1 to 15"),
    ])
  func senseless(members: String, reason: String) {
    let (rig, printer) = HubRig.withPrinter()
    let count = printer.requests.count
    give(rig, printer, members)
    rig.run(milliseconds: 100)
    #expect((answer(rig)?["error_message"] as? String)?.contains(reason) == true)
    #expect(printer.requests.count == count)
  }

  @Test("nothing is acknowledged before the printer has answered")
  func waits() throws {
    let (rig, printer) = HubRig.withPrinter()
    printer.orderResult = nil
    give(rig, printer, #""action":"pause""#)
    rig.run(milliseconds: 5_000)
    #expect(answer(rig) == nil)
    let sequence = try #require(printer.commands("pause").first?["sequence_id"] as? String)
    for (number, ends) in [("99999", false), (sequence, true)] {
      printer.report(["command": "pause", "sequence_id": number, "result": "SUCCESS"])
      rig.run(milliseconds: 100)
      #expect((answer(rig) != nil) == ends)
    }
  }

  @Test("the report is as good as an answer that was lost")
  func confirmedByReport() {
    let (rig, printer) = HubRig.withPrinter()
    printer.report(["gcode_state": "RUNNING"])
    rig.run(milliseconds: 100)
    printer.orderResult = nil
    give(rig, printer, #""action":"pause""#)
    rig.run(milliseconds: 1_000)
    printer.report(["gcode_state": "PAUSE"])
    rig.run(milliseconds: 100)
    #expect(answer(rig)?["success"] as? Bool == true)
  }

  @Test("what was so before proves nothing")
  func provesNothing() {
    let (rig, printer) = HubRig.withPrinter()
    printer.report(["gcode_state": "PAUSE"])
    rig.run(milliseconds: 100)
    printer.orderResult = nil
    give(rig, printer, #""action":"pause""#)
    printer.report(["gcode_state": "PAUSE"])
    rig.run(milliseconds: 1_000)
    #expect(answer(rig) == nil)
    rig.run(milliseconds: 22_000)
    #expect((answer(rig)?["error_message"] as? String)?.contains("did not answer") == true)
  }

  @Test("after an order without an answer the printer is asked how it is, once")
  func asksWhatCameOfIt() {
    let (rig, printer) = HubRig.withPrinter()
    let asked = printer.commands("pushall").count
    printer.orderResult = nil
    give(rig, printer, #""action":"pause""#)
    rig.run(milliseconds: 21_000)
    #expect(printer.commands("pushall").count == asked)
    rig.run(milliseconds: 20_000)
    #expect(printer.commands("pushall").count == asked + 1)
  }

  @Test("an order whose printer is lost meanwhile is answered at once")
  func lost() {
    let (rig, printer) = HubRig.withPrinter()
    printer.orderResult = nil
    give(rig, printer, #""action":"pause""#)
    rig.run(milliseconds: 100)
    printer.broker?.fail(-5)
    rig.run(milliseconds: 100)
    #expect(answer(rig)?["success"] as? Bool == false)
  }

  @Test("a refusal carries the printer's reason, each its own")
  func refused() {
    let (rig, printer) = HubRig.withPrinter()
    printer.orderResult = "FAIL"
    printer.orderReason = "not printing"
    give(rig, printer, #""action":"pause""#)
    rig.run(milliseconds: 100)
    #expect(answer(rig)?["error_message"] as? String == "printer refused the command: not printing")
  }

  @Test("a printer that wants signatures is told apart in every way it says so")
  func signatures() {
    for way in ["answer", "alarm", "beforehand"] {
      let (rig, printer) = HubRig.withPrinter()
      printer.orderResult = way == "answer" ? "fail" : nil
      printer.orderReason = "mqtt message verify failed"
      if way == "beforehand" { printer.report(["fun": "20000000"]) }
      rig.run(milliseconds: 100)
      give(rig, printer, #""action":"gcode","lines":"G28""#)
      rig.run(milliseconds: 100)
      if way == "alarm" { printer.report(["hms": [["attr": 0x0500_0500, "code": 0x0001_0007]]]) }
      rig.run(milliseconds: 100)
      let text = answer(rig)?["error_message"] as? String
      #expect(text?.contains("Developer Mode") == true && text?.contains("restart") == true)
      #expect(printer.commands("gcode_line").count == (way == "beforehand" ? 0 : 1))
    }
  }

  @Test("a start to a printer that wants signatures is refused before the file is brought")
  func startNeedsSignature() {
    let (rig, printer) = HubRig.withPrinter()
    printer.report(["fun": "3EC1AFFF9CFF"])
    rig.run(milliseconds: 100)
    rig.fileServer.file = [1]
    rig.cloud.start("j1", on: printer.serial, command: "c1", size: 1)
    rig.run(milliseconds: 100)
    let text = answer(rig)?["error_message"] as? String
    #expect(text?.contains("Developer Mode") == true)
    #expect(rig.fileServer.requests.isEmpty)
  }

  @Test("a fifth order waits for room in vain, and the four before it are answered")
  func bound() {
    let (rig, printer) = HubRig.withPrinter()
    printer.orderResult = nil
    for number in 1...5 { give(rig, printer, #""action":"pause""#, id: "c\(number)") }
    rig.run(milliseconds: 100)
    #expect(
      answer(rig, "c5")?["error_message"] as? String == "printer takes no more commands now")
    rig.run(milliseconds: 23_000)
    for number in 1...4 { #expect(answer(rig, "c\(number)") != nil) }
  }

  @Test("what was chosen for a print is told to the printer")
  func choices() throws {
    let (rig, printer) = HubRig.withPrinter()
    rig.fileServer.file = Array("the file".utf8)
    rig.cloud.send(
      """
      {"type":"print_command","command_id":"c","printer_id":"\(printer.serial)","action":"start",\
      "job_id":"j1","file_url":"https://files.test/f","file_name":"part.3mf","file_size":8,\
      "plate":2,"use_ams":true,"ams_mapping":[-1,3,0],"bed_leveling":false,"timelapse":true,\
      "flow_calibration":true,"vibration_calibration":false,"layer_inspection":true}
      """)
    rig.run(atMost: 60_000) { rig.cloud.phases(of: "j1").last == "starting" }
    let start = try #require(printer.commands("project_file").first)
    #expect(start["ams_mapping"] as? [Int] == [-1, 3, 0])
    #expect(start["param"] as? String == "Metadata/plate_2.gcode")
    for (name, isOn) in [
      ("use_ams", true), ("bed_leveling", false), ("bed_levelling", false), ("timelapse", true),
      ("flow_cali", true), ("vibration_cali", false), ("layer_inspect", true),
    ] { #expect(start[name] as? Bool == isOn) }
  }
}
