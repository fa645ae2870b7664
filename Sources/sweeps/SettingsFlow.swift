import HubCore
import HubHost

/// What the hub's own code does with settings: taken over from an older firmware, set by a person,
/// claimed, and forgotten again.
struct SettingsFlow: Flow {
  enum Step {
    /// As at boot; a record of an older form is written anew.
    case read
    case network(String, String)
    case cloudURL(String)
    case token(String)
    case tokenUsed
    case printer(Int, String)
    case noPrinter(Int)
    case reset
  }

  let name: String
  let isFine = true
  let endsWithRecovery = false
  private let before: [Step]
  private let steps: [Step]
  /// What the store holds after each step, when nothing goes wrong.
  private let states: [[[UInt8]?]]
  private static let sectors = 4

  private static let keys: [StoreKey] = [
    StoreKey(.settings, "wifi", isSecret: true), StoreKey(.settings, "cloud-url"),
    StoreKey(.settings, "claim-token", isSecret: true),
    StoreKey(.settings, "printer-0", isSecret: true),
    StoreKey(.settings, "printer-1", isSecret: true), StoreKey(.device, "boot-count"),
  ]

  static let settings = SettingsFlow(
    name: "settings", after: [.cloudURL("wss://first.example")],
    [
      .read, .network("attic", "11112222"), .cloudURL("wss://farm.example/hub"),
      .printer(0, "S100"), .printer(0, "S200"), .noPrinter(0),
    ])
  static let claim = SettingsFlow(
    name: "claim", after: [],
    [.network("cellar", "33334444"), .token("token-of-ada"), .read, .tokenUsed, .printer(0, "S1")])
  static let reset = SettingsFlow(
    name: "reset",
    after: [
      .network("attic", "11112222"), .cloudURL("wss://farm.example"), .token("t"),
      .printer(0, "S100"), .printer(1, "S200"),
    ],
    [.reset, .network("cellar", "33334444")])

  private init(name: String, after: [Step], _ steps: [Step]) {
    self.name = name
    before = after
    self.steps = steps
    let flash = Self.flash()
    let board = SweepBoard(flash)
    defer { withExtendedLifetime(board) {} }
    var store = board.openStore()
    Self.prepare(&store)
    var bench = SettingsBench(board.board)
    _ = bench.read(&store)
    for step in after { Self.take(step, &bench, &store) }
    var states = [Self.keys.map { store.text($0) }]
    for step in steps {
      Self.take(step, &bench, &store)
      states.append(Self.keys.map { store.text($0) })
    }
    // The first step may be to read what an older firmware wrote.
    if case .read = steps[0] { states[0] = states[1] }
    self.states = states
  }

  private static func flash() -> NORFlash {
    let flash = NORFlash(
      layout: PartitionLayout(sizes: [4_096, sectors * 4_096, 8_192, 4_096, 4_096]))
    var factory = FactoryPartition(key: DeviceKey([UInt8](repeating: 7, count: 32)))
    factory.add(.hubID, "H1")
    factory.add(.hubSecret, "secret")
    factory.add(.cloudURL, "wss://cloud.example")
    factory.add(.wifiName, "factory")
    flash.load(factory.bytes, into: .factory)
    return flash
  }

  /// The record of a network as firmware wrote it that knew no accounts, and a full first sector.
  private static func prepare(_ store: inout Store) {
    let old: [UInt8] = [1, 5] + Array("attic".utf8) + [8] + Array("00001111".utf8)
    _ = store.trouble(writing: keys[0], old)
    for number in 0..<9 {
      _ = store.trouble(
        writing: keys[5], [UInt8](repeating: UInt8(number), count: number < 8 ? 400 : 4))
    }
  }

  func start() -> NORFlash {
    let flash = Self.flash()
    let board = SweepBoard(flash)
    defer { withExtendedLifetime(board) {} }
    var store = board.openStore()
    Self.prepare(&store)
    var bench = SettingsBench(board.board)
    if case .read = steps[0] {
      // It is the sweep that reads first.
    } else {
      _ = bench.read(&store)
    }
    for step in before { Self.take(step, &bench, &store) }
    return flash
  }

  func run(on board: SweepBoard, stage: Stage) -> String? {
    var store = board.openStore()
    var bench = SettingsBench(board.board)
    for step in steps {
      Self.take(step, &bench, &store)
      stage.done += 1
    }
    return nil
  }

  private static func take(_ step: Step, _ bench: inout SettingsBench, _ store: inout Store) {
    switch step {
    case .read: _ = bench.read(&store)
    case .network(let name, let key):
      bench.keep(network: Array(name.utf8).span, key: Array(key.utf8).span, &store)
    case .cloudURL(let url): _ = bench.keep(cloudURL: Array(url.utf8).span, &store)
    case .token(let token): bench.keep(claimToken: Array(token.utf8).span, &store)
    case .tokenUsed: bench.forgetClaimToken(&store)
    case .printer(let slot, let serial):
      bench.keep(printer: slot, serial: Array(serial.utf8).span, &store)
    case .noPrinter(let slot): bench.forget(printer: slot, &store)
    case .reset: try? store.eraseAll()
    }
  }

  func recover(on board: SweepBoard, from done: Stage, reach: Reach) -> String? {
    let stage = done.done
    var store = board.openStore()
    var bench = SettingsBench(board.board)
    guard bench.read(&store) else { return "step \(stage): the hub does not know who it is" }
    let values = Self.keys.map { store.text($0) }
    let old = states[stage]
    let new = states[min(stage + 1, steps.count)]
    for key in values.indices where values[key] != old[key] && values[key] != new[key] {
      return "step \(stage): \(Self.keys[key].name) is neither old nor new"
    }
    if stage < steps.count, case .reset = steps[stage], values != old, values != new {
      return "step \(stage): half is forgotten"
    }
    let end = reach == .end ? steps.count : min(stage + 2, steps.count)
    for step in steps[min(stage, end)..<end] {
      Self.take(step, &bench, &store)
      done.done += 1
    }
    guard !board.flash.isWithoutPower else { return nil }
    if Self.keys.map({ store.text($0) }) != states[max(end, stage)] {
      return "step \(stage): it is wrong after carrying on"
    }
    return nil
  }
}
