// One step after the other, from unpacking the file to the last layer, and what ends a print.

import World

extension PrinterMachine {
  func endStep() {
    guard let print = progressOfPrint, let order else { return }
    if print.step == .unpack {
      switch order.plan {
      case .success(let summary):
        guard order.calibration == nil else { break }
        begin(summary)
        guard findTrays(for: summary) else { return }
      case .failure(let fault):
        end(.failed, state: .failed, error: fault.error)
        events.append(.failed(fault.reason))
        return
      }
    }
    if print.isLastStep {
      if order.calibration == nil { printsFinished += 1 }
      end(.finished, state: .finish, error: .none)
      events.append(.finished)
      return
    }
    enter(print.index + 1)
  }

  /// Where the filaments come from; false, and it waits, when one comes from nowhere.
  func findTrays(for summary: PlateSummary) -> Bool {
    guard let order else { return false }
    guard let found = order.trays(for: summary.filaments, isThere: { spool(at: $0) != nil }) else {
      // As soon as the file is unpacked; what was to be done next is done when it goes on.
      if progressOfPrint?.step == .unpack { enter((progressOfPrint?.index ?? 0) + 1) }
      halt(.wrongMapping)
      return false
    }
    trays = found
    spent = found.map { _ in 0 }
    return true
  }

  private func begin(_ summary: PlateSummary) {
    let heat = FilamentHeat(of: summary.filament)
    if isWarmedUp {
      bed.hold(heat.bed, at: now)
      nozzle.hold(heat.nozzle, at: now)
    }
    bed.set(target: heat.bed, at: now)
    // Warm, but not so warm that it drips while it waits for the bed.
    if !isWarmedUp { nozzle.set(target: min(140, heat.nozzle), at: now) }
    fans.heatbreak = 255
    printsStarted += 1
    history[history.count - 1].hasBegun = true
    events.append(.began(summary))
  }

  private func enter(_ index: Int) {
    guard let print = progressOfPrint else { return }
    let step = print.steps[index]
    var work: Int64 = 0
    switch step {
    case .unpack: break
    case .homing: work = 15_000
    case .heatBed: work = waitingTime(for: step) ?? 0
    case .heatNozzle:
      if let summary { nozzle.set(target: FilamentHeat(of: summary.filament).nozzle, at: now) }
      work = waitingTime(for: step) ?? 0
    case .cleanNozzle:
      isHomed = true
      work = isWarmedUp ? 2_000 : 20_000
    case .levelBed: work = order?.calibration == nil ? (isWarmedUp ? 2_000 : 60_000) : 120_000
    case .sweepAxes: work = 180_000
    case .motorNoise: work = 240_000
    case .lidar: work = 60_000
    case .printLayers:
      work = print.workOfLayers
      fans.part = 178
      fans.auxiliary = traits.hasAuxiliaryFan ? 102 : 0
      events.append(.running)
    case .linger: work = lingering.milliseconds
    }
    if step == .printLayers || order?.calibration != nil { state = .running }
    let isPrinting = step == .printLayers
    progressOfPrint?.beginStep(
      index, work: work, done: isPrinting ? print.carried : 0,
      rate: isPrinting ? speedPercent : 100, at: now)
    checkTroubles()
  }

  func waitingTime(for step: PrintProgress.Step) -> Int64? {
    switch step {
    case .heatBed: bed.timeToTarget(from: now).milliseconds
    case .heatNozzle: nozzle.timeToTarget(from: now).milliseconds
    default: nil
    }
  }

  func end(_ outcome: PrintRecord.Outcome, state: MachineState, error: BambuPrintError) {
    lastProgress = progress
    lastLayer = layer
    if order?.calibration == nil, !history.isEmpty { history[history.count - 1].outcome = outcome }
    progressOfPrint = nil
    troubleStage = nil
    messages = []
    self.state = state
    printError = error
    rest()
  }

  /// Everything off.
  func rest() {
    fans = Fans()
    nozzle.set(target: 0, at: now)
    bed.set(target: 0, at: now)
  }
}

extension PrintProgress.Step {
  /// `stg_cur` while it is under way; nil: as if idle.
  var stage: BambuStage? {
    switch self {
    case .unpack: nil
    case .homing: .homing
    case .heatBed: .heatingBed
    case .heatNozzle: .heatingNozzle
    case .cleanNozzle: .cleaningNozzle
    case .levelBed: .levellingBed
    case .printLayers, .linger: .printing
    case .sweepAxes: .sweepingAxes
    case .motorNoise: .measuringMotorNoise
    case .lidar: .calibratingLidar
    }
  }
}
