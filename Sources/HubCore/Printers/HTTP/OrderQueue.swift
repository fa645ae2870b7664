// Orders that wait until the connection is free. One that has waited too long is not given any more:
// the cloud was told then that nobody knows what came of it, and it must not be done after that.

import Wire

/// What printers of all kinds can be told.
enum PlainOrder: UInt8 {
  case pause, resume, stop, gcode, clearError

  /// Nil for what only Bambu's printers know.
  init?(_ order: ControlOrder) {
    switch order {
    case .pause: self = .pause
    case .resume: self = .resume
    case .stop: self = .stop
    case .gcode: self = .gcode
    case .clearError: self = .clearError
    default: return nil
    }
  }
}

/// An order on its way to a server.
struct QueuedOrder: Equatable {
  var giveUpAt: Uptime
  var sequence: UInt32
  var order: PlainOrder
}

/// The orders that wait, first come first served, a stop before all others.
struct OrderQueue: ~Copyable {
  private static let limit = 4

  private let pinned = Pinned()
  private var row = InlineArray<4, QueuedOrder>(
    repeating: QueuedOrder(giveUpAt: .never, sequence: 0, order: .pause))
  private var count = 0
  /// Of the one order of g-code that may wait.
  private(set) var lines = Text<240>()

  init() {}

  /// Whether there is one that can be given now.
  func isReady(holdsResume: Bool) -> Bool {
    guard count > 0 else { return false }
    if !holdsResume || row[0].order != .resume { return true }
    for index in 0..<count where row[index].order == .stop { return true }
    return false
  }

  mutating func add(
    _ order: PlainOrder, _ sequence: UInt32, _ details: borrowing OrderDetails, now: Uptime
  ) -> Bool {
    guard count < Self.limit else { return false }
    if order == .gcode {
      for index in 0..<count where row[index].order == .gcode { return false }
      lines = details.lines
    }
    row[count] = QueuedOrder(
      giveUpAt: now + Limits.orderAnswer, sequence: sequence, order: order)
    count += 1
    return true
  }

  /// The next order to give; it stays until it is dropped. With `holdsResume` a resume waits, and
  /// what was ordered after it.
  mutating func next(now: Uptime, holdsResume: Bool) -> QueuedOrder? {
    while count > 0, row[0].giveUpAt <= now { drop(row[0]) }
    guard isReady(holdsResume: holdsResume) else { return nil }
    for index in 0..<count where row[index].order == .stop { return row[index] }
    return row[0]
  }

  mutating func drop(_ order: QueuedOrder) {
    var kept = 0
    for index in 0..<count where row[index].sequence != order.sequence {
      row[kept] = row[index]
      kept += 1
    }
    count = kept
  }

  mutating func removeAll() { count = 0 }
}
