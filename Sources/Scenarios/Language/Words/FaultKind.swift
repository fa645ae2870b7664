import HubHost
import World

/// What can break. Each has a name, a sentence, a place, and perhaps a measure.
public enum FaultKind: String, VocabularyWord {
  case wifiDown = "wifi-down"
  case wifiKeyChanged = "wifi-key-changed"
  case uplinkDown = "uplink-down"
  case latency, loss, slow
  case powerCut = "power-cut"
  case brownOut = "brown-out"
  case taskStalls = "task-stalls"
  case taskWedges = "task-wedges"
  case taskHogs = "task-hogs"
  case taskHangs = "task-hangs"
  case panic
  case printerOff = "printer-off"
  case cloudRestart = "cloud-restart"
  case cloudCrash = "cloud-crash"
  case filesAway = "files-away"
  case mute, deaf
  case oneByte = "one-byte"
  case weakSignal = "weak-signal"
  case deauthentication
  case newAddress = "new-address"
  case clock1970 = "clock-1970"
  case dnsDead = "dns-dead"
  case dnsSlow = "dns-slow"
  case dnsWrong = "dns-wrong"
  case natForgets = "nat-forgets"
  case captiveNetwork = "captive-network"
  case tlsStall = "tls-stall"
  case flippedBits = "flipped-bits"
  case wornSectors = "worn-sectors"
  case stuckBits = "stuck-bits"
  case fullStore = "full-store"
  case diskFull = "disk-full"
  case diskSlow = "disk-slow"
  case databaseBusy = "database-busy"
  case queuesRepeat = "queues-repeat"
  case shortLinks = "short-links"
  case downloadCut = "download-cut"
  case anyFirmware = "any-firmware"
  case wholeFiles = "whole-files"
  case commandsRepeat = "commands-repeat"
  case objectsMove = "objects-move"
  case twin
  case objectsSleep = "objects-sleep"
  case jitter, reset
  case datagramsTwice = "datagrams-twice"
  case datagramsOvertake = "datagrams-overtake"
  case cloudCertificateExpired = "cloud-certificate-expired"
  case cloudCertificateOther = "cloud-certificate-other"
  case slowDHCP = "slow-dhcp"
  case clockJump = "clock-jump"
  case clockDrift = "clock-drift"
  case memoryShort = "memory-short"
  case cloudErrors = "cloud-errors"
  case tooManyRequests = "too-many-requests"
  case objectCorrupt = "object-corrupt"
  case objectTruncated = "object-truncated"
  case queuesLate = "queues-late"

  public static var title: String { "fault" }

  public var meaning: String {
    switch self {
    case .wifiDown: "The access point is gone; the hub's radio hears nothing."
    case .wifiKeyChanged: "The router has another password; those who are joined are thrown off."
    case .uplinkDown: "The farm's router has no internet; the local network still works."
    case .latency: "Every packet takes longer, one way, by `to`."
    case .loss: "A share `to` of all packets is lost and must be sent again."
    case .slow: "No more than `to` goes through."
    case .powerCut: "The plug is pulled; the hub boots when power is back (5s when not told)."
    case .brownOut: "The supply of the hub is too weak for a moment; its chip starts anew."
    case .taskStalls: "A task of the hub's firmware is not run any more."
    case .taskWedges: "A task of the hub's firmware is run and gets nowhere."
    case .taskHogs: "A step of a task of the hub's firmware takes six seconds."
    case .taskHangs: "A step of a task of the hub's firmware never ends."
    case .panic: "A step of a task makes the hub's firmware break off."
    case .printerOff: "The printer is switched off, in the middle of whatever it did."
    case .cloudRestart: "The cloud ends in good order and starts again (2s when not told)."
    case .cloudCrash: "The cloud dies at once, with all it had only in memory (5s when not told)."
    case .filesAway: "The store of files is away; the cloud itself works, and hubs can talk to it."
    case .mute: "Whatever it sends is swallowed on the way; it still hears others."
    case .deaf: "Whatever is sent to it is swallowed on the way; others still hear it."
    case .oneByte: "Every byte travels alone."
    case .weakSignal: "The hub hears its access point at -84 dBm: much gets lost and late."
    case .deauthentication: "The access point throws the hub off, once."
    case .newAddress: "The router gives the hub another address, once; its connections break."
    case .clock1970: "The hub's clock says 1970, when no certificate was valid yet."
    case .dnsDead: "Nobody in the farm's network answers who has a name."
    case .dnsSlow: "Each answer who has a name takes `to`."
    case .dnsWrong: "Every name of the internet leads to an address where nobody is."
    case .natForgets: "The router forgets connections that are silent for `to`, and tells nobody."
    case .captiveNetwork: "The network answers for the whole internet with a page of its own."
    case .flippedBits:
      "Bits of what `in` names turn over in the hub's flash, `to` of them; felt at the next boot."
    case .wornSectors: "`to` sectors of the hub's store, those in use first, take no more writes."
    case .stuckBits: "`to` sectors of the hub's store have bits that stay clear for good."
    case .fullStore:
      "The hub is off, and its store full of what another firmware left there, when it boots."
    case .tlsStall: "It takes connections, and never goes on with the handshake of TLS."
    case .diskFull: "The cloud's disk takes nothing more: whatever is changed cannot be kept."
    case .diskSlow: "The cloud's disk takes `to` for each commit."
    case .databaseBusy: "Another program holds the cloud's database: nothing can be changed."
    case .queuesRepeat: "The cloud's queues hand over again what was done already."
    case .shortLinks: "Links to files that the cloud makes hold for `to`."
    case .downloadCut:
      "Downloads of whole files break off after `to` of them; the rest comes to who asks for it."
    case .anyFirmware: "The cloud publishes whatever firmware it is sent, as if broken into."
    case .objectsSleep:
      "The cloud drops the objects of the hub and of all dashboards from memory; sockets stay open."
    case .wholeFiles: "The store of files sends whole files, whatever part is asked for."
    case .commandsRepeat: "The cloud hands each command for a print to the hub again after `to`."
    case .objectsMove:
      "The objects of all hubs move to another machine of the cloud; the hubs' sockets end."
    case .twin: "Another machine in the farm says that it is this hub, and can prove it."
    case .jitter: "Each packet takes longer by some luck, up to `to`."
    case .reset: "Every connection that it has is reset, once."
    case .datagramsTwice: "A share `to` of all datagrams comes twice."
    case .datagramsOvertake: "A share `to` of all datagrams is overtaken by later ones."
    case .cloudCertificateExpired: "The cloud shows a certificate that ended yesterday."
    case .cloudCertificateOther: "The cloud shows a certificate in the name of another."
    case .slowDHCP: "The router takes `to` to give an address to who joins."
    case .clockJump: "Its clock is `to` ahead at once, and right again when this is over."
    case .clockDrift: "Its clock runs too fast by `to`."
    case .memoryShort: "The hub's chip has memory for `to` connections and no more."
    case .cloudErrors: "The cloud answers every request with the status `to`, 500 to 599."
    case .tooManyRequests: "The cloud answers every request with 429: ask less often."
    case .objectCorrupt: "A byte is wrong in every file that is fetched from the cloud."
    case .objectTruncated:
      "The last quarter of every file that is fetched from the cloud is missing."
    case .queuesLate: "What the cloud's queues are given now is handed over `to` later."
    }
  }

