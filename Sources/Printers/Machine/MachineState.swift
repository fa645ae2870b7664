/// `gcode_state`: where the machine stands.
///
///     idle, finish, failed --start--> prepare --heated, homed--> running --all layers--> finish
///                                       |  ^                      |  ^
///                                 pause |  | resume         pause |  | resume
///                                       v  |                      v  |
///                                       pause                     pause
///     prepare, running, pause --stop or a fault--> failed
public enum MachineState: String, CaseIterable, Sendable {
  case idle = "IDLE"
  case prepare = "PREPARE"
  case running = "RUNNING"
  case pause = "PAUSE"
  case finish = "FINISH"
  case failed = "FAILED"

  /// Whether there is a print under way.
  public var isBusy: Bool {
    switch self {
    case .prepare, .running, .pause: true
    case .idle, .finish, .failed: false
    }
  }
}

/// `print_error`: a code of 32 bits, which people read as XXXX-XXXX in hex.
public struct BambuPrintError: Equatable, Sendable {
  public let code: UInt32

  public init(code: UInt32) { self.code = code }

  public static let none = BambuPrintError(code: 0)
  /// Somebody stopped the print.
  public static let stopped = BambuPrintError(code: 0x0300_400C)
  /// No file of that name, or a name that cannot be.
  public static let unknownFile = BambuPrintError(code: 0x0500_4002)
  /// The file is there and makes no sense.
  public static let unreadableFile = BambuPrintError(code: 0x0500_4003)
  /// The card is missing, or the file is still being written.
  public static let cardFault = BambuPrintError(code: 0x0500_C010)

  /// A print was told to begin while another one was not over.
  public static let busy = BambuPrintError(code: 0x0500_4004)
  /// Power was lost in the middle of a print, which can go on.
  public static let unfinishedPrint = BambuPrintError(code: 0x0300_8007)
  /// The command is not signed, and developer mode is off.
  public static let wantsSignature = BambuPrintError(code: 0x0502_4007)

  /// As the printer's screen shows it, such as 0300-400C; empty when there is none.
  public var text: String {
    guard code != 0 else { return "" }
    let digits = String(code, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return "\(padded.prefix(4))-\(padded.suffix(4))"
  }
}

/// `stg_cur`: what the machine is busy with in particular.
public enum BambuStage: Int, Sendable {
  case printing = 0
  case levellingBed = 1
  case heatingBed = 2
  case sweepingAxes = 3
  case changingFilament = 4
  case filamentRanOut = 6
  case heatingNozzle = 7
  case identifyingPlate = 11
  case calibratingLidar = 12
  case homing = 13
  case cleaningNozzle = 14
  case pausedByUser = 16
  case frontCover = 17
  case nozzleTemperatureFault = 20
  case unloadingFilament = 22
  case loadingFilament = 24
  case measuringMotorNoise = 25
  case firstLayerFault = 34
  case nozzleClogged = 35
}
