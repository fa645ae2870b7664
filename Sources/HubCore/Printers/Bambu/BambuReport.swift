// One message of a Bambu printer, as far as the hub understands it.
//
// Only what the message has is set: a delta changes nothing else. It is applied when the message
// was whole, so a broken one changes nothing at all.

import Wire

/// The fields of one report that were there and were of use.
struct BambuReport: ~Copyable {
  /// What the message is about.
  enum Topic { case other, print, info, system }

  private let pinned = Pinned()
  var topic = Topic.other
  var command = Text<24>()
  var sequence = Text<16>()
  /// The answer to a command: true for success, false for failure, nil when the message is none.
  var result: Bool?
  var reason = Remark()
  /// Whether the printer marked it as everything there is (0) or as what has changed (1).
  var mark: Int?

  var state: MachineState?
  /// A state that nobody knows; the last known one stays.
  var hasUnknownState = false
  var percent: Int?
  var layer: Int?
  var totalLayers: Int?
  var remainingMinutes: Int?
  var nozzle: Int?
  var bed: Int?
  var chamber: Int?
  var nozzleTarget: Int?
  var bedTarget: Int?
  var fans = PrinterStatus.Fans()
  var speedLevel: UInt8?
  var speedPercent: UInt16?
  var error: PrinterError?
  var hasAlarms = false
  var alarms = Alarms()
  var stage: Int?
  var preparePercent: UInt8?
  var filament = FilamentSupply()
  var trayNow: Int?
  var signal: Int8?
  var light: PrinterStatus.Light?
  var card: PrinterStatus.Card?
  var isDoorOpen: Bool?
  var hasSkippedObjects = false
  var skippedObjects: UInt8 = 0
  var wantsSignature: Bool?
  var startTime: Int?
  var hasShownName = false
  var shownName = ShownName()
  var hasFile = false
  var file = FileName()
  var hasTaskID = false
  var taskID = JobNumber()
  var hasSubtaskID = false
  var subtaskID = JobNumber()
  var hasJobID = false
  var jobID = JobNumber()
  var hasFirmware = false
  var firmware = FirmwareVersion()

  init() {}

  /// Whether it says how the printer is. The answer to a command repeats the command's fields, which
  /// are wishes and not yet facts.
  var isStatus: Bool {
    topic == .print && (command.isEmpty || command.equals("push_status"))
  }

  /// Whether it says all there is: it is marked so, or it is unmarked and the model sends no deltas.
  func isWhole(reportsChangesOnly: Bool) -> Bool {
    if let mark { return mark == 0 }
    return !reportsChangesOnly
  }

  /// Its number, when it has one that is a number.
  var number: UInt32? { unsignedInteger(sequence.span) }

  /// Lays what the report has over what was known; one that `isWhole` says all there is. Answers
  /// whether anything is different now.
  func merge(into status: inout PrinterStatus, isWhole: Bool) -> Bool {
    var isChanged = false
    update(&status.shownName, with: hasShownName ? shownName : nil, &isChanged)
    update(&status.file, with: hasFile ? file : nil, &isChanged)
    update(&status.state, with: state, &isChanged)
    update(&status.percent, with: percent, &isChanged)
    update(&status.layer, with: layer, &isChanged)
    update(&status.totalLayers, with: totalLayers, &isChanged)
    update(&status.remainingMinutes, with: remainingMinutes, &isChanged)
    update(&status.nozzle, with: nozzle, &isChanged)
    update(&status.bed, with: bed, &isChanged)
    update(&status.nozzleTarget, with: nozzleTarget, &isChanged)
    update(&status.bedTarget, with: bedTarget, &isChanged)
    if let chamber, status.chamber != chamber {
      status.chamber = chamber
      isChanged = true
    }
    update(&status.error, with: error, &isChanged)
    update(&status.alarms, with: hasAlarms ? alarms : nil, &isChanged)
    update(&status.stage, with: stage, &isChanged)
    update(&status.trayNow, with: trayNow, &isChanged)
    update(&status.startTime, with: startTime, &isChanged)
    mergeMachine(into: &status, &isChanged)
    update(&status.taskID, with: hasTaskID ? taskID : nil, &isChanged)
    update(&status.subtaskID, with: hasSubtaskID ? subtaskID : nil, &isChanged)
    update(&status.jobID, with: hasJobID ? jobID : nil, &isChanged)
    status.filament.merge(filament, isWhole: isWhole, isChanged: &isChanged)
    return isChanged
  }

  private func mergeMachine(into status: inout PrinterStatus, _ isChanged: inout Bool) {
    if let new = fans.part { update(&status.fans.part, with: .some(new), &isChanged) }
    if let new = fans.auxiliary { update(&status.fans.auxiliary, with: .some(new), &isChanged) }
    if let new = fans.chamber { update(&status.fans.chamber, with: .some(new), &isChanged) }
    if let new = fans.hotend { update(&status.fans.hotend, with: .some(new), &isChanged) }
    update(&status.speedLevel, with: speedLevel, &isChanged)
    update(&status.speedPercent, with: speedPercent, &isChanged)
    update(&status.preparePercent, with: preparePercent, &isChanged)
    update(&status.signal, with: signal, &isChanged)
    update(&status.light, with: light, &isChanged)
    update(&status.card, with: card, &isChanged)
    if let isDoorOpen { update(&status.isDoorOpen, with: .some(isDoorOpen), &isChanged) }
    if let wantsSignature {
      update(&status.wantsSignature, with: .some(wantsSignature), &isChanged)
    }
    update(&status.skippedObjects, with: hasSkippedObjects ? skippedObjects : nil, &isChanged)
  }

  private func update<Value: Equatable>(
    _ known: inout Value, with new: Value?, _ isChanged: inout Bool
  ) {
    guard let new, new != known else { return }
    known = new
    isChanged = true
  }
}
