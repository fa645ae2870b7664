// A job's file on its way from the cloud to the printer's card, through one window.
//
//     waiting --> fetching --head is good--> preparing --printer takes bytes--> moving
//        ^  \                                                                      | last byte
//        |   '--an earlier attempt may be whole--> verifying --the same size-.     v
//        |                                             | differs             |  finishing
//        '---------- any trouble, with backoff --------+---------------------'-----+--> stored
//
// When the download breaks, its rest is asked for while the upload waits. A broken upload is begun anew
// as a whole: printers cannot be trusted to append. Six attempts, or a quarter of an hour without a
// byte, and the job is given up. Where the link leads nowhere the file comes over the connection to the
// cloud, if that can do it. A link that is out of date is renewed by the cloud.

import Wire

/// The transfer of one slot.
struct Transfer: ~Copyable {
  /// Where the transfer stands.
  enum State: Equatable {
    case idle
    case waiting(until: Uptime)
    case fetching
    case verifying
    case preparing
    case moving
    case finishing
    case cleaning
  }

  /// What a step brought about.
  enum Event {
    case none
    case stored
    case failed(JobFailure)
  }

  private let pinned = Pinned()
  private(set) var state = State.idle
  private var download: Download
  private var upload: FileSender
  private var backoff = Backoff(base: Limits.transferRetryBase, cap: Limits.transferRetryCap)
  private(set) var attempts = 0
  /// Bytes of the file that the printer's stream has taken in this attempt.
  private(set) var moved = 0
  /// Bytes of the whole file, as far as anybody said; 0 when nobody did.
  private(set) var total = 0
  private var movedAt = Uptime.start
  /// An attempt of ours has opened the file on the card; the printer may hold it open still.
  private var hasOpenedFile = false
  private var hasMoreNow = false
  /// How many bytes were there when the rest was last asked for; going on must bring some more.
  private var wentOnAt = -1
  /// The digest of the bytes that were moved in this attempt.
  private var digest = SHA256()
  /// The cloud is to be asked for another link, and how often it was.
  private(set) var wantsLink = false
  private var linksAskedFor = 0
  private(set) var badInputCount: UInt32 = 0
  /// The file comes over the connection to the cloud; that it may.
  private var usesPieces = false
  private var mayUsePieces = false

  /// Carves the transfer's memory out of `region`.
  init(_ region: inout Region, door: Lodger<PrinterDoor>) {
    download = Download(&region)
    upload = FileSender(&region, door: door)
  }

  /// What `init` carves.
  static let memory = Download.memory + FileSender.memory

  var isActive: Bool { state != .idle }

  /// When the transfer will change by itself.
  var turn: Turn {
    let limits = earlier(download.deadline, upload.deadline)
    switch state {
    case .idle: return .asleep
    case .waiting(let until): return .until(until)
    case .fetching, .verifying, .preparing, .finishing, .cleaning: return .until(limits)
    case .moving:
      let stall = earlier(limits, movedAt + Limits.transferStall)
      return Turn(next: hasMoreNow ? movedAt : stall, promise: stall)
    }
  }

  // --------------------------------------------------------------------------- from the outside

  /// Begins to bring a job's file.
  mutating func begin(
    size: Int, _ kind: PrinterKind, inPieces: Bool, mayUsePieces: Bool, now: Uptime
  ) {
    usesPieces = inPieces
    self.mayUsePieces = mayUsePieces && size > 0
    download.reset()
    upload.become(kind)
    upload.forget()
    attempts = 0
    wantsLink = false
    linksAskedFor = 0
    hasOpenedFile = false
    backoff.reset()
    moved = 0
    total = size
    movedAt = now
    state = .waiting(until: now)
  }

  /// Nobody wants the file any more: both streams are closed, and what is on the card is removed
  /// if the printer can still be told.
  mutating func cancel(_ name: Span<UInt8>, now: Uptime) {
    guard isActive else { return }
    wantsLink = false
    download.reset()
    upload.cleanUp(name, now: now)
    if upload.isCleaning {
      state = .cleaning
    } else {
      upload.forget()
      state = .idle
    }
  }

  /// The hub has no network any more. That is nobody's fault and costs no attempt.
  mutating func networkLost(now: Uptime) {
    switch state {
    case .idle, .waiting: return
    case .cleaning:
      upload.forget()
      state = .idle
    case .fetching, .verifying, .preparing, .moving, .finishing:
      attempts -= 1
      rest(until: now)
    }
  }

  /// The cloud was asked for another link.
  mutating func linkWasAskedFor() { wantsLink = false }

  /// The job has another link.
  mutating func linkIsNew(now: Uptime) {
    wantsLink = false
    if case .waiting = state { state = .waiting(until: now) }
  }

  // ------------------------------------------------------------------------------------- pieces

  /// The piece to ask the cloud for now, if there is one.
  var wantedPiece: Range<Int>? { isActive ? download.wantedPiece : nil }
  var pieceTag: UInt16 { download.pieceTag }

