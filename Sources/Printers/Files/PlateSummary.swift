/// One of the filaments that a plate is sliced for.
public struct PlateFilament: Equatable, Sendable {
  /// Its place in the slicer's list, from 1.
  public var number: Int
  public var type: String
  /// How much of it the slicer says the plate takes.
  public var milligrams: Int

  public init(number: Int, type: String, milligrams: Int) {
    self.number = number
    self.type = type
    self.milligrams = milligrams
  }
}

/// What a printer learns from a sliced plate before it prints it.
public struct PlateSummary: Equatable, Sendable {
  /// Beyond these nothing prints; a file that says so is damaged.
  public static let layerLimit = 1_000_000
  public static let secondsLimit = 10_000_000

  public var layers: Int
  public var seconds: Int
  public var weightGrams: Double
  /// At least one.
  public var filaments: [PlateFilament]
  /// Such as textured_plate; empty when the file does not say.
  public var bedType: String

  public init(
    layers: Int, seconds: Int, weightGrams: Double = 0, filament: String = "",
    filaments: [PlateFilament] = [], bedType: String = ""
  ) {
    self.layers = layers
    self.seconds = seconds
    self.weightGrams = weightGrams
    self.filaments =
      filaments.isEmpty
      ? [PlateFilament(number: 1, type: filament, milligrams: Self.milligrams(weightGrams))]
      : filaments
    self.bedType = bedType
  }

  /// What a file says may be any number, or none.
  static func milligrams(_ grams: Double) -> Int { Int(min(1e6, max(0, grams)) * 1000) }

  /// What it begins with, such as PLA or PETG; empty when the file does not say.
  public var filament: String { filaments.first?.type ?? "" }
}
