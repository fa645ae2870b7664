// Spools: what is on them, what a print takes off them, and how one is pulled in or out.

import World

/// A spool on its way into the nozzle or out of it.
struct FilamentChange: Equatable {
  /// The place it comes from; 255: only out.
  var target: Int
  var end: Instant

  var stage: BambuStage { target == 255 ? .unloadingFilament : .loadingFilament }
}

extension PrinterMachine {
  private static let changeTime = Interval.seconds(20)

  func spool(at tray: Int) -> FilamentTray? {
    if tray == 254 { return externalSpool }
    guard tray >= 0, units.indices.contains(tray / 4) else { return nil }
    return units[tray / 4].trays[tray % 4]
  }

  /// What is left on the spool in a place; nil when there is none, or nobody knows.
  private func milligrams(at tray: Int) -> Int? {
    if tray == 254 { return externalSpool.milligrams }
    guard tray >= 0, units.indices.contains(tray / 4) else { return nil }
    return units[tray / 4].trays[tray % 4]?.milligrams
  }

  private func spend(_ milligrams: Int, at tray: Int) {
    if tray == 254 { return externalSpool.spend(milligrams) }
    guard tray >= 0, units.indices.contains(tray / 4) else { return }
    units[tray / 4].trays[tray % 4]?.spend(milligrams)
  }

  private func change(_ tray: Int, _ body: (inout FilamentTray) -> Void) {
    if tray == 254 { return body(&externalSpool) }
    guard tray >= 0, units.indices.contains(tray / 4) else { return }
    guard var spool = units[tray / 4].trays[tray % 4] else { return }
    body(&spool)
    units[tray / 4].trays[tray % 4] = spool
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

  // MARK: By hand

  /// Begins to pull a spool in; false when it is busy or there is none.
  func load(_ tray: Int) -> Bool {
    guard !state.isBusy, filamentChange == nil, spool(at: tray) != nil else { return false }
    filamentChange = FilamentChange(target: tray, end: now + Self.changeTime)
    nozzle.set(target: FilamentHeat(of: spool(at: tray)?.type ?? "").nozzle, at: now)
    return true
  }

  /// Begins to pull out what is in the nozzle.
  func unload() -> Bool {
    guard !state.isBusy, filamentChange == nil else { return false }
    filamentChange = FilamentChange(target: 255, end: now + Self.changeTime)
    nozzle.set(target: 220, at: now)
    return true
  }

  func endFilamentChange() {
    guard let change = filamentChange else { return }
    filamentChange = nil
    loadedTray = change.target
    nozzle.set(target: 0, at: change.end)
  }

  // MARK: By printing

  /// How much of the print is done when the first spool is empty; nil when all last.
  var doneWhenEmpty: Int64? {
    guard let print = progressOfPrint, print.step == .printLayers, !print.isPaused, let summary
    else { return nil }
    var first: Int64?
    for (index, tray) in trays.enumerated() where !trays[..<index].contains(tray) {
      guard let left = milligrams(at: tray) else { continue }
      var wanted = 0
      var gone = 0
      for filament in trays.indices where trays[filament] == tray {
        wanted += summary.filaments[filament].milligrams
        gone += Int(spent[filament])
      }
      guard wanted > gone + left else { continue }
      let done = Int64(gone + left) * print.work / Int64(wanted)
      first = min(first ?? done, done)
    }
    return first
  }

  /// Takes off the spools what was printed since this was done last.
  func spendFilament() {
    guard let print = progressOfPrint, print.step == .printLayers, let summary else { return }
    let done = print.done(at: now)
    for (index, tray) in trays.enumerated() {
      let total = Int64(summary.filaments[index].milligrams) * done / print.work
      let more = Int(total - spent[index])
      guard more > 0 else { continue }
      spent[index] = total
      spend(more, at: tray)
    }
  }

  func spoolIsEmpty() {
    spendFilament()
    let empty = trays.first { milligrams(at: $0).map { $0 <= 1 } ?? false }
    if let empty { change(empty) { $0.milligrams = 0 } }
    halt(.filamentRunOut)
  }

  /// Somebody puts full spools in the place of those that the print has emptied.
  func renewSpools() {
    for tray in trays where milligrams(at: tray).map({ $0 < 1_000 }) ?? false {
      change(tray) { $0.milligrams = FilamentTray.fullMilligrams }
    }
  }
}

extension PrinterMachine {
  /// Percent that is left on each spool of the units, place by place.
  var remains: [Int] { units.flatMap { unit in unit.trays.map { $0?.remainPercent ?? 0 } } }

  /// `ams_status` while a spool is pulled in or out by itself.
  var filamentStatus: Int {
    filamentChange == nil ? 0 : 0x0100 | (filamentChange?.target == 255 ? 1 : 2)
  }
}
