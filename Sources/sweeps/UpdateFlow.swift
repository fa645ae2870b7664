import HubCore
import HubHost

/// A new image: loaded, checked, chosen, started, and confirmed or given up.
struct UpdateFlow: Flow {
  let name: String
  /// Whether the new image proves itself.
  let isGood: Bool
  private let old: [UInt8]
  private let new: [UInt8]

  init(name: String, isGood: Bool) {
    self.name = name
    self.isGood = isGood
    old = sweepImage(version: "1.0.0", security: 1, payloadSize: 4_500)
    new = sweepImage(version: "2.0.0", security: 2, payloadSize: 9_000)
  }

  func start() -> NORFlash {
    let flash = NORFlash(
      layout: PartitionLayout(sizes: [4_096, 3 * 4_096, 8_192, 3 * 4_096, 3 * 4_096]))
    flash.load(old, into: .slotA)
    let board = SweepBoard(flash)
    _ = BootChoice.decide(on: board.board)
    return flash
  }

  func run(on board: SweepBoard, stage: Stage) {
    _ = carryOn(board)
  }

  func recover(on board: SweepBoard, from stage: Stage, isToEnd: Bool) -> String? {
    // Whatever happened: what starts is a whole image.
    let slot = BootChoice.decide(on: board.board)
    guard let version = version(of: board, slot) else { return "a slot without an image starts" }
    guard version == "1.0.0" || version == "2.0.0" else { return "\(version) starts" }
    return carryOn(board)
  }

  private func version(of board: SweepBoard, _ slot: UInt8) -> String? {
    FirmwareImage(in: board.flash, slot: slot)?.version
  }

  /// Boots again and again, as the device would, until nothing is left to do.
  private func carryOn(_ board: SweepBoard) -> String? {
    var hasFailed = false
    for _ in 0..<12 {
      if board.flash.isWithoutPower { return nil }
      let slot = BootChoice.decide(on: board.board)
      var store = board.openStore()
      var choice = BootChoice(board.board)
      guard choice.slot == slot else { return "the records name another slot than was started" }
      if version(of: board, slot) == "2.0.0" {
        // A bad image does nothing at all: it is started again until it is given up.
        guard isGood else { continue }
        if choice.isPending, !choice.confirm() { return "the image cannot be confirmed" }
        if let trouble = store.trouble(writing: .securityVersion, [2, 0, 0, 0]) { return trouble }
        guard case .valid = BootChoice(board.board).newer?.state else { return "not confirmed" }
        return store.text(.securityVersion) == [2, 0, 0, 0] ? nil : "the floor is not kept"
      }
      guard version(of: board, slot) == "1.0.0" else { return "no known image runs" }
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
      try header.check(on: board.board, hardware: "rig-1", slotSize: 3 * 4_096, floor: 1)
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
    if let trouble = store.trouble(writing: .update, Array("2.0.0".utf8)) { return trouble }
    return choice.choose(idle, isProven: false) ? nil : "the choice is not kept"
  }
}
