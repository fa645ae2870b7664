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

  /// What has happened to the machine that prints.
  mutating func take(_ event: PrinterMachine.Event, at now: Instant) {
    switch event {
    case .paused: pause(at: now)
    case .resumed: resume(at: now)
    case .finished, .stopped, .failed: stop(at: now)
    case .began, .running, .reached: break
    }
  }

  /// Without pauses.
  func printing(at now: Instant) -> Interval {
    printed + (runningSince.map { now - $0 } ?? .zero)
  }

  /// With them.
  func total(at now: Instant) -> Interval { begin.map { (end ?? now) - $0 } ?? .zero }
}
