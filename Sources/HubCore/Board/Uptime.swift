// Time as the hub knows it: milliseconds since power-on. The hub has no clock on the wall.

/// A moment since power-on.
struct Uptime: Equatable, Comparable {
  var milliseconds: UInt64

  var seconds: UInt32 { UInt32(truncatingIfNeeded: milliseconds / 1_000) }

  /// Later than anything.
  static let never = Uptime(milliseconds: .max)
  static let start = Uptime(milliseconds: 0)

  static func < (left: Uptime, right: Uptime) -> Bool { left.milliseconds < right.milliseconds }

  static func + (moment: Uptime, milliseconds: UInt64) -> Uptime {
    let sum = moment.milliseconds &+ milliseconds
    return sum < moment.milliseconds ? .never : Uptime(milliseconds: sum)
  }

  /// Milliseconds between the two; 0 when `right` is the later one.
  static func - (left: Uptime, right: Uptime) -> UInt64 {
    left.milliseconds > right.milliseconds ? left.milliseconds &- right.milliseconds : 0
  }
}

/// The earlier of two moments.
func earlier(_ left: Uptime, _ right: Uptime) -> Uptime { left < right ? left : right }
