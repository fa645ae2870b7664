import HubHost

/// Something that stands in a hub's flash, by what it is about.
public enum FlashThing: String, VocabularyWord {
  case anything, wifi, claim, printer, job, commands, reset, factory, firmware
  case bootRecord = "boot-record"

  public static var title: String { "thing in flash" }

  public var meaning: String {
    switch self {
    case .anything: "Whatever comes next."
    case .wifi: "The network that a person has named."
    case .claim: "The token that makes the hub somebody's."
    case .printer: "A printer with its access code."
    case .job: "What the hub remembers of a job."
    case .commands: "Which commands were done."
    case .reset: "The note that everything is being forgotten."
    case .factory: "What the factory wrote; it is never written again."
    case .firmware: "An image in one of the two slots; broken is the one that does not run."
    case .bootRecord: "Which slot is to be started; broken is the newer of the two records."
    }
  }

  /// Whether this is about the key of that name in the store.
  func isKey(_ name: String) -> Bool {
    switch self {
    case .anything: true
    case .wifi: name == "wifi"
    case .claim: name == "claim-token"
    case .printer: name.hasPrefix("printer-")
    case .job: name.hasPrefix("job-")
    case .commands: name == "commands"
    case .reset: name == "reset"
    case .factory, .firmware, .bootRecord: false
    }
  }

  /// Where it stands, if that is not the store.
  var partitions: [FlashPartition] {
    switch self {
    case .factory: [.factory]
    case .firmware: [.slotA, .slotB]
    case .bootRecord: [.choice]
    default: [.store]
    }
  }
}

/// The moment of a fault that waits for what the hub does with its flash.
public enum FlashMoment: Equatable, Sendable {
  /// In the middle of the n-th program or erase to come.
  case operation(Int)
  /// In the middle of the next program of this.
  case writing(FlashThing)
  /// In the middle of the next erase of a sector that held this.
  case erasing(FlashThing)
}
