// The hub's own state, after the specification.
//
//     boot --> initNVS --> bluetoothPair      a setting is missing: a person has to tell
//                 |          |    ^
//                 '----.-----'    | the new network was no good, and there is no other
//                      v          |
//        .--------> wifiConnect --'   <-----------------------------.
//        |               | joined                                    |
//        |         cloudConnect <------ cloud lost ------------.     |
//        |               | the cloud said hello                 |    |
//        |        printersConnect ------------------------------|    | radio lost,
//        |               | all connected, or time is over       |    | from any of these
//        |            running ----------------------------------'    |
//        '-----------------------------------------------------------'

/// Where the hub stands.
enum HubState: Equatable {
  case boot
  case initNVS
  case bluetoothPair(missing: SettingName, askAgain: Uptime)
  case wifiConnect
  case cloudConnect
  case printersConnect(until: Uptime)
  case running

  /// What can happen to a hub.
  enum Event: Equatable {
    case started
    case settingMissing(SettingName, askAgain: Uptime)
    case settingsComplete
    case radioJoined
    case radioLost
    case cloudGreeted(printersUntil: Uptime)
    case cloudLost
    case printersReady
    case printersLate
  }

  /// Stable, for the log.
  var name: StaticString {
    switch self {
    case .boot: "boot"
    case .initNVS: "initNVS"
    case .bluetoothPair: "bluetoothPair"
    case .wifiConnect: "wifiConnect"
    case .cloudConnect: "cloudConnect"
    case .printersConnect: "printersConnect"
    case .running: "running"
    }
  }

  /// The number in `hub_view`.
  var number: UInt8 {
    switch self {
    case .boot: 0
    case .initNVS: 1
    case .bluetoothPair: 2
    case .wifiConnect: 3
    case .cloudConnect: 4
    case .printersConnect: 5
    case .running: 6
    }
  }

  /// Whether connections can be made.
  var hasNetwork: Bool {
    switch self {
    case .boot, .initNVS, .bluetoothPair, .wifiConnect: false
    case .cloudConnect, .printersConnect, .running: true
    }
  }

  /// The only place where a hub's state changes. Answers whether it did.
  @discardableResult
  mutating func handle(_ event: Event) -> Bool {
    let before = self
    switch (self, event) {
    case (.boot, .started):
      self = .initNVS

    case (.initNVS, .settingMissing(let name, let askAgain)),
      (.bluetoothPair, .settingMissing(let name, let askAgain)),
      (.wifiConnect, .settingMissing(let name, let askAgain)):
      self = .bluetoothPair(missing: name, askAgain: askAgain)
    case (.initNVS, .settingsComplete), (.bluetoothPair, .settingsComplete):
      self = .wifiConnect

    case (.wifiConnect, .radioJoined):
      self = .cloudConnect

    case (.cloudConnect, .radioLost), (.printersConnect, .radioLost), (.running, .radioLost):
      self = .wifiConnect

    case (.cloudConnect, .cloudGreeted(let until)):
      self = .printersConnect(until: until)
    case (.printersConnect, .cloudLost), (.running, .cloudLost):
      self = .cloudConnect
    case (.printersConnect, .printersReady), (.printersConnect, .printersLate):
      self = .running

    // What comes late, or says what is known already.
    case (_, .started), (_, .settingMissing), (_, .settingsComplete), (_, .radioJoined),
      (_, .radioLost), (_, .cloudGreeted), (_, .cloudLost), (_, .printersReady),
      (_, .printersLate):
      break
    }
    return self != before
  }
}

extension HubState.Event {
  /// Why a state changed, in the words of the log.
  var cause: StaticString {
    switch self {
    case .started: "power is on"
    case .settingMissing: "a setting is missing"
    case .settingsComplete: "all settings are there"
    case .radioJoined: "WiFi joined"
    case .radioLost: "WiFi lost"
    case .cloudGreeted: "cloud said hello"
    case .cloudLost: "cloud lost"
    case .printersReady: "all printers connected"
    case .printersLate: "not all printers came in time"
    }
  }
}
