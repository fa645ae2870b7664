// How a file is handed to a printer, whichever kind it is: by FTP to a Bambu, by HTTP to all others.
// Both live in the same memory, one at a time.

import Wire

/// The way of a file into one printer.
@safe
struct FileSender: ~Copyable {
  private enum Way {
    case ftp(Lodger<Upload>)
    case http(Lodger<HTTPUpload>)
  }

  private let pinned = Pinned()
  /// The buffers, and behind them whoever uses them.
  private let base: UnsafeMutablePointer<UInt8>
  private let door: Lodger<PrinterDoor>
  private var way: Way

  /// Carves the memory out of `region`.
  init(_ region: inout Region, door: Lodger<PrinterDoor>) {
    self.door = door
    let base = unsafe region.room(for: UInt8.self, count: Self.memory)
    unsafe self.base = base
    way = unsafe Self.moveFTP(base)
  }

  /// What `init` carves.
  static let memory = bufferCount + valuesCount

  private static let bufferCount = Region.cost(Limits.fileServerInbox + Limits.fileServerOutbox)
  private static let valuesCount =
    MemoryLayout<Upload>.stride > MemoryLayout<HTTPUpload>.stride
    ? Region.cost(of: Upload.self) : Region.cost(of: HTTPUpload.self)

  /// Sends files to a printer of this kind from now on.
  mutating func become(_ kind: PrinterKind) {
    switch (way, kind) {
    case (.ftp, .bambu), (.http, .octoPrint), (.http, .prusaLink), (.http, .moonraker): return
    case (.ftp(let upload), _): upload.leave()
    case (.http(let upload), _): upload.leave()
    }
    way = unsafe kind == .bambu ? Self.moveFTP(base) : Self.moveHTTP(base, door)
  }

  @inline(never)
  private static func moveFTP(_ base: UnsafeMutablePointer<UInt8>) -> Way {
    let place = unsafe UnsafeMutableRawPointer(base + bufferCount)
      .assumingMemoryBound(to: Upload.self)
    let inbox = unsafe UnsafeMutableBufferPointer(start: base, count: Limits.fileServerInbox)
    let outbox = unsafe UnsafeMutableBufferPointer(
      start: base + Limits.fileServerInbox, count: Limits.fileServerOutbox)
    unsafe place.initialize(to: Upload(inbox: inbox, outbox: outbox))
    return unsafe .ftp(Lodger(place))
  }

  @inline(never)
  private static func moveHTTP(
    _ base: UnsafeMutablePointer<UInt8>, _ door: Lodger<PrinterDoor>
  ) -> Way {
    let place = unsafe UnsafeMutableRawPointer(base + bufferCount)
      .assumingMemoryBound(to: HTTPUpload.self)
    let buffer = unsafe UnsafeMutableBufferPointer(start: base, count: bufferCount)
    unsafe place.initialize(to: HTTPUpload(buffer, door: door))
    return unsafe .http(Lodger(place))
  }

  var deadline: Uptime {
    switch way {
    case .ftp(let upload): upload.value.deadline
    case .http(let upload): upload.value.deadline
    }
  }

  /// All bytes were handed over in an earlier attempt, and the printer can tell what it has of them.
  var mayBeWhole: Bool {
    if case .ftp(let upload) = way { return upload.value.mayBeWhole }
    return false
  }

  var isCleaning: Bool {
    if case .ftp(let upload) = way { return upload.value.isCleaning }
    return false
  }

  /// Begins to bring a file of `size` bytes.
  mutating func begin(
    _ board: Board, _ printer: borrowing PrinterConfiguration, size: Int, now: Uptime
  ) throws(Connection.Failure) {
    switch way {
    case .ftp(let upload): try upload.value.begin(board, printer, now: now)
    case .http(let upload): try upload.value.begin(board, printer, size: size, now: now)
    }
  }

  /// Does what can be done now. `checksum` is the file's SHA-256 in digits, or empty.
  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ name: Span<UInt8>,
    checksum: Span<UInt8>, now: Uptime
  ) -> Upload.Event {
    switch way {
    case .ftp(let upload): upload.value.step(board, printer, name, now: now)
    case .http(let upload):
      upload.value.step(board, printer, name, checksum: checksum, now: now)
    }
  }

  /// Hands over what the download has ready; answers how many bytes were taken.
  mutating func feed(from download: borrowing Download) -> Int {
    switch way {
    case .ftp(let upload): upload.value.feed(from: download)
    case .http(let upload): upload.value.feed(from: download)
    }
  }

  /// That was the last byte; `expected` is how many they were.
  mutating func finishBytes(
    _ printer: borrowing PrinterConfiguration, expected: Int, now: Uptime
  ) {
    switch way {
    case .ftp(let upload): upload.value.finishBytes(expected: expected, now: now)
    case .http(let upload): upload.value.finishBytes(printer, expected: expected, now: now)
    }
  }

  mutating func store(now: Uptime) {
    if case .ftp(let upload) = way { upload.value.store(now: now) }
  }

  mutating func measure(_ name: Span<UInt8>, expected: Int, now: Uptime) {
    if case .ftp(let upload) = way { upload.value.measure(name, expected: expected, now: now) }
  }

  /// Breaks off and removes what is at the printer, if it can still be told. A server over HTTP drops
  /// what it has of a file that never became whole.
  mutating func cleanUp(_ name: Span<UInt8>, now: Uptime) {
    if case .ftp(let upload) = way { upload.value.cleanUp(name, now: now) }
  }

  /// The certificate of a file server that has let us in; empty before, and for HTTP.
  mutating func certificate() -> Fingerprint {
    if case .ftp(let upload) = way { return upload.value.certificate() }
    return Fingerprint()
  }

  mutating func distrust() {
    if case .ftp(let upload) = way { upload.value.distrust() }
  }

  mutating func leave() {
    switch way {
    case .ftp(let upload): upload.value.leave()
    case .http(let upload): upload.value.reset()
    }
  }

  mutating func reset() {
    switch way {
    case .ftp(let upload): upload.value.reset()
    case .http(let upload): upload.value.reset()
    }
  }

  /// A new file: nothing of it was handed over yet.
  mutating func forget() {
    switch way {
    case .ftp(let upload): upload.value.forget()
    case .http(let upload): upload.value.forget()
    }
  }

  mutating func forgetHabits() {
    if case .ftp(let upload) = way { upload.value.forgetHabits() }
  }
}
