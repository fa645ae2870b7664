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
    /// Whether AVBL and STAT are known.
    var knowsRoom: Bool
    /// How long the card needs at the end of an upload to keep a megabyte; 226 waits for it.
    var settlingTime: Interval
    /// How fast the card takes an upload; 0: as fast as it comes.
    var bytesPerSecond: Int
    var sessionLimit = 8
  }

  /// Nobody waits longer than this for a card to settle.
  private static let settlingLimit = Interval.seconds(40)

  let host: any Host
  let card: PrinterCard
  let troubles: ActiveFaults
  var settings: Settings
  /// Called when a file begins, ends, or has grown by some more.
  var onChange: (() -> Void)?
  private(set) var faults = PeerFaults()
  private var sessions: [FileSession] = []

  init(host: any Host, card: PrinterCard, troubles: ActiveFaults, settings: Settings) {
    self.host = host
    self.card = card
    self.troubles = troubles
    self.settings = settings
  }

  func accept(_ stream: any Stream) {
    let session = FileSession(server: self, stream: stream)
    let isFull = sessions.count >= settings.sessionLimit || troubles.has(.ftps421)
    sessions.append(session)
    session.begin(isWelcome: !isFull)
  }

  /// How fast the card takes an upload now; 0: as fast as it comes.
  var bytesPerSecond: Int { troubles.bytes(.ftpsSlow) ?? settings.bytesPerSecond }

  /// How long after the last byte of an upload 226 is said.
  func replyDelay(afterBytes count: Int) -> Interval {
    if let late = troubles.duration(.ftpsLate226) { return late }
    return min(
      Self.settlingLimit, .milliseconds(settings.settlingTime.milliseconds * Int64(count) >> 20))
  }

  /// A fault has begun or ended; what it held up goes on.
  func troublesChanged() {
    for session in sessions { session.channel?.troublesChanged() }
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
