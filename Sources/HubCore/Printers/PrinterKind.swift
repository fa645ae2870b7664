// What a printer speaks. The raw values stand in flash and never change.

import Wire

/// The families of printers that the hub can talk to.
enum PrinterKind: UInt8 {
  case bambu = 0
  case octoPrint = 1
  case prusaLink = 2
  case moonraker = 3

  /// Nil for a name that nobody knows.
  init?(name: Span<UInt8>) {
    if equals(name, "bambu") {
      self = .bambu
    } else if equals(name, "octoprint") {
      self = .octoPrint
    } else if equals(name, "prusalink") {
      self = .prusaLink
    } else if equals(name, "moonraker") {
      self = .moonraker
    } else {
      return nil
    }
  }

  /// As the cloud writes it.
  var name: StaticString {
    switch self {
    case .bambu: "bambu"
    case .octoPrint: "octoprint"
    case .prusaLink: "prusalink"
    case .moonraker: "moonraker"
    }
  }

  /// Where its server listens if nobody says otherwise; for Bambu see the ports of its services.
  var usualPort: UInt16 { self == .moonraker ? 7125 : 80 }

  /// Whether it says yes to a start only when it has left behind what it showed of the print before.
  /// PrusaLink may show that for a moment longer, and gives each print a number.
  var saysYesOnceBegun: Bool { self == .octoPrint || self == .moonraker }

  /// Whether it cannot be reached without a secret. Moonraker trusts addresses.
  var needsAccessCode: Bool { self != .moonraker }
}

/// What a printer is asked for and its kind cannot do.
enum Unsupported: UInt8 {
  case light, speed, gcode, clearError, filament, objects, calibration, fileType

  /// For people, behind "not supported by octoprint: ".
  var text: StaticString {
    switch self {
    case .light: "chamber light"
    case .speed: "speed levels"
    case .gcode: "sending g-code"
    case .clearError: "clearing errors"
    case .filament: "changing filament"
    case .objects: "skipping objects"
    case .calibration: "calibration"
    case .fileType: "files of this type, send g-code"
    }
  }

  /// What of an order a printer without Bambu's extras cannot do; nil for what every kind can.
  init?(_ order: ControlOrder) {
    switch order {
    case .pause, .resume, .stop, .gcode: return nil
    case .speed: self = .speed
    case .light: self = .light
    case .clearError: self = .clearError
    case .loadFilament, .unloadFilament, .feeder: self = .filament
    case .skipObjects: self = .objects
    case .calibrate: self = .calibration
    }
  }
}
