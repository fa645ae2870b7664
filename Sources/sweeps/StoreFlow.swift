import HubCore
import HubHost

/// What the sweeps write and read.
extension Store {
  mutating func text(_ key: StoreKey) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 600)
    var span = bytes.mutableSpan
    switch read(key, into: &span) {
    case .found(let count): return Array(bytes.prefix(count))
    case .missing: return nil
    case .damaged, .tooLong: return Array("damaged".utf8)
    }
  }

  /// Nil when it was written.
  mutating func trouble(writing key: StoreKey, _ bytes: [UInt8]) -> String? {
    do throws(StoreError) {
      try write(key, bytes.span)
      return nil
    } catch {
      return "write refused: \(error)"
    }
  }
}

/// Writes of settings, a claim and the hub's work, round and round over few sectors, and a factory
/// reset.
struct StoreFlow: Flow {
  enum Step {
    case write(Int, [UInt8])
    case remove(Int)
    case eraseAll
  }

  let name: String
  let isFine: Bool
  let endsWithRecovery = false
  /// Steps that are done before the first cut.
  let prelude: Int
  let sectors: Int
  let steps: [Step]

  static let keys: [StoreKey] = [
    StoreKey(.settings, "wifi", isSecret: true), StoreKey(.settings, "cloud-url"),
    StoreKey(.settings, "claim-token", isSecret: true), StoreKey(.settings, "claimed"),
    StoreKey(.settings, "printer-0", isSecret: true), StoreKey(.device, "security-version"),
    StoreKey(.work, "job-0"), StoreKey(.work, "commands"),
  ]

  private static let leavingKey = 7
  private static let farewell = 20

  /// With `prelude`, so many steps are no part of the sweep.
  init(
    name: String, sectors: Int, count: Int, prelude: Int = 0, isFine: Bool = false, seed: UInt32
  ) {
    self.name = name
    self.prelude = prelude
    self.isFine = isFine
    self.sectors = sectors
    var luck = seed
    func next(_ bound: Int) -> Int {
      luck = luck &* 1_664_525 &+ 1_013_904_223
      return Int(luck >> 8) % bound
    }
    var steps: [Step] = []
    for number in 0..<count {
      // One key is removed for good: whatever brings it back, long after, is wrong.
      let key = number < Self.farewell ? next(Self.keys.count) : next(Self.leavingKey)
      if number == Self.farewell {
        steps.append(.remove(Self.leavingKey))
      } else if next(8) == 0 {
        steps.append(.remove(key))
      } else {
        let size = next(6) == 0 ? 120 + next(180) : 1 + next(40)
        steps.append(.write(key, (0..<size).map { UInt8(truncatingIfNeeded: $0 &+ number &* 7) }))
      }
    }
    self.steps = steps + [.eraseAll, .write(3, [1])]
  }

  func start() -> NORFlash {
    let flash = NORFlash(
      layout: PartitionLayout(sizes: [4_096, sectors * 4_096, 8_192, 4_096, 4_096]))
    let board = SweepBoard(flash)
    defer { withExtendedLifetime(board) {} }
    var store = board.openStore()
    for step in steps.prefix(prelude) { _ = Self.take(step, &store) }
    return flash
  }

  func run(on board: SweepBoard, stage: Stage) -> String? {
    var store = board.openStore()
    stage.done = prelude
    for step in steps.dropFirst(prelude) {
      _ = Self.take(step, &store)
      stage.done += 1
    }
    return nil
  }

  private static func take(_ step: Step, _ store: inout Store) -> String? {
    switch step {
    case .write(let key, let bytes): return store.trouble(writing: keys[key], bytes)
    case .remove(let key):
      do throws(StoreError) { try store.remove(keys[key]) } catch { return "remove: \(error)" }
    case .eraseAll:
      do throws(StoreError) { try store.eraseAll() } catch { return "erase: \(error)" }
    }
    return nil
  }

  /// The values after so many steps.
  private func model(_ count: Int) -> [[UInt8]?] {
    var model = [[UInt8]?](repeating: nil, count: Self.keys.count)
    for step in steps.prefix(count) {
      switch step {
      case .write(let key, let bytes): model[key] = bytes
      case .remove(let key): model[key] = nil
      case .eraseAll: for key in model.indices where key != 5 { model[key] = nil }
      }
    }
    return model
  }

  func recover(on board: SweepBoard, from done: Stage, reach: Reach) -> String? {
    let stage = done.done
    var store = board.openStore()
    let old = model(stage)
    let new = model(stage + 1)
    for key in Self.keys.indices {
      let value = store.text(Self.keys[key])
      if value != old[key], value != new[key] {
        return "step \(stage): \(Self.keys[key].name) is neither old nor new"
      }
    }
    if stage < steps.count, case .eraseAll = steps[stage],
      Self.keys.indices.contains(where: { store.text(Self.keys[$0]) != old[$0] }),
      Self.keys.indices.contains(where: { store.text(Self.keys[$0]) != new[$0] })
    {
      return "step \(stage): half is forgotten"
    }
    // The step again, and those after it.
    let end = reach == .end ? steps.count : min(stage + 2, steps.count)
    for step in steps[min(stage, end)..<end] {
      if let trouble = Self.take(step, &store) { return "step \(done.done): \(trouble)" }
      done.done += 1
    }
    let wanted = model(max(end, stage))
    for key in Self.keys.indices where store.text(Self.keys[key]) != wanted[key] {
      return "step \(stage): \(Self.keys[key].name) is wrong after carrying on"
    }
    guard reach == .end else { return nil }
    store = board.openStore()
    for key in Self.keys.indices where store.text(Self.keys[key]) != wanted[key] {
      return "step \(stage): \(Self.keys[key].name) is wrong after another boot"
    }
    return nil
  }
}
