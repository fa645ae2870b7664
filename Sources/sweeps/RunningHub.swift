import CBoard
import HubCore
import HubHost

/// The whole firmware on a board of the sweeps, in memory that held anything before.
final class RunningHub {
  private let board: SweepBoard
  private let farm: SweepFarm
  private let hub: UnsafeMutableRawPointer
  private var next: UInt64 = 0
  var afterPoll: () -> Void = {}

  /// A hub that reads and writes and never comes to rest has lost its way.
  private static let roundLimit = 2_000

  init?(_ board: SweepBoard, _ region: UnsafeMutableRawPointer) {
    guard let farm = board.farm,
      let hub = hubBoot(
        region: region, size: hubSize(), board: board.raw,
        reason: UInt8(HUB_BOOT_POWER_ON.rawValue))
    else { return nil }
    self.board = board
    self.farm = farm
    self.hub = hub
  }

  var view: hub_view {
    var view = hub_view()
    hubLook(hub: hub, view: &view)
    return view
  }

  /// Lets time pass until something is so, at most so many milliseconds.
  func run(_ milliseconds: UInt64, until isSo: (hub_view) -> Bool) {
    let end = farm.now + milliseconds
    while !board.flash.isWithoutPower, !farm.isRestarting {
      settle()
      guard !isSo(view), farm.now < end else { return }
      farm.now = min(max(next, farm.now + 1), end)
    }
  }

  /// Polls until neither the hub nor the cloud has anything to do at this moment.
  private func settle() {
    for _ in 0..<Self.roundLimit {
      next = hubPoll(hub: hub)
      afterPoll()
      if board.flash.isWithoutPower || farm.isRestarting { return }
      if next > farm.now, !farm.cloud.hasNews { return }
    }
  }
}
