/// What a printer learns from a sliced plate before it prints it.
public struct PlateSummary: Equatable, Sendable {
  /// Beyond these nothing prints; a file that says so is damaged.
  public static let layerLimit = 1_000_000
  public static let secondsLimit = 10_000_000

  public var layers: Int
  public var seconds: Int
  public var weightGrams: Double
  /// Such as PLA or PETG; empty when the file does not say.
  public var filament: String
  /// Such as textured_plate; empty when the file does not say.
  public var bedType: String

  public init(
    layers: Int, seconds: Int, weightGrams: Double = 0, filament: String = "", bedType: String = ""
  ) {
    self.layers = layers
    self.seconds = seconds
    self.weightGrams = weightGrams
    self.filament = filament
    self.bedType = bedType
  }
}
