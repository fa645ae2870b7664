// What one message or one look at a printer has brought, for the slot to act upon.

import Wire

/// Why a printer cannot be used although its server may be reached.
enum Absence: UInt8 {
  case none, wrongKey, otherCertificate, oldCertificate, noPrinter, klippyStarts, klippyGone

  /// It lasts until a person does something about it, and stays known over failed attempts.
  var isForPeople: Bool {
    self == .wrongKey || self == .otherCertificate || self == .oldCertificate
  }

  /// For people.
  var text: StaticString? {
    switch self {
    case .none: nil
    case .wrongKey: "wrong key or password"
    case .otherCertificate:
      "shows another certificate than before: if it was reset or replaced, trust it anew"
    case .oldCertificate: "its certificate has expired: renew it or set the server's clock"
    case .noPrinter: "OctoPrint is not connected to the printer"
    case .klippyStarts: "Klippy is starting"
    case .klippyGone: "Klippy is not running"
    }
  }
}

/// Where the connection to a printer stands, whatever it speaks.
enum LinkState: Equatable {
  case offline
  case waiting(until: Uptime)
  case connecting(until: Uptime)
  case handshake(until: Uptime)
  case connected
}

/// What a step of a connection brought about.
enum LinkEvent: Equatable {
  case none
  case connected
  case lost
  /// There is something to be laid over what is known, before the next step.
  case report
}

/// What a report was about.
struct LinkReport {
  /// It says how the printer is; it was laid over the status.
  var isStatus = false
  var isChanged = false
  /// Whether it says what the printer does.
  var saysState = false
  /// It says so with a word that nobody knows.
  var hasUnknownState = false
  var answer: LinkAnswer?
}

/// A printer's answer to an order or to the start of a print.
struct LinkAnswer {
  /// The number under which it was sent.
  var sequence: UInt32
  var outcome: CommandOutcome
  /// It may answer the start of a print.
  var isStart: Bool
  /// What the printer says about a refusal.
  var remark: Remark
}

/// What became of handing an order to a connection.
enum Sending: Equatable {
  case sent(sequence: UInt32)
  case noRoom
  case unsupported(Unsupported)
}
