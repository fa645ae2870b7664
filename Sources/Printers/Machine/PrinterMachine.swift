// The machine behind the protocols: heaters, steps, layers, fans, lamp, spools. It knows no
// network, no JSON and no clock; its owner tells it the time.
//
// Nothing ticks in here. What the machine does next is known in advance (`nextChange`), and what it
// is like in between is computed from the time when somebody asks.

import World

/// A printer without its electronics for talking.
public final class PrinterMachine {
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

  let traits: MachineTraits
  public internal(set) var state = MachineState.idle
  public internal(set) var printError = BambuPrintError.none
  /// 1 silent, 2 standard, 3 sport, 4 ludicrous.
  public private(set) var speedLevel = 2
  public internal(set) var printsStarted = 0
  public internal(set) var printsFinished = 0
  /// Every print that was taken up, oldest first; the last one may be under way.
  public internal(set) var history: [PrintRecord] = []

  var order: PrintOrder?
  /// Goes up whenever what is said about the job changes, other than its numbers.
  var jobGeneration = 0
  var fans = Fans()
  private(set) var lamp = Lamp.on
  var units: [FilamentUnit]
  var externalSpool = FilamentTray.externalSpool
  /// Goes up whenever a spool changes in more than how much is left on it.
  var filamentGeneration = 0
  /// The spool being pulled in or out by itself, and the place that feeds while nothing prints.
  var filamentChange: FilamentChange?
  var loadedTray = 255
  private(set) var skippedObjects: [Int] = []
  var isHomed = false
  var nozzle = Heater.nozzle
  var bed = Heater.bed
  var progressOfPrint: PrintProgress?
  private(set) var now = Instant.start

  /// What is wrong with it, until somebody puts it right.
  var troubles: [MachineTrouble] = []
  /// Why it waits or has given up, for `stg_cur`.
  var troubleStage: BambuStage?
  /// What the health messages say.
  var messages: [HealthMessage] = []
  /// Whether FINISH and FAILED are still there after it was switched off and on.
  var keepsResult = false
  /// It has just printed something else: it is hot, clean and level when a print begins. Until it is
  /// switched off.
  public var isWarmedUp = false
  /// Whether a print that lost its power is offered again.
  public var recovers = false
  /// How long a print stays at 100 % before it is finished.
  var lingering = Interval.zero
  /// Until when the number of layers is kept back.
  var layersKnownAt = Instant.start
  /// Where each filament of the print comes from, and how much of it is spent.
  var trays: [Int] = []
  var spent: [Int64] = []

  var summary: PlateSummary?
  var events: [Event] = []
  private var milestone = 0
  var lastProgress = 0
  var lastLayer = 0

  init(traits: MachineTraits) {
    self.traits = traits
    units = (0..<traits.filamentUnitCount).map { FilamentUnit.ordinary(id: $0) }
  }

  // MARK: What it is like now

  /// Path on the card of the file that is or was last printed; empty before the first.
  public var currentFile: String { order?.path ?? "" }

  /// Percent of the print that is done.
  public var progress: Int {
    guard let print = progressOfPrint else { return state == .finish ? 100 : lastProgress }
    if order?.calibration != nil { return print.index * 100 / print.steps.count }
    guard print.workOfLayers > 0 else { return 0 }
    return Int(print.layersDone(at: now) * 100 / print.workOfLayers)
  }

  /// The layer that is being printed; 0 before the first.
  public var layer: Int {
    guard let print = progressOfPrint else { return state == .finish ? totalLayers : lastLayer }
    let isPrinting = print.step == .printLayers || print.step == .linger || print.isRecovering
    guard isPrinting, print.workOfLayers > 0 else { return 0 }
    return layer(whenDone: print.layersDone(at: now), of: print.workOfLayers)
  }

  public var totalLayers: Int { summary?.layers ?? 0 }

  public var remainingMinutes: Int {
    guard let print = progressOfPrint, let summary else { return 0 }
    let whole = Int64(summary.seconds) * 1000
    let left = whole - print.layersDone(at: now)
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
    if let troubleStage { return troubleStage.rawValue }
    if let filamentChange { return filamentChange.stage.rawValue }
    guard let print = progressOfPrint else { return traits.idleStage }
    guard !print.isPaused else { return BambuStage.pausedByUser.rawValue }
    return print.step.stage?.rawValue ?? traits.idleStage
  }

