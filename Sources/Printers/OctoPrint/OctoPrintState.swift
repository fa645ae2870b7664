import World

/// What OctoPrint calls the state of its printer, with the flags that go with it.
enum OctoPrintState: String {
  case offline = "Offline"
  case opening = "Opening serial connection"
  case connecting = "Connecting"
  case operational = "Operational"
  case starting = "Starting"
  case printing = "Printing"
  case pausing = "Pausing"
  case paused = "Paused"
  case resuming = "Resuming"
  case finishing = "Finishing"
  case cancelling = "Cancelling"
  case error = "Error"
  case offlineAfterError = "Offline after error"

  var identifier: String {
    switch self {
    case .offline: "OFFLINE"
    case .opening: "OPEN_SERIAL"
    case .connecting: "CONNECTING"
    case .operational: "OPERATIONAL"
    case .starting: "STARTING"
    case .printing: "PRINTING"
    case .pausing: "PAUSING"
    case .paused: "PAUSED"
    case .resuming: "RESUMING"
    case .finishing: "FINISHING"
    case .cancelling: "CANCELLING"
    case .error: "ERROR"
    case .offlineAfterError: "CLOSED_WITH_ERROR"
    }
  }

  var isError: Bool { self == .error || self == .offlineAfterError }
  var isClosed: Bool { self == .offline || isError }

  var isOperational: Bool {
    switch self {
    case .offline, .opening, .connecting, .error, .offlineAfterError: false
    default: true
    }
  }

  /// Also while it pauses, resumes or cancels, as OctoPrint itself says.
  var isPrinting: Bool {
    switch self {
    case .starting, .printing, .pausing, .resuming, .finishing, .cancelling: true
    default: false
    }
  }

  var isPaused: Bool { self == .paused }

  /// As `/api/printer` and the push messages have it.
  func json(error: String) -> JSON {
    [
      "text": .string(rawValue),
      "flags": [
        "operational": .bool(isOperational), "printing": .bool(isPrinting),
        "cancelling": .bool(self == .cancelling), "pausing": .bool(self == .pausing),
        "resuming": .bool(self == .resuming), "finishing": .bool(self == .finishing),
        "closedOrError": .bool(isClosed), "error": .bool(isError), "paused": .bool(isPaused),
        "ready": .bool(self == .operational), "sdReady": .bool(isOperational),
      ],
      "error": .string(isError ? error : ""),
    ]
  }
}
