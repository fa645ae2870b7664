/// What a machine is told to print, with the file as it was when the order came.
struct PrintOrder {
  /// Where the file is on the card.
  var path: String
  var plate = 1
  /// What people see while it prints.
  var title: String
  var projectID = "0"
  var profileID = "0"
  var taskID = "0"
  var subtaskID = "0"
  var levelsBed = true
  /// The place in the filament units that it begins with; nil: the external spool.
  var tray: Int?
  var digest: UInt64 = 0
  var byteCount = 0
  /// What is in the file, or why it cannot be printed: the machine finds out while it unpacks.
  var plan: Result<PlateSummary, BambuPrintFault>
}

/// Why an order comes to nothing: the code for the screen, and a word for the timeline.
struct BambuPrintFault: Error, Equatable {
  var error: BambuPrintError
  var reason: String
}

/// One print as it was taken up and as it ended.
public struct PrintRecord: Equatable, Sendable {
  public enum Outcome: String, Sendable {
    case underWay, finished, stopped, failed, powerLost
  }

  /// Path on the card.
  public var file: String
  public var plate: Int
  /// ``contentDigest(_:)`` of the file's bytes as they were when the print was ordered.
  public var digest: UInt64
  /// How many bytes the file had.
  public var size: Int
  public var outcome: Outcome
  /// Whether it got past unpacking, so that the machine moved.
  public var hasBegun: Bool
}
