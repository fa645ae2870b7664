// The three lights, after the table of the specification.
//
//     light      off              blinking                solid               blinking red
//     power      no power         press the button now    power is on         (all three:) held on,
//     cloud      -                not connected yet       connected           what is set up is
//     printers   no printers      not all connected yet   all connected       forgotten
//
// A red cloud or printers light means that a person has to do something about it.

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
    /// A phone waits for somebody to press the button.
    var isAsked = false
    /// The button is held down, and soon everything is forgotten.
    var isResetNear = false
    /// Another firmware is being written.
    var isUpdating = false
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
    guard !facts.isResetNear else {
      power = .blinkingRed
      cloud = .blinkingRed
      printers = .blinkingRed
      return
    }
    if facts.isAsked || facts.isUpdating { power = .blinking }
    switch state {
    case .boot, .initNVS:
      return
    case .bluetoothPair:
      // As after unpacking: nothing works until a person has told the hub its network.
      cloud = facts.linkNeedsPerson ? .blinkingRed : .blinking
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
