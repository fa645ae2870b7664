/// Who made a printer's way of talking.
public enum PrinterKind: String, CaseIterable, Sendable {
  case bambu, octoprint, prusalink, moonraker

  /// As people write it.
  public var title: String {
    switch self {
    case .bambu: "Bambu Lab"
    case .octoprint: "OctoPrint"
    case .prusalink: "PrusaLink"
    case .moonraker: "Moonraker"
    }
  }

  /// Where it listens unless told otherwise; nil: on several ports of its own.
  public var port: UInt16? {
    switch self {
    case .bambu: nil
    case .octoprint, .prusalink: 80
    case .moonraker: 7125
    }
  }

  /// The machines that it is simulated on; any name will do for one that is none of Bambu Lab's.
  public var models: [String] {
    switch self {
    case .bambu: BambuModel.allCases.map(\.rawValue)
    case .octoprint: ["Ender-3", "Prusa MK3S", "CR-10"]
    case .prusalink: ["MK4", "MK3.9", "MINI", "XL", "CORE One", "MK3S"]
    case .moonraker: ["Voron 2.4", "Voron 0.2", "K1", "RatRig V-Core"]
    }
  }

  /// The endings of files that it prints.
  public var fileEndings: [String] {
    switch self {
    case .bambu: [".3mf"]
    case .octoprint, .moonraker: [".gcode"]
    case .prusalink: [".gcode", ".bgcode"]
    }
  }
}
