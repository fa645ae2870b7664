// Crashes that the cloud has not heard of. They are in the retained memory, for it is written
// without wear; the first one also goes into the key store, so that whoever pulls the plug of a hub
// that hangs does not lose what was known about it.

import Wire

/// A restart that nobody wanted.
struct Crash {
  /// By which the cloud knows it again, should it hear of it twice.
  var id: UInt32 = 0
  var code = ErrorCode.unexplainedRestart
  /// The number of the task that was in a step, and one more; 0 when that is not known.
  var task: UInt8 = 0
  /// How long the hub had run, in seconds.
  var uptime: UInt32 = 0
  /// Which boot it was that ended so.
  var boot: UInt32 = 0
  /// In which slot the image stands that crashed; nil when that is not known.
  var slot: UInt8?

  static let size = 20

  func write(into writer: inout ByteWriter) {
    writer.put(littleEndian32: id)
    writer.put(littleEndian16: code.rawValue)
    writer.put(task)
    writer.put(slot.map { 2 + $0 } ?? 1)
    writer.put(littleEndian32: uptime)
    writer.put(littleEndian32: boot)
  }

  /// Sixteen bytes and their checksum.
  var record: Text<20> {
    var body = Text<16>()
    body.write { write(into: &$0) }
    let sum = CRC32.of(body.span)
    var record = Text<20>()
    record.write {
      $0.put(body.span)
      $0.put(littleEndian32: sum)
    }
    return record
  }

  init() {}

  /// Reads a record; nil when it is none, or was changed.
  init?(record: Span<UInt8>) {
    guard record.count == Self.size,
      record.littleEndian32(at: 16) == CRC32.of(record.extracting(first: 16)),
      let code = ErrorCode(rawValue: record.littleEndian16(at: 4))
    else { return nil }
    id = record.littleEndian32(at: 0)
    self.code = code
    task = record[6]
    slot = record[7] == 2 || record[7] == 3 ? record[7] - 2 : nil
    uptime = record.littleEndian32(at: 8)
    boot = record.littleEndian32(at: 12)
  }
}

/// The crashes that are still to be told, and how often the hub was started.
struct CrashLog {
  private(set) var boots: UInt32 = 0
  private var crashes = InlineArray<4, Crash>(repeating: Crash())
  /// How many there are, the oldest first. The last place is for one from the key store.
  private(set) var count = 0
  /// The boot count in the key store is out of date until the hub has proved that it runs.
  private(set) var isCountStored = false

  /// Whether the retained memory is ours, and what the hub was at when it stopped.
  private var isKept = false
  private var mark: Retained.Mark?
  private var bank = 0

  subscript(index: Int) -> Crash { crashes[index] }

  /// Which half of the retained lines is this boot's; before anything is logged.
  mutating func openLines(_ board: Board) {
    isKept = readHeader(board)
    bank = isKept ? 1 - bank : 0
    let half = bank
    board.note { $0.lineBank = half }
    mark = isKept ? board.lastMark() : nil
  }

  /// Finds out why the hub was started, and notes a crash if it was one.
  mutating func open(_ board: Board, _ store: inout Store, reason: Board.BootReason) {
    if isKept { readCrashes(board) }
    var stored = Text<4>()
    if store.read(.bootCount, into: &stored).isFound, stored.count == 4 {
      let number = stored.span.littleEndian32(at: 0)
      if number > boots { boots = number }
    }
    if let code = Self.cause(of: reason, mark, isKept: isKept) {
      var crash = Crash()
      crash.id = board.entropy
      crash.code = code
      crash.task = mark?.task ?? 0
      crash.uptime = mark?.uptime.seconds ?? 0
      crash.boot = boots
      crash.slot = board.slotBefore
      add(crash)
      keepFirst(in: &store)
    }
    takeStored(from: &store)
    boots &+= 1
    writeHeader(board)
    writeCrashes(board)
    board.mark(Retained.Mark())
  }

  /// What the reason of a boot and the mark of the one before say together; nil when all is well.
  private static func cause(
    of reason: Board.BootReason, _ mark: Retained.Mark?, isKept: Bool
  ) -> ErrorCode? {
    // A board may call it a restart when the firmware's own watchdog has asked for one.
    if reason == .watchdog || reason == .restart, let mark, mark.state == .bitten,
      let code = ErrorCode(rawValue: mark.code)
    {
      return code
    }
    switch reason {
    case .powerOn: return nil
    case .restart:
      if mark?.state == .planned || !isKept { return nil }
      return .unexplainedRestart
    case .watchdog: return .hardwareWatchdog
    case .panic: return .panic
    case .brownOut: return .brownOut
    }
  }

