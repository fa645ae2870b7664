import World

/// Work that comes round by itself.
final class Cron {
  private unowned let platform: Platform
  private var timers: [any Timer] = []
  private var hasVanished = false

  init(platform: Platform) { self.platform = platform }

  /// Does something every so often, in a transaction; when it fails, the next time will.
  func every(_ pause: Interval, _ what: String, _ body: @escaping () throws -> Void) {
    let place = timers.count
    timers.append(
      platform.host.after(pause) { [weak self] in self?.ring(place, pause, what, body) })
  }

  private func ring(
    _ place: Int, _ pause: Interval, _ what: String, _ body: @escaping () throws -> Void
  ) {
    guard !hasVanished else { return }
    do {
      try platform.database.transaction(body)
    } catch {
      platform.host.note(.problem, "\(what) failed: \(error)")
    }
    timers[place] = platform.host.after(pause) { [weak self] in
      self?.ring(place, pause, what, body)
    }
  }

  func vanish() {
    hasVanished = true
    for timer in timers { timer.cancel() }
    timers = []
  }
}