  mutating func tagPiece() { download.tagPiece() }

  mutating func pieceWasAskedFor(now: Uptime) { download.pieceWasAskedFor(now: now) }

  /// Takes what has come of a piece; one without bytes is a refusal.
  mutating func takePiece(
    tag: UInt16, at offset: Int, _ range: Range<Int>, of inbox: borrowing ByteQueue, isLast: Bool,
    isRefusal: Bool
  ) -> Bool {
    if isRefusal { download.pieceIsRefused(tag: tag) }
    return isRefusal
      || download.takePiece(tag: tag, at: offset, range, of: inbox, isLast: isLast)
  }

  /// What the printer's file server has shown; empty before it has let us in.
  mutating func certificate() -> Fingerprint { upload.certificate() }

  mutating func cloudLost() { download.piecesAreLost() }

  /// The slot is for another printer.
  mutating func forgetHabits() { upload.forgetHabits() }

  // -------------------------------------------------------------------------------------- step

  /// Does what can be done now.
  mutating func step(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    hasNetwork: Bool, now: Uptime
  ) -> Event {
    hasMoreNow = false
    switch state {
    case .idle:
      return .none
    case .waiting(let until):
      if movedAt + Limits.transferPatience <= now { return giveUp(job, .outOfPatience, now) }
      guard until <= now else { return .none }
      guard hasNetwork else {
        state = .waiting(until: now + Limits.transferRetryBase)
        return .none
      }
      return beginAttempt(board, printer, job, now)
    case .fetching:
      return stepDownload(board, printer, job, now)
    case .verifying, .preparing, .finishing, .cleaning:
      return stepUpload(board, printer, job, now)
    case .moving:
      return move(board, printer, job, now)
    }
  }

  private mutating func beginAttempt(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ now: Uptime
  ) -> Event {
    attempts += 1
    do throws(Connection.Failure) {
      if upload.mayBeWhole {
        try upload.begin(board, printer, size: total, now: now)
        state = .verifying
        return .none
      }
    } catch {
      return retry(board, printer, job, .uploadFailed(error), now)
    }
    return fetch(board, printer, job, now)
  }

  private mutating func fetch(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ now: Uptime
  ) -> Event {
    moved = 0
    wentOnAt = -1
    digest = SHA256()
    if usesPieces {
      download.beginPieces(total: job.fileSize)
      state = .fetching
      return .none
    }
    do throws(Connection.Failure) {
      try download.begin(board, job.fileURL.span, now: now)
      state = .fetching
      return .none
    } catch {
      return retry(board, printer, job, .downloadFailed(error), now)
    }
  }

  /// Answers what the download brought about, if anything ended the attempt.
  private mutating func stepDownload(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ now: Uptime
  ) -> Event {
    switch download.step(job.fileURL.span, now: now) {
    case .none:
      return .none
    case .begun(let length) where state == .moving:
      // The rest of what was under way.
      if let length, total > 0, moved + length != total { return giveUp(job, .sizeDiffers, now) }
      return .none
    case .begun(let length):
      if let length {
        guard job.fileSize == 0 || job.fileSize == length else {
          return giveUp(job, .sizeDiffers, now)
        }
        total = length
      }
      do throws(Connection.Failure) {
        try upload.begin(board, printer, size: total, now: now)
      } catch {
        return retry(board, printer, job, .uploadFailed(error), now)
      }
      state = .preparing
      return .none
    case .refused(403) where linksAskedFor < Limits.linkRenewals || wantsLink:
      // The cloud may be away; it counts as asked when it was.
      if !wantsLink { linksAskedFor += 1 }
      wantsLink = true
      return retry(board, printer, job, .linkExpired, now)
    case .refused(let status):
      return giveUp(job, .downloadRefused(status: status), now)
    case .broken(let trouble):
      if goOn(board, printer, job, now) { return .none }
      return retry(board, printer, job, trouble, now)
    case .ended:
      // The server may have said nothing of the size; then this is the first word on it.
      guard job.fileSize == 0 || job.fileSize == moved || has(.doesNotCheckRange) else {
        return giveUp(job, .sizeDiffers, now)
      }
      total = moved
      guard isDigestRight(job) else { return giveUp(job, .checksumDiffers, now) }
      upload.finishBytes(printer, expected: moved, now: now)
      download.reset()
      state = .finishing
      return .none
    }
  }

  /// Asks for the rest of a download that broke while the printer was taking bytes.
  private mutating func goOn(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ now: Uptime
  ) -> Bool {
    guard state == .moving, download.canGoOn, moved > wentOnAt, moved > 0 else { return false }
    wentOnAt = moved
    let begun = moved
    if usesPieces {
      download.beginPieces(total: total, from: begun)
      return true
    }
    do throws(Connection.Failure) {
      try download.begin(board, job.fileURL.span, from: begun, now: now)
    } catch {
      return false
    }
    board.log(.warning) {
      $0.put("file ")
      $0.put(printer.serial.span)
      $0.put(": download broke, goes on at byte ")
      $0.put(decimal: begun)
    }
    return true
  }

