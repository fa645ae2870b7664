/// The three lamps on the box.
struct HubLamps: Equatable {
  private static let names = ["power", "cloud", "printers"]
  private static let modeNames = ["off", "solid", "blinking", "blinking red"]
  private var modes: [UInt8] = [0, 0, 0]

  /// Answers whether that changes anything.
  mutating func set(_ lamp: UInt8, to mode: UInt8) -> Bool {
    guard Int(lamp) < modes.count, Int(mode) < Self.modeNames.count, modes[Int(lamp)] != mode
    else { return false }
    modes[Int(lamp)] = mode
    return true
  }

  func text(of lamp: UInt8) -> String {
    Self.names[Int(lamp)] + " " + Self.modeNames[Int(modes[Int(lamp)])]
  }

  var text: String {
    (0..<UInt8(modes.count)).map { text(of: $0) }.joined(separator: ", ")
  }
}
