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
  }

  /// What is to be done with a printer or its configuration.
  enum Action {
    case unknown
    case add, update, remove
    case start, pause, resume, stop
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
  var plate = 1
  var usesAMS = false
  var heartbeatSeconds = 0
  /// The number of the event that the cloud says it knows.
  var sequence = 0
  var printer = PrinterConfiguration()
  /// The first field that was longer than the hub can hold.
  var oversizedField: StaticString?

  /// `fileURL` is memory for the longest address of a file.
  init(fileURL: UnsafeMutableBufferPointer<UInt8>) {
    unsafe self.fileURL = LongText(fileURL)
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
    plate = 1
    usesAMS = false
    heartbeatSeconds = 0
    sequence = 0
    printer = PrinterConfiguration()
    oversizedField = nil
  }
}
