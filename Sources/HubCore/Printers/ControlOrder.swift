// An order to a printer beside the start of a print, from the cloud's command to the printer's own
// answer.
//
//     sent --answer with our number--> settled: done, or refused with the printer's reason
//       |---report shows the effect--> settled: done, for answers get lost
//       |---22 s------------------> settled: nobody knows
//       '---connection lost-------> settled: nobody knows

import Wire

/// What a printer is told to do at once.
enum ControlOrder: Equatable {
  case pause
  case resume
  case stop
  case speed(Int)
  case light(PrinterStatus.Light)
  case gcode
  case clearError
  case loadFilament(tray: Int, temperature: Int)
  case unloadFilament
  case feeder(Feeder)
  case skipObjects
  case calibrate(Int)

  /// What an AMS is told.
  enum Feeder { case resume, reset, pause }

  var name: StaticString {
    switch self {
    case .pause: "pause"
    case .resume: "resume"
    case .stop: "stop"
    case .speed: "print_speed"
    case .light: "ledctrl"
    case .gcode: "gcode_line"
    case .clearError: "clean_print_error"
    case .loadFilament: "ams_change_filament"
    case .unloadFilament: "unload_filament"
    case .feeder: "ams_control"
    case .skipObjects: "skip_objects"
    case .calibrate: "calibration"
    }
  }

  /// Whether firmware with authorisation control takes it only with a signature.
  var needsSignature: Bool {
    switch self {
    case .pause, .resume, .stop, .speed, .light, .clearError: false
    case .gcode, .loadFilament, .unloadFilament, .feeder, .skipObjects, .calibrate: true
    }
  }

  /// Whether it has had its effect, as far as a report can show.
  func isDone(_ status: borrowing PrinterStatus) -> Bool {
    switch self {
    case .pause: status.state == .pause
    case .resume: status.state == .running || status.state == .prepare
    case .stop: status.state.isFree
    case .speed(let level): Int(status.speedLevel) == level
    case .light(let light): status.light == light
    case .clearError: status.error.isNone
    case .skipObjects: status.skippedObjects > 0
    case .calibrate: status.state.isBusy
    case .gcode, .loadFilament, .unloadFilament, .feeder: false
    }
  }
}

/// An order whose answer has not come.
struct PendingOrder {
  /// By which the command's memory knows it.
  var ticket: UInt32
  var order: ControlOrder
  /// The `sequence_id` under which it was sent.
  var sequence: UInt32
  var deadline: Uptime
  /// The report showed the effect before the order was given, so that a report proves nothing.
  var wasDone: Bool
  /// What came of it, once that is known.
  var outcome: CommandOutcome?
}

/// The orders of one printer whose answers have not come.
struct PendingOrders: ~Copyable {
  private let pinned = Pinned()
  private var row = InlineArray<4, PendingOrder?>(repeating: nil)
  /// What the printer said about the refusal that was not taken out yet.
  private(set) var remark = Remark()
  /// A refusal is to be taken out before the next report is read.
  private(set) var hasRefusal = false

  init() {}

  var hasRoom: Bool {
    for index in row.indices where row[index] == nil { return true }
    return false
  }

  /// When the first of them is given up.
  var deadline: Uptime {
    var first = Uptime.never
    for index in row.indices {
      if let order = row[index], order.outcome == nil { first = earlier(first, order.deadline) }
    }
    return first
  }

  mutating func add(_ order: PendingOrder) {
    for index in row.indices where row[index] == nil {
      row[index] = order
      return
    }
  }

  /// The printer has answered an order under this number.
  mutating func answered(_ answer: LinkAnswer) {
    for index in row.indices where row[index]?.sequence == answer.sequence {
      guard row[index]?.outcome == nil else { continue }
      if !answer.outcome.isSuccess {
        remark = answer.remark
        hasRefusal = true
      }
      row[index]?.outcome = answer.outcome
    }
  }

  /// The printer has reported how it is.
  mutating func reported(_ status: borrowing PrinterStatus) {
    for index in row.indices {
      guard let order = row[index], order.outcome == nil, !order.wasDone else { continue }
      if order.order.isDone(status) {
        row[index]?.outcome = .success
      } else if status.alarms.contains(.wantsSignature) || status.error == .wantsSignature {
        row[index]?.outcome = .developerModeNeeded
      }
    }
  }

  /// Answers whether one was given up just now: the printer may have done it all the same.
  mutating func timePassed(now: Uptime) -> Bool {
    var isInDoubt = false
    for index in row.indices {
      if let order = row[index], order.outcome == nil, order.deadline <= now {
        row[index]?.outcome = .printerSilent
        isInDoubt = true
      }
    }
    return isInDoubt
  }

  /// Nobody will hear the answers any more.
  mutating func printerLost() {
    for index in row.indices where row[index] != nil && row[index]?.outcome == nil {
      row[index]?.outcome = .printerSilent
    }
  }

  /// Takes out one of which it is known what came of it.
  mutating func takeSettled() -> PendingOrder? {
    for index in row.indices where row[index]?.outcome != nil {
      let order = row[index]
      row[index] = nil
      return order
    }
    hasRefusal = false
    return nil
  }
}
