// One message of a Bambu printer, as far as the hub understands it.
//
// Only what the message has is set: a delta changes nothing else. It is applied when the message
// was whole, so a broken one changes nothing at all.

import Wire

/// The fields of one report that were there and were of use.
struct BambuReport: ~Copyable {
  /// What the message is about.
  enum Topic { case other, print, info }

  private let pinned = Pinned()
  var topic = Topic.other
  var command = Text<24>()
  var sequence = Text<16>()
  /// The answer to a command: true for success, false for failure, nil when the message is none.
  var result: Bool?
  var reason = Remark()

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
  var error: PrinterError?
  var stage: Int?
  var trayNow: Int?
  var startTime: Int?
  var hasShownName = false
  var shownName = ShownName()
  var hasFile = false
  var file = FileName()

  init() {}

  /// Whether it says how the printer is. The answer to a command repeats the command's fields, which
  /// are wishes and not yet facts.
  var isStatus: Bool {
    topic == .print && (command.isEmpty || command.equals("push_status"))
  }

  /// Lays what the report has over what was known. Answers whether anything is different now.
  func merge(into status: inout PrinterStatus) -> Bool {
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
    if let chamber, status.chamber != chamber {
      status.chamber = chamber
      isChanged = true
    }
    update(&status.error, with: error, &isChanged)
    update(&status.stage, with: stage, &isChanged)
    update(&status.trayNow, with: trayNow, &isChanged)
    update(&status.startTime, with: startTime, &isChanged)
    return isChanged
  }

  private func update<Value: Equatable>(
    _ known: inout Value, with new: Value?, _ isChanged: inout Bool
  ) {
    guard let new, new != known else { return }
    known = new
    isChanged = true
  }
}
