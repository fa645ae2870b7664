import World

/// A command on its way to a hub, not answered yet. Its row outlives the cloud's process; what it
/// carries that is secret or short-lived is only made when it is sent.
struct HubCommand: Record {
  enum Kind: String {
    case configurePrinter = "configure_printer"
    case printCommand = "print_command"
    case printerCommand = "printer_command"
    case reboot
    case setLogLevel = "set_log_level"
    case factoryReset = "factory_reset"
    case runDiagnostics = "run_diagnostics"
    case discoverPrinters = "discover_printers"
    case cameraSnapshot = "camera_snapshot"
    /// Its action is the release's id.
    case firmwareUpdate = "firmware_update"
  }

  /// How long a hub has for its answer.
  static let patienceMilliseconds: Int64 = 30_000

  let sequence: Int64
  let id: String
  let hubID: String
  let kind: Kind
  let action: String
  let printerID: String?
  let serial: String
  let jobID: String?
  /// What it says beside its action, as a JSON object.
  let details: String?
  /// When it is given up; nil for what waits as long as it takes.
  let dueAt: Int64?

  init(_ row: Row) {
    sequence = row.integer("sequence")
    id = row.text("id")
    hubID = row.text("hub_id")
    guard let kind = Kind(rawValue: row.text("type")) else {
      preconditionFailure("hub_commands holds a type that we never write")
    }
    self.kind = kind
    action = row.text("action")
    printerID = row.optionalText("printer_id")
    serial = row.text("serial_number")
    jobID = row.optionalText("job_id")
    details = row.optionalText("details")
    dueAt = row.optionalInteger("due_at")
  }

  /// For people.
  var summary: String { "\(kind.rawValue) \(action) \(serial)" }
}

/// What became of a command.
enum CommandOutcome: Equatable {
  case accepted
  case refused(String)
  case timedOut
}

/// A command before it has a name.
struct NewCommand {
  var kind: HubCommand.Kind
  var action: String
  var printerID: String?
  var serial: String
  var jobID: String?
  var details: JSON?
  /// Kept until the hub has answered, however long it is away.
  var waits = false
}
