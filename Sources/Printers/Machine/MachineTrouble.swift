// What can be wrong with the machine itself, and how it shows: the stage, the code on the screen,
// the health message. It lasts until somebody puts it right; resuming before that changes nothing.

/// A health message: four groups of 16 bits, shown as XXXX-XXXX-XXXX-XXXX.
struct HealthMessage: Equatable {
  /// Which part.
  var attribute: UInt32
  /// Its upper half is how bad it is: 1 fatal, 2 serious, 3 common, 4 for information.
  var code: UInt32

  /// Commands without a signature are refused.
  static let wantsSignature = HealthMessage(attribute: 0x0500_0500, code: 0x0001_0007)
}

/// Something wrong with the machine.
enum MachineTrouble: CaseIterable {
  case filamentRunOut, filamentJam, doorOpen, nozzleClog, bedAdhesion, plateMismatch, heaterFault
  /// A filament of the file has no spool to come from.
  case wrongMapping

  /// `stg_cur` while it waits for somebody.
  var stage: BambuStage {
    switch self {
    case .filamentRunOut: .filamentRanOut
    case .filamentJam: .loadingFilament
    case .doorOpen: .frontCover
    case .nozzleClog: .nozzleClogged
    case .bedAdhesion: .firstLayerFault
    case .plateMismatch: .identifyingPlate
    case .heaterFault: .nozzleTemperatureFault
    case .wrongMapping: .changingFilament
    }
  }

  /// `tray` is the one the plastic comes from; 254 is the external spool.
  func error(tray: Int) -> BambuPrintError {
    switch self {
    case .filamentRunOut:
      tray == 254 ? BambuPrintError(code: 0x07FF_8011) : unit(0x0700_8011, tray)
    case .filamentJam: tray == 254 ? BambuPrintError(code: 0x07FF_8010) : unit(0x0700_8010, tray)
    case .doorOpen: BambuPrintError(code: 0x0300_8005)
    case .nozzleClog: BambuPrintError(code: 0x0300_8016)
    case .bedAdhesion: BambuPrintError(code: 0x0C00_8001)
    case .plateMismatch: BambuPrintError(code: 0x0500_8051)
    case .heaterFault: BambuPrintError(code: 0x0300_8008)
    case .wrongMapping: BambuPrintError(code: 0x0700_8012)
    }
  }

  /// Nil where there is nothing to add to the code.
  func message(tray: Int) -> HealthMessage? {
    let unit = UInt32(tray == 254 ? 0xFF : tray / 4) << 16
    let place = UInt32(tray == 254 ? 0 : tray % 4)
    return switch self {
    case .filamentRunOut:
      HealthMessage(attribute: 0x0700_2000 | unit | place << 8, code: 0x0002_0001)
    case .filamentJam: HealthMessage(attribute: 0x0700_0200 | unit, code: 0x0001_0001)
    case .doorOpen: HealthMessage(attribute: 0x0300_9600, code: 0x0003_0001)
    case .nozzleClog: HealthMessage(attribute: 0x0300_1A00, code: 0x0002_0002)
    case .bedAdhesion: HealthMessage(attribute: 0x0C00_0300, code: 0x0002_0008)
    case .plateMismatch: HealthMessage(attribute: 0x0C00_0200, code: 0x0002_0005)
    case .heaterFault: HealthMessage(attribute: 0x0300_0200, code: 0x0001_0001)
    case .wrongMapping: nil
    }
  }

  /// Whether the print is over with it, instead of waiting.
  var isFatal: Bool { self == .heaterFault }

  /// Whether it shows during that step.
  func shows(during step: PrintProgress.Step) -> Bool {
    switch self {
    case .filamentRunOut, .filamentJam, .nozzleClog, .bedAdhesion: step == .printLayers
    case .doorOpen: step != .unpack
    case .plateMismatch: step == .cleanNozzle || step == .levelBed
    case .heaterFault: step != .unpack && step != .homing
    case .wrongMapping: false
    }
  }

  private func unit(_ code: UInt32, _ tray: Int) -> BambuPrintError {
    BambuPrintError(code: code + UInt32(tray / 4) << 16)
  }
}
