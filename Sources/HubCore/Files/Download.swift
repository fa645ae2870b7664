// An HTTP GET whose body rests in one fixed window until somebody takes it.
//
//     idle --begin--> connecting --open--> asking --sent--> asked --200--> body --taken--> done
//                                                               '--206 of the same file--'
//
// One that broke can be gone on with: the rest is asked for, on condition that the file is still the
// same by its tag.
//
// Where no link leads to the file, it comes over the hub's own connection to the cloud instead, in
// pieces that are asked for one by one as the window has room.
//
// The window is also the inbox for the head. While it is full nothing is read, so the far end's own
// window closes: that is all the back-pressure there is.

import Wire

/// One download, in the memory of its window.
struct Download: ~Copyable {
  private enum State {
    case idle
    case connecting(until: Uptime)
    /// The window holds what is left of the request.
    case asking(until: Uptime)
    case asked(until: Uptime)
    case body
    /// Pieces over the cloud's socket; asked for one until then, or never.
    case pieces(until: Uptime)
    case done
  }

  /// What a step brought about.
  enum Event {
    case none
    /// The file is coming; so many bytes, if the server says.
    case begun(length: Int?)
    /// The server will never give it.
    case refused(status: UInt16)
    case broken(TransferTrouble)
    /// The last byte of the file has been taken.
    case ended
  }

  private let pinned = Pinned()
  private var state = State.idle
  private var connection: Connection?
  private var window: ByteQueue
  private var http = HTTPReader(
    .response, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders, bodyLimit: .max)
  private var status: UInt16 = 0
  /// How many bytes at the front of the window belong to the file and were not taken.
  private var ready = 0
  /// How many bytes behind those are only frame.
  private var trailing = 0
  /// Where in the file this download begins.
  private var offset = 0
  /// What the server calls this version of the file; empty when it has no strong name for it.
  private var tag = Text<72>()
  private var isRightPart = false
  /// Of a file in pieces: where the next one begins, and where the file ends.
  private var nextPiece = 0
  private var pieceEnd = 0
  /// How many bytes all of them have.
  private var pieceCount = 0
  /// By which the answer to the last question for a piece is known.
  private(set) var pieceTag: UInt16 = 0
  private var isPieceAsked = false
  private var hasBegunPieces = false
  private var isPieceRefused = false

  /// Carves the window out of `region`.
  init(_ region: inout Region, window capacity: Int = Limits.fileWindow) {
    window = unsafe ByteQueue(region.bytes(capacity))
  }

  /// What `init` carves.
  static let memory = Region.cost(Limits.fileWindow)

