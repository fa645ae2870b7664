// Everything the firmware keeps in flash, by name. A name that was once in the field keeps its
// meaning for good; what an older or newer firmware wrote under other names is left alone.

/// Where a value stands in the key store.
package struct StoreKey {
  /// Who a value belongs to. The number stands in flash.
  package enum Namespace: UInt8 {
    /// What a person or the cloud has set.
    case settings = 1
    /// What the hub remembers of its work.
    case work = 2
    /// What stays whatever happens, a factory reset included.
    case device = 3
  }

  package let namespace: Namespace
  /// At most 16 bytes.
  package let name: StaticString
  /// Sealed with the device's key before it goes to flash.
  package let isSecret: Bool

  package init(_ namespace: Namespace, _ name: StaticString, isSecret: Bool = false) {
    self.namespace = namespace
    self.name = name
    self.isSecret = isSecret
  }

  // -------------------------------------------------------------------------------- settings

  static let wifi = StoreKey(.settings, "wifi", isSecret: true)
  static let cloudURL = StoreKey(.settings, "cloud-url")
  static let cloudAuthority = StoreKey(.settings, "cloud-authority")
  static let claimToken = StoreKey(.settings, "claim-token", isSecret: true)
  static let claimed = StoreKey(.settings, "claimed")
  static let cloudSettings = StoreKey(.settings, "cloud-settings")
  static let logLevel = StoreKey(.settings, "log-level")

  static func printer(_ slot: Int) -> StoreKey {
    let name: StaticString =
      switch slot {
      case 0: "printer-0"
      case 1: "printer-1"
      case 2: "printer-2"
      case 3: "printer-3"
      default: "printer-4"
      }
    return StoreKey(.settings, name, isSecret: true)
  }

  // ------------------------------------------------------------------------------------ work

  static let commands = StoreKey(.work, "commands")
  static let outbox = StoreKey(.work, "outbox")

  static func job(_ slot: Int) -> StoreKey {
    let name: StaticString =
      switch slot {
      case 0: "job-0"
      case 1: "job-1"
      case 2: "job-2"
      case 3: "job-3"
      default: "job-4"
      }
    return StoreKey(.work, name)
  }

  /// The version that was last started for the first time, until the cloud knows how that went.
  package static let update = StoreKey(.work, "update")
  /// The header of the image on its way into the idle slot, and how far it has come.
  package static let updateProgress = StoreKey(.work, "update-progress")
  /// The version that was no good, and is not taken again unless a person offers it anew.
  package static let updateRefused = StoreKey(.work, "update-refused")

  // ---------------------------------------------------------------------------------- device

  /// The lowest security version that may run; never goes back.
  package static let securityVersion = StoreKey(.device, "security-version")
  /// There while everything that was set is being forgotten; whoever finds it at boot goes on.
  static let reset = StoreKey(.device, "reset")
  static let crash = StoreKey(.device, "crash")
  static let bootCount = StoreKey(.device, "boot-count")
}
