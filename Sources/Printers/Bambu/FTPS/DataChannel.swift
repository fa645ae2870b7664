// A data connection: a port that is opened for one transfer, and the stream that comes to it.
//
// The client may connect before it says what it wants, or after; TLS may be done before the 150 is
// sent, or after. So the port and the order (STOR, RETR, LIST) are waited for in any sequence.

import World

/// One passive data connection, from PASV to the end of its transfer.
final class DataChannel: StreamHandler {
  private enum Task {
    case none
    case receive(path: String)
    case send(CardContent, isListing: Bool)
  }

  /// How long a client may take to connect, TLS included.
  private static let openLimit = Interval.seconds(60)
  /// How long a transfer may stand still.
  private static let stallLimit = Interval.minutes(2)
  /// How much the card takes in one go.
  private static let writeSize = 64 << 10

  let port: UInt16
  private weak var session: FileSession?
  private let server: FileServer
  private let isProtected: Bool
  private let listener: any Listener
  private var stream: (any Stream)?
  private var task = Task.none
  private var hasEnded = false
  private var peerHasFinished = false
  private var watch: (any Timer)?
  private var lastProgress: Instant

  /// The end is decided; only the reply is not said yet.
  private var isReplyDue = false

  // Receiving: how much has come, and until when the card is busy with it.
  private var receivedCount = 0
  private var cardIsBusyUntil = Instant.start
  private var cardTimer: (any Timer)?
  // Sending: which piece, and how much of it is gone.
  private var piece = 0
  private var pieceOffset = 0

  init(session: FileSession) throws(NetworkFailure) {
    self.session = session
    server = session.server
    isProtected = session.isProtected
    lastProgress = session.server.host.now
    let arrival = Arrival()
    listener = try server.host.listen(
      port: 0, security: isProtected ? server.settings.security : .plain
    ) { arrival.channel?.accept($0) ?? $0.reset() }
    port = listener.port
    arrival.channel = self
  }

  /// The listener exists before the channel does.
  private final class Arrival {
    weak var channel: DataChannel?
  }

  /// Whether a transfer was ordered and is not over.
  var isBusy: Bool {
    if case .none = task { false } else { !hasEnded || isReplyDue }
  }

  // MARK: Orders

  func receive(into path: String) { begin(.receive(path: path)) }

  func send(_ content: CardContent, from offset: Int, isListing: Bool = false) {
    var rest = offset
    while piece < content.pieces.count, rest >= content.pieces[piece].count {
      rest -= content.pieces[piece].count
      piece += 1
    }
    pieceOffset = rest
    begin(.send(content, isListing: isListing))
  }

  /// Nobody is interested any more; what was being received stays as far as it came.
  func abandon() {
    isReplyDue = false
    guard !hasEnded else { return }
    end()
    stream?.reset()
  }

  /// What held the transfer up may be over, or something new be in its way.
  func troublesChanged() {
    lastProgress = server.host.now
    proceed()
  }

  // MARK: The stream

