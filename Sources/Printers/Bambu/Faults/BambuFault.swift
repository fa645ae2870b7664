// What goes wrong with these printers where people use them, each by a name. Most of it lasts as
// long as it is switched on; what happens in a moment (a finger on the screen, a power cut) begins
// when it is switched on and needs no end.

import World

/// One thing that can go wrong with a Bambu Lab printer.
public enum BambuFault: String, FaultName {
  // The connection for reports and commands.
  case mqttSilent = "mqtt-silent"
  case mqttDead = "mqtt-dead"
  case mqttDown = "mqtt-down"
  case mqttFlap = "mqtt-flap"
  case mqttTooManyClients = "mqtt-too-many-clients"
  case mqttSameID = "mqtt-same-id"
  case mqttRequestTopic = "mqtt-request-topic"
  case wrongCode = "wrong-code"
  case codeChanged = "code-changed"

  // What reports say.
  case reportTruncated = "report-truncated"
  case reportGarbage = "report-garbage"
  case reportHuge = "report-huge"
  case reportOld = "report-old"
  case reportDuplicate = "report-duplicate"
  case reportOddTypes = "report-odd-types"
  case numbersAsStrings = "numbers-as-strings"
  case layersLate = "layers-late"
  case clockWrong = "clock-wrong"
  case stuckAt100 = "stuck-at-100"
  case finishLingers = "finish-lingers"
  case failedLingers = "failed-lingers"
  case stateSkips = "state-skips"

  // What becomes of commands.
  case acknowledgementLost = "ack-lost"
  case acknowledgementLate = "ack-late"
  case commandDropped = "command-dropped"
  case startCancels = "start-cancels"
  case verifyRefused = "verify-refused"
  case startsOtherFile = "starts-other-file"
  case touchScreen = "touch-screen"

  // The machine.
  case filamentRunOut = "filament-runout"
  case filamentJam = "ams-jam"
  case doorOpen = "door-open"
  case nozzleClog = "nozzle-clog"
  case bedAdhesion = "bed-adhesion"
  case heaterFault = "heater-fault"
  case plateMismatch = "plate-mismatch"
  case powerLoss = "power-loss"
  case rebootAfterUpdate = "reboot-after-update"
  case wifiWeak = "wifi-weak"

  // The file server.
  case ftps530 = "ftps-530"
  case ftps421 = "ftps-421"
  case ftps550 = "ftps-550"
  case ftps553 = "ftps-553"
  case ftps552 = "ftps-552"
  case ftpsNoReuse = "ftps-no-reuse"
  case ftps426ButWhole = "ftps-426-but-whole"
  case ftps426Cut = "ftps-426-cut"
  case ftpsShort226 = "ftps-short-226"
  case ftpsNo226 = "ftps-no-226"
  case ftpsLate226 = "ftps-late-226"
  case ftpsWrongAddress = "ftps-pasv-wrong-address"
  case ftpsStall = "ftps-stall"
  case ftpsSlow = "ftps-slow"
  case ftpsControlDrop = "ftps-control-drop"
  case ftpsPlainData = "ftps-plain-data"
  case ftpsNoCloseNotify = "ftps-no-close-notify"
  case cardMissing = "sd-missing"
  case cardFull = "sd-full"
  case cardAbnormal = "sd-abnormal"

  // Where and who it is.
  case addressChanged = "address-changed"
  case certificateExpired = "cert-expired"
  case certificateOther = "cert-other-serial"
  case certificateRenewed = "cert-renewed"
  case certificateSelfSigned = "cert-self-signed"

  // The camera.
  case cameraOff = "camera-off"
  case cameraOneClient = "camera-one-client"
  case cameraCut = "camera-cut"

  /// Whether it happens once, so that there is nothing to mend.
  public var isMomentary: Bool {
    switch self {
    case .codeChanged, .touchScreen, .powerLoss, .rebootAfterUpdate, .addressChanged: true
    default: false
    }
  }

  /// What can be said about how bad it is, or nil.
  public var measure: Measure? {
    switch self {
    case .mqttFlap: .duration(ordinary: .seconds(30))
    case .mqttSameID: .duration(ordinary: .seconds(10))
    case .acknowledgementLate: .duration(ordinary: .seconds(20))
    case .stuckAt100: .duration(ordinary: .minutes(3))
    case .powerLoss: .duration(ordinary: .seconds(40))
    case .rebootAfterUpdate: .duration(ordinary: .minutes(5))
    case .ftpsLate226: .duration(ordinary: .seconds(35))
    case .reportHuge: .size(ordinary: 40_000)
    case .ftps552, .ftps426Cut, .ftpsStall, .ftpsControlDrop: .size(ordinary: 64_000)
    case .ftpsShort226: .size(ordinary: 1_000)
    case .ftpsSlow: .rate(ordinary: 20_000)
    case .stateSkips: .word(["both", "prepare", "finish"])
    case .verifyRefused: .word(["answer", "hms", "silence"])
    case .touchScreen: .word(["pause", "resume", "stop", "start"])
    case .ftpsNoReuse: .word(["522", "425", "426"])
    case .ftpsPlainData: .word(["refused", "lies"])
    default: nil
    }
  }

  public typealias Measure = FaultMeasure
  public typealias Amount = FaultAmount
}
