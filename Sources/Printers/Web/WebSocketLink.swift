import Wire
import World

/// The printer's end of one WebSocket. Texts come out whole.
final class WebSocketLink: StreamHandler {
  private static let messageLimit = 1 << 20
  /// How much may wait to be sent before a peer that does not read is given up.
  private static let sendLimit = 1 << 20

  /// A text has come.
  var onText: (([UInt8]) -> Void)?
  /// It is over; heard once.
  var onClosed: (() -> Void)?
  /// For the server's account.
  var onGone: (() -> Void)?

  private let stream: any Stream
  private let outbox: StreamWriter
  private let server: WebServer
  private var inbox = WebSocketInbox(side: .server, messageLimit: messageLimit)
  private(set) var isOpen = true

  init(_ stream: any Stream, outbox: StreamWriter, server: WebServer) {
    self.stream = stream
    self.outbox = outbox
    self.server = server
    stream.handler = self
  }

  /// Takes up what came behind the handshake.
  func begin(_ leftover: ByteBuffer) {
    inbox.bytes = leftover
    pull()
  }

  func send(_ json: JSON) { send(text: json.bytes) }

  func send(text: [UInt8]) {
    guard isOpen, !server.troubles.has(.socketSilent) else { return }
    guard outbox.queuedCount + text.count <= Self.sendLimit else { return reset() }
    outbox.write(
      encoded(text.count + WebSocketWriter.headerLimit) {
        WebSocketWriter.text(text.span, mask: nil, into: &$0)
      })
  }

  /// Says goodbye.
  func close(code: UInt16) {
    guard isOpen else { return }
    let reason: [UInt8] = []
    outbox.write(
      encoded(64) { WebSocketWriter.close(code: code, reason: reason.span, mask: nil, into: &$0) })
    outbox.finishWhenFlushed()
    over()
    stream.close()
  }

  /// Breaks off.
  func reset() {
    guard isOpen else { return }
    stream.reset()
    over()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: break
    case .readable: pull()
    case .writable: outbox.flush()
    case .peerFinished:
      pull()
      if isOpen {
        stream.close()
        over()
      }
    case .failed: over()
    }
  }

  private func over() {
    guard isOpen else { return }
    isOpen = false
    let closed = onClosed
    let gone = onGone
    onClosed = nil
    onGone = nil
    onText = nil
    closed?()
    gone?()
  }

  // MARK: Reading

  private func pull() {
    while isOpen {
      let got = inbox.bytes.take(from: stream, limit: Self.messageLimit + 64)
      var hasMoved = false
      while isOpen, takeStep() { hasMoved = true }
      guard hasMoved || got > 0 else { return }
    }
  }

  private func takeStep() -> Bool {
    switch inbox.next() {
    case .needsMore: return false
    case .again: break
    case .message(let text, _): onText?(text)
    case .ping(let bytes):
      // One that is silent is so altogether.
      guard !server.troubles.has(.socketSilent) else { break }
      outbox.write(encoded(160) { WebSocketWriter.pong(bytes.span, mask: nil, into: &$0) })
    case .close(let code): close(code: code == 1005 ? 1000 : code)
    case .broken(let error):
      server.note(fault: "\(error.name)")
      close(code: error.closeCode)
    }
    return true
  }
}
