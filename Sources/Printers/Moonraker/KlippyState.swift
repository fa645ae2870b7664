/// What Moonraker says of Klippy, the program that drives the printer.
enum KlippyState: String {
  case ready, startup, shutdown, error, disconnected

  var message: String {
    switch self {
    case .ready: "Printer is ready"
    case .startup: "Printer is not ready\nThe klippy host software is attempting to connect."
    case .shutdown:
      "MCU 'mcu' shutdown: Timer too close\nOnce the underlying issue is corrected, use the\n"
        + "\"FIRMWARE_RESTART\" command to reset the firmware, reload the\nconfig, and restart the "
        + "host software.\nPrinter is shutdown\n"
    case .error:
      "Option 'step_pin' in section 'stepper_x' must be specified\nOnce the underlying issue is "
        + "corrected, use the \"RESTART\"\ncommand to reload the config and restart the host "
        + "software.\nPrinter is halted\n"
    case .disconnected: "Klippy Host not connected"
    }
  }
}

/// Why a method was not carried out; over HTTP the code is the status.
struct MoonrakerError: Error {
  var code: Int
  var message: String

  /// On a socket some have numbers of their own.
  var socketCode: Int {
    switch code {
    case 404: -32601
    case 401: -32602
    default: code
    }
  }

  static let unknownMethod = MoonrakerError(code: -32601, message: "Method not found")
  static let away = MoonrakerError(code: 503, message: "Klippy Host not connected")
  static let unauthorized = MoonrakerError(code: 401, message: "Unauthorized")

  static func missing(_ argument: String) -> MoonrakerError {
    MoonrakerError(code: 400, message: "No data for argument: \(argument)")
  }
}
