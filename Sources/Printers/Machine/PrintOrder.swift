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
  /// Whether the filament comes out of the units; otherwise from the external spool.
  var usesUnits = false
  /// For each filament of the file the place in the units, -1 where it is not used.
  var mapping: [Int] = []
  var digest: UInt64 = 0
  var byteCount = 0
  /// What is to be calibrated, for a job that prints nothing.
  var calibration: CalibrationOptions?
  /// What is in the file, or why it cannot be printed: the machine finds out while it unpacks.
  var plan: Result<PlateSummary, BambuPrintFault>

  /// The place that each of the plate's filaments comes from, 254 being the external spool; nil
  /// when one of them has none. `isThere` tells whether there is a spool in a place.
  func trays(for filaments: [PlateFilament], isThere: (Int) -> Bool) -> [Int]? {
    guard usesUnits else { return filaments.map { _ in 254 } }
    var trays: [Int] = []
    for filament in filaments {
      let tray = tray(of: filament, among: filaments.count)
      guard tray == 254 || isThere(tray) else { return nil }
      trays.append(tray)
    }
    return trays
  }

  private func tray(of filament: PlateFilament, among count: Int) -> Int {
    guard !mapping.isEmpty else { return filament.number - 1 }
    let index = filament.number - 1
    if mapping.indices.contains(index), mapping[index] >= 0 { return mapping[index] }
    // An early form has always five entries, filled from the right.
    let fromRight = mapping.count - count + index
    guard mapping.count == 5, mapping.indices.contains(fromRight) else { return -1 }
    return mapping[fromRight]
  }
}

/// `option` of a calibration: bit 0 lidar, 1 bed, 2 vibration, 3 motor noise.
struct CalibrationOptions: OptionSet {
  let rawValue: Int
  static let lidar = CalibrationOptions(rawValue: 1)
  static let bed = CalibrationOptions(rawValue: 2)
  static let vibration = CalibrationOptions(rawValue: 4)
  static let motorNoise = CalibrationOptions(rawValue: 8)

  var steps: [PrintProgress.Step] {
    (contains(.lidar) ? [.lidar] : []) + (contains(.bed) ? [.levelBed] : [])
      + (contains(.vibration) ? [.sweepAxes] : []) + (contains(.motorNoise) ? [.motorNoise] : [])
  }
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
  /// Whether somebody at the printer began it, on his own account.
  public var isForeign = false
}
