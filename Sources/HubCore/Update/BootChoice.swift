// Which slot is started: two sectors with one record each, of which the newer counts.
//
//     magic | number of the record | slot | floor | sum        4 + 4 + 1 + 3 + 4
//     a byte for each attempt to start it, cleared before it is made           8
//     a byte that is cleared when the image has proved itself                  1
//     a byte that is cleared when it has not, and never shall run again        1
//
// The floor is the lowest security version that may run. It also stands in the key store, which
// nobody can read who starts an image.
//
// A record is written into the sector of the older one, so there is always one that is whole; what
// happens to it later is the clearing of single bytes, which power cannot cut in two.

import Wire

/// What the two sectors say.
package struct BootChoice {
  /// Starts without a confirmation, after which an image is given up.
  package static let attemptLimit = 3

  /// Where an image stands.
  package enum State: Equatable {
    case pending(attempts: Int)
    case valid
    case aborted
  }

  /// One sector's record.
  package struct Record: Equatable {
    package var sector: Int
    package var sequence: UInt32
    package var slot: UInt8
    package var state: State
    /// The lowest security version that might run when the record was written.
    package var floor: UInt32 = 0
  }

  private static let magic: UInt32 = 0x4943_5042
  private static let floorLimit: UInt32 = 0xFF_FFFF
  private static let attemptsAt = 16
  private static let validAt = 24
  private static let abortedAt = 25

  private let board: Board
  /// The newer record, and the one before it.
  package private(set) var newer: Record?
  package private(set) var older: Record?

  package init(_ board: Board) {
    self.board = board
    read()
  }

  private mutating func read() {
    newer = record(in: 0)
    older = record(in: 1)
    let isSwapped =
      if let one = newer, let two = older { two.sequence > one.sequence } else { newer == nil }
    if isSwapped { (newer, older) = (older, newer) }
  }

  private func record(in sector: Int) -> Record? {
    var bytes = InlineArray<32, UInt8>(repeating: 0xFF)
    var span = bytes.mutableSpan
    guard board.read(.choice, at: sector * Board.sectorSize, into: &span) else { return nil }
    let wanted = bytes.number32(at: 12)
    let found = CRC32.of(bytes.span.extracting(first: 12))
    if found != wanted, (found ^ wanted).nonzeroBitCount != 1 {
      guard let bit = CRC32.flippedBit(wanted: wanted, found: found, byteCount: 12) else {
        return nil
      }
      bytes.flip(bit: bit)
    }
    guard bytes.number32(at: 0) == Self.magic, bytes[8] < 2 else { return nil }
    var attempts = 0
    while attempts < 8, isCleared(bytes[Self.attemptsAt + attempts]) { attempts += 1 }
    let state: State =
      isCleared(bytes[Self.abortedAt])
      ? .aborted : isCleared(bytes[Self.validAt]) ? .valid : .pending(attempts: attempts)
    return Record(
      sector: sector, sequence: bytes.number32(at: 4), slot: bytes[8], state: state,
      floor: bytes.number32(at: 8) &>> 8)
  }

  /// The lowest security version that may run, as far as the records know.
  package var floor: UInt32 { max(newer?.floor ?? 0, older?.floor ?? 0) }

  /// A single flipped bit neither confirms nor aborts an image.
  private func isCleared(_ mark: UInt8) -> Bool { mark.nonzeroBitCount < 4 }

  /// The slot that the records name.
  package var slot: UInt8 {
    if let newer, newer.state != .aborted { return newer.slot }
    if let older, older.state != .aborted { return older.slot }
    // Both are out: whatever is not the newest failure.
    return newer.map { 1 - $0.slot } ?? 0
  }

  /// Whether what runs has not proved itself yet.
  package var isPending: Bool {
    if case .pending = newer?.state { true } else { false }
  }

  /// Makes `slot` the one to start; `isProven` when its image needs no proof.
  package mutating func choose(_ slot: UInt8, isProven: Bool, floor: UInt32 = 0) -> Bool {
    let sector = newer.map { 1 - $0.sector } ?? 0
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    bytes.set(Self.magic, at: 0)
    bytes.set((newer?.sequence ?? 0) &+ 1, at: 4)
    bytes.set(min(max(floor, self.floor), Self.floorLimit) &<< 8, at: 8)
    bytes[8] = slot
    bytes.set(CRC32.of(bytes.span.extracting(first: 12)), at: 12)
    let at = sector * Board.sectorSize
    guard board.erase(.choice, at: at) else { return false }
    if isProven, !mark(Self.validAt, in: sector) { return false }
    let isWritten = board.program(.choice, at: at, bytes.span)
    read()
    return isWritten && newer?.slot == slot && newer?.sector == sector
  }

  package mutating func confirm() -> Bool {
    guard let newer, mark(Self.validAt, in: newer.sector) else { return false }
    read()
    return self.newer?.state == .valid
  }

  package mutating func abort() {
    guard let newer else { return }
    _ = mark(Self.abortedAt, in: newer.sector)
    read()
  }

  mutating func noteAttempt() {
    guard let newer, case .pending(let attempts) = newer.state, attempts < 8 else { return }
    _ = mark(Self.attemptsAt + attempts, in: newer.sector)
    read()
  }

  private func mark(_ offset: Int, in sector: Int) -> Bool {
    let zero = InlineArray<1, UInt8>(repeating: 0)
    return board.program(.choice, at: sector * Board.sectorSize + offset, zero.span)
  }
}

