// What hubs say of printers comes by the thousand and is looked at seldom: only what we act on is
// taken out of a message at once, the rest waits in its bytes until somebody asks.

import Wire
import World

/// What a hub said last about a printer.
struct PrinterReport {
  enum State: UInt8 {
    case idle, printing, paused, error, offline

    var name: String {
      switch self {
      case .idle: "idle"
      case .printing: "printing"
      case .paused: "paused"
      case .error: "error"
      case .offline: "offline"
      }
    }
  }

  var state = State.offline
  var progress: Int?
  var layer: Int?
  var layerTotal: Int?
  var remainingMinutes: Int?
  /// Temperatures in tenths of a degree.
  var nozzle: Int?
  var bed: Int?
  var chamber: Int?
  var currentFile: String?
  var errorCode: String?
  var printerState: String?
  /// Whether the message tells of spools; most do not, for they seldom change.
  var hasSpools = false
  /// The JSON object that all this was taken from.
  var source: [UInt8] = []
  /// The same of the last message that told of spools.
  private var spoolSource: [UInt8] = []

  /// Takes over what a message leaves out when it has not changed.
  mutating func follow(_ previous: PrinterReport?) {
    spoolSource = hasSpools ? source : previous?.spoolSource ?? []
  }

  /// What is passed on as the hub says it.
  private static let details = [
    "stage", "prepare_percent", "fans", "speed_level", "speed_percent", "wifi_signal",
    "chamber_light", "sd_card", "door_open", "developer_mode_needed", "error_message", "alarms",
    "skipped_objects", "task_id", "subtask_id", "job_id", "firmware_version", "link_problem",
  ]
  private static let spools = ["ams_status", "external_spool", "tray_now"]

  var json: JSON {
    func number(_ value: Int?) -> JSON { value.map { .integer($0) } ?? .null }
    let message = Self.parse(source)
    let spools = hasSpools ? message : Self.parse(spoolSource)
    let acted: [(String, JSON)] = [
      ("state", .string(state.name)), ("progress_percent", number(progress)),
      ("layer_current", number(layer)), ("layer_total", number(layerTotal)),
      ("time_remaining_minutes", number(remainingMinutes)),
      ("temperatures", temperatures(message["temperatures"])),
      ("current_file", .optional(currentFile)), ("error_code", .optional(errorCode)),
      ("gcode_state", .optional(printerState)),
    ]
    let passedOn = Self.details.map { ($0, message[$0] ?? .null) }
    return .object(JSONObject(acted + passedOn + Self.spools.map { ($0, spools[$0] ?? .null) }))
  }

  private func temperatures(_ message: JSON?) -> JSON {
    func degrees(_ tenths: Int?) -> JSON { tenths.map { .double(Double($0) / 10) } ?? .null }
    var json: JSON = ["nozzle": degrees(nozzle), "bed": degrees(bed), "chamber": degrees(chamber)]
    for name in ["nozzle_target", "bed_target"] {
      if let target = message?[name] { json[name] = target }
    }
    return json
  }

  /// The bytes were read once before, so they are JSON; without any there is nothing to tell.
  private static func parse(_ bytes: [UInt8]) -> JSON {
    guard !bytes.isEmpty, let json = try? JSON.parse(bytes) else { return [:] }
    return json
  }

  /// Whether another message says the same.
  func says(sameAs other: PrinterReport) -> Bool {
    if !source.isEmpty || !other.source.isEmpty { return source == other.source }
    return state == other.state
  }
}
