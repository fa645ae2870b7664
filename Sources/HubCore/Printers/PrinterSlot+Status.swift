// `printer_status`: how a printer is, as the cloud is told. What nobody knows is left out.

import Wire

extension PrinterSlot {
  func writeStatus(into json: inout JSONWriter, now: Uptime) {
    json.beginObject()
    json.key("type")
    json.string("printer_status")
    json.key("printer_id")
    json.string(configuration.serial.span)
    json.key("status")
    json.beginObject()
    json.key("state")
    json.string(unified.name)
    writeProgress(of: status, into: &json)
    writeTemperatures(into: &json)
    writeMachine(into: &json)
    writeTroubles(into: &json)
    writeNumbers(into: &json)
    if news.filamentChanged { status.filament.write(trayNow: status.trayNow, into: &json) }
    if let problem = link.problem {
      json.key("link_problem")
      json.string(problem)
    }
    json.endObject()
    json.key("timestamp")
    json.unsigned(now.milliseconds)
    json.endObject()
  }

  private func writeProgress(of status: borrowing PrinterStatus, into json: inout JSONWriter) {
    json.key("progress_percent")
    json.integer(status.percent)
    json.key("layer_current")
    json.integer(status.layer)
    json.key("layer_total")
    json.integer(status.totalLayers)
    json.key("time_remaining_minutes")
    json.integer(status.remainingMinutes)
    json.key("current_file")
    let file = status.currentFile
    json.string(file.span)
    json.key("gcode_state")
    json.string(status.state.name)
    if let stage = BambuStages.text(status.stage) {
      json.key("stage")
      json.string(stage)
    }
    if status.state == .prepare || status.state == .slicing {
      json.key("prepare_percent")
      json.integer(Int(status.preparePercent))
    }
    if status.skippedObjects > 0 {
      json.key("skipped_objects")
      json.integer(Int(status.skippedObjects))
    }
  }

  private func writeTemperatures(into json: inout JSONWriter) {
    json.key("temperatures")
    json.beginObject()
    json.key("nozzle")
    json.fixedPoint(status.nozzle, decimals: 1)
    json.key("nozzle_target")
    json.fixedPoint(status.nozzleTarget, decimals: 1)
    json.key("bed")
    json.fixedPoint(status.bed, decimals: 1)
    json.key("bed_target")
    json.fixedPoint(status.bedTarget, decimals: 1)
    if let chamber = status.chamber {
      json.key("chamber")
      json.fixedPoint(chamber, decimals: 1)
    }
    json.endObject()
  }

  private func writeMachine(into json: inout JSONWriter) {
    json.key("fans")
    json.beginObject()
    writeFan("part", status.fans.part, into: &json)
    writeFan("auxiliary", status.fans.auxiliary, into: &json)
    writeFan("chamber", status.fans.chamber, into: &json)
    writeFan("hotend", status.fans.hotend, into: &json)
    json.endObject()
    if status.speedLevel > 0 {
      json.key("speed_level")
      json.integer(Int(status.speedLevel))
    }
    if status.speedPercent > 0 {
      json.key("speed_percent")
      json.integer(Int(status.speedPercent))
    }
    if status.signal != 0 {
      json.key("wifi_signal")
      json.integer(Int(status.signal))
    }
    if status.light != .unknown {
      json.key("chamber_light")
      json.string(status.light.name)
    }
    if status.card != .unknown {
      json.key("sd_card")
      json.string(status.card.name)
    }
    if status.isDoorOpen == true {
      json.key("door_open")
      json.bool(true)
    }
    if status.wantsSignature == true {
      json.key("developer_mode_needed")
      json.bool(true)
    }
  }

  /// In percent, where printers count fifteen steps.
  private func writeFan(_ name: StaticString, _ level: UInt8?, into json: inout JSONWriter) {
    guard let level else { return }
    json.key(name)
    json.integer(Int(level) * 100 / 15)
  }

  private func writeTroubles(into json: inout JSONWriter) {
    if status.error == .inWords {
      json.key("error_message")
      json.string(status.remark.span)
    }
    if status.error.hasNumber {
      var code = Text<9>()
      code.write { status.error.write(into: &$0) }
      json.key("error_code")
      json.string(code.span)
      if let text = BambuTroubles.text(status.error) {
        json.key("error_message")
        json.string(text)
      }
    }
    json.key("alarms")
    json.beginArray()
    for index in 0..<status.alarms.count {
      let alarm = status.alarms[index]
      json.beginObject()
      var code = Text<19>()
      code.write { alarm.write(into: &$0) }
      json.key("code")
      json.string(code.span)
      json.key("severity")
      json.string(alarm.severity)
      if let text = BambuTroubles.text(alarm) {
        json.key("message")
        json.string(text)
      }
      json.endObject()
    }
    json.endArray()
  }

  private func writeNumbers(into json: inout JSONWriter) {
    if !status.taskID.isEmpty {
      json.key("task_id")
      json.string(status.taskID.span)
    }
    if !status.subtaskID.isEmpty {
      json.key("subtask_id")
      json.string(status.subtaskID.span)
    }
    if !status.jobID.isEmpty {
      json.key("job_id")
      json.string(status.jobID.span)
    }
    if !status.firmware.isEmpty {
      json.key("firmware_version")
      json.string(status.firmware.span)
    }
  }
}

extension FilamentSupply {
  /// Writes the members that tell of spools.
  func write(trayNow: Int, into json: inout JSONWriter) {
    json.key("ams_status")
    json.beginArray()
    for index in 0..<unitCount {
      json.beginObject()
      json.key("id")
      json.integer(Int(units[index].number))
      if units[index].humidity > 0 {
        json.key("humidity")
        json.integer(Int(units[index].humidity))
      }
      if let temperature = units[index].temperature {
        json.key("temperature")
        json.fixedPoint(Int(temperature), decimals: 1)
      }
      json.key("trays")
      json.beginArray()
      for place in 0..<FilamentUnit.trayLimit where units[index].trays[place].said.place {
        units[index].trays[place].write(number: place, into: &json)
      }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    if external.said.place {
      json.key("external_spool")
      external.write(number: 254, into: &json)
    }
    json.key("tray_now")
    if trayNow == 255 { json.null() } else { json.integer(trayNow) }
  }
}

extension Tray {
  /// Writes the place; an empty one has only its number.
  func write(number: Int, into json: inout JSONWriter) {
    json.beginObject()
    json.key("id")
    json.integer(number)
    if !isEmpty {
      json.key("type")
      json.string(kind.span)
      var digits = Text<8>()
      digits.write {
        PrinterError.writeHalf(color &>> 16, into: &$0)
        PrinterError.writeHalf(color, into: &$0)
      }
      json.key("color")
      json.string(digits.span)
      if remaining >= 0 {
        json.key("remain_percent")
        json.integer(Int(remaining))
      }
    }
    json.endObject()
  }
}
