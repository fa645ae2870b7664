// The names of the fields that the hub looks at, by where they stand. Most fields of a report are
// none of ours, so their lengths are looked at first.

import Wire

/// A field of a printer's message.
enum BambuField {
  case unknown
  case command, sequence, result, reason, mark
  case state, percent, layer, totalLayers, remainingMinutes, preparePercent
  case nozzle, bed, chamber, nozzleTarget, bedTarget
  case partFan, auxiliaryFan, chamberFan, hotendFan, speedLevel, speedPercent
  case error, alarms, stage, startTime, shownName, file, taskID, subtaskID, jobID
  case signal, lights, card, homeFlags, functions, skipped
  case ams, units, trayNow, spoolBits, external, externals
  case number, humidity, temperature, trays, kind, color, remaining
  case attribute, code, node, mode, modules, name, version

  static func ofPrint(_ reader: borrowing JSONReader) -> BambuField {
    switch reader.text.count {
    case 3:
      if reader.textEquals("ams") { return .ams }
      if reader.textEquals("hms") { return .alarms }
      if reader.textEquals("msg") { return .mark }
      if reader.textEquals("fun") { return .functions }
    case 5: if reader.textEquals("s_obj") { return .skipped }
    case 6:
      if reader.textEquals("result") { return .result }
      if reader.textEquals("reason") { return .reason }
      if reader.textEquals("sdcard") { return .card }
      if reader.textEquals("job_id") { return .jobID }
    case 7:
      if reader.textEquals("command") { return .command }
      if reader.textEquals("stg_cur") { return .stage }
      if reader.textEquals("spd_lvl") { return .speedLevel }
      if reader.textEquals("spd_mag") { return .speedPercent }
      if reader.textEquals("vt_tray") { return .external }
      if reader.textEquals("task_id") { return .taskID }
    case 8: if reader.textEquals("vir_slot") { return .externals }
    case 9:
      if reader.textEquals("layer_num") { return .layer }
      if reader.textEquals("home_flag") { return .homeFlags }
    default: return ofPrintLonger(reader)
    }
    return .unknown
  }

  private static func ofPrintLonger(_ reader: borrowing JSONReader) -> BambuField {
    switch reader.text.count {
    case 10:
      if reader.textEquals("mc_percent") { return .percent }
      if reader.textEquals("bed_temper") { return .bed }
      if reader.textEquals("gcode_file") { return .file }
      if reader.textEquals("subtask_id") { return .subtaskID }
    case 11:
      if reader.textEquals("gcode_state") { return .state }
      if reader.textEquals("print_error") { return .error }
      if reader.textEquals("sequence_id") { return .sequence }
      if reader.textEquals("wifi_signal") { return .signal }
    case 12: if reader.textEquals("subtask_name") { return .shownName }
    case 13:
      if reader.textEquals("nozzle_temper") { return .nozzle }
      if reader.textEquals("lights_report") { return .lights }
    case 14:
      if reader.textEquals("chamber_temper") { return .chamber }
      if reader.textEquals("big_fan1_speed") { return .auxiliaryFan }
      if reader.textEquals("big_fan2_speed") { return .chamberFan }
    case 15: if reader.textEquals("total_layer_num") { return .totalLayers }
    case 16: if reader.textEquals("gcode_start_time") { return .startTime }
    case 17:
      if reader.textEquals("mc_remaining_time") { return .remainingMinutes }
      if reader.textEquals("bed_target_temper") { return .bedTarget }
      if reader.textEquals("cooling_fan_speed") { return .partFan }
    case 19: if reader.textEquals("heatbreak_fan_speed") { return .hotendFan }
    case 20: if reader.textEquals("nozzle_target_temper") { return .nozzleTarget }
    case 26: if reader.textEquals("gcode_file_prepare_percent") { return .preparePercent }
    default: break
    }
    return .unknown
  }

  /// Of an answer about anything but printing.
  static func ofAnswer(_ reader: borrowing JSONReader) -> BambuField {
    if reader.textEquals("command") { return .command }
    if reader.textEquals("sequence_id") { return .sequence }
    if reader.textEquals("result") { return .result }
    if reader.textEquals("reason") { return .reason }
    return reader.textEquals("module") ? .modules : .unknown
  }

  static func ofSupply(_ reader: borrowing JSONReader) -> BambuField {
    if reader.textEquals("ams") { return .units }
    if reader.textEquals("tray_now") { return .trayNow }
    return reader.textEquals("tray_exist_bits") ? .spoolBits : .unknown
  }

  static func ofUnit(_ reader: borrowing JSONReader) -> BambuField {
    if reader.textEquals("id") { return .number }
    if reader.textEquals("tray") { return .trays }
    if reader.textEquals("humidity") { return .humidity }
    return reader.textEquals("temp") ? .temperature : .unknown
  }

  static func ofTray(_ reader: borrowing JSONReader) -> BambuField {
    switch reader.text.count {
    case 2: if reader.textEquals("id") { return .number }
    case 6: if reader.textEquals("remain") { return .remaining }
    case 9: if reader.textEquals("tray_type") { return .kind }
    case 10: if reader.textEquals("tray_color") { return .color }
    default: break
    }
    return .unknown
  }

  static func ofAlarm(_ reader: borrowing JSONReader) -> BambuField {
    reader.textEquals("attr") ? .attribute : reader.textEquals("code") ? .code : .unknown
  }

  static func ofLight(_ reader: borrowing JSONReader) -> BambuField {
    reader.textEquals("node") ? .node : reader.textEquals("mode") ? .mode : .unknown
  }

  static func ofModule(_ reader: borrowing JSONReader) -> BambuField {
    reader.textEquals("name") ? .name : reader.textEquals("sw_ver") ? .version : .unknown
  }
}
