// PrusaLink, the web server in the firmware of Prusa's printers: /api/v1, and of the older interface
// what clients still ask for. Files lie on a stick, /usb, under a short and a long name.

import World

/// PrusaLink, as far as clients and its own page ask it.
final class PrusaLinkFront: PrinterFront {
  unowned let printer: WebPrinter
  let access: DigestAccess
  /// The upload under way.
  var transfer: PrusaLinkUpload?
  var transferCount = 0
  /// The file that came last, and from when on it is found.
  private var latest: (path: String, foundAt: Instant)?
  /// How far the print was when it was resumed, for a printer that begins to count anew.
  private var resumedAt = 0.0
  /// Ids go on where the printer's earlier life ended.
  private static let firstJob = 100
  /// What its storage is called: /usb, or /local on the Raspberry Pi beside an older printer.
  let storageName: String
  /// The card in such a printer, which the Raspberry Pi can only read.
  var hasCard: Bool { storageName == "local" }

  init(_ printer: WebPrinter) {
    self.printer = printer
    storageName =
      ["MK3", "MK3S", "MK3S+", "MK2.5"].contains(printer.configuration.model) ? "local" : "usb"
    access = DigestAccess(host: printer.host)
  }

  var host: any Host { printer.host }
  var troubles: WebFaults { printer.troubles }
  var reachesMachine: Bool { true }

  func begin() {}

  func end() { transfer = nil }

  /// A file is whole.
  func stored(_ path: String) {
    guard let lateness = troubles.duration(.fileFoundLate) else { return }
    latest = (path, host.now + lateness)
  }

  /// A file that is there; not one that came just now and was not noticed yet.
  func found(_ path: String) -> PrinterCard.Entry? {
    if let latest, latest.path == path, host.now < latest.foundAt { return nil }
    return printer.card.entry(path)
  }

  func machineChanged(_ events: [PrinterMachine.Event]) {
    for event in events {
      if event == .resumed { resumedAt = printer.machine.completion }
      if case .began = event { resumedAt = 0 }
    }
  }

  func troubleChanged(_ fault: WebFault, isThere: Bool, amount: FaultAmount?) {
    if fault == .errorState, isThere { printer.abort("an error is shown on the screen") }
  }

  // MARK: What it says

  var state: PrusaLinkState {
    if troubles.has(.errorState) { return .error }
    let machine = printer.machine
    switch machine.state {
    case .idle: return troubles.has(.busy503) ? .busy : .idle
    case .prepare, .running: return .printing
    case .pause:
      // Who has seen to it has put away the question on its screen, too.
      return machine.troubleStage == nil || machine.troubles.isEmpty ? .paused : .attention
    case .finish: return .finished
    case .failed:
      return machine.history.last?.outcome == .stopped ? .stopped : .error
    }
  }

  var jobID: Int { Self.firstJob + printer.machine.history.count }

  /// Whether there is a job to speak of: FINISHED and STOPPED stay on the screen without one.
  var hasJob: Bool {
    guard printer.machine.state.isBusy, state != .error else { return false }
    guard troubles.has(.jobGap) else { return true }
    return printer.printClock.total(at: printer.machineTime) > .seconds(30)
  }

  var progress: Double {
    let machine = printer.machine
    guard !troubles.has(.progressUnknown) else { return 0 }
    let completion = machine.completion
    guard troubles.has(.progressReset), resumedAt > 0, resumedAt < 100 else {
      return (completion * 100).rounded() / 100
    }
    return max(0, ((completion - resumedAt) * 10_000 / (100 - resumedAt)).rounded() / 100)
  }

  /// What `/status` and `/job` share.
  var jobNumbers: JSON {
    var json: JSON = ["id": .integer(Int64(jobID)), "progress": .double(progress)]
    if !troubles.has(.timeLeftUnknown) {
      json["time_remaining"] = .integer(Int64(printer.machine.secondsLeft))
    }
    json["time_printing"] = .integer(
      Int64(printer.printClock.printing(at: printer.machineTime).seconds))
    return json
  }

  var statusJSON: JSON {
    let machine = printer.machine
    var numbers: JSON = [
      "state": .string(state.rawValue), "temp_bed": tenths(machine.bedTemperature),
      "target_bed": .double(machine.bed.target), "temp_nozzle": tenths(machine.nozzleTemperature),
      "target_nozzle": .double(machine.nozzle.target), "axis_z": tenths(machine.height),
      "flow": 100, "speed": .integer(machine.speedPercent),
      "fan_hotend": machine.nozzle.target > 0 ? 5400 : 0,
      "fan_print": machine.state == .running ? 4800 : 0,
    ]
    // They move too fast to be told.
    if !machine.state.isBusy {
      numbers["axis_x"] = 125.0
      numbers["axis_y"] = 105.0
    }
    // It is named there whether it is there or not: only the list of storages knows.
    var json: JSON = [
      "storage": [
        "path": .string("/\(storageName)/"), "name": .string(storageName), "read_only": false,
      ],
      "printer": numbers,
    ]
    if hasJob { json["job"] = jobNumbers }
    if let transfer { json["transfer"] = transfer.numbers }
    return json
  }

  private func tenths(_ value: Double) -> JSON { .double((value * 10).rounded() / 10) }

  var jobJSON: JSON {
    var json = jobNumbers
    json["state"] = .string((state == .attention ? .paused : state).rawValue)
    let path = printer.machine.currentFile
    if let entry = printer.card.entry(path) {
      var file = fileJSON(entry)
      file["size"] = .integer(Int64(entry.byteCount))
      file["path"] = .string(place(of: entry))
      json["file"] = file
    }
    return json
  }

  /// What every answer about a file has.
  func fileJSON(_ entry: PrinterCard.Entry) -> JSON {
    let name = CardPath.name(of: entry.path)
    let short = ShortName.of(name)
    let place = place(of: entry)
    return [
      "refs": [
        "download": .string("\(place)/\(short)"), "icon": .string("/thumb/s\(place)/\(short)"),
        "thumbnail": .string("/thumb/l\(place)/\(short)"),
      ],
      "name": .string(short), "display_name": .string(name),
      "m_timestamp": .integer(entry.modified / 1000),
    ]
  }

  private func place(of entry: PrinterCard.Entry) -> String {
    let folder = CardPath.parent(of: entry.path)
    return "/\(storageName)" + (folder == "/" ? "" : folder)
  }
}
