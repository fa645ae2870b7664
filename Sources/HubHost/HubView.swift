import CBoard

/// Where the hub's firmware stands.
public enum HubState: UInt8, CaseIterable, Sendable {
  case boot = 0
  case initNVS = 1
  case bluetoothPair = 2
  case wifiConnect = 3
  case cloudConnect = 4
  case printersConnect = 5
  case running = 6

  /// Stable, for reports and scenarios.
  public var name: String {
    switch self {
    case .boot: "boot"
    case .initNVS: "init-nvs"
    case .bluetoothPair: "bluetooth-pair"
    case .wifiConnect: "wifi-connect"
    case .cloudConnect: "cloud-connect"
    case .printersConnect: "printers-connect"
    case .running: "running"
    }
  }
}

/// How one of the hub's printer slots stands with its printer.
public enum PrinterLinkState: UInt8, CaseIterable, Sendable {
  case none = 0
  case waiting = 1
  case connecting = 2
  case connected = 3

  /// Stable, for reports and scenarios.
  public var name: String {
    switch self {
    case .none: "none"
    case .waiting: "waiting"
    case .connecting: "connecting"
    case .connected: "connected"
    }
  }
}

/// What can be seen of a hub from outside.
public struct HubView: Equatable, Sendable {
  public var state = HubState.boot
  /// Whether the firmware runs at all.
  public var isRunning = false
  public var isCloudConnected = false
  /// One for each slot.
  public var printerLinks = [PrinterLinkState](repeating: .none, count: 5)
  public var memoryUsed = 0
  public var memoryGiven = 0
  public var badInputCount = 0
  public var cloudConnects = 0
  public var commandsHandled = 0
  public var commandsRepeated = 0
  /// Bytes of events that the cloud has not acknowledged, and how many there is room for.
  public var outboxUsed = 0
  public var outboxGiven = 0

  /// A hub without power.
  public init() {}

  init(_ raw: hub_view) {
    state = HubState(rawValue: raw.state) ?? .boot
    isRunning = true
    isCloudConnected = raw.cloud_connected
    let links = raw.printer_link
    printerLinks = [links.0, links.1, links.2, links.3, links.4].map {
      PrinterLinkState(rawValue: $0) ?? .none
    }
    memoryUsed = Int(raw.memory_used)
    memoryGiven = Int(raw.memory_given)
    badInputCount = Int(raw.bad_input_count)
    cloudConnects = Int(raw.cloud_connects)
    commandsHandled = Int(raw.commands_handled)
    commandsRepeated = Int(raw.commands_repeated)
    outboxUsed = Int(raw.outbox_used)
    outboxGiven = Int(raw.outbox_given)
  }

  public var connectedPrinterCount: Int { printerLinks.count { $0 == .connected } }
}

/// Compares without making a ``HubView``: this runs after every poll. What is in the outbox is no news
/// by itself: it comes and goes with each event.
func isSame(_ a: hub_view, _ b: hub_view) -> Bool {
  a.state == b.state && a.cloud_connected == b.cloud_connected
    && a.printer_link == b.printer_link
    && a.memory_used == b.memory_used && a.memory_given == b.memory_given
    && a.bad_input_count == b.bad_input_count && a.cloud_connects == b.cloud_connects
    && a.commands_handled == b.commands_handled && a.commands_repeated == b.commands_repeated
}
