// A new image: offered, downloaded, checked, chosen, started, and confirmed or given up. What brings
// it in is the hub's own code; around it stand a cloud that greets and offers at every boot, and a
// server that has the image.

import HubCore
import HubHost

/// A whole update, over as many boots as it takes.
struct UpdateFlow: Flow {
  /// How the new image is.
  enum Character {
    case good
    /// It dies at each start.
    case dies
    /// It runs, and never reaches the cloud.
    case mute
  }

  let name: String
  let character: Character
  let isFine: Bool
  let endsWithRecovery = true
  /// Whether there was an update before: then both boot records stand, and the new image comes over
  /// the one that the older of them names.
  private let isSecond: Bool
  private let sectorsPerNote: Int
  private let breaksAfter: Int
  private let first: [UInt8]
  private let old: [UInt8]
  private let new: [UInt8]

  private static let oldVersion = "2.0.0"
  private static let newVersion = "3.0.0"
  private static let floor: [UInt8] = [2, 0, 0, 0]
  private static let slotSectors = 2
  private static let bootLimit = 14
  private static let roundLimit = 400

  /// With `breaksAfter`, each connection to the server breaks after so many bytes. A payload that
  /// fits into one sector is never gone on with over a boot; of a larger one each sector is noted.
  init(
    name: String, _ character: Character, isSecond: Bool = false, payloadSize: Int = 40,
    breaksAfter: Int = 0
  ) {
    self.name = name
    self.character = character
    self.isSecond = isSecond
    self.breaksAfter = breaksAfter
    let isLarge = payloadSize > NORFlash.sectorSize
    isFine = !isLarge
    sectorsPerNote = isLarge ? 1 : 16
    first = sweepImage(version: "1.0.0", security: 1, payloadSize: 30)
    old = sweepImage(version: Self.oldVersion, security: 1, payloadSize: 50)
    new = sweepImage(version: Self.newVersion, security: 2, payloadSize: payloadSize)
  }

  func start() -> NORFlash {
    let flash = NORFlash(
      layout: PartitionLayout(
        sizes: [4_096, 3 * 4_096, 8_192, Self.slotSectors * 4_096, Self.slotSectors * 4_096]))
    let board = SweepBoard(flash)
    flash.load(isSecond ? first : old, into: .slotA)
    let trouble = carryOn(board, Stage(), to: old, .good)
    precondition(trouble == nil, "before the flow: \(trouble ?? "")")
    return flash
  }

  func run(on board: SweepBoard, stage: Stage) -> String? {
    carryOn(board, stage, to: new, character)
  }

  func recover(on board: SweepBoard, from stage: Stage, reach: Reach) -> String? {
    // Whatever happened: what starts is a whole image.
    let version = version(of: board, BootChoice(board.board).slot)
    if version == Self.newVersion, stage.done < 1, !BootChoice(board.board).isPending {
      return "an image counts as proven that nobody has confirmed"
    }
    if version == Self.oldVersion, stage.done > 1 { return "a confirmed image is gone" }
    return carryOn(board, stage, to: new, character)
  }

  private func version(of board: SweepBoard, _ slot: UInt8) -> String? {
    FirmwareImage(in: board.flash, slot: slot)?.version
  }

  /// Boots again and again, as the device would, until nothing is left to do. `stage` is 1 as soon
  /// as the new image may be confirmed, and 2 when it is.
  private func carryOn(
    _ board: SweepBoard, _ stage: Stage, to image: [UInt8], _ character: Character
  ) -> String? {
    let wanted = image == new ? Self.newVersion : Self.oldVersion
    let version = Array(wanted.utf8)
    let address = Array("http://files.test/image".utf8)
    let none: [UInt8] = []
    board.server.image = image
    board.server.breaksAfter = breaksAfter
    for _ in 0..<Self.bootLimit {
      if board.flash.isWithoutPower { return nil }
      let slot = BootChoice.decide(on: board.board)
      guard let running = self.version(of: board, slot) else {
        return "a slot without an image starts"
      }
      let isNew = running == wanted
      guard isNew || running == (image == new ? Self.oldVersion : "1.0.0") else {
        return "\(running) starts"
      }
      if isNew, character == .dies {
        if !BootChoice(board.board).isPending { return "a bad image counts as proven" }
        continue
      }
      var store = board.openStore()
      var update = board.openUpdate(&store, sectorsPerNote: sectorsPerNote)
      guard update.slot == slot else { return "the records name another slot than was started" }
      let isHeard = !isNew || character != .mute
      if isHeard {
        if isNew { stage.done = max(stage.done, 1) }
        update.greet(&store)
        if isNew, !update.isPending { stage.done = 2 }
      }
      var isRefused = false
      if isHeard {
        isRefused = !update.offer(
          version.span, from: address.span, checksum: none.span, milliseconds: 0)
      }
      if let trouble = live(&update, &store, board, isHeard: isHeard, isGood: character == .good) {
        return trouble
      }
      if update.wantsRestart { continue }
      if isNew { return provenTrouble(&store, update.isPending, image) }
      if isRefused {
        return character == .good ? "a good image is refused" : refusedTrouble(&store, wanted)
      }
      return "the update came to nothing"
    }
    return character == .good ? "the new image never came to run" : "no end is in sight"
  }

  /// Runs one boot until there is nothing to do, or the hub wants to start anew.
  private func live(
    _ update: inout UpdateBench, _ store: inout Store, _ board: SweepBoard, isHeard: Bool,
    isGood: Bool
  ) -> String? {
    var now: UInt64 = 0
    for _ in 0..<Self.roundLimit {
      let next = update.step(&store, isHeard: isHeard, milliseconds: now)
      if update.wantsRestart || board.flash.isWithoutPower { return nil }
      while isHeard, let word = update.tell(&store) {
        switch "\(word)" {
        case "succeeded" where !isGood: return "the cloud hears that a bad image is good"
        case "rolled_back" where isGood, "failed": return "the cloud hears \(word)"
        default: break
        }
      }
      if isHeard, update.isAtRest { return nil }
      now = max(now + 1, next == .max ? 0 : next)
    }
    return "it never comes to rest"
  }

  private func provenTrouble(_ store: inout Store, _ isPending: Bool, _ image: [UInt8]) -> String? {
    if isPending { return "the image is not confirmed" }
    if image == new, store.text(.securityVersion) != Self.floor { return "the floor is not kept" }
    return store.text(.update) == nil ? nil : "the note of the update is still there"
  }

  private func refusedTrouble(_ store: inout Store, _ version: String) -> String? {
    if store.text(.updateRefused) != Array(version.utf8) {
      return "nobody knows any more which image was no good"
    }
    return store.text(.update) == nil ? nil : "the note of the update is still there"
  }
}