  private func accept(_ stream: any Stream) {
    // A stranger who finds the port first must not get the file, nor give one.
    guard self.stream == nil, !hasEnded, stream.peerAddress == session?.stream.peerAddress else {
      server.note(fault: "ftp.stranger-on-data-port")
      return stream.reset()
    }
    self.stream = stream
    listener.close()
    stream.handler = self
    proceed()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened, .readable, .writable: proceed()
    case .peerFinished:
      peerHasFinished = true
      proceed()
    case .failed: finish(426, "Failure reading network stream.")
    }
  }

  private func begin(_ task: Task) {
    self.task = task
    lastProgress = server.host.now
    watchProgress()
    proceed()
  }

  /// Does what can be done now.
  private func proceed() {
    guard let stream, isBusy, !hasEnded else { return }
    if let refusal = refusal(of: stream) {
      server.note(fault: "ftp.session-not-resumed")
      return finish(refusal.code, refusal.text)
    }
    switch task {
    case .none: break
    case .receive(let path): receive(stream, path)
    case .send(let content, let isListing): send(content, stream, isListing)
    }
  }

  /// What is said to a data connection whose TLS session is not the control connection's.
  private func refusal(of stream: any Stream) -> (code: Int, text: String)? {
    guard isProtected else { return nil }
    let word = server.troubles.word(.ftpsNoReuse)
    guard word != nil || server.settings.demandsSessionReuse && !stream.isSessionResumed else {
      return nil
    }
    switch word {
    case "425": return (425, "Failed to establish connection.")
    case "426": return (426, "Failure reading network stream.")
    default: return (522, "SSL connection failed; session reuse required.")
    }
  }

  // MARK: Receiving

  private func receive(_ stream: any Stream, _ path: String) {
    let host = server.host
    var failure: CardFailure?
    let room = portionLimit
    while cardIsBusyUntil <= host.now, stream.unreadCount > 0, failure == nil,
      receivedCount < room
    {
      var taken = 0
      stream.read { unread in
        let portion = UnsafeRawBufferPointer(
          rebasing: unread.prefix(min(Self.writeSize, room - receivedCount)))
        do throws(CardFailure) {
          try server.card.append(portion, to: path)
          taken = portion.count
        } catch {
          failure = error
        }
        return taken
      }
      guard taken > 0 else { break }
      lastProgress = host.now
      receivedCount += taken
      server.onChange?()
      let speed = Int64(server.bytesPerSecond)
      guard speed > 0 else { continue }
      cardIsBusyUntil =
        max(cardIsBusyUntil, host.now)
        + .nanoseconds(Int64(taken) * 1_000_000_000 / speed)
    }
    if failure == .full { return finish(552, "The card is full.") }
    if failure != nil { return finish(451, "Failure writing to local file.") }
    guard cardIsBusyUntil <= host.now else { return waitForCard() }
    let isWhole = peerHasFinished && stream.unreadCount == 0
    if receivedCount >= room || isWhole, breakOff(isWhole: isWhole) { return }
    if isWhole { received(path) }
  }

  /// Up to where an upload gets before something is in its way.
  private var portionLimit: Int {
    guard !server.troubles.isEmpty else { return .max }
    return [BambuFault.ftps426Cut, .ftps552, .ftpsStall, .ftpsControlDrop]
      .compactMap { server.troubles.bytes($0) }.min() ?? .max
  }

  /// Ends an upload for which a fault is in the way; one that is shorter breaks at its end.
  private func breakOff(isWhole: Bool) -> Bool {
    func isReached(_ fault: BambuFault) -> Bool {
      server.troubles.bytes(fault).map { receivedCount >= $0 || isWhole } ?? false
    }
    if isReached(.ftpsStall) { return true }
    if isReached(.ftps426Cut) {
      finish(426, "Failure reading network stream.")
    } else if isReached(.ftps552) {
      finish(552, "The card is full.")
    } else if isReached(.ftpsControlDrop) {
      session?.reset()
    } else {
      return false
    }
    return true
  }

  /// All of an upload is there; what is said about it is another matter.
  private func received(_ path: String) {
    if server.troubles.has(.ftps426ButWhole) {
      return finish(426, "Failure reading network stream.")
    }
    if let missing = server.troubles.bytes(.ftpsShort226) { server.card.cutOff(path, by: missing) }
    finish(226, "Transfer complete.")
  }

  private func waitForCard() {
    guard cardTimer == nil else { return }
    cardTimer = server.host.after(cardIsBusyUntil - server.host.now) { [weak self] in
      self?.cardTimer = nil
      self?.proceed()
    }
  }

  // MARK: Sending

  private func send(_ content: CardContent, _ stream: any Stream, _ isListing: Bool) {
    while piece < content.pieces.count {
      let taken = content.pieces[piece].withUnsafeBytes {
        stream.write(UnsafeRawBufferPointer(rebasing: $0[pieceOffset...]))
      }
      if taken > 0 { lastProgress = server.host.now }
      pieceOffset += taken
      guard pieceOffset == content.pieces[piece].count else { return }
      piece += 1
      pieceOffset = 0
    }
    finish(226, isListing ? "Directory send OK." : "Transfer complete.")
  }

  // MARK: The end

  private func watchProgress() {
    guard isBusy else { return }
    let limit = stream == nil ? Self.openLimit : Self.stallLimit
    if server.troubles.has(.ftpsStall) { lastProgress = server.host.now }
    let left = lastProgress + limit - server.host.now
    guard left > .zero else {
      return stream == nil
        ? finish(425, "Failed to establish connection.") : finish(426, "Data timeout.")
    }
    watch = server.host.after(left) { [weak self] in self?.watchProgress() }
  }

  private func finish(_ code: Int, _ text: String) {
    guard !hasEnded else { return }
    end()
    let isClean = code == 226 && !server.troubles.has(.ftpsNoCloseNotify)
    if isClean { stream?.close() } else { stream?.reset() }
    if case .receive(let path) = task {
      let count = server.card.entry(path)?.byteCount ?? 0
      let name = CardPath.name(of: path)
      server.host.note(
        .printer,
        code == 226 || server.troubles.has(.ftps426ButWhole)
          ? "has \(name) on its card, \(count) bytes"
          : "has only \(count) bytes of \(name): \(text)")
      server.onChange?()
    }
    guard code == 226, case .receive = task else { return tell(code, text) }
    if server.troubles.has(.ftpsNo226) { return tell(nil, text) }
    let delay = server.replyDelay(afterBytes: receivedCount)
    guard delay > .zero else { return tell(code, text) }
    isReplyDue = true
    server.host.after(delay) { [weak self] in
      guard let self, isReplyDue else { return }
      tell(code, text)
    }
  }

  private func tell(_ code: Int?, _ text: String) {
    isReplyDue = false
    session?.transferEnded(code, text)
  }

  private func end() {
    let wasBusy = isBusy
    hasEnded = true
    listener.close()
    watch?.cancel()
    cardTimer?.cancel()
    if wasBusy, case .receive(let path) = task {
      server.card.finishWriting(path, at: server.host.wallMilliseconds)
    }
  }
}
