// What a person chose for one print.

/// How a print is to be begun.
struct PrintOptions {
  /// How many filaments of a file can be mapped.
  static let mappingLimit = 16

  var levelsBed = true
  var calibratesFlow = false
  var calibratesVibration = true
  var inspectsFirstLayer = false
  var recordsTimelapse = false
  /// The tray for each filament of the file, -1 for one that is not used.
  private var trays = InlineArray<16, Int8>(repeating: -1)
  private(set) var trayCount = 0

  func tray(_ index: Int) -> Int { Int(trays[index]) }

  /// Answers false for a tray that cannot be, or one too many.
  mutating func append(tray: Int) -> Bool {
    guard tray >= -1, tray <= 127, trayCount < Self.mappingLimit else { return false }
    trays[trayCount] = Int8(truncatingIfNeeded: tray)
    trayCount += 1
    return true
  }
}
