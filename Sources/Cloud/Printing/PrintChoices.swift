import World

/// What a person chose for one print, beside the plate. The hub is told what was chosen, and goes by
/// its own habits in the rest.
enum PrintChoices {
  private static let switches = [
    "bed_leveling", "flow_calibration", "vibration_calibration", "layer_inspection", "timelapse",
  ]

  /// The tray for each filament of the file, -1 where it is not used, and what is done before.
  static let fields: [Field] =
    [.optional(.list("ams_mapping", of: .integer(-1...127), 1...16))]
    + switches.map { .optional(.bool($0)) }

  /// The choices of a request, as its job keeps them; nil when there are none.
  static func choices(of input: Input) -> String? {
    var choices: JSON = [:]
    if let mapping = input.optionalList("ams_mapping") { choices["ams_mapping"] = .array(mapping) }
    for name in switches {
      if let isOn = input.optionalBool(name) { choices[name] = .bool(isOn) }
    }
    return choices.object?.isEmpty == false ? choices.text : nil
  }

  /// What a start order says of them.
  static func members(_ choices: String?) -> [(String, JSON)] {
    guard let choices, let json = try? JSON.parse([UInt8](choices.utf8)) else { return [] }
    return json.object?.entries ?? []
  }
}
