// The server's end of one WebSocket. Messages come out whole; what is over the limit, broken, or binary
// where nobody expects that, ends the socket with the code that RFC 6455 has for it. What is sent tells
// of what is in the database, so it leaves when that is on disk; if it cannot be kept, the socket
// breaks off.

import Wire
import World

/// One WebSocket, once it is open.
final class WebSocketSession: StreamHandler {
  /// How much may wait to be sent before a peer that does not read is given up.
  static let sendLimit = 256 << 10
  /// After our close frame, how long we wait for the peer's.
  private static let lingering = Interval.seconds(5)

  /// A text message has come.
  var onText: (([UInt8]) -> Void)?
  /// A binary message has come; without this, binary ends the socket.
  var onBinary: (([UInt8]) -> Void)?
  /// Anything at all has come.
  var onHeard: (() -> Void)?
  /// It is over; heard once. The words are for logs.
  var onClosed: ((String) -> Void)?
  /// For the server's account.
  var onGone: (() -> Void)?

  private enum Phase { case open, closing, gone }

  private let stream: any Stream
  private let outbox: StreamWriter
  private let platform: Platform
  private var inbox: WebSocketInbox
  private var hasFailed = false
  private var phase = Phase.open
  private var timer: (any Timer)?
  /// Bytes that wait for what they tell of to be on disk.
  private var heldCount = 0

  var peerAddress: String { stream.peerAddress }

  init(_ stream: any Stream, outbox: StreamWriter, messageLimit: Int, platform: Platform) {
    self.stream = stream
    self.outbox = outbox
    self.platform = platform
    inbox = WebSocketInbox(side: .server, messageLimit: messageLimit)
    stream.handler = self
  }

  /// Takes up what came behind the handshake.
  func begin(_ leftover: ByteBuffer) {
    inbox.bytes = leftover
    pull()
  }

  /// Whether messages still go out.
  var isOpen: Bool { phase == .open }

  func send(_ json: JSON) { send(text: json.bytes) }

  func send(text: [UInt8]) {
    guard phase == .open else { return }
    guard outbox.queuedCount + heldCount + text.count <= Self.sendLimit else {
      return fail("the peer does not read")
    }
    write(
      encoded(text.count + WebSocketWriter.headerLimit) {
        WebSocketWriter.text(text.span, mask: nil, into: &$0)
      })
  }

  func send(binary bytes: [UInt8]) {
    guard phase == .open else { return }
    guard outbox.queuedCount + heldCount + bytes.count <= Self.sendLimit else {
      return fail("the peer does not read")
    }
    write(
      encoded(bytes.count + WebSocketWriter.headerLimit) {
        WebSocketWriter.binary(bytes.span, mask: nil, into: &$0)
      })
  }

  private func write(_ bytes: [UInt8]) {
    heldCount += bytes.count
    whenSettled { [self] in
      heldCount -= bytes.count
      outbox.write(bytes)
    }
  }

  private func whenSettled(_ action: @escaping () -> Void) {
    platform.database.whenSettled { [self] isKept in
      guard phase != .gone else { return }
      isKept ? action() : reset()
    }
  }

  /// Says goodbye with a code, and hears no more messages.
  func close(code: UInt16, reason: String) {
    guard phase == .open else { return }
    sendClose(code, reason)
    over("closed with \(code) \(reason)")
    timer = platform.host.after(Self.lingering) { [weak self] in self?.leave() }
  }

  /// Breaks off.
  func reset() {
    guard phase != .gone else { return }
    stream.reset()
    over("broken off")
    gone()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: break
    case .readable: pull()
    case .writable: outbox.flush()
    case .peerFinished:
      pull()
      over("the peer hung up")
      leave()
    case .failed(let failure):
      over("the connection broke: \(failure.name)")
      gone()
    }
  }

  // MARK: reading

  private func pull() {
    while phase != .gone {
      var got = 0
      if inbox.bytes.count < HTTPConnection.window {
        stream.read { bytes in
          got = min(bytes.count, HTTPConnection.window)
          inbox.bytes.append(UnsafeRawBufferPointer(rebasing: bytes[..<got]))
          return got
        }
      }
      if got > 0, phase == .open { onHeard?() }
      guard takeEvents() || got > 0 else { break }
    }
    // A hub that says nothing for a while holds no room; there are thousands.
    if inbox.bytes.isEmpty { inbox.bytes = ByteBuffer() }
  }

  private func takeEvents() -> Bool {
    var hasMoved = false
    while phase != .gone, !inbox.bytes.isEmpty {
      if hasFailed {
        inbox.bytes.removeAll()
        return hasMoved
      }
      switch inbox.next() {
      case .needsMore: return hasMoved
      case .again: break
      case .message(let text, let isText):
        guard phase == .open else { break }
        if !isText, let onBinary {
          onBinary(text)
          break
        }
        guard isText else {
          platform.badInput(from: peerAddress, "websocket.binary")
          close(code: 1003, reason: "only text is understood")
          break
        }
        onText?(text)
      case .ping(let bytes):
        guard phase == .open else { break }
        write(
          encoded(bytes.count + WebSocketWriter.headerLimit) {
            WebSocketWriter.pong(bytes.span, mask: nil, into: &$0)
          })
      case .close(let code):
        if phase == .open {
          // Codes that may not stand in a frame are answered with a plain end.
          sendClose(code == 1005 ? 1000 : code, "")
          over("the peer closed with \(code)")
        }
        whenSettled { [self] in leave() }
      case .broken(let error):
        // What follows cannot be understood any more: it is only waited for its end.
        hasFailed = true
        guard phase == .open else {
          leave()
          break
        }
        platform.badInput(from: peerAddress, "\(error.name)")
        close(code: error.closeCode, reason: "\(error.name)")
      }
      hasMoved = true
    }
    return hasMoved
  }

  // MARK: the end

  private func fail(_ reason: String) {
    platform.badInput(from: peerAddress, reason)
    reset()
  }

  private func sendClose(_ code: UInt16, _ reason: String) {
    write(
      encoded(160) {
        WebSocketWriter.close(
          code: code, reason: [UInt8](reason.utf8.prefix(120)).span, mask: nil, into: &$0)
      })
    phase = .closing
  }

  private func over(_ reason: String) {
    if phase == .open { phase = .closing }
    let closed = onClosed
    onClosed = nil
    onText = nil
    onBinary = nil
    onHeard = nil
    closed?(reason)
  }

  /// Gives the stream up after what was written.
  private func leave() {
    guard phase != .gone else { return }
    stream.close()
    gone()
  }

  private func gone() {
    guard phase != .gone else { return }
    phase = .gone
    timer?.cancel()
    timer = nil
    let heard = onGone
    onGone = nil
    heard?()
  }
}
