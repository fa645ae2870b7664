// Every trouble of the firmware under one number, for the cloud, for support and for statistics.
//
// A number never changes its meaning and is never used again. The hundreds say where the trouble is.

/// What went wrong.
enum ErrorCode: UInt16 {
  // 1xx: why the hub was started although nobody wanted that.
  case hardwareWatchdog = 101
  case panic = 102
  case brownOut = 103
  case unexplainedRestart = 104

  // 2xx: tasks, seen by the software watchdog.
  case taskStalled = 201
  case taskWedged = 202
  case taskHog = 203

  // 3xx: the key store.
  case storeMissing = 301
  case storeFull = 302
  case storeWorn = 303
  case storeFailed = 304
  case settingMissing = 305
  case storeDamaged = 306
  case factoryRepaired = 307

  // 4xx: the radio.
  case radioNotJoined = 401
  case radioWeak = 402

  // 5xx: the cloud.
  case cloudAway = 501
  case cloudRefused = 502
  case cloudBadInput = 503

  // 6xx: a printer.
  case printerAway = 601
  case printerWrongCode = 602
  case printerBusy = 603
  case printerRefused = 604
  case printerError = 605
  case printerForgot = 606
  case printerOtherPrint = 607
  case printerRemoved = 608
  case printerNotStarted = 609
  case developerModeNeeded = 610

  // 7xx: a file on its way.
  case downloadRefused = 701
  case transferBroken = 702
  case uploadRefused = 703
  case sizeDiffers = 704
  case transferPatience = 705
  case transferCut = 706
  case checksumDiffers = 707

  // 8xx: near a bound.
  case outboxNearlyFull = 801
  case streamsShort = 802
  case sendsFailing = 803

  /// What it means, for people.
  var text: StaticString {
    switch self {
    case .hardwareWatchdog: "the hub hung and was restarted by its watchdog"
    case .panic: "the firmware broke off and was restarted"
    case .brownOut: "the power supply was too weak for a moment"
    case .unexplainedRestart: "the hub was restarted for an unknown reason"
    case .taskStalled: "a task was not run in time"
    case .taskWedged: "a task made no progress"
    case .taskHog: "a task took too long"
    case .storeMissing: "the hub has no memory that outlives a loss of power"
    case .storeFull: "the key store is full"
    case .storeWorn: "the key store is worn out"
    case .storeFailed: "the key store could not be written"
    case .storeDamaged: "a value that the hub had kept cannot be read any more"
    case .factoryRepaired: "what the factory wrote has a wrong bit, put right on every reading"
    case .settingMissing: "a setting is missing"
    case .radioNotJoined: "the hub has not joined a network"
    case .radioWeak: "the radio signal is weak: move the hub or the access point"
    case .cloudAway: "the cloud cannot be reached"
    case .cloudRefused: "the cloud does not want this hub"
    case .cloudBadInput: "the cloud sent what the hub does not understand"
    case .printerAway: "the printer cannot be reached"
    case .printerWrongCode: "the printer's access code is wrong"
    case .printerBusy: "the printer is busy"
    case .printerRefused: "the printer refused the print"
    case .printerError: "the printer reported an error"
    case .printerForgot: "the printer forgot the print"
    case .printerOtherPrint: "the printer prints something else"
    case .printerRemoved: "the printer was removed from the hub"
    case .printerNotStarted: "the printer did not start the print"
    case .developerModeNeeded: "the printer accepts only signed commands"
    case .downloadRefused: "the file could not be downloaded"
    case .transferBroken: "the file could not be brought to the printer"
    case .uploadRefused: "the printer refused the file"
    case .sizeDiffers: "the file has another size than was announced"
    case .transferPatience: "the transfer made no progress for too long"
    case .transferCut: "the hub restarted while the file was on its way"
    case .checksumDiffers: "the file was altered on its way"
    case .outboxNearlyFull: "too much waits for the cloud to hear of it"
    case .streamsShort: "the hub has no more connections to give"
    case .sendsFailing: "too many messages could not be sent"
    }
  }
}

extension JobFailure {
  /// The number under which the cloud keeps it.
  var code: ErrorCode {
    switch self {
    case .downloadRefused: .downloadRefused
    case .downloadBroken: .transferBroken
    case .uploadRefused, .fileRefused: .uploadRefused
    case .sizeDiffers: .sizeDiffers
    case .checksumDiffers: .checksumDiffers
    case .outOfPatience: .transferPatience
    case .printerAway: .printerAway
    case .printerBusy: .printerBusy
    case .notStarted: .printerNotStarted
    case .printerRefused: .printerRefused
    case .developerModeNeeded: .developerModeNeeded
    case .printerError: .printerError
    case .printerForgot: .printerForgot
    case .otherPrint: .printerOtherPrint
    case .printerRemoved: .printerRemoved
    case .transferCut: .transferCut
    case .remembered(let code): code
    }
  }
}
