// What goes wrong with printers that are reached over HTTP, where people use them, each by a name.
// Several are known of all three kinds, some of one alone.

import World

/// One thing that can go wrong with an OctoPrint, a PrusaLink or a Moonraker.
public enum WebFault: String, FaultName {
  // Who may come in.
  case keyRevoked = "key-revoked"
  case digestStale = "digest-stale"
  case tokenExpired = "token-expired"
  case tooManyConnections = "too-many-connections"

  // The server and what stands before it.
  case restart
  case slow = "slow-answers"
  case proxy502 = "proxy-502"
  case proxy503 = "proxy-503"
  case redirect
  case busy503 = "busy-503"
  case socketRefused = "socket-refused"
  case socketDropped = "socket-dropped"
  case socketSilent = "socket-silent"
  case subscriptionLost = "subscription-lost"

  // The printer behind the server.
  case notOperational = "not-operational"
  case serialLost = "serial-lost"
  case firmwareError = "firmware-error"
  case slowPause = "slow-pause"
  case powerOff = "power-off"
  case klippyDisconnected = "klippy-disconnected"
  case klippyStartup = "klippy-startup"
  case klippyShutdown = "klippy-shutdown"
  case configError = "config-error"
  case errorState = "error-state"

  // What is said of the print.
  case progressUnknown = "progress-unknown"
  case timeLeftUnknown = "time-left-unknown"
  case progressReset = "progress-reset"
  case jobGap = "job-gap"

  // Uploads and storage.
  case uploadReset = "upload-reset"
  case uploadStall = "upload-stall"
  case uploadSlow = "upload-slow"
  case upload408 = "upload-408"
  case upload413 = "upload-413"
  case checksumWrong = "checksum-422"
  case fileBusy = "file-busy"
  case fileExists = "file-exists"
  case fileFoundLate = "file-found-late"
  case storageFull = "storage-full"
  case storageGone = "storage-gone"

  // What people do.
  case touchScreen = "touch-screen"
  case otherPrint = "other-print"
  case fileRenamed = "file-renamed"

  // The machine.
  case filamentRunOut = "filament-runout"
  case nozzleClog = "nozzle-clog"
  case doorOpen = "door-open"
  case heaterFault = "heater-fault"
  case powerLoss = "power-loss"
  case addressChanged = "address-changed"

  /// The kinds of printers that it is known of.
  public var kinds: [PrinterKind] {
    switch self {
    case .keyRevoked, .restart, .slow, .proxy502, .proxy503, .progressUnknown, .uploadReset,
      .uploadStall, .uploadSlow, .upload413, .fileBusy, .storageFull, .touchScreen, .otherPrint,
      .filamentRunOut, .nozzleClog, .heaterFault, .powerLoss, .addressChanged:
      [.octoprint, .prusalink, .moonraker]
    case .redirect, .notOperational, .serialLost, .firmwareError, .slowPause, .timeLeftUnknown:
      self == .timeLeftUnknown ? [.octoprint, .prusalink] : [.octoprint]
    case .digestStale, .tooManyConnections, .busy503, .errorState, .progressReset, .jobGap,
      .upload408, .storageGone, .fileExists, .fileFoundLate, .doorOpen:
      [.prusalink]
    case .socketRefused, .socketDropped, .socketSilent: [.octoprint, .moonraker]
    case .tokenExpired, .subscriptionLost, .klippyDisconnected, .klippyStartup, .klippyShutdown,
      .configError, .powerOff, .checksumWrong, .fileRenamed:
      [.moonraker]
    }
  }

  public var isMomentary: Bool {
    switch self {
    case .restart, .klippyStartup, .subscriptionLost, .touchScreen, .otherPrint, .fileRenamed,
      .powerLoss, .addressChanged, .serialLost:
      true
    default: false
    }
  }

