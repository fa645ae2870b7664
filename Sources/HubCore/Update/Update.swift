// Taking a new firmware, and finding out whether it is any good.
//
//     idle --offer--> opening --header good--> loading --last byte--> loaded --told--> leaving
//       ^      |         |   ^                    |          a break, a dead link       |
//       |      v         |   '---- pausing, linkless <--------'                         v
//       |     held: a print's file goes first     |                                  restart
//       '----- refused for good, or given up -----'
//
// After the restart the image is pending: it must reach the cloud within a bound, or the hub goes
// back to the one before it. What became of an update is kept over restarts until the cloud knows;
// which version was no good, until a person offers it anew or another version has failed.

import Wire

/// The update under way, if there is one, and the proof that the running image still owes.
struct Update: ~Copyable {
  enum Phase {
    case idle
    /// A print's file is on its way to a printer and goes first.
    case held
    /// The first bytes of the image are awaited.
    case opening
    case loading
    /// Waits for its next attempt.
    case pausing(until: Uptime)
    /// The link is out of date; the cloud was told and may send another.
    case linkless(until: Uptime)
    /// Everything is in place; the restart waits for a moment without a transfer.
    case loaded
    /// The cloud was told, and has a moment to hear it.
    case leaving(at: Uptime)
  }

  private let pinned = Pinned()
  var phase = Phase.idle
  var download: Download
  var url: LongText
  /// What the cloud says that the payload's checksum is; empty when it does not.
  var checksum = Text<64>()
  var head = ImageHeader.Bytes(repeating: 0xFF)
  var headCount = 0
  var writer: ImageWriter?
  var attempts = 0
  /// How far the image under way has ever come.
  var furthest = 0
  var notedSectors = 0
  /// So many sectors may come twice after a loss of power.
  var sectorsPerNote = 16
  /// A part of what is in the slot came before a loss of power.
  var isPatched = false
  /// When the download got on last.
  var movedAt = Uptime.start
  var version = Text<32>()
  var backoff = Backoff(base: Limits.transferRetryBase, cap: Limits.transferRetryCap)
  /// How far the update under way is, if that is news.
  var progress: Report?
  /// What became of an update, until it is an event.
  var outcome: Report?
  var outcomeVersion = Text<32>()
  /// The version that was no good.
  var refused = Text<32>()
  /// By when the running image must have reached the cloud.
  var proofBy: Uptime
  var choice: BootChoice
  /// The version of what runs, as its image says.
  let runningVersion: Text<32>
  let runningSecurity: UInt32
  var floor: UInt32 = 0
  /// The hub is to start anew; nothing else is to be done.
  var wantsRestart = false

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
    floor = max(floor, choice.floor)
    if !store.read(.updateRefused, into: &refused).isFound { refused.removeAll() }
    recall(board, &store)
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

  /// Whether the idle slot is being written, or holds what will be started next.
  var isWriting: Bool {
    switch phase {
    case .idle, .held: false
    case .opening, .loading, .pausing, .linkless, .loaded, .leaving: true
    }
  }

  // ------------------------------------------------------------------------------- what was before

  /// The first line of each boot.
  // Kept apart, so that its temporaries do not stand on the stack beside the hub's own.
  @inline(never)
  static func logStart(_ board: Board, _ reason: Board.BootReason) {
    let version = board.imageHeader(in: BootChoice(board).slot)?.version ?? Text(Firmware.version)
    board.log(.information) {
      $0.put("hub: firmware ")
      $0.put(version.span)
      $0.put(" starts after ")
      $0.put(reason.name)
    }
  }

  /// Looks whether the last update came to a good end.
  private mutating func recall(_ board: Board, _ store: inout Store) {
    var note = Text<32>()
    guard store.read(.update, into: &note).isFound, !choice.isPending else { return }
    outcomeVersion = note
    if note == runningVersion {
      outcome = Report(word: .succeeded)
    } else if let failed = choice.newer, failed.state == .aborted,
      board.imageHeader(in: failed.slot)?.version == note
    {
      outcome = Report(word: .rolledBack)
      refuse(note, &store)
    } else {
      // The power went before it was ever chosen: it comes again when it is offered again.
      try? store.remove(.update)
    }
  }

  /// Remembers that a version is no good.
  mutating func refuse(_ version: Text<32>, _ store: inout Store) {
    refused = version
    try? store.write(.updateRefused, version.span)
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
    guard choice.isPending, choice.confirm() else { return }
    proofBy = .never
    board.log(.information) { $0.put("update: this firmware has proved itself") }
    raiseFloor(&store)
    if refused == runningVersion {
      refused.removeAll()
      try? store.remove(.updateRefused)
    }
    outcome = Report(word: .succeeded)
    outcomeVersion = runningVersion
  }

  // ------------------------------------------------------------------------------------- the offer

  /// Takes an offer up, or says why not. Without force it is only taken when it is newer than what
  /// runs and has not failed here before.
  mutating func take(
    _ board: Board, _ offer: borrowing Command, isQuiet: Bool, now: Uptime
  ) -> CommandOutcome {
    let version = offer.version
    if version == runningVersion { return .success }
    if isActive {
      guard self.version == version else { return .updateOnItsWay }
      return takeLink(board, offer, now)
    }
    // The other slot holds what the hub goes back to.
    if choice.isPending { return .updateOnItsWay }
    if !offer.isForced {
      if refused == version { return .updateRefused }
      if !isNewer(version.span, than: runningVersion.span) { return .updateNotNewer }
    }
    guard url.set(offer.fileURL.span) else { return .oversizedField("url") }
    self.version = version
    checksum = offer.checksum
    attempts = 0
    furthest = 0
    headCount = 0
    backoff.reset()
    writer = nil
    board.log(.information) {
      $0.put("update: version ")
      $0.put(version.span)
      $0.put(isQuiet ? " is offered" : " is offered, and waits for a print's file")
    }
    if isQuiet {
      open(board, now)
    } else {
      phase = .held
      progress = Report(word: .waiting)
    }
    return .success
  }

  /// The same version again: perhaps with a link that still works.
  private mutating func takeLink(
    _ board: Board, _ offer: borrowing Command, _ now: Uptime
  ) -> CommandOutcome {
    guard url.set(offer.fileURL.span) else { return .oversizedField("url") }
    switch phase {
    case .linkless, .pausing: open(board, now)
    case .idle, .held, .opening, .loading, .loaded, .leaving: break
    }
    return .success
  }
}

/// Whether a version is above another: numbers between dots, compared one by one.
package func isNewer(_ version: Span<UInt8>, than other: Span<UInt8>) -> Bool {
  var place = 0
  var otherPlace = 0
  while place < version.count || otherPlace < other.count {
    let number = versionNumber(version, &place)
    let otherNumber = versionNumber(other, &otherPlace)
    if number != otherNumber { return number > otherNumber }
  }
  return false
}

/// The number at a place, which moves behind the next dot; zero behind the end.
private func versionNumber(_ text: Span<UInt8>, _ place: inout Int) -> UInt32 {
  var number: UInt32 = 0
  var isInNumber = true
  while place < text.count, text[place] != UInt8(ascii: ".") {
    let digit = text[place] &- UInt8(ascii: "0")
    isInNumber = isInNumber && digit < 10
    if isInNumber, number < 100_000_000 {
      number = number * 10 + UInt32(truncatingIfNeeded: digit)
    }
    place += 1
  }
  place += 1
  return number
}
