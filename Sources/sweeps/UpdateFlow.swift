import HubCore
import HubHost

/// A new image: loaded, checked, chosen, started, and confirmed or given up.
struct UpdateFlow: Flow {
  let name: String
  let isDeep = false
  let recoveryLength = 400
  /// Whether the new image proves itself.
  let isGood: Bool
  /// Whether there was an update before: then both boot records stand, and the new image comes over
  /// the one that the older of them names.
  let isSecond: Bool
  private let first: [UInt8]
  private let old: [UInt8]
  private let new: [UInt8]

  private static let oldVersion = "2.0.0"
  private static let newVersion = "3.0.0"
  private static let slotSectors = 2

  init(name: String, isGood: Bool, isSecond: Bool = false) {
    self.name = name
    self.isGood = isGood
    self.isSecond = isSecond
    first = sweepImage(version: "1.0.0", security: 1, payloadSize: 700)
    old = sweepImage(version: Self.oldVersion, security: 1, payloadSize: 800)
    new = sweepImage(version: Self.newVersion, security: 2, payloadSize: 4_000)
  }

  func start() -> NORFlash {
    let flash = NORFlash(
      layout: PartitionLayout(
        sizes: [4_096, 3 * 4_096, 8_192, Self.slotSectors * 4_096, Self.slotSectors * 4_096]))
    let board = SweepBoard(flash)
    defer { withExtendedLifetime(board) {} }
    flash.load(isSecond ? first : old, into: .slotA)
    _ = BootChoice.decide(on: board.board)
    guard isSecond else { return flash }
    flash.load(old, into: .slotB)
    var choice = BootChoice(board.board)
    _ = choice.choose(1, isProven: false)
    _ = BootChoice.decide(on: board.board)
    choice = BootChoice(board.board)
    _ = choice.confirm()
    return flash
  }

  func run(on board: SweepBoard, stage: Stage) {
    _ = carryOn(board, stage)
  }

  func recover(on board: SweepBoard, from stage: Stage, reach: Reach) -> String? {
    // Whatever happened: what starts is a whole image.
    let slot = BootChoice.decide(on: board.board)
    guard let version = version(of: board, slot) else { return "a slot without an image starts" }
    guard version == Self.oldVersion || version == Self.newVersion else {
      return "\(version) starts"
    }
    if version == Self.newVersion, stage.done < 1, !BootChoice(board.board).isPending {
      return "an image counts as proven that nobody has confirmed"
    }
    if version == Self.oldVersion, stage.done > 1 { return "a confirmed image is gone" }
    return carryOn(board, stage)
  }

  private func version(of board: SweepBoard, _ slot: UInt8) -> String? {
    FirmwareImage(in: board.flash, slot: slot)?.version
  }

  /// Boots again and again, as the device would, until nothing is left to do. `stage` is 1 as soon
  /// as the new image may be confirmed, and 2 when it is.
  private func carryOn(_ board: SweepBoard, _ stage: Stage) -> String? {
    var hasFailed = false
    for _ in 0..<12 {
      if board.flash.isWithoutPower { return nil }
      let slot = BootChoice.decide(on: board.board)
      var store = board.openStore()
      var choice = BootChoice(board.board)
      guard choice.slot == slot else { return "the records name another slot than was started" }
      if version(of: board, slot) == Self.newVersion {
        // A bad image does nothing at all: it is started again until it is given up.
        guard isGood else {
          if !choice.isPending { return "a bad image counts as proven" }
          continue
        }
        stage.done = max(stage.done, 1)
        if choice.isPending, !choice.confirm() { return "the image cannot be confirmed" }
        stage.done = 2
        if let trouble = store.trouble(writing: .securityVersion, [2, 0, 0, 0]) { return trouble }
        guard case .valid = BootChoice(board.board).newer?.state else { return "not confirmed" }
        return store.text(.securityVersion) == [2, 0, 0, 0] ? nil : "the floor is not kept"
      }
      guard version(of: board, slot) == Self.oldVersion else { return "no known image runs" }
      if store.text(.update) != nil {
        hasFailed = true
        if !isGood { return nil }
      }
      if let trouble = load(board, &store, &choice, idle: 1 - slot) { return trouble }
    }
    return isGood ? "the new image never came to run" : hasFailed ? nil : "no end is in sight"
  }

  private func load(
    _ board: SweepBoard, _ store: inout Store, _ choice: inout BootChoice, idle: UInt8
  ) -> String? {
    var head = ImageHeader.Bytes(repeating: 0)
    for index in 0..<256 { head[index] = new[index] }
    do {
      let header = try ImageHeader(head)
      try header.check(
        on: board.board, hardware: "rig-1", slotSize: Self.slotSectors * 4_096, floor: 1)
      var writer = ImageWriter(board.board, slot: idle, header)
      if let note = store.text(.updateProgress), note.count == 1 {
        writer.resume(sectors: Int(note[0]))
      }
      var noted = writer.fullSectors
      while !writer.isComplete {
        let from = writer.count
        try writer.write(Array(new[from..<min(from + 256, new.count)]).span)
        if writer.fullSectors > noted {
          noted = writer.fullSectors
          _ = store.trouble(writing: .updateProgress, [UInt8(noted)])
        }
      }
      try writer.finish()
    } catch {
      return board.flash.isWithoutPower ? nil : "loading: \(error)"
    }
    if let trouble = store.trouble(writing: .update, Array(Self.newVersion.utf8)) { return trouble }
    return choice.choose(idle, isProven: false) ? nil : "the choice is not kept"
  }
}
