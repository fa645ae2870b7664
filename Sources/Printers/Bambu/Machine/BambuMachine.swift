// The machine behind the protocols: heaters, steps, layers, fans, lamp, spools. It knows no
// network, no JSON and no clock; its owner tells it the time.
//
// Nothing ticks in here. What the machine does next is known in advance (`nextChange`), and what it
// is like in between is computed from the time when somebody asks.

import World

/// A Bambu Lab printer without its electronics for talking.
public final class BambuMachine {
  /// What people might want to read about.
  enum Event: Equatable {
    case began(PlateSummary)
    case running
    case reached(percent: Int)
    case paused
    case resumed
    case finished
    case stopped
    case failed(String)
  }

  /// How hard the fans blow, 0 to 255.
  struct Fans: Equatable {
    var part = 0
    var auxiliary = 0
    var chamber = 0
    var heatbreak = 0

    /// The three that can be set, in one number.
    var gear: Int { chamber << 16 | auxiliary << 8 | part }
  }

  /// The light in the chamber.
  enum Lamp: String {
    case off, on, flashing
  }

  public let model: BambuModel
  public private(set) var state = BambuState.idle
  public private(set) var printError = BambuPrintError.none
  /// 1 silent, 2 standard, 3 sport, 4 ludicrous.
  public private(set) var speedLevel = 2
  public private(set) var printsStarted = 0
  public private(set) var printsFinished = 0
  /// Every print that was taken up, oldest first; the last one may be under way.
  public private(set) var history: [PrintRecord] = []

  private(set) var order: PrintOrder?
  /// Goes up whenever what is said about the job changes, other than its numbers.
  private(set) var jobGeneration = 0
  private(set) var fans = Fans()
  private(set) var lamp = Lamp.on
  private(set) var units: [FilamentUnit]
  private(set) var externalSpool = FilamentTray.externalSpool
  /// Goes up whenever a spool changes.
  private(set) var filamentGeneration = 0
  private(set) var skippedObjects: [Int] = []
  private(set) var isHomed = false
  private(set) var nozzle = Heater.nozzle
  private(set) var bed = Heater.bed
  private(set) var progressOfPrint: PrintProgress?
  private(set) var now = Instant.start

  private var summary: PlateSummary?
  private var events: [Event] = []
  private var milestone = 0

  init(model: BambuModel) {
    self.model = model
    units = (0..<model.filamentUnitCount).map { FilamentUnit.ordinary(id: $0) }
  }

  // MARK: What it is like now

  /// Path on the card of the file that is or was last printed; empty before the first.
  public var currentFile: String { order?.path ?? "" }

  /// Percent of the print that is done.
  public var progress: Int {
    guard let print = progressOfPrint else { return state == .finish ? 100 : lastProgress }
    guard print.step == .printLayers else { return 0 }
    return Int(print.done(at: now) * 100 / print.work)
  }

  /// The layer that is being printed; 0 before the first.
  public var layer: Int {
    guard let print = progressOfPrint else { return state == .finish ? totalLayers : lastLayer }
    guard print.step == .printLayers else { return 0 }
    return layer(whenDone: print.done(at: now), of: print.work)
  }

  public var totalLayers: Int { summary?.layers ?? 0 }

  public var remainingMinutes: Int {
    guard let print = progressOfPrint, let summary else { return 0 }
    let whole = Int64(summary.seconds) * 1000
    let left = print.step == .printLayers ? print.work - print.done(at: now) : whole
    return Int((left * 100 / speedPercent + 59_999) / 60_000)
  }

  public var nozzleTemperature: Double { nozzle.temperature(at: now) }
  public var bedTemperature: Double { bed.temperature(at: now) }

  /// Percent of the file that is unpacked.
  var preparePercent: Int {
    guard let print = progressOfPrint else { return 0 }
    return print.step == .unpack ? Int(print.done(at: now) * 100 / print.work) : 100
  }

  var stage: Int {
    guard let print = progressOfPrint else { return model.idleStage }
    guard !print.isPaused else { return BambuStage.pausedByUser.rawValue }
    switch print.step {
    case .unpack: return model.idleStage
    case .homing: return BambuStage.homing.rawValue
    case .heatBed: return BambuStage.heatingBed.rawValue
    case .heatNozzle: return BambuStage.heatingNozzle.rawValue
    case .cleanNozzle: return BambuStage.cleaningNozzle.rawValue
    case .levelBed: return BambuStage.levellingBed.rawValue
    case .printLayers: return BambuStage.printing.rawValue
    }
  }