  private mutating func isDigestRight(_ job: borrowing PrintJob) -> Bool {
    guard !job.checksum.isEmpty, !has(.doesNotCheckRange) else { return true }
    let bytes = digest.finish()
    var text = Text<64>()
    text.write { $0.put(hex: bytes.span) }
    guard text.count == job.checksum.count else { return false }
    // Digits may be written in large letters.
    for index in 0..<text.count where text.span[index] != job.checksum.span[index] | 0x20 {
      return false
    }
    return true
  }

  private mutating func stepUpload(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ now: Uptime
  ) -> Event {
    let name = job.remoteName
    let checksum = job.checksum
    switch upload.step(board, printer, name.span, checksum: checksum.span, now: now) {
    case .none:
      return .none
    case .loggedIn:
      if state == .verifying {
        upload.measure(name.span, expected: total, now: now)
      } else {
        upload.store(now: now)
      }
      return .none
    case .wantsBytes:
      state = .moving
      hasOpenedFile = true
      movedAt = now
      return move(board, printer, job, now)
    case .stored:
      moved = total
      upload.leave()
      state = .idle
      return .stored
    case .differs:
      upload.distrust()
      upload.reset()
      return fetch(board, printer, job, now)
    case .refused(553) where hasOpenedFile:
      // The card has room, or there would be no earlier attempt. The printer notices only after
      // minutes that the connection of that one is dead, and lets go of the file; until then it
      // costs no attempt.
      return retry(board, printer, job, .uploadHeldOpen, now)
    case .refused(409) where hasOpenedFile && attempts > 1 && printer.kind != .bambu:
      // The same: the server has not noticed that an earlier attempt is dead.
      return retry(board, printer, job, .uploadHeldOpen, now)
    case .refused(let code) where printer.kind != .bambu:
      return giveUp(job, .fileRefused(status: code), now)
    case .refused(let code):
      return giveUp(job, .uploadRefused(code: code), now)
    case .broken(let trouble):
      return retry(board, printer, job, trouble, now)
    case .cleaned:
      state = .idle
      return .none
    }
  }

  /// Moves bytes until one side has no more or takes no more, or until others have waited enough.
  private mutating func move(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ now: Uptime
  ) -> Event {
    let event = stepUpload(board, printer, job, now)
    if case .none = event {} else { return event }
    for round in 0..<Limits.roundsPerStep {
      guard state == .moving else { return .none }
      let event = stepDownload(board, printer, job, now)
      if case .none = event {} else { return event }
      let taken = upload.feed(from: download)
      if taken == 0 { break }
      if !job.checksum.isEmpty {
        board.digest(download.bytes.extracting(first: taken), into: &digest)
      }
      download.take(taken)
      moved += taken
      movedAt = now
      hasMoreNow = round == Limits.roundsPerStep - 1
    }
    if state == .moving, movedAt + Limits.transferStall <= now {
      return retry(board, printer, job, .stalled, now)
    }
    return .none
  }

  // ------------------------------------------------------------------------------------ the end

  private mutating func retry(
    _ board: Board, _ printer: borrowing PrinterConfiguration, _ job: borrowing PrintJob,
    _ trouble: TransferTrouble, _ now: Uptime
  ) -> Event {
    if trouble.isBadInput { badInputCount &+= 1 }
    if state == .cleaning {
      upload.forget()
      state = .idle
      return .none
    }
    if !trouble.costsAttempt { attempts -= 1 }
    let isOver = attempts >= Limits.transferAttempts
    let attempt = attempts
    board.log(.warning) {
      $0.put("file ")
      $0.put(printer.serial.span)
      $0.put(": ")
      trouble.write(into: &$0)
      guard trouble.costsAttempt else { return }
      $0.put(isOver ? ", given up after attempt " : ", attempt ")
      $0.put(decimal: attempt)
    }
    if isOver { return giveUp(job, .downloadBroken(trouble), now) }
    if mayUsePieces, !usesPieces, attempts >= Limits.attemptsByLink, trouble.isAboutLink {
      usesPieces = true
      board.log(.warning) {
        $0.put("file ")
        $0.put(printer.serial.span)
        $0.put(": the link leads nowhere, the file comes over the cloud's connection")
      }
    }
    // A new link ends the wait.
    let pause = trouble == .linkExpired ? Limits.linkAnswer : Limits.transferRetryBase
    rest(until: now + pause + backoff.next(on: board))
    return .none
  }

  private mutating func rest(until: Uptime) {
    download.reset()
    upload.reset()
    state = .waiting(until: until)
  }

  private mutating func giveUp(
    _ job: borrowing PrintJob, _ failure: JobFailure, _ now: Uptime
  ) -> Event {
    let name = job.remoteName
    cancel(name.span, now: now)
    return .failed(failure)
  }
}
