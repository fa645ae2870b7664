// The spools at a printer: up to four units of four places, and the holder outside.
//
// The same values hold what one report says and what is known of all reports: each place says which
// of its fields were there, so that a delta changes nothing else.

import Wire

/// One place for a spool.
struct Tray: Equatable {
  /// What the material is called; empty when nothing lies there or nobody says.
  var kind = Text<8>()
  /// Red, green, blue, opacity.
  var color: UInt32 = 0
  /// Percent of the spool that is left; negative when nobody knows.
  var remaining: Int8 = -1
  /// Which fields a report had.
  var said = Said()

  /// Which fields of a place were there.
  struct Said: Equatable {
    var place = false
    var kind = false
    var color = false
    var remaining = false

    var isEmptyPlace: Bool { place && !kind && !color && !remaining }
  }

  var isEmpty: Bool { kind.isEmpty }

  /// Lays what a delta says over what was known.
  mutating func merge(_ delta: Tray) {
    said.place = true
    if delta.said.kind {
      kind = delta.kind
      said.kind = true
    }
    if delta.said.color {
      color = delta.color
      said.color = true
    }
    if delta.said.remaining {
      remaining = delta.remaining
      said.remaining = true
    }
  }

  /// Somebody took the spool away.
  mutating func clear() {
    self = Tray()
    said.place = true
  }
}

/// A box of spools.
struct FilamentUnit: Equatable {
  static let trayLimit = 4
  static let noNumber: UInt8 = 255

  var number = noNumber
  /// 1 (wet) to 5 (dry); 0 when nobody says.
  var humidity: UInt8 = 0
  /// In tenths of a degree Celsius; nil when nobody says.
  var temperature: Int16?
  var trays = InlineArray<4, Tray>(repeating: Tray())

  static func == (left: FilamentUnit, right: FilamentUnit) -> Bool {
    guard left.number == right.number, left.humidity == right.humidity,
      left.temperature == right.temperature
    else { return false }
    for index in 0..<trayLimit where left.trays[index] != right.trays[index] { return false }
    return true
  }

  mutating func merge(_ delta: FilamentUnit) {
    if delta.humidity != 0 { humidity = delta.humidity }
    if let new = delta.temperature { temperature = new }
    for index in 0..<Self.trayLimit where delta.trays[index].said.place {
      trays[index].merge(delta.trays[index])
    }
  }
}

/// All spools of a printer.
struct FilamentSupply: Equatable {
  static let unitLimit = 4

  private(set) var units = InlineArray<4, FilamentUnit>(repeating: FilamentUnit())
  private(set) var unitCount = 0
  /// Whether a report had a list of units, even an empty one.
  private(set) var hasUnits = false
  var external = Tray()
  /// One bit for each place of the units, 1 for a spool that is there; nil when a report has none.
  var spoolBits: UInt32?

  static func == (left: FilamentSupply, right: FilamentSupply) -> Bool {
    guard left.unitCount == right.unitCount, left.external == right.external else { return false }
    for index in 0..<left.unitCount where left.units[index] != right.units[index] { return false }
    return true
  }

  mutating func beginUnits() {
    hasUnits = true
    unitCount = 0
  }

  /// A unit of a report is whole. More than there is room for are passed over.
  mutating func append(_ unit: FilamentUnit) {
    guard unit.number != FilamentUnit.noNumber, unitCount < Self.unitLimit else { return }
    units[unitCount] = unit
    unitCount += 1
  }

  /// Lays what a report says over what was known; one that `isWhole` names every unit there is.
  /// Notes whether anything is different now.
  mutating func merge(
    _ report: FilamentSupply, isWhole: Bool, isChanged: inout Bool
  ) {
    guard report.hasUnits || report.external.said.place || report.spoolBits != nil else { return }
    let before = self
    lay(report, isWhole: isWhole)
    if before != self { isChanged = true }
  }

  private mutating func lay(_ report: FilamentSupply, isWhole: Bool) {
    if report.hasUnits {
      if isWhole { unitCount = 0 }
      for index in 0..<report.unitCount { merge(report.units[index], isWhole: isWhole) }
    }
    if report.external.said.place {
      if isWhole {
        external = report.external
      } else {
        external.merge(report.external)
      }
    }
    if let bits = report.spoolBits { clearTrays(without: bits) }
  }

  private mutating func merge(_ unit: FilamentUnit, isWhole: Bool) {
    if !isWhole {
      for index in 0..<unitCount where units[index].number == unit.number {
        units[index].merge(unit)
        return
      }
    }
    append(unit)
  }

  private mutating func clearTrays(without bits: UInt32) {
    for index in 0..<unitCount where units[index].number < 4 {
      for place in 0..<FilamentUnit.trayLimit {
        let bit = UInt32(units[index].number) * 4 + UInt32(place)
        let isThere = bits & (1 &<< bit) != 0
        if !isThere, !units[index].trays[place].isEmpty { units[index].trays[place].clear() }
      }
    }
  }
}