  /// Where it can happen.
  public var places: [Subject] {
    switch self {
    case .wifiDown, .wifiKeyChanged, .powerCut, .brownOut, .taskStalls, .taskWedges, .taskHogs,
      .taskHangs, .panic, .flippedBits, .wornSectors, .stuckBits, .fullStore:
      [.hub]
    case .uplinkDown: [.farm]
    case .latency, .loss, .slow: [.hub, .printer, .farm, .cloud]
    case .mute, .deaf, .oneByte: [.hub, .printer, .farm, .cloud]
    case .weakSignal, .deauthentication, .newAddress, .clock1970: [.hub]
    case .dnsDead, .dnsSlow, .dnsWrong, .natForgets, .captiveNetwork: [.farm]
    case .tlsStall: [.printer, .cloud]
    case .printerOff: [.printer]
    case .cloudRestart, .cloudCrash, .filesAway, .diskFull, .diskSlow, .databaseBusy,
      .queuesRepeat, .shortLinks, .downloadCut, .anyFirmware, .wholeFiles, .commandsRepeat,
      .objectsMove:
      [.cloud]
    case .twin, .objectsSleep, .slowDHCP, .clockDrift, .memoryShort: [.hub]
    case .jitter: [.hub, .printer, .farm, .cloud]
    case .reset: [.hub, .printer, .cloud]
    case .datagramsTwice, .datagramsOvertake: [.hub, .printer]
    case .clockJump: [.hub, .cloud]
    case .cloudCertificateExpired, .cloudCertificateOther, .cloudErrors, .tooManyRequests,
      .objectCorrupt, .objectTruncated, .queuesLate:
      [.cloud]
    }
  }

  /// The form of `to`, or nil when there is nothing to measure.
  public var measure: Form? {
    switch self {
    case .latency: .duration
    case .dnsSlow, .natForgets, .diskSlow, .shortLinks, .commandsRepeat: .duration
    case .jitter, .slowDHCP, .clockJump, .queuesLate: .duration
    case .loss, .downloadCut, .datagramsTwice, .datagramsOvertake, .clockDrift: .share
    case .memoryShort: .count(0...32)
    case .cloudErrors: .count(500...599)
    case .slow: .rate
    case .flippedBits: .count(1...64)
    case .wornSectors, .stuckBits: .count(1...20)
    default: nil
    }
  }

  /// What it does to a task of the hub's firmware, if it is one of those.
  var harm: HubHarm? {
    switch self {
    case .taskStalls: .stall
    case .taskWedges: .wedge
    case .taskHogs: .hog
    case .taskHangs: .hang
    case .panic: .panic
    default: nil
    }
  }

  /// Whether it can wait for what the hub does with its flash.
  public var canWaitForFlash: Bool { self == .powerCut || self == .brownOut }

  /// How long it lasts when the story does not say; nil: until it is mended.
  public var ordinaryDuration: Interval? {
    switch self {
    case .powerCut, .cloudCrash, .fullStore: Interval.seconds(5)
    case .cloudRestart: Interval.seconds(2)
    case .deauthentication, .newAddress, .objectsSleep, .reset, .objectsMove: Interval.seconds(1)
    case .brownOut, .flippedBits, .taskStalls, .taskWedges, .taskHogs, .taskHangs, .panic:
      Interval.seconds(1)
    default: nil
    }
  }
}

/// A task of the hub's firmware, by what it is about.
public enum TaskWord: String, VocabularyWord {
  case hub, cloud, printer, file

  public static var title: String { "task" }

  public var meaning: String {
    switch self {
    case .hub: "The hub's own: radio and state."
    case .cloud: "The connection to the cloud."
    case .printer: "The connection to the first printer."
    case .file: "The file on its way to the first printer."
    }
  }

  var task: HubTask {
    switch self {
    case .hub: .hub
    case .cloud: .cloud
    case .printer: .printer(0)
    case .file: .file(0)
    }
  }
}
