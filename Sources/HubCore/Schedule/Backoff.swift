// Waiting longer after each failure, and never in step with others: exponential backoff with full
// jitter.

/// How long to wait before the next attempt.
struct Backoff {
  let base: UInt64
  let cap: UInt64
  /// How many attempts have failed in a row.
  private(set) var failures = 0

  init(base: UInt64, cap: UInt64) {
    self.base = base
    self.cap = cap
  }

  /// The longest that the next wait may be.
  var ceiling: UInt64 {
    var wait = base
    for _ in 0..<failures {
      if wait >= cap { break }
      wait = wait * 2
    }
    return wait < cap ? wait : cap
  }

  /// Counts a failure and answers how long to wait: anything from nothing to the ceiling.
  mutating func next(on board: Board) -> UInt64 {
    let wait = board.chance(upTo: ceiling)
    failures += 1
    return wait
  }

  mutating func reset() { failures = 0 }
}
