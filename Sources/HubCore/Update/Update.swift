// Taking a new firmware, and finding out whether it is any good.
//
//     idle --offer--> opening --header good--> loading --last byte--> loaded --no print--> restart
//       ^                |                        |
//       '---- refused ---'------ given up --------'
//
// After the restart the image is pending: it must reach the cloud within a bound, or the hub goes
// back to the one before it. What became of an update is kept over restarts until the cloud knows.

import Wire

/// The update under way, if there is one, and the proof that the running image still owes.
struct Update: ~Copyable {
  private enum Phase {
    case idle
    /// The first bytes of the image are awaited.
    case opening
    case loading
    /// Waits for its next attempt.
    case pausing(until: Uptime)
    /// Everything is in place; the restart waits for a moment without a transfer.
    case loaded
  }

  /// What the cloud is to be told.
  struct Report {
    enum Word: UInt8 { case downloading, installing, succeeded, rolledBack, failed }

    var word: Word
    var percent = 0
    var error: StaticString?
    var status: UInt16 = 0

    var name: StaticString {
      switch word {
      case .downloading: "downloading"
      case .installing: "installing"
      case .succeeded: "succeeded"
      case .rolledBack: "rolled_back"
      case .failed: "failed"
      }
    }
  }

  private let pinned = Pinned()
  private var phase = Phase.idle
  private var download: Download
  private var url: LongText
  private var head = ImageHeader.Bytes(repeating: 0xFF)
  private var headCount = 0
  private var writer: ImageWriter?
  private var attempts = 0
  private var notedSectors = 0
  private(set) var version = Text<32>()
  private var report: Report?
  private var refused = Text<32>()
  private var backoff = Backoff(base: Limits.transferRetryBase, cap: Limits.transferRetryCap)
  /// By when the running image must have reached the cloud.
  private var proofBy: Uptime
  private(set) var choice: BootChoice
  /// The version of what runs, as its image says.
  let runningVersion: Text<32>
  private let runningSecurity: UInt32
  private var floor: UInt32 = 0

  static let memory = Region.cost(Limits.updateWindow) + Region.cost(Limits.fileURL)

  init(_ board: Board, _ region: inout Region, _ store: inout Store, now: Uptime) {
    download = Download(&region, window: Limits.updateWindow)
    url = unsafe LongText(region.bytes(Limits.fileURL))
    choice = BootChoice(board)
    let header = board.imageHeader(in: choice.slot)
    runningVersion = header?.version ?? Text(Firmware.version)
    runningSecurity = header?.securityVersion ?? 0
    proofBy = choice.isPending ? now + Limits.updateProof : .never
    var bytes = InlineArray<4, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    if store.read(.securityVersion, into: &span) == .found(4) { floor = bytes.number32(at: 0) }
    recall(&store)
    if !choice.isPending { raiseFloor(&store) }
  }

  /// Builds it where it stays.
  @inline(never)
  static func build(
    _ board: Board, _ region: inout Region, _ store: inout Store
  ) -> Place<Update> {
    let place = unsafe region.room(for: Update.self)
    unsafe place.initialize(to: Update(board, &region, &store, now: board.now))
    return unsafe Place(place)
  }

  var slot: UInt8 { choice.slot }
  var isActive: Bool { if case .idle = phase { false } else { true } }

  // ------------------------------------------------------------------------------- what was before

  /// Looks whether the last update came to a good end.
  private mutating func recall(_ store: inout Store) {
    var note = Text<32>()
    guard store.read(.update, into: &note).isFound else { return }
    version = note
    if choice.isPending { return }
    report = Report(word: note == runningVersion ? .succeeded : .rolledBack)
    if note != runningVersion { refused = note }
  }

  private mutating func raiseFloor(_ store: inout Store) {
    guard runningSecurity > floor else { return }
    floor = runningSecurity
    var bytes = InlineArray<4, UInt8>(repeating: 0)
    bytes.set(floor, at: 0)
    try? store.write(.securityVersion, bytes.span)
  }

