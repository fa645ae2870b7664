import World

/// What can break. Each has a name, a sentence, a place, and perhaps a measure.
public enum FaultKind: String, VocabularyWord {
  case wifiDown = "wifi-down"
  case uplinkDown = "uplink-down"
  case latency, loss, slow
  case powerCut = "power-cut"
  case printerOff = "printer-off"
  case cloudRestart = "cloud-restart"
  case cloudCrash = "cloud-crash"

  public static var title: String { "fault" }

  public var meaning: String {
    switch self {
    case .wifiDown: "The access point is gone; the hub's radio hears nothing."
    case .uplinkDown: "The farm's router has no internet; the local network still works."
    case .latency: "Every packet takes longer, one way, by `to`."
    case .loss: "A share `to` of all packets is lost and must be sent again."
    case .slow: "No more than `to` goes through."
    case .powerCut: "The plug is pulled; the hub boots when power is back (5s when not told)."
    case .printerOff: "The printer is switched off, in the middle of whatever it did."
    case .cloudRestart: "The cloud ends in good order and starts again (2s when not told)."
    case .cloudCrash: "The cloud dies at once, with all it had only in memory (5s when not told)."
    }
  }

  /// Where it can happen.
  public var places: [Subject] {
    switch self {
    case .wifiDown, .powerCut: [.hub]
    case .uplinkDown: [.farm]
    case .latency, .loss, .slow: [.hub, .printer, .farm, .cloud]
    case .printerOff: [.printer]
    case .cloudRestart, .cloudCrash: [.cloud]
    }
  }

  /// The form of `to`, or nil when there is nothing to measure.
  public var measure: Form? {
    switch self {
    case .latency: .duration
    case .loss: .share
    case .slow: .rate
    case .wifiDown, .uplinkDown, .powerCut, .printerOff, .cloudRestart, .cloudCrash: nil
    }
  }

  /// How long it lasts when the story does not say; nil: until it is mended.
  public var ordinaryDuration: Interval? {
    switch self {
    case .powerCut, .cloudCrash: Interval.seconds(5)
    case .cloudRestart: Interval.seconds(2)
    case .wifiDown, .uplinkDown, .latency, .loss, .slow, .printerOff: nil
    }
  }
}
