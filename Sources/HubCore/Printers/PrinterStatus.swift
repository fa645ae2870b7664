// What is known of a printer, whoever made it and however it says so.

import Wire

/// What a printer says that it does. `rawValue` only orders the cases.
enum MachineState: UInt8 {
  case unknown, idle, prepare, slicing, running, pause, finish, failed

  init?(_ name: Span<UInt8>) {
    if equals(name, "IDLE") {
      self = .idle
    } else if equals(name, "RUNNING") {
      self = .running
    } else if equals(name, "PREPARE") {
      self = .prepare
    } else if equals(name, "PAUSE") {
      self = .pause
    } else if equals(name, "FINISH") {
      self = .finish
    } else if equals(name, "FAILED") {
      self = .failed
    } else if equals(name, "SLICING") {
      self = .slicing
    } else {
      return nil
    }
  }

  var name: StaticString {
    switch self {
    case .unknown: "UNKNOWN"
    case .idle: "IDLE"
    case .prepare: "PREPARE"
    case .slicing: "SLICING"
    case .running: "RUNNING"
    case .pause: "PAUSE"
    case .finish: "FINISH"
    case .failed: "FAILED"
    }
  }

  /// Whether a print is under way, so that another must not be sent.
  var isBusy: Bool {
    switch self {
    case .prepare, .slicing, .running, .pause: true
    case .unknown, .idle, .finish, .failed: false
    }
  }

  /// Whether a print can be sent. A printer that lingers in the state of its last print can take one.
  var isFree: Bool {
    switch self {
    case .idle, .finish, .failed: true
    case .unknown, .prepare, .slicing, .running, .pause: false
    }
  }
}

/// A printer's error, shown as XXXX-XXXX.
struct PrinterError: Equatable {
  var code: UInt32

  static let none = PrinterError(code: 0)
  /// The print was stopped by a person or by us.
  static let stopped = PrinterError(code: 0x0300_400C)
  static let stoppedInApp = PrinterError(code: 0x0500_400E)
  /// The printer wants commands to be signed: Developer Mode is off.
  static let wantsSignature = PrinterError(code: 0x0502_4007)

  /// Of printers that have no numbers for what happens to them: a print was stopped, or something
  /// happened for which the status has the printer's own words.
  static let stoppedEarly = PrinterError(code: 0xFFFF_0001)
  static let inWords = PrinterError(code: 0xFFFF_0002)

  var isNone: Bool { code == 0 }
  var isStop: Bool { self == .stopped || self == .stoppedInApp || self == .stoppedEarly }
  /// Whether its number means something to people who look it up.
  var hasNumber: Bool { !isNone && self != .stoppedEarly && self != .inWords }

  func write(into writer: inout ByteWriter) {
    Self.writeHalf(code &>> 16, into: &writer)
    writer.put("-")
    Self.writeHalf(code, into: &writer)
  }

  /// Writes the lower half of a number as four digits.
  static func writeHalf(_ half: UInt32, into writer: inout ByteWriter) {
    for place in (0..<4).reversed() {
      let digit = UInt8(truncatingIfNeeded: (half &>> UInt32(place * 4)) & 15)
      writer.put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + (digit - 10))
    }
  }
}

/// The last known value of each field, merged out of full and partial reports.
struct PrinterStatus: ~Copyable {
  private let pinned = Pinned()
  var state = MachineState.unknown
  var percent = 0
  var layer = 0
  var totalLayers = 0
  var remainingMinutes = 0
  /// Temperatures in tenths of a degree Celsius.
  var nozzle = 0
  var bed = 0
  var chamber: Int?
  var nozzleTarget = 0
  var bedTarget = 0
  var fans = Fans()
  /// 1 silent, 2 standard, 3 sport, 4 ludicrous; 0 when it does not say.
  var speedLevel: UInt8 = 0
  var speedPercent: UInt16 = 0
  var error = PrinterError.none
  var alarms = Alarms()
  var stage = -1
  /// How far the printer is with unpacking the file that it is about to print.
  var preparePercent: UInt8 = 0
  var filament = FilamentSupply()
  /// 255 none, 254 the holder outside, else four times the unit and the place in it.
  var trayNow = 255
  /// In dBm; 0 when it does not say.
  var signal: Int8 = 0
  var light = Light.unknown
  var card = Card.unknown
  var isDoorOpen: Bool?
  var skippedObjects: UInt8 = 0
  /// The printer says that it refuses commands that are not signed; nil when it does not say.
  var wantsSignature: Bool?
  var taskID = JobNumber()
  var subtaskID = JobNumber()
  var jobID = JobNumber()
  var firmware = FirmwareVersion()
  /// Unix seconds at which the printer says that its print began; 0 when it does not say.
  var startTime = 0
  var shownName = ShownName()
  var file = FileName()
  /// What it says about its error, if it says it in words.
  var remark = Remark()

  init() {}

  /// Fans, each from 0 to 15 as printers count; nil when nobody says.
  struct Fans: Equatable {
    var part: UInt8?
    var auxiliary: UInt8?
    var chamber: UInt8?
    var hotend: UInt8?
  }

  /// The chamber's light.
  enum Light: UInt8 {
    case unknown, on, off, flashing

    var name: StaticString {
      switch self {
      case .unknown: "unknown"
      case .on: "on"
      case .off: "off"
      case .flashing: "flashing"
      }
    }
  }

  /// The card that files are stored on.
  enum Card: UInt8 {
    case unknown, present, missing, abnormal

    var name: StaticString {
      switch self {
      case .unknown: "unknown"
      case .present: "present"
      case .missing: "missing"
      case .abnormal: "abnormal"
      }
    }
  }

  /// What the cloud calls a printer's state.
  enum Unified: UInt8 {
    case idle, printing, paused, error, offline

    var name: StaticString {
      switch self {
      case .idle: "idle"
      case .printing: "printing"
      case .paused: "paused"
      case .error: "error"
      case .offline: "offline"
      }
    }
  }

  var unified: Unified {
    switch state {
    case .unknown: .offline
    case .idle, .finish: .idle
    case .prepare, .slicing, .running: .printing
    case .pause: .paused
    // A stopped print leaves the printer as free as a finished one.
    case .failed: error.isStop ? .idle : .error
    }
  }

  /// What the cloud is told as the current file: the name that the printer shows.
  var currentFile: ShownName {
    if !shownName.isEmpty { return shownName }
    var name = ShownName()
    name.setBeginning(of: file.span)
    return name
  }
}