  /// Where the plastic comes from: a place in the units, 254 the external spool, 255 nowhere.
  var trayNow: Int {
    state == .running || (state == .pause && layer > 0) ? order?.tray ?? 254 : 255
  }

  /// Percent of the ordinary speed, as the levels are defined.
  var speedPercent: Int64 {
    switch speedLevel {
    case 1: 50
    case 3: 124
    case 4: 166
    default: 100
    }
  }

  /// Whether anything is warmer than the room, so that its temperature still changes.
  var isWarm: Bool {
    max(nozzleTemperature, bedTemperature) > Heater.ambient + 0.5
      || max(nozzle.target, bed.target) > 0
  }

  // MARK: Time

  /// When something changes that can be counted: a step, a percent, a layer. Nil: never by itself.
  var nextChange: Instant? {
    guard let print = progressOfPrint, let end = print.stepEnd else { return nil }
    guard print.step == .printLayers else { return end }
    let done = print.done(at: now)
    let percent = done * 100 / print.work + 1
    let layers = Int64(totalLayers)
    let layer = Int64(layer(whenDone: done, of: print.work))
    // Rounded up, so that at that moment the new number is already true.
    let atPercent = (percent * print.work + 99) / 100
    let atLayer = (layer * print.work + layers - 1) / layers
    return print.instant(whenDone: min(print.work, atPercent, atLayer))
  }

  /// Lets time pass until `instant`.
  func settle(at instant: Instant) {
    guard instant > now else { return }
    while let end = progressOfPrint?.stepEnd, end <= instant {
      now = max(now, end)
      endStep()
    }
    now = instant
    let reached = state == .running ? progress / 25 : milestone
    if reached > milestone {
      milestone = reached
      events.append(.reached(percent: reached * 25))
    }
  }

  /// What has happened since this was asked last.
  func takeEvents() -> [Event] {
    guard !events.isEmpty else { return [] }
    defer { events.removeAll() }
    return events
  }

  // MARK: What it can be told

  /// Takes up an order, unless another print is under way.
  func start(_ order: PrintOrder) -> Bool {
    guard !state.isBusy else { return false }
    self.order = order
    jobGeneration += 1
    summary = try? order.plan.get()
    printError = .none
    skippedObjects = []
    milestone = 0
    lastProgress = 0
    lastLayer = 0
    progressOfPrint = PrintProgress(order: order, at: now)
    state = .prepare
    history.append(
      PrintRecord(
        file: order.path, plate: order.plate, digest: order.digest, size: order.byteCount,
        outcome: .underWay, hasBegun: false))
    return true
  }

  /// Legal once the machine moves; while it unpacks there is nothing to pause.
  func pause() -> Bool {
    guard state == .running || state == .prepare, progressOfPrint?.step != .unpack else {
      return false
    }
    progressOfPrint?.pause(at: now)
    state = .pause
    events.append(.paused)
    return true
  }

  func resume() -> Bool {
    guard state == .pause, let print = progressOfPrint else { return false }
    let waiting = waitingTime(for: print.step)
    progressOfPrint?.resume(work: waiting, at: now)
    state = print.step == .printLayers ? .running : .prepare
    events.append(.resumed)
    return true
  }

  func stop() -> Bool {
    guard state.isBusy else { return false }
    end(.stopped, state: .failed, error: .stopped)
    events.append(.stopped)
    return true
  }

  func clearError() { printError = .none }

  /// Power is gone; what was under way is lost.
  func losePower() {
    if progressOfPrint != nil { end(.powerLost, state: .idle, error: .none) }
    state = .idle
    printError = .none
    order = nil
    summary = nil
    lastProgress = 0
    lastLayer = 0
    fans = Fans()
    nozzle.set(target: 0, at: now)
    bed.set(target: 0, at: now)
    isHomed = false
    speedLevel = 2
    jobGeneration += 1
    events.removeAll()
  }

  func setSpeed(level: Int) -> Bool {
    guard (1...4).contains(level) else { return false }
    speedLevel = level
    if progressOfPrint?.step == .printLayers, progressOfPrint?.isPaused == false {
      progressOfPrint?.change(rate: speedPercent, at: now)
    }
    return true
  }

