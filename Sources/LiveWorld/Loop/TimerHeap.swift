import World

/// A timer of the live world.
final class LiveTimer: Timer {
  fileprivate(set) var deadline: Instant
  fileprivate let sequence: UInt64
  fileprivate var action: (() -> Void)?
  /// Where it lies in the heap, so that cancelling need not search; nil once it has left.
  fileprivate var place: Int?
  private weak var heap: TimerHeap?

  fileprivate init(
    deadline: Instant, sequence: UInt64, heap: TimerHeap, action: @escaping () -> Void
  ) {
    self.deadline = deadline
    self.sequence = sequence
    self.heap = heap
    self.action = action
  }

  func cancel() {
    heap?.remove(self)
    action = nil
  }

  fileprivate func comesBefore(_ other: LiveTimer) -> Bool {
    (deadline, sequence) < (other.deadline, other.sequence)
  }
}

/// Timers, earliest first; those of one deadline in the order they were set.
///
/// A cancelled timer leaves at once and lets go of what its action holds: most timers are timeouts
/// that never come due.
final class TimerHeap {
  private var timers: [LiveTimer] = []
  private var nextSequence: UInt64 = 0

  var earliest: Instant? { timers.first?.deadline }

  func add(at deadline: Instant, _ action: @escaping () -> Void) -> LiveTimer {
    let timer = LiveTimer(deadline: deadline, sequence: nextSequence, heap: self, action: action)
    nextSequence += 1
    timer.place = timers.count
    timers.append(timer)
    siftUp(from: timers.count - 1)
    return timer
  }

  /// Takes out the earliest timer that is due, and answers what it was to do.
  func popDue(at now: Instant) -> (() -> Void)? {
    guard let first = timers.first, first.deadline <= now else { return nil }
    remove(first)
    defer { first.action = nil }
    return first.action
  }

  func removeAll() {
    let dropped = timers
    timers = []
    for timer in dropped {
      timer.place = nil
      timer.action = nil
    }
  }

  fileprivate func remove(_ timer: LiveTimer) {
    guard let place = timer.place else { return }
    timer.place = nil
    let last = timers.removeLast()
    guard last !== timer else { return }
    timers[place] = last
    last.place = place
    siftUp(from: place)
    siftDown(from: place)
  }

  private func siftUp(from start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard timers[child].comesBefore(timers[parent]) else { return }
      exchange(child, parent)
      child = parent
    }
  }

  private func siftDown(from start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in (2 * parent + 1)...(2 * parent + 2)
      where child < timers.count && timers[child].comesBefore(timers[least]) {
        least = child
      }
      guard least != parent else { return }
      exchange(least, parent)
      parent = least
    }
  }

  private func exchange(_ a: Int, _ b: Int) {
    timers.swapAt(a, b)
    timers[a].place = a
    timers[b].place = b
  }
}
