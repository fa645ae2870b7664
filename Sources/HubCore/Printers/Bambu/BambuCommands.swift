// What the hub says to a Bambu printer: one JSON object with one top key, and our own counter as
// `sequence_id`, which comes back in the answer.

import Wire

/// A command for a Bambu printer.
enum BambuCommand {
  case getVersion
  case pushAll
  case order(ControlOrder)

  /// Writes the whole message; `details` and `status` are for orders that need them.
  func write(
    sequence: UInt32, _ details: borrowing OrderDetails, error: PrinterError,
    into json: inout JSONWriter
  ) {
    switch self {
    case .getVersion:
      Self.begin("info", "get_version", sequence, into: &json)
    case .pushAll:
      Self.begin("pushing", "pushall", sequence, into: &json)
      json.key("version")
      json.integer(1)
      json.key("push_target")
      json.integer(1)
    case .order(let order):
      if case .light = order {
        Self.begin("system", order.name, sequence, into: &json)
      } else {
        Self.begin("print", order.name, sequence, into: &json)
      }
      Self.write(order, details, error: error, into: &json)
    }
    json.endObject()
    json.endObject()
  }

  private static func write(
    _ order: ControlOrder, _ details: borrowing OrderDetails, error: PrinterError,
    into json: inout JSONWriter
  ) {
    switch order {
    case .pause, .resume, .stop, .unloadFilament:
      json.key("param")
      json.string("")
    case .speed(let level):
      var digit = Text<4>()
      digit.write { $0.put(decimal: level) }
      json.key("param")
      json.string(digit.span)
    case .light(let mode):
      json.key("led_node")
      json.string("chamber_light")
      json.key("led_mode")
      json.string(mode.name)
      writeBlinking(into: &json)
    case .gcode:
      writeLines(details, into: &json)
    case .clearError:
      json.key("subtask_id")
      json.string("0")
      json.key("print_error")
      json.integer(Int(Int32(bitPattern: error.code)))
    case .loadFilament(let tray, let temperature):
      json.key("target")
      json.integer(tray)
      json.key("curr_temp")
      json.integer(temperature)
      json.key("tar_temp")
      json.integer(temperature)
    case .feeder(let feeder):
      json.key("param")
      json.string(feeder == .resume ? "resume" : feeder == .reset ? "reset" : "pause")
    case .skipObjects:
      json.key("obj_list")
      json.beginArray()
      for index in 0..<details.objectCount { json.integer(details.object(index)) }
      json.endArray()
    case .calibrate(let bits):
      json.key("option")
      json.integer(bits)
    }
  }

  /// Printers want these also where nothing blinks.
  private static func writeBlinking(into json: inout JSONWriter) {
    json.key("led_on_time")
    json.integer(500)
    json.key("led_off_time")
    json.integer(500)
    json.key("loop_times")
    json.integer(1)
    json.key("interval_time")
    json.integer(1_000)
  }

  /// The last line must end, or it is not run.
  private static func writeLines(
    _ details: borrowing OrderDetails, into json: inout JSONWriter
  ) {
    var lines = Text<241>()
    let given = details.lines
    lines.write {
      $0.put(given.span)
      if given.span[given.count - 1] != UInt8(ascii: "\n") { $0.put("\n") }
    }
    json.key("param")
    json.string(lines.span)
  }

  /// Writes the message that starts the print of an uploaded file.
  static func writeProjectFile(
    _ job: borrowing PrintJob, sequence: UInt32, into json: inout JSONWriter
  ) {
    begin("print", "project_file", sequence, into: &json)
    var plate = Text<32>()
    let number = job.plate
    plate.write {
      $0.put("Metadata/plate_")
      $0.put(decimal: number)
      $0.put(".gcode")
    }
    json.key("param")
    json.string(plate.span)
    var address = Text<112>()
    let name = job.remoteName
    address.write {
      $0.put("ftp:///")
      $0.put(name.span)
    }
    json.key("url")
    json.string(address.span)
    json.key("file")
    json.string(name.span)
    json.key("md5")
    json.string("")
    json.key("subtask_name")
    json.string(job.shownName.span)
    json.key("project_id")
    json.string("0")
    json.key("profile_id")
    json.string("0")
    json.key("task_id")
    json.string("0")
    json.key("subtask_id")
    json.string("0")
    json.key("bed_type")
    json.string("auto")
    writeOptions(job.options, into: &json)
    json.key("use_ams")
    json.bool(job.usesAMS)
    if job.usesAMS {
      json.key("ams_mapping")
      json.beginArray()
      for index in 0..<job.options.trayCount { json.integer(job.options.tray(index)) }
      if job.options.trayCount == 0 { json.integer(0) }
      json.endArray()
    }
    json.endObject()
    json.endObject()
  }

  /// Older firmware reads one spelling of the levelling, newer the other.
  private static func writeOptions(_ options: PrintOptions, into json: inout JSONWriter) {
    json.key("timelapse")
    json.bool(options.recordsTimelapse)
    json.key("bed_leveling")
    json.bool(options.levelsBed)
    json.key("bed_levelling")
    json.bool(options.levelsBed)
    json.key("flow_cali")
    json.bool(options.calibratesFlow)
    json.key("vibration_cali")
    json.bool(options.calibratesVibration)
    json.key("layer_inspect")
    json.bool(options.inspectsFirstLayer)
  }

  private static func begin(
    _ topic: StaticString, _ command: StaticString, _ sequence: UInt32,
    into json: inout JSONWriter
  ) {
    var number = Text<12>()
    number.write { $0.put(decimal: sequence) }
    json.beginObject()
    json.key(topic)
    json.beginObject()
    json.key("sequence_id")
    json.string(number.span)
    json.key("command")
    json.string(command)
  }
}
