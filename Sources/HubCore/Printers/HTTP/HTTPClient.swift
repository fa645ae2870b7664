// The hub's HTTP client for printers: one connection, one request at a time.
//
//     closed --begin--> opening --open--> ready --send--> asked --head--> body --end--> resting
//        ^                                  ^                                             |
//        |                                  '----------------begin------------------------'
//        '-- the server closes, anything fails
//
// A connection is kept for the next request when both ends want that. A server that has closed it
// meanwhile is no trouble: the request is made again on a new one. A demand for a digest and a
// redirect within the same host are followed by themselves: `.again` asks for the same request. The
// key goes to the host that it was given for and to no other.

import Wire

/// A client over two buffers that it was lent.
struct HTTPClient: ~Copyable {
  /// What a step brought about.
  enum Event: Equatable {
    case none
    /// The way is free: `send` the request, the same as before after `.again`.
    case wantsRequest
    /// Some bytes of the answer, in the inbox; `take` them when they were read.
    case body(Range<Int>)
    /// The answer is over.
    case answered
    /// The stream is no longer HTTP.
    case upgraded
    case failed(HTTPTrouble)
  }

  private enum State: Equatable {
    case closed
    case opening
    case ready
    case asked
    case body
    case resting
  }

  private let pinned = Pinned()
  private var state = State.closed
  var connection: Connection?
  var inbox: ByteQueue
  var outbox: ByteQueue
  private var http = HTTPClient.reader
  /// Of the answer that is being read or was read last.
  private(set) var status: UInt16 = 0
  private(set) var deadline = Uptime.never
  private var answer = DoorAnswer()
  /// How often the same request was made; bounded.
  private var repeats = 0
  private var hasHeardWord = false
  private var wasKept = false
  /// Bytes of the inbox that belong to the piece of the body shown last.
  private var shown = 0
  private let door: Lodger<PrinterDoor>
  /// What an upgrade must be answered with.
  private var key = Text<24>()
  private var isAccepted = false

  init(
    inbox: UnsafeMutableBufferPointer<UInt8>, outbox: UnsafeMutableBufferPointer<UInt8>,
    door: Lodger<PrinterDoor>
  ) {
    self.door = door
    unsafe self.inbox = ByteQueue(inbox)
    unsafe self.outbox = ByteQueue(outbox)
  }

  private static var reader: HTTPReader {
    HTTPReader(
      .response, lineLimit: Limits.httpLine, headerLimit: Limits.httpHeaders,
      bodyLimit: Limits.printerAnswer)
  }

  /// Where the server keeps files, as far as it was asked.
  var storage: Text<32> {
    get { door.value.storage }
    set { door.value.storage = newValue }
  }

  var isBusy: Bool { state != .closed && state != .resting }
  /// Whether the request has left, as far as we can tell.
  var isRequestOut: Bool { state == .body || state == .asked && outbox.isEmpty }
  /// Whether the stream is open and the server has not been heard on it yet.
  var isOpening: Bool { state == .opening }

  /// Forgets the connection; what it was taught of the server stays.
  mutating func close() {
    connection = nil
    inbox.removeAll()
    outbox.removeAll()
    http = Self.reader
    state = .closed
    deadline = .never
    shown = 0
  }

  /// Begins a request. `.wantsRequest` comes when it can be made.
  mutating func begin(
    _ board: Board, _ printer: borrowing PrinterConfiguration, now: Uptime, isRepeat: Bool = false
  ) {
    if !isRepeat { repeats = 0 }
    if state == .resting, connection?.state == .open {
      wasKept = true
      state = .ready
      deadline = now + Limits.printerOpen
      return
    }
    close()
    wasKept = false
    state = .opening
    deadline = now + Limits.printerOpen
    do throws(Connection.Failure) {
      connection = try door.value.open(on: board, printer)
    } catch {
      refusal = error
    }
  }

  /// Why no stream could be had at all.
  private var refusal: Connection.Failure?

