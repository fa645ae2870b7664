import World

/// What an owner has the cloud tell a printer at once, whatever is printed.
public enum OrderWord: String, VocabularyWord {
  case pause, resume, stop, silent, gcode, picture
  case lightOn = "light-on"
  case unloadFilament = "unload-filament"
  case clearError = "clear-error"

  public static var title: String { "order" }

  public var meaning: String {
    switch self {
    case .pause: "Pause whatever is printed."
    case .resume: "Go on with it."
    case .stop: "Give it up."
    case .silent: "Print at the lowest level of speed."
    case .gcode: "Home all axes, by a line of g-code."
    case .picture: "Take a picture with the camera."
    case .lightOn: "Switch the light of the chamber on."
    case .unloadFilament: "Take the filament out of the nozzle."
    case .clearError: "Forget the error that is shown."
    }
  }

  /// Behind the printer's own path.
  var path: String { self == .picture ? "/camera/snapshot" : "/control" }

  var body: JSON? {
    switch self {
    case .picture: nil
    case .silent: ["action": "speed", "level": 1]
    case .gcode: ["action": "gcode", "lines": ["G28"]]
    case .lightOn: ["action": "light", "mode": "on"]
    case .unloadFilament: ["action": "unload_filament"]
    case .clearError: ["action": "clear_error"]
    case .pause, .resume, .stop: ["action": .string(rawValue)]
    }
  }
}