  /// With no place left the newest of those that nobody heard of makes way: how it began matters.
  private mutating func add(_ crash: Crash) {
    if count == Retained.crashes { count -= 1 }
    crashes[count] = crash
    count += 1
  }

  /// The cloud has heard of a crash.
  mutating func wasReported(_ id: UInt32, _ board: Board, _ store: inout Store) {
    var kept = 0
    for index in 0..<count where crashes[index].id != id {
      crashes[kept] = crashes[index]
      kept += 1
    }
    count = kept
    writeCrashes(board)
    var record = Text<20>()
    if store.read(.crash, into: &record).isFound {
      guard let crash = Crash(record: record.span), crash.id != id else {
        try? store.remove(.crash)
        return
      }
    }
  }

  /// The hub runs: what it counted is worth a write.
  mutating func storeCount(in store: inout Store) {
    isCountStored = true
    var bytes = Text<4>()
    let boots = boots
    bytes.write { $0.put(littleEndian32: boots) }
    try? store.write(.bootCount, bytes.span)
  }

  /// Writes a line of the boot before, if there is one in that place.
  func writeLine(_ number: Int, into json: inout JSONWriter, _ board: Board) {
    var bytes = InlineArray<96, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    guard board.readRetained(at: Retained.line(number, of: 1 - bank), into: &span) == 96,
      bytes[0] > 0, Int(bytes[0]) <= Retained.lineSize - 2, bytes[1] <= 3
    else { return }
    json.string(bytes.span.extracting(2..<2 + Int(bytes[0])))
  }

  // ------------------------------------------------------------------------------ where it is kept

  private mutating func readHeader(_ board: Board) -> Bool {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    guard board.readRetained(at: 0, into: &span) == 16,
      bytes.span.littleEndian32(at: 0) == Retained.magic,
      bytes.span.littleEndian32(at: 12) == CRC32.of(bytes.span.extracting(first: 12))
    else { return false }
    boots = bytes.span.littleEndian32(at: 4)
    bank = bytes[8] & 1 == 0 ? 0 : 1
    return true
  }

  private func writeHeader(_ board: Board) {
    var body = Text<12>()
    body.write {
      $0.put(littleEndian32: Retained.magic)
      $0.put(littleEndian32: boots)
      $0.put(littleEndian32: UInt32(truncatingIfNeeded: bank))
    }
    var header = Text<16>()
    header.write {
      $0.put(body.span)
      $0.put(littleEndian32: CRC32.of(body.span))
    }
    board.writeRetained(at: 0, header.span)
  }

  private mutating func readCrashes(_ board: Board) {
    for index in 0..<Retained.crashes {
      var bytes = InlineArray<20, UInt8>(repeating: 0)
      var span = bytes.mutableSpan
      let offset = Retained.crashOffset + index * Retained.crashSize
      guard board.readRetained(at: offset, into: &span) == Crash.size,
        let crash = Crash(record: bytes.span)
      else { continue }
      crashes[count] = crash
      count += 1
    }
  }

  private func writeCrashes(_ board: Board) {
    for index in 0..<Retained.crashes {
      let offset = Retained.crashOffset + index * Retained.crashSize
      if index < count {
        board.writeRetained(at: offset, crashes[index].record.span)
      } else {
        board.writeRetained(at: offset, InlineArray<20, UInt8>(repeating: 0).span)
      }
    }
  }

  /// Puts the oldest crash into the key store, unless one is there: a hub that crashes over and
  /// over writes once.
  private func keepFirst(in store: inout Store) {
    guard count > 0, !store.has(.crash) else { return }
    let record = crashes[0].record
    try? store.write(.crash, record.span)
  }

  private mutating func takeStored(from store: inout Store) {
    var record = Text<20>()
    guard store.read(.crash, into: &record).isFound, let crash = Crash(record: record.span) else {
      return
    }
    for index in 0..<count where crashes[index].id == crash.id { return }
    crashes[count] = crash
    count += 1
  }
}
