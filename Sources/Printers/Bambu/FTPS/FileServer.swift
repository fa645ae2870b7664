// The file server of a printer: FTP (RFC 959, RFC 2389, RFC 3659) inside TLS from the first byte on
// ("implicit"), an old vsftpd in its manners. Only passive data connections exist.

import World

/// Serves a printer's card.
final class FileServer {
  struct Settings {
    var accessCode: String
    /// For the data connections that are protected.
    var security: ServerSecurity
    /// A data connection must be protected and take up the control connection's TLS session.
    var demandsSessionReuse: Bool
    var knowsExtendedPassive: Bool
    /// How fast the card takes an upload; 0: as fast as it comes.
    var bytesPerSecond: Int
    var sessionLimit = 8
  }

  let host: any Host
  let card: PrinterCard
  var settings: Settings
  /// Called when a file begins, ends, or has grown by some more.
  var onChange: (() -> Void)?
  private(set) var faults = PeerFaults()
  private var sessions: [FileSession] = []

  init(host: any Host, card: PrinterCard, settings: Settings) {
    self.host = host
    self.card = card
    self.settings = settings
  }

  func accept(_ stream: any Stream) {
    let session = FileSession(server: self, stream: stream)
    let isFull = sessions.count >= settings.sessionLimit
    sessions.append(session)
    session.begin(isWelcome: !isFull)
  }

  func note(fault: String) {
    faults.add(fault)
    host.note(.detail, "FTPS: \(fault)")
  }

  func remove(_ session: FileSession) { sessions.removeAll { $0 === session } }

  /// Power is gone.
  func closeAll() {
    for session in sessions { session.reset() }
    sessions = []
  }
}
