// One message from the cloud, as far as the hub understands it.

import Wire

/// A message from the cloud with every field that any kind of message may have.
///
/// There is one, filled as the message arrives and used up before the next one is read.
struct Command: ~Copyable {
  /// What kind of message it is.
  enum Kind {
    case unknown
    case cloudHello
    case configurePrinter
    case printCommand
    case printerCommand
    case eventAcknowledgement
    case firmwareUpdate
    case reboot, setLogLevel, factoryReset, runDiagnostics
    case fileURL
    case discoverPrinters
    case cameraSnapshot
  }

  /// What is to be done with a printer or its configuration.
  enum Action {
    case unknown
    case add, update, remove, trust
    case start, pause, resume, stop
    case speed, light, gcode, clearError, load, unload, feeder, skip, calibrate
  }

  private let pinned = Pinned()
  var kind = Kind.unknown
  /// The kind as it came, for the answer to an unknown one.
  var kindName = Remark()
  var action = Action.unknown
  var actionName = Remark()
  var id = Identifier()
  var printerID = Serial()
  var jobID = Identifier()
  var fileURL: LongText
  var fileName = FileName()
  var fileSize = 0
  /// Of a firmware.
  var version = Text<32>()
  var checksum = Text<64>()
  var plate = 1
  var usesAMS = false
  /// The file comes over this very connection.
  var comesInPieces = false
  /// Of a cloud: that it hands out files in pieces.
  var servesPieces = false
  var options = PrintOptions()
  /// One row, away from the hub's own frame.
  var order: Table<OrderDetails>
  var heartbeatSeconds = 0
  var levelName = Remark()
  var isForced = false
  /// The number of the event that the cloud says it knows.
  var sequence = 0
  var printer = PrinterConfiguration()
  /// The printer's kind is none that this firmware knows.
  var isKindUnknown = false
  /// The first field that was longer than the hub can hold.
  var oversizedField: StaticString?

  /// `fileURL` is memory for the longest address of a file.
  init(fileURL: UnsafeMutableBufferPointer<UInt8>, order: consuming Table<OrderDetails>) {
    unsafe self.fileURL = LongText(fileURL)
    self.order = order
  }

  /// Whether doing it a second time would be wrong, even after a restart. A start is known by its
  /// job, and what only sets something can be set again.
  var outlivesRestart: Bool {
    switch kind {
    case .printCommand, .printerCommand: action != .start
    case .reboot, .factoryReset: true
    default: false
    }
  }

  mutating func removeAll() {
    kind = .unknown
    kindName.removeAll()
    action = .unknown
    actionName.removeAll()
    id.removeAll()
    printerID.removeAll()
    jobID.removeAll()
    fileURL.removeAll()
    fileName.removeAll()
    fileSize = 0
    version.removeAll()
    checksum.removeAll()
    plate = 1
    usesAMS = false
    comesInPieces = false
    servesPieces = false
    options = PrintOptions()
    order[0].removeAll()
    heartbeatSeconds = 0
    levelName.removeAll()
    isForced = false
    sequence = 0
    printer.removeAll()
    isKindUnknown = false
    oversizedField = nil
  }
}

/// What an order to a printer says beside its action.
struct OrderDetails: ~Copyable {
  static let objectLimit = 32

  private let pinned = Pinned()
  /// A level, a tray or the bits of a calibration.
  var number: Int?
  var temperature = 220
  /// on, off, flashing; resume, reset, pause.
  var word = Text<12>()
  /// Lines of g-code.
  var lines = Text<240>()
  private var objects = InlineArray<32, UInt16>(repeating: 0)
  private(set) var objectCount = 0

  init() {}

  func object(_ index: Int) -> Int { Int(objects[index]) }

  /// Answers false for a number that cannot be, or one too many.
  mutating func append(object: Int) -> Bool {
    guard object >= 0, object <= 65_535, objectCount < Self.objectLimit else { return false }
    objects[objectCount] = UInt16(truncatingIfNeeded: object)
    objectCount += 1
    return true
  }

  mutating func removeAll() {
    number = nil
    temperature = 220
    word.removeAll()
    lines.removeAll()
    objectCount = 0
  }
}
