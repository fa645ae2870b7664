// How far a job is, and why it came to nothing.

import Wire

/// The phases of a job, as the cloud is told.
enum JobPhase: UInt8 {
  /// The slot has no job.
  case none
  case downloading, uploaded, starting, printing, paused
  case completed, failed, cancelled

  var name: StaticString {
    switch self {
    case .none: "none"
    case .downloading: "downloading"
    case .uploaded: "uploaded"
    case .starting: "starting"
    case .printing: "printing"
    case .paused: "paused"
    case .completed: "completed"
    case .failed: "failed"
    case .cancelled: "cancelled"
    }
  }

  /// Whether nothing more will come of the job.
  var isFinal: Bool {
    switch self {
    case .completed, .failed, .cancelled: true
    case .none, .downloading, .uploaded, .starting, .printing, .paused: false
    }
  }

  /// The phase that a record holds: a pause is the printer's affair and costs the flash nothing.
  var kept: JobPhase { self == .paused ? .printing : self }

  /// Whether a job is under way.
  var isActive: Bool { self != .none && !isFinal }
}

/// Why a job failed.
enum JobFailure: Equatable {
  case downloadRefused(status: UInt16)
  case downloadBroken(TransferTrouble)
  case uploadRefused(code: UInt16)
  /// The same by a printer that takes files over HTTP.
  case fileRefused(status: UInt16)
  case sizeDiffers
  case checksumDiffers
  case outOfPatience
  case printerAway
  case printerBusy
  case notStarted
  case printerRefused
  case developerModeNeeded
  case printerError(PrinterError)
  case printerForgot
  case otherPrint
  case printerRemoved
  /// The hub restarted while the file was on its way.
  case transferCut
  /// What it was before a restart; the job's remark has the words.
  case remembered(ErrorCode)

  /// Writes the reason for people; `remark` is what the printer said, if it said anything.
  func write(remark: Remark, into writer: inout ByteWriter) {
    switch self {
    case .downloadRefused(let status):
      writer.put("download refused with HTTP ")
      writer.put(decimal: Int(status))
      switch status {
      case 403: writer.put(": the link is out of date or was altered")
      case 404, 410: writer.put(": the file is gone")
      default: break
      }
    case .downloadBroken(let trouble):
      writer.put("file could not be brought to the printer: ")
      trouble.write(into: &writer)
    case .uploadRefused(let code):
      writer.put("printer refused the file with FTP ")
      writer.put(decimal: Int(code))
      switch code {
      case 530: writer.put(": wrong access code")
      case 452, 552, 553: writer.put(": no room on its card, or no card")
      default: break
      }
    case .fileRefused(let status):
      writer.put("printer refused the file with HTTP ")
      writer.put(decimal: Int(status))
      switch status {
      case 401, 403: writer.put(": wrong key, or the file is being printed")
      case 404: writer.put(": it has no storage, or its drive was pulled")
      case 409: writer.put(": a file of this name is being printed or brought")
      case 411: writer.put(": nobody said how long the file is")
      case 413: writer.put(": the file is too large for it")
      case 415, 422: writer.put(": it does not print such files")
      case 507: writer.put(": no room on its storage, or its drive was pulled")
      default: break
      }
    case .sizeDiffers: writer.put("the file has another size than was announced")
    case .checksumDiffers: writer.put("the file was altered on its way: its SHA-256 differs")
    case .outOfPatience: writer.put("file transfer made no progress for 15 minutes")
    case .printerAway: writer.put("printer did not come back to take the job")
    case .printerBusy: writer.put("printer is busy")
    case .notStarted: writer.put("printer did not start the print")
    case .printerRefused:
      writer.put("printer refused the print")
      if !remark.isEmpty {
        writer.put(": ")
        writer.put(remark.span)
      }
    case .developerModeNeeded:
      writer.put("printer accepts only signed commands: turn on LAN-only mode and Developer Mode")
      writer.put(" on its screen, then restart it")
    case .printerError(let error):
      writer.put("printer error ")
      if error == .inWords { writer.put(remark.span) } else { error.write(into: &writer) }
    case .printerForgot: writer.put("printer forgot the print")
    case .otherPrint: writer.put("printer prints something else")
    case .printerRemoved: writer.put("printer was removed from the hub")
    case .remembered(let code):
      if remark.isEmpty { writer.put(code.text) } else { writer.put(remark.span) }
    case .transferCut:
      writer.put("the hub restarted while it brought the file to the printer: start the job again")
    }
  }
}
