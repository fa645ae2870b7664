import World

/// How long a print has taken, with its pauses and without.
struct PrintClock {
  private(set) var begin: Instant?
  private var end: Instant?
  private var printed = Interval.zero
  private var runningSince: Instant?

  mutating func start(at now: Instant) {
    self = PrintClock()
    begin = now
    runningSince = now
  }

  mutating func pause(at now: Instant) {
    if let since = runningSince { printed = printed + (now - since) }
    runningSince = nil
  }

  mutating func resume(at now: Instant) { runningSince = runningSince ?? now }

  mutating func stop(at now: Instant) {
    pause(at: now)
    end = end ?? now
  }

  /// Without pauses.
  func printing(at now: Instant) -> Interval {
    printed + (runningSince.map { now - $0 } ?? .zero)
  }

  /// With them.
  func total(at now: Instant) -> Interval { begin.map { (end ?? now) - $0 } ?? .zero }
}
