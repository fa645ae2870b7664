import HubHost

/// Which hubs of a run have their firmware on an emulated chip, and what that is like.
public struct Chips {
  public var settings: ChipSettings
  /// All of them, or only those that the scenario says `runs-on: qemu` of.
  public var isForAll: Bool

  public init(settings: ChipSettings, isForAll: Bool) {
    self.settings = settings
    self.isForAll = isForAll
  }

  func hold(_ hub: HubPlan) -> Bool { isForAll || hub.runsOnChip }
}
