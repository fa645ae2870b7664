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
    case .pause: return machine.troubleStage == nil ? .paused : .attention
    case .finish: return .finished
    case .failed:
      return machine.history.last?.outcome == .stopped ? .stopped : .error
    }
  }

  var jobID: Int { Self.firstJob + printer.machine.history.count }

  /// Whether there is a job to speak of; also one that is over and not yet cleared away.
  var hasJob: Bool {
    let machine = printer.machine
    guard !machine.currentFile.isEmpty, machine.state != .idle else { return false }
    guard troubles.has(.jobGap), machine.state.isBusy else { return true }
    return printer.printClock.total(at: printer.machineTime) > .seconds(30)
  }

  var progress: Double {
    let machine = printer.machine
    guard machine.state != .finish else { return 100 }
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

  var messageJSON: JSON {
    switch state {
    case .error:
      ["ok": false, "message": "Heating failed: hotend temperature does not rise as expected"]
    case .attention: ["ok": false, "message": "Filament runout detected, printer needs you"]
    default: ["ok": true, "message": "OK"]
    }
  }

  var statusJSON: JSON {
    let machine = printer.machine
    var json: JSON = [
      "storage": [
        "path": .string("/\(storageName)/"), "name": .string(storageName), "read_only": false,
        "free_space": .integer(Int64(printer.card.freeCount)),
      ],
      "printer": [
        "state": .string(state.rawValue), "temp_bed": tenths(machine.bedTemperature),
        "target_bed": .double(machine.bed.target), "temp_nozzle": tenths(machine.nozzleTemperature),
        "target_nozzle": .double(machine.nozzle.target), "axis_z": tenths(machine.height),
        "axis_x": 125.0, "axis_y": 105.0, "flow": 100,
        "speed": .integer(machine.speedPercent),
        "fan_hotend": machine.nozzle.target > 0 ? 5400 : 0,
        "fan_print": machine.state == .running ? 4800 : 0,
        "status_printer": messageJSON, "status_connect": ["ok": true, "message": "OK"],
      ],
    ]
    if troubles.has(.storageGone) { json["storage"] = nil }
    if hasJob { json["job"] = jobNumbers }
    if let transfer { json["transfer"] = transfer.numbers }
    return json
  }

  private func tenths(_ value: Double) -> JSON { .double((value * 10).rounded() / 10) }

  var jobJSON: JSON {
    var json = jobNumbers
    json["state"] = .string(state.rawValue)
    json["inaccurate_estimates"] = false
    json["serial_print"] = false
    let path = printer.machine.currentFile
    if let entry = printer.card.entry(path) { json["file"] = fileJSON(entry) }
    return json
  }

  func fileJSON(_ entry: PrinterCard.Entry) -> JSON {
    let name = CardPath.name(of: entry.path)
    let folder = CardPath.parent(of: entry.path)
    let short = ShortName.of(name)
    let place = "/\(storageName)" + (folder == "/" ? "" : folder)
    return [
      "refs": [
        "download": .string("\(place)/\(short)"), "icon": .string("/thumb/s\(place)/\(short)"),
        "thumbnail": .string("/thumb/l\(place)/\(short)"),
      ],
      "name": .string(short), "display_name": .string(name), "path": .string(place),
      "size": .integer(Int64(entry.byteCount)), "m_timestamp": .integer(entry.modified / 1000),
    ]
  }
}
