/// A spool, as an AMS or the external holder knows it.
struct FilamentTray: Equatable {
  /// A full spool of the usual size.
  static let fullMilligrams = 1_000_000

  var type: String
  /// RRGGBBAA
  var color: String
  /// The maker's id of the profile, such as GFA00.
  var profile: String
  var brand: String
  /// What is left on it; nil where nobody knows.
  var milligrams: Int?
  var nozzleMinimum: Int
  var nozzleMaximum: Int
  var bedTemperature: Int

  var remainPercent: Int { (milligrams ?? 0) * 100 / Self.fullMilligrams }

  /// Takes off what was printed, as far as somebody knows what there was.
  mutating func spend(_ amount: Int) { milligrams = milligrams.map { max(0, $0 - amount) } }

  static let externalSpool = FilamentTray(
    type: "PLA", color: "000000FF", profile: "GFL99", brand: "", milligrams: nil,
    nozzleMinimum: 190, nozzleMaximum: 240, bedTemperature: 0)
}

/// One AMS with its four places; an empty place is nil.
struct FilamentUnit: Equatable {
  var id: Int
  var humidity: Int
  var trays: [FilamentTray?]

  /// A unit with three spools in it and one place empty.
  static func ordinary(id: Int) -> FilamentUnit {
    FilamentUnit(
      id: id, humidity: 4,
      trays: [
        FilamentTray(
          type: "PLA", color: "FFFFFFFF", profile: "GFA00", brand: "PLA Basic",
          milligrams: 840_000, nozzleMinimum: 190, nozzleMaximum: 230, bedTemperature: 60),
        FilamentTray(
          type: "PLA", color: "161616FF", profile: "GFA00", brand: "PLA Basic",
          milligrams: 410_000, nozzleMinimum: 190, nozzleMaximum: 230, bedTemperature: 60),
        FilamentTray(
          type: "PETG", color: "0078BFFF", profile: "GFG00", brand: "PETG Basic",
          milligrams: 970_000, nozzleMinimum: 230, nozzleMaximum: 260, bedTemperature: 80),
        nil,
      ])
  }
}

/// How hot a kind of plastic is printed, in degrees Celsius.
struct FilamentHeat {
  var nozzle: Double
  var bed: Double

  init(of type: String) {
    switch type {
    case "PETG", "PCTG": (nozzle, bed) = (250, 80)
    case "ABS", "ASA": (nozzle, bed) = (270, 100)
    case "PC", "PA", "PA-CF": (nozzle, bed) = (280, 100)
    case "TPU": (nozzle, bed) = (230, 45)
    default: (nozzle, bed) = (220, 60)
    }
  }
}
