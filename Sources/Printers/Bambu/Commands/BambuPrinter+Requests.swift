// What clients ask for over MQTT. One message is a JSON object with one or more groups (`print`,
// `info`, `pushing`, …), each with a command; the answer repeats it and adds how it went:
//
//     {"print": {"sequence_id": "20", "command": "pause", "param": ""}}
//     {"print": {"sequence_id": "20", "command": "pause", "param": "", "result": "success"}}
//
// As the real printers do, this one says nothing to what it does not know.

import Wire
import World

extension BambuPrinter {
  /// Handles a message that came on the request topic.
  func request(_ payload: [UInt8]) {
    let message: JSON
    do throws(JSONError) {
      message = try JSON.parse(payload)
    } catch {
      broker.note(fault: "request.\(error.name)")
      return
    }
    guard let groups = message.object, !groups.isEmpty else {
      return broker.note(fault: "request.no-object")
    }
    for (group, body) in groups.entries {
      guard body.object != nil else { continue }
      host.note(.detail, "asked for \(group).\(body["command"]?.string ?? "?")")
      handle(group, body)
    }
  }

  private func handle(_ group: String, _ body: JSON) {
    switch (group, body["command"]?.string ?? "") {
    case ("pushing", "pushall"), ("pushing", "start"): reportAll()
    case ("info", "get_version"): answerVersion(body)
    case ("system", "ledctrl"), ("system", ""): setLamp(body)
    case ("camera", "ipcam_record_set"), ("camera", "ipcam_timelapse"),
      ("xcam", "xcam_control_set"):
      answer(group, body, .done)
    case ("upgrade", "get_history"):
      var body = body
      body["firmware_optional"] = []
      answer(group, body, .done)
    case ("print", let command): print(command, body)
    default: break
    }
  }

  private func print(_ command: String, _ body: JSON) {
    switch command {
    case "project_file": start(projectOrder(body), body)
    case "gcode_file": start(fileOrder(body), body)
    case "pause": tell(body) { $0.pause() ? .done : .failed("not printing") }
    case "resume": tell(body) { $0.resume() ? .done : .failed("not paused") }
    case "stop": tell(body) { $0.stop() ? .done : .failed("not printing") }
    case "print_speed":
      tell(body) { machine in
        let level = body["param"]?.number ?? 0
        return machine.setSpeed(level: level) ? .done : .failed("no such level")
      }
    case "gcode_line":
      tell(body) { machine in
        for line in (body["param"]?.string ?? "").split(separator: "\n") {
          if let command = GCodeCommand(line) { machine.run(command) }
        }
        return .done
      }
    case "clean_print_error":
      tell(body) { machine in
        machine.clearError()
        return .done
      }
    case "skip_objects":
      tell(body) { machine in
        let objects = (body["obj_list"]?.array ?? []).compactMap { $0.number }
        return machine.skip(objects) ? .done : .failed("not printing")
      }
    case "ams_filament_setting": tell(body) { setFilament(of: $0, body) }
    case "print_option": answer("print", body, .done)
    default: break
    }
  }

  // MARK: Answers

  enum Outcome {
    case done
    case failed(String)
  }

  /// Repeats the request and says how it went.
  private func answer(_ group: String, _ body: JSON, _ outcome: Outcome) {
    var body = body
    let shouts = !configuration.model.isDelta
    switch outcome {
    case .done: body["result"] = shouts ? "SUCCESS" : "success"
    case .failed(let reason):
      body["result"] = shouts ? "FAIL" : "fail"
      body["reason"] = .string(reason)
    }
    answer(JSON.object(JSONObject([(group, body)])).bytes)
  }

  private func answerVersion(_ body: JSON) {
    answer(
      encoded(2048) { writer in
        writer.json { json in
          json.beginObject()
          json.key("info")
          json.beginObject()
          json.pair("command", "get_version")
          if let sequence = body["sequence_id"] {
            json.key("sequence_id")
            sequence.write(into: &json)
          }
          FirmwareModules.write(self.identity, into: &json)
          json.pair("result", "success")
          json.pair("reason", "")
          json.endObject()
          json.endObject()
        }
      })
  }

  // MARK: What is asked for

  /// Tells the machine something, answers, and reports what has become different.
  private func tell(_ body: JSON, _ action: (BambuMachine) -> Outcome) {
    answer("print", body, action(machine))
    machineChanged()
  }

  private func setLamp(_ body: JSON) {
    guard let lamp = BambuMachine.Lamp(rawValue: body["led_mode"]?.string ?? "") else { return }
    let node = body["led_node"]?.string ?? "chamber_light"
    if node == "chamber_light" { machine.setLamp(lamp) }
    answer("system", body, .done)
    machineChanged()
  }

  private func setFilament(of machine: BambuMachine, _ body: JSON) -> Outcome {
    guard let unit = body["ams_id"]?.number, let tray = body["tray_id"]?.number else {
      return .failed("no such tray")
    }
    let isSet = machine.setFilament(unit: unit, tray: tray) { spool in
      spool.type = body["tray_type"]?.string ?? spool.type
      spool.color = body["tray_color"]?.string ?? spool.color
      spool.profile = body["tray_info_idx"]?.string ?? spool.profile
      spool.nozzleMinimum = body["nozzle_temp_min"]?.number ?? spool.nozzleMinimum
      spool.nozzleMaximum = body["nozzle_temp_max"]?.number ?? spool.nozzleMaximum
    }
    return isSet ? .done : .failed("no such tray")
  }

  private func start(_ order: PrintOrder?, _ body: JSON) {
    guard let order else {
      return answer("print", body, .failed("no file is named"))
    }
    tell(body) { $0.start(order) ? .done : .failed("already printing") }
  }
}

extension JSON {
  /// A whole number, whether it was sent as one or as a string: firmware and clients differ.
  var number: Int? { int ?? string.flatMap { Int($0) } }

  /// The text, or the digits of a number that was sent instead.
  var digitsOrText: String? { string ?? int.map { String($0) } }
}
