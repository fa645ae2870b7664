// What a rig can do to the hub's chip and its firmware.

import CBoard
import World

/// What is wrong with a task of the firmware.
public enum HubHarm: String, CaseIterable, Sendable {
  case stall, wedge, hog, hang
  /// Its next step makes the firmware break off.
  case panic

  fileprivate var kind: UInt8 {
    switch self {
    case .stall: UInt8(HUB_HARM_STALL.rawValue)
    case .wedge: UInt8(HUB_HARM_WEDGE.rawValue)
    case .hog: UInt8(HUB_HARM_HOG.rawValue)
    case .hang, .panic: UInt8(HUB_HARM_HANG.rawValue)
    }
  }
}

/// A task of the firmware, by its number.
public struct HubTask: Equatable, Sendable {
  public let number: UInt8

  public static let hub = HubTask(number: 0)
  public static let cloud = HubTask(number: 1)
  public static func printer(_ slot: Int) -> HubTask { HubTask(number: UInt8(2 + slot)) }
  public static func file(_ slot: Int) -> HubTask { HubTask(number: UInt8(7 + slot)) }
}

extension HubHost {
  /// Harms a task of the running firmware; what becomes of it is the firmware's and the board's
  /// own affair.
  public func harm(_ harm: HubHarm, _ task: HubTask) {
    guard isOn else { return }
    guard harmFirmware(kind: harm.kind, task: task.number) else {
      return host.note(.problem, "this hub's firmware cannot be harmed")
    }
    self.harm = harm
    pollNow()
  }

  /// The supply was too weak for a moment: the chip starts anew.
  public func brownOut() {
    guard isOn else { return }
    host.note(.problem, "the supply is too weak for a moment")
    reboot(.brownOut)
  }
}