  func setLamp(_ lamp: Lamp) { self.lamp = lamp }

  func skip(_ objects: [Int]) -> Bool {
    guard state.isBusy else { return false }
    for object in objects where !skippedObjects.contains(object) { skippedObjects.append(object) }
    return true
  }

  /// Says what spool is in a place; unit 255 is the external holder.
  func setFilament(unit: Int, tray: Int, to change: (inout FilamentTray) -> Void) -> Bool {
    if unit == 255 || unit == 254 {
      change(&externalSpool)
    } else {
      guard let index = units.firstIndex(where: { $0.id == unit }),
        units[index].trays.indices.contains(tray)
      else { return false }
      var spool = units[index].trays[tray] ?? FilamentTray.externalSpool
      change(&spool)
      units[index].trays[tray] = spool
    }
    filamentGeneration += 1
    return true
  }

  /// Does what a line of g-code says, where that can be seen from outside.
  func run(_ command: GCodeCommand) {
    switch command.name {
    case "M104", "M109": nozzle.set(target: min(300, max(0, command.value("S") ?? 0)), at: now)
    case "M140", "M190": bed.set(target: min(120, max(0, command.value("S") ?? 0)), at: now)
    case "M106", "M107":
      let speed = command.name == "M107" ? 0 : Int(min(255, max(0, command.value("S") ?? 255)))
      switch command.value("P") ?? 1 {
      case 2: fans.auxiliary = speed
      case 3: fans.chamber = speed
      default: fans.part = speed
      }
    case "G28": isHomed = true
    default: break
    }
  }

  // MARK: Steps

  private var lastProgress = 0
  private var lastLayer = 0

  private func layer(whenDone done: Int64, of work: Int64) -> Int {
    min(totalLayers, 1 + Int(done * Int64(totalLayers) / work))
  }

  private func endStep() {
    guard let print = progressOfPrint, let order else { return }
    if print.step == .unpack {
      switch order.plan {
      case .success(let summary): begin(summary)
      case .failure(let fault):
        end(.failed, state: .failed, error: fault.error)
        events.append(.failed(fault.reason))
        return
      }
    }
    if print.isLastStep {
      printsFinished += 1
      end(.finished, state: .finish, error: .none)
      events.append(.finished)
      return
    }
    enter(print.index + 1)
  }

  private func begin(_ summary: PlateSummary) {
    let heat = FilamentHeat(of: summary.filament)
    bed.set(target: heat.bed, at: now)
    // Warm, but not so warm that it drips while it waits for the bed.
    nozzle.set(target: min(140, heat.nozzle), at: now)
    fans.heatbreak = 255
    printsStarted += 1
    history[history.count - 1].hasBegun = true
    events.append(.began(summary))
  }

  private func enter(_ index: Int) {
    guard let print = progressOfPrint, let summary else { return }
    let step = print.steps[index]
    let work: Int64
    switch step {
    case .unpack: work = 0
    case .homing: work = 15_000
    case .heatBed: work = waitingTime(for: step) ?? 0
    case .heatNozzle:
      nozzle.set(target: FilamentHeat(of: summary.filament).nozzle, at: now)
      work = waitingTime(for: step) ?? 0
    case .cleanNozzle:
      isHomed = true
      work = 20_000
    case .levelBed: work = 60_000
    case .printLayers:
      work = Int64(summary.seconds) * 1000
      state = .running
      fans.part = 178
      fans.auxiliary = model.reportsChamber ? 102 : 0
      events.append(.running)
    }
    let rate = step == .printLayers ? speedPercent : 100
    progressOfPrint?.beginStep(index, work: work, rate: rate, at: now)
  }

  private func waitingTime(for step: PrintProgress.Step) -> Int64? {
    switch step {
    case .heatBed: bed.timeToTarget(from: now).milliseconds
    case .heatNozzle: nozzle.timeToTarget(from: now).milliseconds
    case .unpack, .homing, .cleanNozzle, .levelBed, .printLayers: nil
    }
  }

  private func end(_ outcome: PrintRecord.Outcome, state: BambuState, error: BambuPrintError) {
    lastProgress = progress
    lastLayer = layer
    history[history.count - 1].outcome = outcome
    progressOfPrint = nil
    self.state = state
    printError = error
    fans = Fans()
    nozzle.set(target: 0, at: now)
    bed.set(target: 0, at: now)
  }
}