extension BootChoice {
  /// Decides which slot is started now, and notes it. Whatever the flash holds, there is an answer;
  /// if there is one good image anywhere, it is that one. An image below the floor is the last resort.
  package static func decide(on board: Board) -> UInt8 {
    var choice = BootChoice(board)
    var floor = choice.floor
    if let newer = choice.newer {
      switch newer.state {
      case .valid:
        if board.holdsImage(in: newer.slot, atLeast: floor) { return newer.slot }
        // What was proved to run raised the floor, even if it cannot run any more.
        if let header = board.imageHeader(in: newer.slot), header.isSigned(on: board) {
          floor = max(floor, header.securityVersion)
        }
        choice.giveUp("does not hold an image any more")
      case .pending(let attempts):
        if attempts >= attemptLimit {
          choice.giveUp("was started too often without proving itself")
        } else if board.holdsImage(in: newer.slot, atLeast: floor) {
          choice.noteAttempt()
          return newer.slot
        } else {
          choice.giveUp("holds no image that may run")
        }
      case .aborted: break
      }
    }
    let wanted = choice.newer == nil ? board.slotOfSafestImage : choice.slot
    let other = 1 - wanted
    if board.holdsImage(in: wanted, atLeast: floor) {
      if choice.newer == nil {
        _ = choice.choose(wanted, isProven: !board.holdsImage(in: other), floor: floor)
      }
      return wanted
    }
    guard board.holdsImage(in: other, atLeast: floor) else {
      return choice.lastResort(on: board, wanted)
    }
    _ = choice.choose(other, isProven: true, floor: floor)
    return other
  }

  /// Nothing that may run is there. A hub that can still be repaired is better than one that cannot.
  private mutating func lastResort(on board: Board, _ wanted: UInt8) -> UInt8 {
    let slot = board.holdsImage(in: wanted) ? wanted : 1 - wanted
    guard board.holdsImage(in: slot) else { return wanted }
    board.log(.error) { $0.put("boot: only an image of an older security version is left") }
    if slot != wanted { _ = choose(slot, isProven: true) }
    return slot
  }

  private mutating func giveUp(_ reason: StaticString) {
    guard let newer else { return }
    board.log(.error) {
      $0.put(newer.slot == 0 ? "boot: slot A " : "boot: slot B ")
      $0.put(reason)
    }
    // Without the other image, a doubtful one is better than none.
    if board.holdsImage(in: 1 - newer.slot) { abort() }
  }
}
