// What a rig can do to a running hub, so that it can be seen what the hub does about it. Nothing of
// this happens unless `hub_harm` is called, which no product does.

/// What is wrong with a task on purpose.
struct Harm {
  /// Its number is the board header's.
  enum Kind: UInt8 {
    /// It is due and is not stepped.
    case stall = 0
    /// It is stepped and gets nowhere.
    case wedge = 1
    /// One of its steps takes very long.
    case hog = 2
    /// One of its steps never ends.
    case hang = 3
  }

  let kind: Kind
  let task: Int
  let since: Uptime

  /// How long the step of a hog takes.
  static let hogging: UInt64 = 6_000
}
