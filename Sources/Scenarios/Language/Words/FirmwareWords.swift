// The words about new firmware.

import HubHost

/// How a version of the firmware behaves once a hub starts it.
public enum BehaviourWord: String, VocabularyWord {
  case good, hangs, wedges, panics
  case neverReachesCloud = "never-reaches-cloud"
  case bootLoops = "boot-loops"

  public static var title: String { "behaviour" }

  public var meaning: String {
    switch self {
    case .good: "It works."
    case .hangs: "It does nothing at all; the hardware watchdog restarts the hub."
    case .wedges: "Its connection to the cloud gets nowhere; its own watchdog restarts the hub."
    case .panics: "It breaks off as soon as it is started."
    case .neverReachesCloud: "It runs, and no connection to the cloud ever comes about."
    case .bootLoops: "It restarts as soon as it is started."
    }
  }

  var behaviour: FirmwareBehaviour {
    switch self {
    case .good: .works
    case .hangs: .hangs
    case .wedges: .wedges
    case .panics: .panics
    case .neverReachesCloud: .neverReachesCloud
    case .bootLoops: .bootLoops
    }
  }
}

/// What is wrong with a firmware image as a file.
public enum FlawWord: String, VocabularyWord {
  case wrongKey = "wrong-key"
  case flippedBit = "flipped-bit"
  case truncated
  case otherPayload = "other-payload"

  public static var title: String { "flaw" }

  public var meaning: String {
    switch self {
    case .wrongKey: "Somebody else has signed it."
    case .flippedBit: "A bit of its header is not as it was signed."
    case .truncated: "Its end is missing."
    case .otherPayload: "Its payload is that of another version."
    }
  }
}

/// Where the latest update of a hub stands, as the cloud has heard from the hub.
public enum UpdateWord: String, VocabularyWord {
  case none, waiting, downloading, installing, succeeded, refused, failed
  case rolledBack = "rolled-back"

  public static var title: String { "update state" }

  public var meaning: String {
    switch self {
    case .none: "The hub has said nothing of an update."
    case .waiting: "It waits for a print's file that is on its way."
    case .downloading: "The image is on its way."
    case .installing: "The image is whole and good; the hub is about to start it."
    case .succeeded: "It runs, and has proved itself."
    case .rolledBack: "It did not prove itself; the hub runs what it ran before."
    case .refused: "The hub has looked at the image and does not want it."
    case .failed: "The hub could not get the image."
    }
  }
}

/// What the factory does about firmware.
public struct FirmwareStep {
  /// What is done with the version.
  public enum Deed {
    case release(ReleasePlan)
    case rollOut(hub: String?, share: Int?, pauseAfter: Int?, isForced: Bool)
    case pause
    case resume
  }

  public var version: String
  public var deed: Deed
}

/// A firmware that is to be published.
public struct ReleasePlan {
  public var behaviour = BehaviourWord.good
  public var securityVersion = 1
  public var byteCount = 20_000
  /// For which revision of the hub; the rig's own when nil.
  public var hardware: String?
  public var flaw: FlawWord?

  /// What stands behind the version in a scenario: all that is not as usual.
  var text: String {
    let usual = ReleasePlan()
    var words: [String] = []
    if behaviour != usual.behaviour { words.append("behaviour: \(behaviour.rawValue)") }
    if securityVersion != usual.securityVersion {
      words.append("security-version: \(securityVersion)")
    }
    if byteCount != usual.byteCount { words.append("size: \(byteCount) B") }
    if let hardware { words.append("hardware: \(hardware)") }
    if let flaw { words.append("flaw: \(flaw.rawValue)") }
    return words.map { ", " + $0 }.joined()
  }
}

extension FirmwareStep {
  static let releaseWords = [
    Word("behaviour", .choice(BehaviourWord.vocabulary), "What it does; good when not told."),
    Word("security-version", .count(1...1_000_000), "Hubs never go below one; 1 when not told."),
    Word("size", .size, "How large it is; 20 KB when not told."),
    Word("hardware", .newName, "For which hubs; rig-1 when not told, which all are."),
    Word("flaw", .choice(FlawWord.vocabulary), "What is wrong with the file."),
  ]

  static let rolloutWords = [
    Word("to", .name(.hub), "To this hub alone."),
    Word("share", .share, "To so many of all hubs."),
    Word("pause-after", .count(1...1_000), "Hubs that do not take it until no more get it; 1."),
    Word(
      "again", .choice(AgainWord.vocabulary),
      "Also to hubs that run something newer or where it has failed before."),
  ]

  /// As a step of a scenario says it.
  var text: String {
    switch deed {
    case .release(let plan): "release-firmware: \(version)" + plan.text
    case .rollOut(let hub, let share, let pauseAfter, let isForced):
      "roll-out: \(version)" + (hub.map { ", to: \($0)" } ?? "")
        + (share.map { ", share: \($0)%" } ?? "")
        + (pauseAfter.map { ", pause-after: \($0)" } ?? "") + (isForced ? ", again: yes" : "")
    case .pause: "pause-rollout: \(version)"
    case .resume: "resume-rollout: \(version)"
    }
  }
}

/// The answer to whether a version is offered anew.
public enum AgainWord: String, VocabularyWord {
  case yes

  public static var title: String { "answer" }
  public var meaning: String { "A person wants it so." }
}

/// Whether a text can be a version: numbers and dots, perhaps with a word behind.
func isVersion(_ text: String) -> Bool {
  guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
    return false
  }
  return text.utf8.count <= 32 && Checker.isName(text)
}
