// What the hub says to a Bambu printer: one JSON object with one top key, and our own counter as
// `sequence_id`, which comes back in the answer.

import Wire

/// A command for a Bambu printer.
enum BambuCommand {
  case getVersion
  case pushAll
  case pause
  case resume
  case stop

  /// Writes the whole message.
  func write(sequence: UInt32, into json: inout JSONWriter) {
    switch self {
    case .getVersion:
      Self.begin("info", "get_version", sequence, into: &json)
    case .pushAll:
      Self.begin("pushing", "pushall", sequence, into: &json)
      json.key("version")
      json.integer(1)
      json.key("push_target")
      json.integer(1)
    case .pause:
      Self.begin("print", "pause", sequence, into: &json)
      Self.emptyParameter(into: &json)
    case .resume:
      Self.begin("print", "resume", sequence, into: &json)
      Self.emptyParameter(into: &json)
    case .stop:
      Self.begin("print", "stop", sequence, into: &json)
      Self.emptyParameter(into: &json)
    }
    json.endObject()
    json.endObject()
  }

  var name: StaticString {
    switch self {
    case .getVersion: "get_version"
    case .pushAll: "pushall"
    case .pause: "pause"
    case .resume: "resume"
    case .stop: "stop"
    }
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
    json.key("timelapse")
    json.bool(false)
    json.key("bed_leveling")
    json.bool(true)
    json.key("flow_cali")
    json.bool(false)
    json.key("vibration_cali")
    json.bool(true)
    json.key("layer_inspect")
    json.bool(false)
    json.key("use_ams")
    json.bool(job.usesAMS)
    if job.usesAMS {
      json.key("ams_mapping")
      json.beginArray()
      json.integer(0)
      json.endArray()
    }
    json.endObject()
    json.endObject()
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

  private static func emptyParameter(into json: inout JSONWriter) {
    json.key("param")
    json.string("")
  }
}