  /// The bytes of the file that can be taken now.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { window.pending.extracting(first: ready) }
  }

  var deadline: Uptime {
    switch state {
    case .idle, .body, .done: .never
    case .connecting(let until), .asking(let until), .asked(let until), .pieces(let until): until
    }
  }

  /// Whether the rest can be asked for after a break.
  var canGoOn: Bool { !tag.isEmpty || isInPieces }

  private var isInPieces: Bool { if case .pieces = state { true } else { false } }

  /// Begins to get the file at `url`, or what of it comes after `offset`.
  mutating func begin(
    _ board: Board, _ url: Span<UInt8>, from offset: Int = 0, now: Uptime
  ) throws(Connection.Failure) {
    let tag = offset > 0 ? self.tag : Text<72>()
    reset()
    self.tag = tag
    self.offset = offset
    isRightPart = offset == 0
    guard let parts = URLParts(url) else { throw .nameUnknown }
    let host = url.extracting(parts.host)
    connection = try Connection.open(
      on: board, host: host, port: parts.port, trust: parts.isSecure ? .cloud : .plain, name: host)
    state = .connecting(until: now + Limits.downloadOpen)
  }

  /// Lets the connection go, to be begun again later; what the far end calls the file is kept.
  mutating func hangUp() {
    let tag = tag
    reset()
    self.tag = tag
  }

  // ------------------------------------------------------------------------------------- pieces

  /// Begins to get a file of `total` bytes in pieces, or what of it comes after `offset`.
  mutating func beginPieces(total: Int, from offset: Int = 0) {
    reset()
    nextPiece = offset
    pieceCount = total - offset
    pieceEnd = total
    hasBegunPieces = false
    isPieceRefused = false
    isPieceAsked = false
    state = .pieces(until: .never)
  }

  /// The piece that is to be asked for now, if there is one.
  var wantedPiece: Range<Int>? {
    guard isInPieces, !isPieceAsked, nextPiece < pieceEnd else { return nil }
    let room = window.freeCount < Limits.filePiece ? window.freeCount : Limits.filePiece
    let count = pieceEnd - nextPiece < room ? pieceEnd - nextPiece : room
    // A small one is worth its question only at the end.
    guard count >= Limits.filePiece / 2 || nextPiece + count == pieceEnd, count > 0 else {
      return nil
    }
    return nextPiece..<nextPiece + count
  }

  mutating func pieceWasAskedFor(now: Uptime) {
    isPieceAsked = true
    state = .pieces(until: now + Limits.downloadAnswer)
  }

  /// The tag for the next question.
  mutating func tagPiece() { pieceTag &+= 1 }

  /// Takes what has come of a piece; answers false for what was not asked for.
  mutating func takePiece(
    tag: UInt16, at offset: Int, _ range: Range<Int>, of inbox: borrowing ByteQueue, isLast: Bool
  ) -> Bool {
    guard isInPieces, isPieceAsked, tag == pieceTag, offset == nextPiece else { return false }
    let count = range.count
    guard count <= pieceEnd - nextPiece, window.append(inbox.pending.extracting(range)) else {
      return false
    }
    nextPiece += count
    ready += count
    if isLast {
      isPieceAsked = false
      state = .pieces(until: .never)
    }
    return true
  }

  /// The cloud has no such piece.
  mutating func pieceIsRefused(tag: UInt16) {
    if isInPieces, isPieceAsked, tag == pieceTag { isPieceRefused = true }
  }

  /// The cloud is gone, and with it the answer.
  mutating func piecesAreLost() {
    guard isInPieces else { return }
    isPieceAsked = false
    state = .pieces(until: .never)
  }

  private mutating func stepPieces(_ until: Uptime, _ now: Uptime) -> Event {
    if isPieceRefused { return .refused(status: 404) }
    // Nobody is troubled before the cloud has sent something.
    if !hasBegunPieces, ready > 0 {
      hasBegunPieces = true
      return .begun(length: pieceCount)
    }
    if ready == 0, nextPiece == pieceEnd {
      state = .done
      return .ended
    }
    return until <= now ? .broken(.downloadSilent) : .none
  }

  mutating func reset() {
    connection = nil
    window.removeAll()
    http = HTTPReader(
      .response, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders, bodyLimit: .max)
    ready = 0
    trailing = 0
    offset = 0
    tag.removeAll()
    state = .idle
  }

  /// Marks bytes of the file as taken.
  mutating func take(_ count: Int) {
    window.consume(count)
    ready -= count
    dropFrame()
  }

  private mutating func dropFrame() {
    guard ready == 0, trailing > 0 else { return }
    window.consume(trailing)
    trailing = 0
  }

  /// Does what can be done now.
  mutating func step(_ url: Span<UInt8>, now: Uptime) -> Event {
    switch state {
    case .idle, .done:
      return .none
    case .connecting(let until):
      let streamState = connection?.state ?? .failed(.unknown)
      if case .failed(let failure) = streamState { return .broken(.downloadFailed(failure)) }
      if streamState == .opening {
        return until <= now ? .broken(.downloadFailed(.timedOut)) : .none
      }
      guard writeRequest(url) else { return .refused(status: 414) }
      state = .asking(until: now + Limits.downloadAnswer)
      return step(url, now: now)
    case .asking(let until):
      _ = connection?.send(from: &window)
      guard window.isEmpty else { return until <= now ? .broken(.downloadSilent) : .none }
      state = .asked(until: now + Limits.downloadAnswer)
      return read(now)
    case .asked(let until):
      let event = read(now)
      if case .none = event, until <= now { return .broken(.downloadSilent) }
      return event
    case .body:
      return read(now)
    case .pieces(let until):
      return stepPieces(until, now)
    }
  }

  /// The window is the outbox for the request: nothing else uses it yet.
  private mutating func writeRequest(_ url: Span<UInt8>) -> Bool {
    guard let parts = URLParts(url) else { return false }
    let (offset, tag) = (offset, tag)
    return window.write { request in
      let target = url.extracting(parts.target)
      request.put("GET ")
      if target.isEmpty || target[0] != UInt8(ascii: "/") { request.put("/") }
      request.put(target)
      request.put(" HTTP/1.1\r\nHost: ")
      request.put(url.extracting(parts.host))
      request.putPort(parts.port, isSecure: parts.isSecure)
      request.put("\r\nUser-Agent: hubrig/")
      request.put(Firmware.version)
      request.put("\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n")
      if offset > 0, !has(.doesNotCheckRange) {
        request.put("Range: bytes=")
        request.put(decimal: offset)
        request.put("-\r\n")
        if !tag.isEmpty {
          request.put("If-Range: ")
          request.put(tag.span)
          request.put("\r\n")
        }
      }
      request.put("\r\n")
    }
  }

  private mutating func read(_ now: Uptime) -> Event {
    let streamState = connection?.state ?? .failed(.unknown)
    if case .failed(let failure) = streamState { return .broken(.downloadFailed(failure)) }
    var count = 0
    while window.freeCount > 0, let more = connection?.read(into: &window), more > 0 {
      count += more
    }
    do throws(HTTPError) {
      let event = try readWindow()
      if case .none = event {} else { return event }
      // The end of the stream is a word only when everything before it was read.
      if streamState == .peerFinished, count == 0, ready == 0 {
        guard try http.streamEnded() else { return .broken(.downloadCut) }
        state = .done
        return .ended
      }
      return .none
    } catch {
      return .broken(error == .truncated ? .downloadCut : .downloadBroken(error))
    }
  }

  private mutating func readWindow() throws(HTTPError) -> Event {
    while ready == 0 {
      switch try http.next(window) {
      case .needsMore:
        return .none
      case .response(let status, _, _, let used):
        self.status = status
        window.consume(used)
      case .header(let name, let value, let used):
        takeHeader(name, value)
        window.consume(used)
      case .headEnd(_, let used):
        window.consume(used)
        // Interim answers (1xx) have no body and are followed by the real one.
        if status >= 200 { return answered() }
      case .body(let range, let used):
        window.consume(range.lowerBound)
        ready = range.count
        trailing = used - range.upperBound
        dropFrame()
      case .end(let used):
        window.consume(used)
        guard status >= 200 else { break }
        state = .done
        return .ended
      case .request:
        return .broken(.downloadBroken(.badStartLine))
      }
    }
    return .none
  }

  private mutating func takeHeader(_ name: Range<Int>, _ value: Range<Int>) {
    let isTag = equalsIgnoringCase(window.pending.extracting(name), "etag")
    let isRange = equalsIgnoringCase(window.pending.extracting(name), "content-range")
    guard isTag || isRange else { return }
    var text = Text<72>()
    // A longer one does not fit, and counts as none.
    text.set(window.pending.extracting(value))
    if isTag, offset == 0 {
      // A weak tag ("W/...") promises nothing about bytes.
      if text.count > 1, text.span[0] == UInt8(ascii: "\"") { tag = text }
    } else if isRange, text.count > 6 {
      // "bytes 500-999/1000"
      isRightPart = leadingInteger(text.span.extracting(6..<text.count)) == offset
    }
  }

  private mutating func answered() -> Event {
    if has(.doesNotCheckRange), status == 200 {
      state = .body
      return .begun(length: nil)
    }
    switch status {
    // Without a tag whoever asked checks what comes by other means.
    case 206 where offset > 0 && (isRightPart || tag.isEmpty):
      state = .body
      return .begun(length: http.contentLength)
    case 200 where offset > 0 && !tag.isEmpty, 206 where !tag.isEmpty, 416 where !tag.isEmpty:
      // Another file than the one we have the beginning of, or a server that knows no parts.
      return .broken(.downloadChanged)
    case 200 where offset == 0:
      state = .body
      return .begun(length: http.contentLength)
    // Come later: the server is busy, or somebody between us is.
    case 408, 425, 429, 500...599: return .broken(.downloadStatus(status))
    default: return .refused(status: status)
    }
  }
}
