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
    guard !troubles.has(.mqttDead) else { return }
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
    let command = body["command"]?.string ?? ""
    switch (group, command) {
    case ("pushing", "pushall"), ("pushing", "start"): return reportAll()
    case ("info", "get_version"): return answerVersion(body)
    case ("upgrade", "get_history"):
      var body = body
      body["firmware_optional"] = []
      return answer(group, body, .done)
    default: break
    }
    if let manner = refusalOfUnsigned(group, command) { return refuseUnsigned(group, body, manner) }
    if troubles.has(.commandDropped), Self.isKnown(group, command) {
      return answer(group, body, .done)
    }
    switch (group, command) {
    case ("system", "ledctrl"), ("system", ""): setLamp(body)
    case ("camera", "ipcam_record_set"): set(group, body) { $0.setRecord($1) }
    case ("camera", "ipcam_timelapse"): set(group, body) { $0.setTimelapse($1) }
    case ("xcam", "xcam_control_set"): setWatch(body)
    // It never has a newer firmware than the one that it runs.
    case ("upgrade", "start"), ("upgrade", "upgrade_confirm"):
      answer(group, body, .failed("no update is there"))
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
    case "gcode_line": tell(body) { runLines(of: body, on: $0) }
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
    case "calibration": start(calibrationOrder(body), body)
    case "ams_filament_setting": tell(body) { setFilament(of: $0, body) }
    case "ams_change_filament": tell(body) { changeFilament(of: $0, body) }
    case "unload_filament": tell(body) { $0.unload() ? .done : .failed("busy") }
    case "ams_control": tell(body) { controlUnits(of: $0, body) }
    case "ams_user_setting":
      options.setReading(
        atStart: body["startup_read_option"]?.bool ?? options.readsSpoolsAtStart,
        whenInserted: body["tray_read_option"]?.bool ?? options.readsSpoolsWhenInserted)
      tell(body) {
        $0.filamentGeneration += 1; return .done
      }
    case "ams_get_rfid":
      tell(body) { machine in
        let unit = body["ams_id"]?.number ?? 0
        return machine.units.indices.contains(unit) ? .done : .failed("no such unit")
      }
    case "print_option":
      tell(body) { machine in
        if let recovers = body["auto_recovery"]?.bool { machine.recovers = recovers }
        return .done
      }
    default: break
    }
  }

  private static func isKnown(_ group: String, _ command: String) -> Bool {
    switch group {
    case "print":
      [
        "project_file", "gcode_file", "pause", "resume", "stop", "print_speed", "gcode_line",
        "clean_print_error", "skip_objects", "calibration", "ams_filament_setting",
        "ams_change_filament", "unload_filament", "ams_control", "ams_user_setting",
        "ams_get_rfid", "print_option",
      ].contains(command)
    case "system": command == "ledctrl" || command.isEmpty
    case "camera": command == "ipcam_record_set" || command == "ipcam_timelapse"
    case "xcam": command == "xcam_control_set"
    default: false
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
    let identity = reporter.identity
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
          FirmwareModules.write(identity, into: &json)
          json.pair("result", "success")
          json.pair("reason", "")
          json.endObject()
          json.endObject()
        }
      })
  }

  // MARK: Signatures

  /// In which way a command is refused that should have been signed; nil when it is not.
  private func refusalOfUnsigned(_ group: String, _ command: String) -> String? {
    guard demandsSignatures || troubles.has(.verifyRefused), group == "print" else { return nil }
    switch command {
    case "project_file", "gcode_file", "gcode_line", "calibration", "unload_filament",
      "ams_change_filament", "ams_control", "ams_filament_setting", "ams_user_setting",
      "ams_get_rfid":
      return troubles.word(.verifyRefused) ?? "answer"
    default:
      return nil
    }
  }

  private func refuseUnsigned(_ group: String, _ body: JSON, _ manner: String) {
    host.note(.printer, "refuses \(body["command"]?.string ?? "a command"): it is not signed")
    switch manner {
    case "hms":
      answer(group, body, .done)
      machine.messages = [.wantsSignature]
    case "silence":
      break
    default:
      var body = body
      body["err_code"] = .integer(Int64(BambuPrintError.wantsSignature.code))
      answer(group, body, .failed("mqtt message verify failed"))
      machine.printError = .wantsSignature
    }
    machineChanged()
  }

  // MARK: What is asked for

  /// Tells the machine something, answers, and reports what has become different.
  private func tell(_ body: JSON, _ action: (PrinterMachine) -> Outcome) {
    answer("print", body, action(machine))
    machineChanged()
  }

  private func set(
    _ group: String, _ body: JSON, _ change: (inout PrinterOptions, Bool) -> Void
  ) {
    guard let control = body["control"]?.string, ["enable", "disable"].contains(control) else {
      return answer(group, body, .failed("enable or disable"))
    }
    change(&options, control == "enable")
    answer(group, body, .done)
    machineChanged()
  }

  private func setWatch(_ body: JSON) {
    let isOn = body["control"]?.bool ?? body["enable"]?.bool ?? true
    let isKnown = options.setWatch(body["module_name"]?.string ?? "", isOn)
    answer("xcam", body, isKnown ? .done : .failed("no such module"))
    machineChanged()
  }

  private func setLamp(_ body: JSON) {
    guard let lamp = PrinterMachine.Lamp(rawValue: body["led_mode"]?.string ?? "") else { return }
    let node = body["led_node"]?.string ?? "chamber_light"
    if node == "chamber_light" { machine.setLamp(lamp) }
    answer("system", body, .done)
    machineChanged()
  }

  private func runLines(of body: JSON, on machine: PrinterMachine) -> Outcome {
    for line in (body["param"]?.string ?? "").split(separator: "\n") {
      if let command = GCodeCommand(line) { machine.run(command) }
    }
    return .done
  }

  private func setFilament(of machine: PrinterMachine, _ body: JSON) -> Outcome {
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

  /// `target` is a place in the units, 254 the external spool, 255 out with what is in.
  private func changeFilament(of machine: PrinterMachine, _ body: JSON) -> Outcome {
    guard let target = body["target"]?.number else { return .failed("no such tray") }
    let isBegun = target == 255 ? machine.unload() : machine.load(target)
    return isBegun ? .done : .failed("busy, or no spool there")
  }

  private func controlUnits(of machine: PrinterMachine, _ body: JSON) -> Outcome {
    switch body["param"]?.string {
    case "resume": machine.resume() ? .done : .failed("not paused")
    case "pause": machine.pause() ? .done : .failed("not printing")
    case "reset", "done", "abort":
      .done
    default: .failed("no such action")
    }
  }

  private func start(_ order: PrintOrder?, _ body: JSON) {
    guard let order else {
      return answer("print", body, .failed("no file is named"))
    }
    tell(body) { machine in
      if machine.state.isBusy, troubles.has(.startCancels) { _ = machine.stop(error: .busy) }
      guard machine.start(order) else { return .failed("already printing") }
      if troubles.has(.layersLate) { machine.layersKnownAt = machine.now + .minutes(2) }
      return .done
    }
  }
}

extension JSON {
  /// A whole number, whether it was sent as one or as a string: firmware and clients differ.
  var number: Int? { int ?? string.flatMap { Int($0) } }

  /// The text, or the digits of a number that was sent instead.
  var digitsOrText: String? { string ?? int.map { String($0) } }
}
