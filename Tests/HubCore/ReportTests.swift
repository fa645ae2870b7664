import Foundation
import Testing

@Suite("What a printer reports")
struct ReportTests {
  /// A status after the printer has sent these texts as the inside of `print`.
  private func status(
    after reports: [String], model: String = "P1S"
  ) throws -> [String: Any] {
    let (rig, printer) = HubRig.withPrinter(model: model)
    for report in reports {
      printer.publish(Array("{\"print\":{\(report),\"command\":\"push_status\"}}".utf8))
      rig.run(milliseconds: 10)
    }
    rig.run(milliseconds: 6_000)
    #expect(rig.view.bad_input_count == 0)
    return try #require(rig.cloud.lastStatus(printer.serial))
  }

  private static let wholeSupply = #"""
    "msg":0,"ams":{"ams":[
      {"id":"0","humidity":"4","temp":"25.6","tray":[
        {"id":"0","tray_type":"PLA","tray_color":"FF8000FF","remain":80},
        {"tray_type":"PETG-CF","tray_color":"101010FF","remain":"33","id":1},{"id":"2"},{"id":"3"}]},
      {"tray":[{"id":"0","tray_type":"ABS","tray_color":"FFFFFFFF","remain":-1}],"id":"1"}],
    "tray_exist_bits":"13","tray_now":"1"},
    "vt_tray":{"id":"254","tray_type":"TPU","tray_color":"00FF00FF","remain":0}
    """#

  private func spools(_ status: [String: Any]) -> [[[String: Any]]] {
    (status["ams_status"] as? [[String: Any]] ?? []).map { $0["trays"] as? [[String: Any]] ?? [] }
  }

  @Test("units and places come whole, whatever the order of their fields")
  func wholeSupply() throws {
    let status = try status(after: [Self.wholeSupply])
    let trays = spools(status)
    #expect(trays.count == 2 && trays[0].count == 4 && trays[1].count == 1)
    #expect(trays[0][0]["type"] as? String == "PLA")
    #expect(trays[0][0]["color"] as? String == "FF8000FF")
    #expect(trays[0][1]["remain_percent"] as? Int == 33)
    #expect(trays[0][2]["type"] == nil)
    #expect(trays[1][0]["type"] as? String == "ABS")
    #expect(trays[1][0]["remain_percent"] == nil)
    let units = try #require(status["ams_status"] as? [[String: Any]])
    #expect(units.map { $0["id"] as? Int } == [0, 1])
    #expect(units[0]["humidity"] as? Int == 4)
    #expect(units[0]["temperature"] as? Double == 25.6)
    #expect(status["tray_now"] as? Int == 1)
    #expect((status["external_spool"] as? [String: Any])?["type"] as? String == "TPU")
  }

  @Test("a delta of one place changes only what it has, and only there")
  func supplyDelta() throws {
    let status = try status(after: [
      Self.wholeSupply,
      #""msg":1,"ams":{"ams":[{"id":"0","tray":[{"id":"1","remain":32}]}]}"#,
      #""msg":1,"ams":{"tray_now":"254"}"#,
    ])
    let trays = spools(status)
    #expect(trays[0][1]["remain_percent"] as? Int == 32)
    #expect(trays[0][1]["type"] as? String == "PETG-CF")
    #expect(trays[0][0]["remain_percent"] as? Int == 80)
    #expect(trays.count == 2)
    #expect(status["tray_now"] as? Int == 254)
  }

  @Test("a spool that is taken out is gone, by its bit or by a whole report with only its number")
  func spoolTaken() throws {
    let byBits = try status(after: [
      Self.wholeSupply, #""msg":1,"ams":{"tray_exist_bits":"12"}"#,
    ])
    #expect(spools(byBits)[0][0]["type"] == nil)
    #expect(spools(byBits)[0][1]["type"] as? String == "PETG-CF")
    let byReport = try status(after: [
      Self.wholeSupply, #""msg":0,"ams":{"ams":[{"id":"0","tray":[{"id":"0"}]}]}"#,
    ])
    #expect(spools(byReport).count == 1)
    #expect(spools(byReport)[0].allSatisfy { $0["type"] == nil })
  }

  @Test("a model that sends everything each time needs no mark for it")
  func unmarkedWhole() throws {
    let text = #""ams":{"ams":[{"id":"0","tray":[{"id":"0"}]}]}"#
    let full = try status(after: [Self.wholeSupply, text], model: "X1C")
    #expect(spools(full).count == 1)
    let delta = try status(after: [Self.wholeSupply, text], model: "P1S")
    #expect(spools(delta).count == 2)
  }

  @Test("errors and alarms are told by code, in words where they are known")
  func troubles() throws {
    let status = try status(after: [
      #"""
      "gcode_state":"PAUSE","print_error":50364420,"stg_cur":6,
      "hms":[{"attr":83887360,"code":65543},{"attr":117506048,"code":"131073"},
        {"attr":4000000000,"code":3}]
      """#
    ])
    #expect(status["error_code"] as? String == "0300-8004")
    #expect((status["error_message"] as? String)?.contains("load new filament") == true)
    #expect(status["stage"] as? String == "paused: filament ran out")
    let alarms = try #require(status["alarms"] as? [[String: Any]])
    #expect(
      alarms.map { $0["code"] as? String } == [
        "0500-0500-0001-0007", "0701-0000-0002-0001", "EE6B-2800-0000-0003",
      ])
    #expect(alarms[0]["severity"] as? String == "fatal")
    #expect((alarms[0]["message"] as? String)?.contains("Developer Mode") == true)
    #expect(alarms[2]["message"] == nil)
  }

  @Test("alarms go when the printer says so, and stay while it says nothing of them")
  func alarmsGo() throws {
    let on = #""hms":[{"attr":50335744,"code":131073}]"#
    let kept = try status(after: [on, #""layer_num":3"#])
    #expect((kept["alarms"] as? [Any])?.count == 1)
    let gone = try status(after: [on, #""hms":[]"#])
    #expect((gone["alarms"] as? [Any])?.count == 0)
  }

  @Test("an error is told at once, not after five seconds")
  func urgentError() {
    let (rig, printer) = HubRig.withPrinter()
    printer.report(["gcode_state": "RUNNING"])
    rig.run(milliseconds: 10)
    printer.report(["print_error": 0x0300_8003])
    rig.run(milliseconds: 10)
    #expect(rig.cloud.lastStatus(printer.serial)?["error_code"] as? String == "0300-8003")
  }

  @Test("fans, speed, light, card, signal, targets and numbers of jobs are told")
  func machine() throws {
    let status = try status(after: [
      #"""
      "cooling_fan_speed":"15","big_fan1_speed":"0","big_fan2_speed":7,"heatbreak_fan_speed":"8",
      "spd_lvl":3,"spd_mag":124,"wifi_signal":"-61dBm","sdcard":true,"home_flag":8388864,
      "lights_report":[{"mode":"off","node":"work_light"},{"mode":"flashing","node":"chamber_light"}],
      "nozzle_target_temper":220,"bed_target_temper":"60.5","task_id":"42","subtask_id":"43",
      "job_id":44,"s_obj":[3,9]
      """#
    ])
    let fans = try #require(status["fans"] as? [String: Int])
    #expect(fans == ["part": 100, "auxiliary": 0, "chamber": 46, "hotend": 53])
    #expect(status["speed_level"] as? Int == 3)
    #expect(status["speed_percent"] as? Int == 124)
    #expect(status["wifi_signal"] as? Int == -61)
    #expect(status["chamber_light"] as? String == "flashing")
    #expect(status["sd_card"] as? String == "present")
    #expect(status["door_open"] as? Bool == true)
    let temperatures = try #require(status["temperatures"] as? [String: Any])
    #expect(temperatures["nozzle_target"] as? Int == 220)
    #expect(temperatures["bed_target"] as? Double == 60.5)
    #expect(status["task_id"] as? String == "42")
    #expect(status["job_id"] as? String == "44")
    #expect(status["skipped_objects"] as? Int == 2)
  }

  @Test(
    "a card is told by whatever the firmware says of it",
    arguments: [
      (#""sdcard":false"#, "missing"), (#""sdcard":"HAS_SDCARD_NORMAL""#, "present"),
      (#""sdcard":"HAS_SDCARD_ABNORMAL""#, "abnormal"), (#""sdcard":"NO_SDCARD""#, "missing"),
      (#""home_flag":"768""#, "abnormal"), (#""home_flag":256"#, "present"),
    ])
  func card(report: String, expected: String) throws {
    #expect(try status(after: [report])["sd_card"] as? String == expected)
  }

  @Test("the firmware's version comes from the printer's answer about its parts")
  func firmware() throws {
    let (rig, printer) = HubRig.withPrinter()
    printer.publish(
      Array(
        #"""
        {"info":{"command":"get_version","module":[{"sw_ver":"0.1","name":"mc"},
        {"sw_ver":"01.07.00.00","hw_ver":"x","name":"ota"},{"name":"ams/0","sw_ver":"9"}]}}
        """#.utf8))
    printer.report(["layer_num": 1])
    rig.run(milliseconds: 6_000)
    #expect(rig.cloud.lastStatus(printer.serial)?["firmware_version"] as? String == "01.07.00.00")
  }

  // ------------------------------------------------------------------------------ order and repeats

  @Test("a report that was overtaken on its way changes nothing")
  func overtaken() throws {
    let status = try status(after: [
      #""sequence_id":"100","gcode_state":"RUNNING","layer_num":10,"msg":1"#,
      #""sequence_id":"101","layer_num":11,"msg":1"#,
      #""sequence_id":"99","layer_num":9,"gcode_state":"IDLE","msg":1"#,
      #""sequence_id":"101","layer_num":11,"msg":1"#,
    ])
    #expect(status["layer_current"] as? Int == 11)
    #expect(status["gcode_state"] as? String == "RUNNING")
  }

  @Test("a printer that begins to count anew is believed")
  func countsAnew() throws {
    let far = try status(after: [
      #""sequence_id":"5000","layer_num":10"#, #""sequence_id":"1","layer_num":11"#,
    ])
    #expect(far["layer_current"] as? Int == 11)
    let near = try status(
      after: [#""sequence_id":"50","layer_num":1"#]
        + (1...4).map { #""sequence_id":"\#($0)","layer_num":\#($0 + 1)"# })
    #expect(near["layer_current"] as? Int == 5)
  }

  @Test("a number that is none, or none at all, does no harm")
  func oddNumbers() throws {
    let status = try status(after: [
      #""sequence_id":"7","layer_num":1"#, #""sequence_id":"later","layer_num":2"#,
      #""sequence_id":"99999999999999999999","layer_num":3"#, #""layer_num":4"#,
    ])
    #expect(status["layer_current"] as? Int == 4)
  }

  // ---------------------------------------------------------------------------------------- bounds

  @Test("the longest status there can be has room in a message")
  func longestStatus() throws {
    let tray = #""tray_type":"\"\"WWWWWW","tray_color":"FFFFFFFF","remain":100"#
    let trays = (0..<4).map { #"{"id":"\#($0)",\#(tray)}"# }.joined(separator: ",")
    let units = (0..<6).map { #"{"id":"\#($0)","humidity":"5","temp":"-45.6","tray":[\#(trays)]}"# }
    let alarm = #"{"attr":83887360,"code":65543}"#
    let name = String(repeating: #"\"\u0001"#, count: 50)
    let status = try status(after: [
      #"""
      "msg":0,"ams":{"ams":[\#(units.joined(separator: ","))],"tray_now":"15"},
      "vt_tray":{"id":"254",\#(tray)},"hms":[\#(Array(repeating: alarm, count: 20)
        .joined(separator: ","))],
      "gcode_state":"PREPARE","mc_percent":100,"layer_num":999999,"total_layer_num":999999,
      "mc_remaining_time":999999,"nozzle_temper":-99.9,"bed_temper":-99.9,"chamber_temper":-99.9,
      "nozzle_target_temper":999.9,"bed_target_temper":999.9,"stg_cur":32,
      "gcode_file_prepare_percent":"100","cooling_fan_speed":"15","big_fan1_speed":"15",
      "big_fan2_speed":"15","heatbreak_fan_speed":"15","spd_lvl":4,"spd_mag":1000,
      "wifi_signal":"-100dBm","sdcard":"HAS_SDCARD_ABNORMAL","home_flag":4294967295,
      "fun":"FFFFFFFF","print_error":83902471,"lights_report":[{"node":"chamber_light",
      "mode":"flashing"}],"s_obj":[1,2,3],"task_id":"01234567890123456789",
      "subtask_id":"01234567890123456789","job_id":"01234567890123456789",
      "subtask_name":"\#(name)"
      """#
    ])
    #expect(status["prepare_percent"] as? Int == 100)
    #expect((status["alarms"] as? [Any])?.count == 6)
    #expect(spools(status).count == 4)
    #expect(status["developer_mode_needed"] as? Bool == true)
  }
}
