// What a hub remembers of a person who is setting it up.

import Wire

/// How far the setting up has come.
struct Onboarding {
  /// What became of the claim.
  enum Claim: Equatable {
    case none
    /// There is a token, and the cloud has not seen it yet.
    case waiting
    case claimed
    case refused

    var name: StaticString {
      switch self {
      case .none: "none"
      case .waiting: "waiting"
      case .claimed: "claimed"
      case .refused: "refused"
      }
    }
  }

  /// Why the network that was named last could not be joined.
  var trouble: RadioTrouble?
  /// The network that was named last.
  var network = NetworkName()
  var claim = Claim.none
  /// Until when phones may find a hub that runs, because of its button.
  var bluetoothUntil = Uptime.start
  /// Until when a paired phone may look at a hub that runs; nil while it does not.
  var farewellUntil: Uptime?
  /// When networks were looked for last.
  var scannedAt: Uptime?
  /// A phone has asked for the networks around.
  var showsNetworks = false
  /// How many networks were found when the status was told last.
  var wasScanning = false

  init() {}
}