  public var measure: FaultMeasure? {
    switch self {
    case .slow: .duration(ordinary: .seconds(8))
    case .restart: .duration(ordinary: .seconds(30))
    case .slowPause: .duration(ordinary: .seconds(12))
    case .fileFoundLate: .duration(ordinary: .seconds(5))
    case .klippyStartup: .duration(ordinary: .seconds(30))
    case .socketDropped: .duration(ordinary: .seconds(20))
    case .powerLoss: .duration(ordinary: .seconds(40))
    case .uploadReset, .uploadStall, .upload408: .size(ordinary: 64_000)
    case .uploadSlow: .rate(ordinary: 20_000)
    case .touchScreen: .word(["pause", "resume", "stop", "start"])
    default: nil
    }
  }

  public var meaning: String {
    switch self {
    case .keyRevoked: "Its key or password is taken back: every request is refused with 401 or 403."
    case .digestStale: "Each nonce is good for one request; the next is refused as stale."
    case .tokenExpired: "Tokens for its socket are out of date as soon as they are given out."
    case .tooManyConnections: "Others hold every place; who connects now is broken off."
    case .restart: "Its server restarts: connections are refused for `to`."
    case .slow: "Every answer takes `to` longer."
    case .proxy502: "The proxy before it answers everything with 502 and a page of HTML."
    case .proxy503: "The proxy before it answers everything with 503 and a body that is not JSON."
    case .redirect: "Everything is sent elsewhere with 302, to HTTPS, where nobody listens."
    case .busy503: "It says 503 to everything that is to be stored or started."
    case .socketRefused: "Its socket for news is refused; asking still works."
    case .socketDropped: "Its socket for news is broken off again and again, each after `to`."
    case .socketSilent: "Its socket stays open and nothing more comes, pongs neither."
    case .subscriptionLost: "It forgets who wanted to hear what, without a word."
    case .notOperational: "The printer is not connected to the server and cannot be: 409."
    case .serialLost:
      "The cable to the printer is pulled: a print is lost, until somebody connects."
    case .firmwareError: "The firmware reports \"Thermal runaway\" and stops."
    case .slowPause:
      "A pause takes `to`, for the moves that are planned; who resumes meanwhile is not heard."
    case .powerOff:
      "The printer's plug is switched off, and Klippy is gone with it; a print is lost."
    case .klippyDisconnected: "Klippy is away; files can be uploaded all the same."
    case .klippyStartup: "Klippy restarts; it is ready again after `to`."
    case .klippyShutdown: "Klippy shuts down: \"Timer too close\"; a print is lost."
    case .configError: "Klippy does not start: there is an error in its configuration."
    case .errorState: "The printer shows an error on its screen and does nothing."
    case .progressUnknown: "How far a print is stays unknown."
    case .timeLeftUnknown: "How long a print still takes stays unknown."
    case .progressReset: "A print that is resumed begins to count its progress anew."
    case .jobGap: "There is no job for the first half minute of a print, only its state."
    case .uploadReset: "An upload breaks after `to`."
    case .uploadStall: "After `to` of an upload nothing more is taken, and nothing is said."
    case .uploadSlow: "Its storage takes no more than `to`."
    case .upload408: "An upload is answered with 408 after `to`."
    case .upload413: "An upload is refused with 413: too large."
    case .checksumWrong: "An upload is refused with 422: its checksum differs."
    case .fileBusy: "An upload is refused: a file of this name is in use."
    case .fileExists: "An upload is refused: there is a file of this name, whatever is asked for."
    case .fileFoundLate:
      "A file that was taken is not found for `to`: who starts it meanwhile is answered with 404."
    case .storageFull: "There is no byte of room in its storage."
    case .storageGone: "The stick with its files is pulled out."
    case .touchScreen: "Somebody presses `to` on its screen."
    case .otherPrint: "Somebody starts another file at the printer."
    case .fileRenamed: "Somebody renames the file that is being printed."
    case .filamentRunOut: "The filament has run out: the print pauses until there is more."
    case .nozzleClog: "Nothing comes out of the nozzle: the print pauses."
    case .doorOpen: "The door is open: a print pauses."
    case .heaterFault: "The nozzle's heater is broken: a print fails."
    case .powerLoss: "No power for `to`; a print is lost."
    case .addressChanged: "It has another address."
    }
  }
}
