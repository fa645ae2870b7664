// What the electronics read off the machine: the true values with the flicker that sensors have.
// The flicker is a function of the time, so that reading costs nothing and repeats.

/// A temperature in the unit that the printers' sensors have, a 32nd of a degree.
struct SensorTemperature: Equatable {
  var parts: Int

  init(parts: Int) { self.parts = parts }
  init(degrees: Double) { parts = Int((degrees * 32).rounded()) }

  /// In units of 0.00001 degrees, exactly.
  var hundredThousandths: Int { parts * 3_125 }

  var wholeDegrees: SensorTemperature { SensorTemperature(parts: (parts + 16) / 32 * 32) }
}

extension PrinterMachine {
  /// How often the flicker changes, in milliseconds.
  static let flickerMilliseconds: Int64 = 2_000

  var nozzleReading: SensorTemperature { reading(of: nozzle, spread: 12, salt: 1) }
  var bedReading: SensorTemperature { reading(of: bed, spread: 4, salt: 2) }

  /// The air in the box follows the bed, slowly and not far.
  var chamberReading: SensorTemperature {
    let degrees = Heater.ambient + (bedTemperature - Heater.ambient) / 4
    return SensorTemperature(degrees: degrees).wholeDegrees
  }

  /// In dBm: near the router, with people walking by.
  func signal(around strength: Int) -> Int {
    strength + flicker(spread: 2, salt: 3, every: 60_000)
  }

  private func reading(of heater: Heater, spread: Int, salt: UInt64) -> SensorTemperature {
    var reading = SensorTemperature(degrees: heater.temperature(at: now))
    // An idle printer is read coarsely: it speaks only when something is worth it.
    guard state.isBusy else { return reading.wholeDegrees }
    if heater.target > 0 {
      reading.parts += flicker(spread: spread, salt: salt, every: Self.flickerMilliseconds)
    }
    return reading
  }

  /// A number from -spread to spread.
  private func flicker(spread: Int, salt: UInt64, every period: Int64) -> Int {
    var bits = UInt64(bitPattern: now.milliseconds / period) &+ salt << 48
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((bits ^ bits >> 31) % UInt64(2 * spread + 1)) - spread
  }
}

extension PrinterMachine {
  /// Percent of the print that is done, with what lies between two whole numbers.
  var completion: Double {
    guard let print = progressOfPrint, print.workOfLayers > 0 else { return Double(progress) }
    return Double(print.layersDone(at: now)) * 100 / Double(print.workOfLayers)
  }

  /// How long the layers that are left take at this speed.
  var secondsLeft: Int {
    guard let print = progressOfPrint, let summary else { return 0 }
    let left = Int64(summary.seconds) * 1000 - print.layersDone(at: now)
    return Int(max(0, left) * 100 / speedPercent / 1000)
  }

  /// How far the nozzle is above the plate, in millimetres.
  var height: Double { Double(layer) * 0.2 }
}