  // -------------------------------------------------------------------------------------- step

  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, now: Uptime
  ) -> Event {
    if let failure = refusal {
      refusal = nil
      return fail(.stream(failure))
    }
    switch state {
    case .closed:
      return .none
    case .resting:
      if connection?.state != .open { close() }
      return .none
    case .opening, .ready:
      return stepOpening(board, printer, now)
    case .asked, .body:
      return stepAnswer(board, printer, now)
    }
  }

  private mutating func stepOpening(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event {
    let streamState = connection?.state ?? .failed(.unknown)
    switch streamState {
    case .failed(let failure):
      if wasKept { return again(board, printer, now) }
      door.value.forgetRedirect()
      return fail(.stream(failure))
    case .opening:
      guard deadline <= now else { return .none }
      door.value.forgetRedirect()
      return fail(.stream(.timedOut))
    case .open:
      if state == .opening, door.value.isSecure(printer) {
        door.value.certificate = connection?.fingerprint ?? Fingerprint()
      }
      state = .ready
      return .wantsRequest
    case .peerFinished:
      return wasKept ? again(board, printer, now) : fail(.hungUp)
    }
  }

  /// Makes the same request again, at once.
  private mutating func again(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event {
    repeats += 1
    guard repeats <= Limits.requestRepeats else { return fail(.wentAround) }
    if state != .resting { close() }
    begin(board, printer, now: now, isRepeat: true)
    return step(board, printer, now: now)
  }

  /// Sends the request that was composed.
  mutating func send(
    _ request: borrowing HTTPRequest, _ board: Board, _ printer: borrowing PrinterConfiguration,
    limit: UInt64, now: Uptime
  ) {
    status = 0
    answer = DoorAnswer()
    hasHeardWord = false
    isAccepted = false
    inbox.removeAll()
    outbox.removeAll()
    http = Self.reader
    shown = 0
    deadline = now + limit
    state = .asked
    if request.isUpgrade {
      let entropy = board.entropyBytes()
      key.write { WebSocketHandshake.key(entropy.span, into: &$0) }
    }
    let chance = door.value.digest.isKnown ? board.entropy : 0
    guard write(request, printer, chance: chance) else {
      refusedToSend = true
      return
    }
    _ = connection?.send(from: &outbox)
  }

  private var refusedToSend = false

  private mutating func write(
    _ request: borrowing HTTPRequest, _ printer: borrowing PrinterConfiguration, chance: UInt32
  ) -> Bool {
    guard request.isWhole else { return false }
    let door = door
    var provesItself = false
    let isWritten = outbox.write { writer in
      provesItself = door.value.writeHead(
        request.method, request.target, printer, chance: chance, into: &writer)
      if request.isUpgrade {
        writer.put("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n")
        writer.put("Sec-WebSocket-Key: ")
        writer.put(key.span)
        writer.put("\r\n")
      }
      if request.hasBody {
        writer.put("Content-Type: application/json\r\nContent-Length: ")
        writer.put(decimal: request.body.count)
        writer.put("\r\n")
      }
      writer.put("\r\n")
      if request.hasBody { writer.put(request.body) }
    }
    answer.sentProof = provesItself
    return isWritten
  }

  // ------------------------------------------------------------------------------------ answers

  private mutating func stepAnswer(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event {
    if refusedToSend {
      refusedToSend = false
      return fail(.requestTooLong)
    }
    if !outbox.isEmpty { _ = connection?.send(from: &outbox) }
    let streamState = connection?.state ?? .failed(.unknown)
    if case .failed(let failure) = streamState, inbox.isEmpty {
      return lost(.stream(failure), board, printer, now)
    }
    while true {
      let event = read(board, printer, now)
      if event != .none { return event }
      guard state == .asked || state == .body else { return .none }
      let count = connection?.read(into: &inbox) ?? 0
      if count > 0 {
        hasHeardWord = true
        continue
      }
      if case .failed(let failure) = streamState {
        return lost(.stream(failure), board, printer, now)
      }
      if streamState == .peerFinished { return streamEnded(board, printer, now) }
      return deadline <= now ? fail(.silent) : .none
    }
  }

  private mutating func streamEnded(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event {
    do throws(HTTPError) {
      if try http.streamEnded() { return ended(board, printer, now) }
    } catch {
      return fail(.broken(error))
    }
    return lost(.hungUp, board, printer, now)
  }

  /// A kept connection that the server closed before it heard us is no trouble of the request.
  private mutating func lost(
    _ trouble: HTTPTrouble, _ board: Board, _ printer: borrowing PrinterConfiguration,
    _ now: Uptime
  ) -> Event {
    if wasKept, !hasHeardWord { return again(board, printer, now) }
    return fail(trouble)
  }

  private mutating func read(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event {
    do throws(HTTPError) {
      while true {
        switch try http.next(inbox) {
        case .needsMore:
          return .none
        case .response(let status, _, _, let used):
          self.status = status
          inbox.consume(used)
        case .header(let name, let value, let used):
          takeHeader(name, value, printer)
          inbox.consume(used)
        case .headEnd(let body, let used):
          inbox.consume(used)
          if body == .upgrade {
            guard isAccepted else { return fail(.badHandshake) }
            state = .closed
            deadline = .never
            return .upgraded
          }
          if status >= 200 { state = .body }
        case .body(let range, let used):
          shown = used
          guard !range.isEmpty, !answer.mustRepeat else {
            take()
            continue
          }
          return .body(range)
        case .end(let used):
          inbox.consume(used)
          // Interim answers (1xx) are followed by the real one.
          guard status >= 200 else { continue }
          return ended(board, printer, now)
        case .request:
          return fail(.broken(.badStartLine))
        }
      }
    } catch {
      return fail(.broken(error))
    }
  }

  /// The piece of the body was read.
  mutating func take() {
    inbox.consume(shown)
    shown = 0
  }

  private mutating func takeHeader(
    _ name: Range<Int>, _ value: Range<Int>, _ printer: borrowing PrinterConfiguration
  ) {
    answer.take(name, value, of: inbox, status: status, at: door, of: printer)
    if equalsIgnoringCase(inbox.pending.extracting(name), "sec-websocket-accept") {
      isAccepted = WebSocketHandshake.isAccepted(
        inbox.pending.extracting(value), forKey: key.span)
    }
  }

  private mutating func ended(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) -> Event {
    if http.keepsAlive, !answer.leads { state = .resting } else { close() }
    deadline = .never
    guard answer.mustRepeat else { return .answered }
    return again(board, printer, now)
  }

  private mutating func fail(_ trouble: HTTPTrouble) -> Event {
    close()
    return .failed(trouble)
  }
}

/// What went wrong between the hub and a server.
enum HTTPTrouble: Equatable {
  case stream(Connection.Failure)
  case broken(HTTPError)
  case silent
  case hungUp
  case wentAround
  case badHandshake
  case requestTooLong

  var name: StaticString {
    switch self {
    case .stream(let failure): failure.name
    case .broken(let error): error.name
    case .silent: "no answer"
    case .hungUp: "printer hung up"
    case .wentAround: "it sends us around in circles"
    case .badHandshake: "it does not know our key for the socket"
    case .requestTooLong: "our request is too long"
    }
  }

  var isBadInput: Bool {
    switch self {
    case .broken, .badHandshake: true
    case .stream, .silent, .hungUp, .wentAround, .requestTooLong: false
    }
  }
}
