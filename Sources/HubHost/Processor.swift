// What the firmware runs on. The board is the same whichever it is: every call of the firmware's to
// its board ends at the same `HubHost`.

import CBoard
import HubCore

/// What a hub's firmware runs on, from one power-on to the next power-off.
protocol Processor: AnyObject {
  /// Starts the firmware; answers false when it refuses.
  func boot(on board: UnsafePointer<hub_board>, reason: BootReason) throws(ChipFailure) -> Bool
  /// Runs what is due; answers the uptime in milliseconds at which to poll again.
  func poll() throws(ChipFailure) -> UInt64
  /// What can be seen of the firmware since its last poll.
  var view: hub_view { get }
  /// Harms a task of the firmware; false when that cannot be done.
  func harm(kind: UInt8, task: UInt8) -> Bool
  /// The power is gone, and the memory with it. Answers what was measured, if anything was.
  func end() -> ChipReport?
}

extension Processor {
  func harm(kind: UInt8, task: UInt8) -> Bool { false }
}

/// Firmware on an emulated chip that cannot go on.
public struct ChipFailure: Error, Equatable, CustomStringConvertible {
  /// What happened, and on further lines what is known about it.
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// This process: the firmware as it was compiled for this machine.
final class HostProcessor: Processor {
  private let size: UInt32
  private let region: UnsafeMutableRawPointer
  private var hub: UnsafeMutableRawPointer?

  init() {
    size = hub_size()
    region = UnsafeMutableRawPointer.allocate(byteCount: Int(size), alignment: 16)
    // Whoever reads what was never written shall notice.
    region.initializeMemory(as: UInt8.self, repeating: 0xA5, count: Int(size))
  }

  deinit { region.deallocate() }

  func boot(on board: UnsafePointer<hub_board>, reason: BootReason) -> Bool {
    hub = hub_boot(region, size, board, reason.rawValue)
    return hub != nil
  }

  func poll() -> UInt64 { hub_poll(hub) }

  var view: hub_view {
    var view = hub_view()
    hub_look(hub, &view)
    return view
  }

  func harm(kind: UInt8, task: UInt8) -> Bool {
    hub_harm(hub, kind, task)
    return hub != nil
  }

  func end() -> ChipReport? {
    hub = nil
    return nil
  }
}