  /// Where the plastic comes from: a place in the units, 254 the external spool, 255 nowhere.
  var trayNow: Int {
    guard state == .running || (state == .pause && layer > 0) else { return loadedTray }
    return trays.isEmpty ? loadedTray : trays[layer % trays.count]
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
    let ofPrint = nextChangeOfPrint
    guard let end = filamentChange?.end else { return ofPrint }
    return min(end, ofPrint ?? end)
  }

  private var nextChangeOfPrint: Instant? {
    guard let print = progressOfPrint, let end = nextEvent else { return nil }
    guard print.step == .printLayers else { return end }
    let done = print.done(at: now)
    let percent = done * 100 / print.work + 1
    let layers = Int64(totalLayers)
    let layer = Int64(layer(whenDone: done, of: print.work))
    // Rounded up, so that at that moment the new number is already true.
    let atPercent = (percent * print.work + 99) / 100
    let atLayer = (layer * print.work + layers - 1) / layers
    return min(end, print.instant(whenDone: min(print.work, atPercent, atLayer)))
  }

  /// When the step is over or the spool empty.
  private var nextEvent: Instant? {
    guard let print = progressOfPrint, let end = print.stepEnd else { return nil }
    guard let empty = doneWhenEmpty else { return end }
    return min(end, print.instant(whenDone: empty))
  }

  /// Lets time pass until `instant`.
  func settle(at instant: Instant) {
    guard instant >= now else { return }
    while let end = nextEvent, end <= instant {
      now = max(now, end)
      if let empty = doneWhenEmpty, let print = progressOfPrint, print.done(at: now) >= empty {
        spoolIsEmpty()
      } else {
        spendFilament()
        endStep()
      }
    }
    if let change = filamentChange, change.end <= instant { endFilamentChange() }
    now = instant
    spendFilament()
    let reached = state == .running ? progress / 25 : milestone
    if reached > milestone, order?.calibration == nil {
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
    guard !state.isBusy, filamentChange == nil else { return false }
    self.order = order
    jobGeneration += 1
    summary = order.calibration == nil ? try? order.plan.get() : nil
    printError = .none
    troubleStage = nil
    messages = []
    skippedObjects = []
    milestone = 0
    lastProgress = 0
    lastLayer = 0
    trays = []
    spent = []
    progressOfPrint = PrintProgress(order: order, lingers: lingering > .zero, at: now)
    if let summary { progressOfPrint?.workOfLayers = Int64(summary.seconds) * 1000 }
    state = .prepare
    guard order.calibration == nil else { return true }
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
    spendFilament()
    progressOfPrint?.pause(at: now)
    state = .pause
    events.append(.paused)
    return true
  }

  func resume() -> Bool {
    guard state == .pause, let print = progressOfPrint else { return false }
    troubleStage = nil
    messages = []
    printError = .none
    if print.isRecovering { warmUpAgain() }
    // Who resumes after a spool was empty has put in another.
    renewSpools()
    if trays.isEmpty, order?.usesUnits == true, let summary, !findTrays(for: summary) {
      return true
    }
    let waiting = waitingTime(for: print.step)
    progressOfPrint?.resume(work: waiting, at: now)
    let isRunning = print.step == .printLayers || print.step == .linger || print.isRecovering
    state = isRunning ? .running : .prepare
    events.append(.resumed)
    checkTroubles()
    return true
  }

  func stop(error: BambuPrintError = .stopped) -> Bool {
    guard state.isBusy else { return false }
    spendFilament()
    end(.stopped, state: .failed, error: error)
    events.append(.stopped)
    return true
  }

  func clearError() {
    printError = .none
    if !state.isBusy { troubleStage = nil }
    messages = []
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

  private func layer(whenDone done: Int64, of work: Int64) -> Int {
    min(totalLayers, 1 + Int(done * Int64(totalLayers) / work))
  }

  /// Somebody switches it on again: nothing is remembered but what is said here.
  func forgetSession() { speedLevel = 2 }
}
