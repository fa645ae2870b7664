// What can be wrong, and what the machine makes of it: it waits, or gives up; without power it
// forgets, unless it offers to go on.

import World

extension PrinterMachine {
  /// Something is wrong from now on.
  func begin(_ trouble: MachineTrouble) {
    guard !troubles.contains(trouble) else { return }
    troubles.append(trouble)
    checkTroubles()
  }

  /// Somebody has put it right. A print that waits goes on when it is resumed.
  func end(_ trouble: MachineTrouble) {
    troubles.removeAll { $0 == trouble }
    if trouble == .filamentRunOut { renewSpools() }
  }

  /// Stops at what shows in this step.
  func checkTroubles() {
    guard let print = progressOfPrint, !print.isPaused else { return }
    if let trouble = troubles.first(where: { $0.shows(during: print.step) }) { halt(trouble) }
  }

  /// Waits for somebody, or gives up.
  func halt(_ trouble: MachineTrouble) {
    guard progressOfPrint != nil else { return }
    spendFilament()
    let tray = trays.isEmpty ? 254 : trayNow
    let error = trouble.error(tray: tray)
    let message = trouble.message(tray: tray)
    if trouble.isFatal {
      end(.failed, state: .failed, error: error)
      events.append(.failed("\(trouble)"))
    } else {
      progressOfPrint?.pause(at: now)
      state = .pause
      printError = error
      events.append(.paused)
    }
    troubleStage = trouble.stage
    messages = message.map { [$0] } ?? []
  }

  /// Somebody else gives the print up: the electronics, or whoever runs them. False when there is
  /// none.
  func abort(_ reason: String) -> Bool {
    guard state.isBusy else { return false }
    spendFilament()
    end(.failed, state: .failed, error: .none)
    events.append(.failed(reason))
    return true
  }

  // MARK: Power

  /// Power is gone. What was under way is lost, or offered again when power is back.
  func losePower() {
    isWarmedUp = false
    let carried = recovers ? recoverablePrint : nil
    if carried == nil, progressOfPrint != nil { end(.powerLost, state: .idle, error: .none) }
    filamentChange = nil
    forgetSession()
    rest()
    isHomed = false
    jobGeneration += 1
    events.removeAll()
    messages = []
    troubleStage = nil
    if let carried {
      progressOfPrint = carried
      state = .pause
      printError = .unfinishedPrint
      return
    }
    guard !keepsResult || state != .finish && state != .failed else { return }
    state = .idle
    printError = .none
    order = nil
    summary = nil
    lastProgress = 0
    lastLayer = 0
  }

  /// The rest of the print, when there were layers to go on with.
  private var recoverablePrint: PrintProgress? {
    spendFilament()
    guard let print = progressOfPrint, order?.calibration == nil else { return nil }
    let done = print.layersDone(at: now)
    guard done > 0, print.step != .linger else { return nil }
    return PrintProgress(recovering: print, done: done, at: now)
  }

  /// A print that lost its power is taken up again: everything has gone cold.
  func warmUpAgain() {
    guard let summary else { return }
    let heat = FilamentHeat(of: summary.filament)
    bed.set(target: heat.bed, at: now)
    nozzle.set(target: min(140, heat.nozzle), at: now)
    fans.heatbreak = 255
  }

  /// It shows the error of a job that is long over.
  func recallFailure() {
    guard !state.isBusy else { return }
    state = .failed
    printError = .stopped
  }
}
