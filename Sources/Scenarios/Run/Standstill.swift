import World

/// Notices a world in which things happen for ever and time does not go on: somebody plans itself
/// for now, always again.
struct Standstill {
  /// Far more than any honest moment holds, also with a thousand hubs.
  static let eventLimit = 1_000_000

  private var moment: Instant
  private var count = 0
  private(set) var isOver = false

  init(at now: Instant) { moment = now }

  /// Counts one event; answers whether there were too many at one moment.
  mutating func isReached(at now: Instant) -> Bool {
    guard now == moment else {
      moment = now
      count = 0
      return false
    }
    count += 1
    if count > Self.eventLimit { isOver = true }
    return isOver
  }
}
