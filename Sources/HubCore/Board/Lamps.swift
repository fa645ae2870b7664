// The three lights, after the table of the specification.

/// What the lights show.
struct Lamps: Equatable {
  /// A light. Its number is the board's.
  enum Name: UInt8 { case power = 0, cloud = 1, printers = 2 }
  /// How it shines. Its number is the board's.
  enum Mode: UInt8 { case off = 0, solid = 1, blinking = 2, blinkingRed = 3 }

  var power = Mode.solid
  var cloud = Mode.off
  var printers = Mode.off

  /// What lights depend on.
  struct Facts: Equatable {
    /// Somebody has to do something: the wrong WiFi key, a hub that the cloud does not know.
    var linkNeedsPerson = false
    /// A printer that refuses our access code.
    var printerNeedsPerson = false
    var printerCount = 0
    var connectedPrinterCount = 0
  }

  init() {}

  /// Which lights belong to a state; the same state always shows the same lights.
  init(in state: HubState, _ facts: Facts) {
    switch state {
    case .boot, .initNVS:
      return
    case .bluetoothPair:
      // Nothing works until a person has paired the hub.
      power = .blinking
      return
    case .wifiConnect, .cloudConnect:
      cloud = facts.linkNeedsPerson ? .blinkingRed : .blinking
    case .printersConnect, .running:
      cloud = .solid
    }
    if facts.printerNeedsPerson {
      printers = .blinkingRed
    } else if facts.printerCount > 0 {
      printers = facts.connectedPrinterCount == facts.printerCount ? .solid : .blinking
    }
  }
}