  /// The cloud has said hello: that is the proof.
  mutating func cloudGreeted(_ board: Board, _ store: inout Store) {
    guard choice.isPending else { return }
    guard choice.confirm() else { return }
    proofBy = .never
    board.log(.information) { $0.put("update: this firmware has proved itself") }
    raiseFloor(&store)
    report = Report(word: .succeeded)
  }

  // ------------------------------------------------------------------------------------- the offer

  /// Takes an offer up; answers false when an update is under way already.
  mutating func begin(_ board: Board, _ offer: borrowing Command, now: Uptime) -> Bool {
    let version = offer.version
    if isActive { return self.version == version }
    guard url.set(offer.fileURL.span) else { return false }
    self.version = version
    attempts = 0
    headCount = 0
    writer = nil
    report = Report(word: .downloading)
    board.log(.information) {
      $0.put("update: version ")
      $0.put(version.span)
      $0.put(" is offered")
    }
    open(board, now)
    return true
  }

  /// Whether an offer is one that nobody has to think about again.
  func isSettled(_ version: Span<UInt8>) -> Bool {
    runningVersion.equals(version) || refused.equals(version)
  }

  private mutating func open(_ board: Board, _ now: Uptime) {
    let start = writer?.count ?? 0
    do throws(Connection.Failure) {
      try download.begin(board, url, from: start, now: now)
      if start == 0 { headCount = 0 }
      phase = start == 0 ? .opening : .loading
    } catch {
      pause(board, error.name, now)
    }
  }

  private mutating func pause(_ board: Board, _ reason: StaticString, _ now: Uptime) {
    attempts += 1
    download.reset()
    guard attempts < Limits.updateAttempts else { return fail(board, reason) }
    let wait = backoff.ceiling / 2 + backoff.next(on: board) / 2
    board.log(.warning) {
      $0.put("update: ")
      $0.put(reason)
      $0.put(", next attempt in ")
      $0.put(decimal64: wait)
      $0.put(" ms")
    }
    phase = .pausing(until: now + wait)
  }

  /// Gives the update up for good; the same version is not taken again before the next boot.
  private mutating func fail(_ board: Board, _ reason: StaticString) {
    board.log(.error) {
      $0.put("update: version ")
      $0.put(version.span)
      $0.put(" is refused: ")
      $0.put(reason)
    }
    download.reset()
    writer = nil
    refused = version
    phase = .idle
    report = Report(word: .failed, error: reason)
  }

  // ------------------------------------------------------------------------------------- the steps

  /// Does what can be done now; answers when to come again. `isQuiet` while no print's file is on
  /// its way.
  mutating func step(
    _ board: Board, _ store: inout Store, isQuiet: Bool, now: Uptime
  ) -> Uptime {
    if proofBy <= now {
      proofBy = .never
      board.log(.error) { $0.put("update: this firmware did not reach the cloud in time") }
      choice.abort()
      board.restart(.restart)
      return .never
    }
    switch phase {
    case .idle: return proofBy
    case .pausing(let until):
      if until <= now { open(board, now) } else { return earlier(until, proofBy) }
    case .opening, .loading: break
    case .loaded:
      guard isQuiet else { return proofBy }
      activate(board, &store)
      return proofBy
    }
    for _ in 0..<Limits.roundsPerStep {
      switch download.step(url, now: now) {
      case .none:
        guard !download.bytes.isEmpty else { return earlier(download.deadline, now + 1_000) }
      case .begun: continue
      case .refused:
        fail(board, "the server does not give it")
        return proofBy
      case .broken:
        pause(board, "the download broke off", now)
        return now
      case .ended:
        if writer?.isComplete != true { pause(board, "the image ends too early", now) }
      }
      takeBytes(board, &store, now)
      guard case .opening = phase else {
        guard case .loading = phase else { return now }
        continue
      }
    }
    return now
  }

