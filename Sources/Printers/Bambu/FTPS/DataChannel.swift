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

  // Receiving: until when the card is busy with what it was given.
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
    if case .none = task { false } else { !hasEnded }
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
    guard !hasEnded else { return }
    end()
    stream?.reset()
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
    guard let stream, isBusy else { return }
    guard !isProtected || !server.settings.demandsSessionReuse || stream.isSessionResumed else {
      server.note(fault: "ftp.session-not-resumed")
      return finish(522, "SSL connection failed; session reuse required.")
    }
    switch task {
    case .none: break
    case .receive(let path): receive(stream, path)
    case .send(let content, let isListing): send(content, stream, isListing)
    }
  }

  // MARK: Receiving

  private func receive(_ stream: any Stream, _ path: String) {
    let host = server.host
    var failure: CardFailure?
    while cardIsBusyUntil <= host.now, stream.unreadCount > 0, failure == nil {
      var taken = 0
      stream.read { unread in
        let portion = UnsafeRawBufferPointer(rebasing: unread.prefix(Self.writeSize))
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
      server.onChange?()
      let speed = Int64(server.settings.bytesPerSecond)
      guard speed > 0 else { continue }
      cardIsBusyUntil =
        max(cardIsBusyUntil, host.now)
        + .nanoseconds(Int64(taken) * 1_000_000_000 / speed)
    }
    if failure == .full { return finish(552, "The card is full.") }
    if failure != nil { return finish(451, "Failure writing to local file.") }
    guard cardIsBusyUntil <= host.now else { return waitForCard() }
    if peerHasFinished, stream.unreadCount == 0 { finish(226, "Transfer complete.") }
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
    if code == 226 { stream?.close() } else { stream?.reset() }
    if case .receive(let path) = task {
      let count = server.card.entry(path)?.byteCount ?? 0
      let name = CardPath.name(of: path)
      server.host.note(
        .printer,
        code == 226
          ? "has \(name) on its card, \(count) bytes"
          : "has only \(count) bytes of \(name): \(text)")
      server.onChange?()
    }
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
