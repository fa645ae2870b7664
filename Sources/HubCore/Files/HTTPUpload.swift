// A file on its way to a printer's server, by HTTP, as it comes: the length of all is worked out
// before the first byte.
//
//     connecting -> head with Expect: 100-continue -> 100, or a second of silence -> what goes before
//     the file -> bytes -> what goes behind it -> 201
//
//     OctoPrint, Moonraker    POST, multipart/form-data: the fields, then the file
//     PrusaLink               PUT, the file alone
//
// The file is only put there. Starting the print is a request of its own, which is on record before
// it is made: a file that is brought again is never printed twice. A server may answer at any time; it
// is heard while bytes flow, for it says why it takes no more.

import Wire

/// One upload to one server.
struct HTTPUpload: ~Copyable {
  private enum State: Equatable {
    case idle
    case connecting
    /// The head is leaving, or the word that the file may come is waited for.
    case head
    case before
    case streaming
    case behind
    case answer
  }

  private let pinned = Pinned()
  private var state = State.idle
  private var connection: Connection?
  /// The head, and what goes around the file, then the answers.
  private var queue: ByteQueue
  private var http = HTTPUpload.reader
  private var status: UInt16 = 0
  private let door: Lodger<PrinterDoor>
  private var answer = DoorAnswer()
  private var repeats = 0
  private(set) var deadline = Uptime.never
  /// How long the file is, and how much of it the stream has taken.
  private var total = 0
  private var fed = 0
  private var isAnswered = false
  /// An earlier attempt has brought bytes of this file.
  private var hasBegun = false

  init(_ memory: UnsafeMutableBufferPointer<UInt8>, door: Lodger<PrinterDoor>) {
    self.door = door
    queue = unsafe ByteQueue(memory)
  }

  private static var reader: HTTPReader {
    HTTPReader(
      .response, lineLimit: Limits.fileServerInbox, headerLimit: Limits.httpHeaders,
      bodyLimit: Limits.printerAnswer)
  }

  /// Begins to bring a file of `size` bytes.
  mutating func begin(
    _ board: Board, _ printer: borrowing PrinterConfiguration, size: Int, now: Uptime
  ) throws(Connection.Failure) {
    total = size
    repeats = 0
    try open(board, printer, now)
  }

  private mutating func open(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) throws(Connection.Failure) {
    reset()
    connection = try door.value.open(on: board, printer)
    enter(.connecting, now, Limits.fileServerOpen)
  }

  /// A new file: nothing of it was handed over yet.
  mutating func forget() {
    reset()
    hasBegun = false
  }

  /// Lets go of the connection.
  mutating func reset() {
    if fed > 0 { hasBegun = true }
    connection = nil
    queue.removeAll()
    http = Self.reader
    status = 0
    answer = DoorAnswer()
    isAnswered = false
    fed = 0
    deadline = .never
    state = .idle
  }

  /// Hands over what the download has ready; answers how many bytes were taken.
  mutating func feed(from download: borrowing Download) -> Int {
    guard state == .streaming, download.bytes.count <= total - fed else { return 0 }
    let taken = connection?.write(download.bytes) ?? 0
    fed += taken
    return taken
  }

  /// That was the last byte; `expected` is how many they were.
  mutating func finishBytes(
    _ printer: borrowing PrinterConfiguration, expected: Int, now: Uptime
  ) {
    guard state == .streaming, fed == total, expected == total else { return }
    let kind = printer.kind
    _ = queue.write { UploadForm.writeEnd(kind, into: &$0) }
    enter(.behind, now, Limits.fileServerStored)
  }

