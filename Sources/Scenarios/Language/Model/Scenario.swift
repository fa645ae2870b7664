import Printers
import World

/// A story, read and checked: every name in it is known, every value is of its kind.
public struct Scenario {
  /// As it was given, for messages; with the values of its parameters where there are several.
  public var file: String
  public var title: String
  public var why: String
  /// Where this was seen to happen.
  public var source: String?
  public var seed: UInt64
  public var limit: Interval
  public var rest: Interval
  public var world: WorldPlan
  public var files: [FilePlan]
  /// Faults that come by the clock, whatever the steps are at.
  public var faults: [PlannedFault]
  public var steps: [Step]
  public var expectations: [Expectation]
  /// What chance decides; nil: as the seed has it.
  public var luck: Luck?
}

/// Who takes part.
public struct WorldPlan {
  public var cloudLink: LinkPlan
  /// Whether hubs get files over their sockets instead of by links.
  public var sendsFilesInPieces = false
  public var farms: [FarmPlan]

  public init(cloudLink: LinkPlan = LinkPlan(), farms: [FarmPlan]) {
    self.cloudLink = cloudLink
    self.farms = farms
  }
}

/// How a link differs from the ordinary one of its kind.
public struct LinkPlan: Equatable {
  public var latency: Interval?
  public var loss: Double?
  public var bytesPerSecond: Int?

  public init(latency: Interval? = nil, loss: Double? = nil, bytesPerSecond: Int? = nil) {
    self.latency = latency
    self.loss = loss
    self.bytesPerSecond = bytesPerSecond
  }

  public var isOrdinary: Bool { self == LinkPlan() }
}

/// A farm: one tenant, one router, hubs and printers.
public struct FarmPlan {
  public var name: String
  public var owner: String
  public var internet: LinkPlan
  public var security = NetworkGuard.wpa2
  public var secondNetwork: String?
  public var phones: [String] = []
  public var people: [PersonPlan] = []
  public var hub: HubPlan
  public var printers: [PrinterPlan]

  public init(
    name: String, owner: String, internet: LinkPlan = LinkPlan(), hub: HubPlan,
    printers: [PrinterPlan]
  ) {
    self.name = name
    self.owner = owner
    self.internet = internet
    self.hub = hub
    self.printers = printers
  }
}

/// A hub before it is switched on.
public struct HubPlan {
  public var name: String
  public var origin = HubOrigin.prepared
  public var wifi: LinkPlan
  /// Whether its firmware always runs on an emulated chip.
  public var runsOnChip = false

  public init(name: String, wifi: LinkPlan = LinkPlan()) {
    self.name = name
    self.wifi = wifi
  }
}

/// A printer before it is switched on.
public struct PrinterPlan {
  public var name: String
  public var model: String
  /// What the owner types instead of the right access code.
  public var typedCode: String?
  public var link: LinkPlan
  public var kind = PrinterKind.bambu
  /// Whether a PrusaLink is reached with name and password instead of a key.
  public var usesDigest = false
  /// Whether the owner wants a Bambu known by its maker's signature, not by first use.
  public var isKnownByMaker = false
  /// Whether it has just printed something else.
  public var isWarm = false
  /// Whether its server is behind TLS.
  public var door = DoorWord.no

  public init(name: String, model: String, typedCode: String? = nil, link: LinkPlan = LinkPlan()) {
    self.name = name
    self.model = model
    self.typedCode = typedCode
    self.link = link
  }
}

/// A sliced file on somebody's disk.
public struct FilePlan: Equatable, Sendable {
  public var name: String
  public var layers: Int
  public var printTime: Interval
  public var byteCount: Int

  /// What kind of file it is.
  public enum Form: CaseIterable {
    case archive, gcode, binaryGCode

    /// By the ending of its name.
    public init?(of name: String) {
      guard let form = Self.allCases.first(where: { name.lowercased().hasSuffix($0.ending) }) else {
        return nil
      }
      self = form
    }

    public var ending: String {
      switch self {
      case .archive: ".3mf"
      case .gcode: ".gcode"
      case .binaryGCode: ".bgcode"
      }
    }
  }

  public init(name: String, layers: Int, printTime: Interval, byteCount: Int) {
    self.name = name
    self.layers = layers
    self.printTime = printTime
    self.byteCount = byteCount
  }
}