  private mutating func takeBytes(_ board: Board, _ store: inout Store, _ now: Uptime) {
    while !download.bytes.isEmpty {
      if case .opening = phase {
        let count = min(download.bytes.count, ImageHeader.size - headCount)
        for index in 0..<count { head[headCount + index] = download.bytes[index] }
        headCount += count
        download.take(count)
        guard headCount == ImageHeader.size else { continue }
        guard start(board, &store) else { return }
        // What is in the slot already need not come again.
        if let done = writer?.count, done > ImageHeader.size { return open(board, now) }
      } else {
        let count = min(download.bytes.count, 256)
        do throws(ImageWriter.Trouble) {
          try writer?.write(count, of: download)
        } catch {
          return fail(board, error.name)
        }
        download.take(count)
        attempts = 0
        note(&store)
        if writer?.isComplete == true { return finish(board) }
      }
    }
  }

  /// Looks at the header; answers whether the image is taken.
  private mutating func start(_ board: Board, _ store: inout Store) -> Bool {
    let idle = 1 - choice.slot
    do throws(ImageHeader.Refusal) {
      let header = try ImageHeader(head)
      try header.check(
        on: board, hardware: Firmware.hardwareRevision, slotSize: board.size(of: .slot(idle)),
        floor: max(floor, runningSecurity))
      writer = ImageWriter(board, slot: idle, header)
    } catch {
      fail(board, error.name)
      return false
    }
    phase = .loading
    notedSectors = 0
    var known = InlineArray<258, UInt8>(repeating: 0)
    var span = known.mutableSpan
    if store.read(.updateProgress, into: &span) == .found(258), isNoted(known) {
      writer?.resume(sectors: Int(known.number16(at: 256)))
      notedSectors = writer?.fullSectors ?? 0
    }
    return true
  }

  private func isNoted(_ known: InlineArray<258, UInt8>) -> Bool {
    for index in 0..<256 where known[index] != head[index] { return false }
    return true
  }

  private mutating func note(_ store: inout Store) {
    guard let sectors = writer?.fullSectors, sectors >= notedSectors + ImageWriter.sectorsPerNote
    else { return }
    notedSectors = sectors
    var bytes = InlineArray<258, UInt8>(repeating: 0)
    for index in 0..<256 { bytes[index] = head[index] }
    bytes.set(UInt16(truncatingIfNeeded: sectors), at: 256)
    try? store.write(.updateProgress, bytes.span)
    guard let size = writer?.header.imageSize, report == nil || report?.word == .downloading
    else { return }
    report = Report(word: .downloading, percent: sectors * Board.sectorSize / (size / 100 + 1))
  }

  private mutating func finish(_ board: Board) {
    do throws(ImageWriter.Trouble) {
      try writer?.finish()
      download.reset()
      phase = .loaded
      report = Report(word: .installing, percent: 100)
    } catch {
      fail(board, error.name)
    }
  }

  private mutating func activate(_ board: Board, _ store: inout Store) {
    // The cloud is told first; what it does not hear now, it hears from the firmware to come.
    guard report == nil else { return }
    guard let slot = writer?.slot, let header = writer?.header else { return }
    let version = header.version
    try? store.write(.update, version.span)
    guard choice.choose(slot, isProven: false) else { return fail(board, "the choice is not kept") }
    board.log(.information) {
      $0.put("update: restarting into version ")
      $0.put(version.span)
    }
    phase = .idle
    board.restart(.restart)
  }

  // ------------------------------------------------------------------------------------ the report

  var hasReport: Bool { report != nil }

  /// Writes the report as a message and forgets it.
  mutating func writeReport(into json: inout JSONWriter, _ store: inout Store) {
    guard let report else { return }
    json.beginObject()
    json.key("type")
    json.string("update_progress")
    json.key("version")
    json.string(version.span)
    json.key("phase")
    json.string(report.name)
    json.key("percent")
    json.integer(report.word == .succeeded ? 100 : report.percent)
    if let error = report.error {
      json.key("error")
      json.string(error)
    } else if report.word == .rolledBack {
      json.key("error")
      json.string("the new firmware did not prove itself")
    }
    json.endObject()
    self.report = nil
    if report.word == .succeeded || report.word == .rolledBack {
      try? store.remove(.update)
      try? store.remove(.updateProgress)
    }
  }
}
