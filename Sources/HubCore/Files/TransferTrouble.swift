// Why an attempt to bring a file to a printer broke off. All of these are worth another attempt.

import Wire

/// What went wrong in an attempt.
enum TransferTrouble: Equatable {
  case downloadFailed(Connection.Failure)
  case downloadBroken(HTTPError)
  case downloadStatus(UInt16)
  case downloadCut
  case downloadSilent
  /// What is to be had now is not the rest of what we have.
  case downloadChanged
  /// The link is out of date; the cloud was asked for another one.
  case linkExpired
  case uploadFailed(Connection.Failure)
  case uploadBroken(FTPError)
  case uploadReply(UInt16)
  /// The same of a server that takes files over HTTP.
  case uploadStatus(UInt16)
  case uploadBadAnswer(HTTPError)
  /// The printer has not noticed yet that the connection of an earlier attempt is dead.
  case uploadHeldOpen
  case uploadSilent
  case uploadHungUp
  case uploadCut
  case stalled

  /// Whether it uses up one of the attempts that a file has.
  var costsAttempt: Bool { self != .uploadHeldOpen && self != .linkExpired }

  /// Whether the place that the link leads to cannot be reached from here.
  var isAboutLink: Bool {
    switch self {
    case .downloadFailed, .downloadSilent, .downloadStatus: true
    default: false
    }
  }

  /// Whether the far end broke its protocol.
  var isBadInput: Bool {
    switch self {
    case .downloadBroken, .uploadBroken, .uploadBadAnswer: true
    default: false
    }
  }

  func write(into writer: inout ByteWriter) {
    switch self {
    case .downloadFailed(let failure):
      writer.put("download: ")
      writer.put(failure.name)
    case .downloadBroken(let error):
      writer.put("download: ")
      writer.put(error.name)
    case .downloadStatus(let status):
      writer.put("download: HTTP ")
      writer.put(decimal: Int(status))
    case .downloadCut: writer.put("download: cut short")
    case .downloadSilent: writer.put("download: no answer")
    case .downloadChanged: writer.put("download: the rest is not to be had")
    case .linkExpired: writer.put("download: the link is out of date")
    case .uploadFailed(let failure):
      writer.put("upload: ")
      writer.put(failure.name)
    case .uploadBroken(let error):
      writer.put("upload: ")
      writer.put(error.name)
    case .uploadReply(let code):
      writer.put("upload: FTP ")
      writer.put(decimal: Int(code))
    case .uploadStatus(let status):
      writer.put("upload: HTTP ")
      writer.put(decimal: Int(status))
    case .uploadBadAnswer(let error):
      writer.put("upload: ")
      writer.put(error.name)
    case .uploadHeldOpen: writer.put("upload: printer still holds the file open")
    case .uploadSilent: writer.put("upload: no answer")
    case .uploadHungUp: writer.put("upload: printer hung up")
    case .uploadCut: writer.put("upload: printer has only a part of the file")
    case .stalled: writer.put("no byte moved")
    }
  }
}