  private mutating func enter(_ next: State, _ now: Uptime, _ limit: UInt64?) {
    state = next
    deadline = if let limit { now + limit } else { .never }
  }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now.
  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>,
    checksum: Span<UInt8>, now: Uptime
  ) -> Upload.Event {
    guard state != .idle else { return .none }
    let streamState = connection?.state ?? .failed(.unknown)
    switch streamState {
    case .opening:
      return deadline <= now ? .broken(.uploadFailed(.timedOut)) : .none
    case .failed(let failure) where state == .connecting:
      return .broken(.uploadFailed(failure))
    case .failed, .open, .peerFinished:
      break
    }
    if state == .connecting {
      guard total > 0 else { return .refused(code: 411) }
      writeHead(board, printer, name, checksum)
      enter(.head, now, Limits.fileServerAnswer)
    }
    if let event = sendQueue(printer, name, now) { return event }
    if state == .head, !queue.isEmpty || isSendingHead { return late(now) }
    let event = hear(board, printer, streamState, now)
    if case .none = event {} else { return event }
    if state == .head, isContinued || deadline <= now { return goOn(printer, name, checksum, now) }
    return late(now)
  }

  private func late(_ now: Uptime) -> Upload.Event {
    deadline <= now ? .broken(.uploadSilent) : .none
  }

  /// While the queue holds what is to be sent, nothing is read into it.
  private var isSendingHead = false
  /// The server has said that the file may come.
  private var isContinued = false

  /// Sends what is in the queue, if that is ours; answers what follows when all of it has left.
  private mutating func sendQueue(
    _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>, _ now: Uptime
  ) -> Upload.Event? {
    guard isSending else { return nil }
    _ = connection?.send(from: &queue)
    guard queue.isEmpty else { return nil }
    switch state {
    case .head:
      guard isSendingHead else { return nil }
      isSendingHead = false
      deadline = now + Limits.continueAnswer
      return nil
    case .before:
      enter(.streaming, now, nil)
      return .wantsBytes
    case .behind:
      enter(.answer, now, Limits.fileServerStored)
      return nil
    default: return nil
    }
  }

  private var isSending: Bool {
    state == .head && isSendingHead || state == .before || state == .behind
  }

  private mutating func goOn(
    _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>, _ checksum: Span<UInt8>,
    _ now: Uptime
  ) -> Upload.Event {
    queue.removeAll()
    http = Self.reader
    let kind = printer.kind
    _ = queue.write { UploadForm.writeBeginning(kind, name, checksum, into: &$0) }
    enter(.before, now, Limits.fileServerAnswer)
    return sendQueue(printer, name, now) ?? .none
  }

  private mutating func writeHead(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>,
    _ checksum: Span<UInt8>
  ) {
    var target = Text<224>()
    UploadForm.write(target: &target, printer.kind, name, in: door.value.storage)
    let door = door
    var provesItself = false
    let length = total + UploadForm.cost(printer.kind, name, checksum)
    let chance = door.value.digest.isKnown ? board.entropy : 0
    _ = queue.write { writer in
      provesItself = door.value.writeHead(
        printer.kind == .prusaLink ? "PUT" : "POST", target.span, printer, chance: chance,
        into: &writer)
      UploadForm.writeHeaders(printer.kind, into: &writer)
      writer.put("Connection: close\r\nExpect: 100-continue\r\nContent-Length: ")
      writer.put(decimal: length)
      writer.put("\r\n\r\n")
    }
    answer.sentProof = provesItself
    isSendingHead = true
    isContinued = false
  }

  // ------------------------------------------------------------------------------------ answers

  private mutating func hear(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ streamState: Connection.State,
    _ now: Uptime
  ) -> Upload.Event {
    // The queue holds what is still to be sent, and whoever feeds us has the last word on the file: an
    // answer waits for both.
    guard !isSending, state != .streaming || fed < total else {
      if case .failed(let failure) = streamState { return .broken(.uploadFailed(failure)) }
      return .none
    }
    do throws(HTTPError) {
      while true {
        if let event = try readAnswer(printer) {
          if case .none = event {} else { return event }
          if isAnswered { return try answered(board, printer, now) }
        }
        guard let count = connection?.read(into: &queue), count > 0 else { break }
      }
      if case .failed(let failure) = streamState { return .broken(.uploadFailed(failure)) }
      if streamState == .peerFinished {
        if isAnswered { return try answered(board, printer, now) }
        _ = try http.streamEnded()
        return .broken(.uploadHungUp)
      }
      return .none
    } catch {
      return .broken(error == .truncated ? .uploadHungUp : .uploadBadAnswer(error))
    }
  }

  /// Reads as far as it goes; `.none` in the end means that the answer's head is there, nil that more
  /// bytes are needed.
  private mutating func readAnswer(
    _ printer: borrowing PrinterConfiguration
  ) throws(HTTPError) -> Upload.Event? {
    while true {
      switch try http.next(queue) {
      case .needsMore: return nil
      case .response(let status, _, _, let used):
        self.status = status
        queue.consume(used)
      case .header(let name, let value, let used):
        answer.take(name, value, of: queue, status: status, at: door, of: printer)
        queue.consume(used)
      case .headEnd(_, let used):
        queue.consume(used)
        if status == 100 { isContinued = true }
        guard status >= 200 else { continue }
        isAnswered = true
        return Upload.Event.none
      case .body(_, let used), .end(let used):
        queue.consume(used)
        if status < 200, state == .head { return nil }
      case .request: throw .badStartLine
      }
    }
  }

  /// The server has decided.
  private mutating func answered(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ now: Uptime
  ) throws(HTTPError) -> Upload.Event {
    // What was taken of the file is gone with this connection; a first look costs none of it.
    if answer.mustRepeat, fed == 0, repeats < Limits.requestRepeats {
      repeats += 1
      do throws(Connection.Failure) {
        try open(board, printer, now)
        return .none
      } catch {
        return .broken(.uploadFailed(error))
      }
    }
    let status = status
    switch status {
    case 200...299:
      // It cannot have what was not sent yet.
      return state == .answer ? .stored : .broken(.uploadCut)
    case 300...399,
      401 where answer.mustRepeat, 408, 422, 425, 429, 500...506, 508...599:
      return .broken(.uploadStatus(status))
    // Its board has not noticed yet that our last attempt broke off, and takes one file at a time.
    case 409 where hasBegun && printer.kind == .prusaLink:
      return .broken(.uploadStatus(status))
    default:
      return .refused(code: status)
    }
  }
}
