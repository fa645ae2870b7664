import World

/// Lets a fault come once or again and again, as its story and the luck of the run want it.
final class FaultRhythm {
  private let action: Action
  private let rhythm: Rhythm
  private let host: any Host
  private let hands: Hands
  private var isOver = false
  private var hasStruck = false

  init(_ action: Action, _ rhythm: Rhythm, host: any Host, hands: Hands) {
    self.action = action
    self.rhythm = rhythm
    self.host = host
    self.hands = hands
  }

  /// Its first time has come.
  func strike() {
    guard !isOver else { return }
    if let every = rhythm.every { host.after(every) { [self] in strike() } }
    if let probability = rhythm.probability, !host.luck(probability) { return }
    hasStruck = true
    hands.carryOut(lasting) { _ in }
  }

  /// It does not come again, and what is left of it ends.
  func end() {
    guard !isOver else { return }
    isOver = true
    guard hasStruck else { return }
    switch action {
    case .fault(let fault): hands.carryOut(.mend(fault.kind, place: fault.place)) { _ in }
    case .printerFault(let fault) where !fault.fault.isMomentary:
      hands.carryOut(.printerMend(fault.fault, printer: fault.printer)) { _ in }
    default: break
    }
  }

  /// The fault, with a length of its own where luck decides on that.
  private var lasting: Action {
    guard let least = rhythm.least else { return action }
    switch action {
    case .fault(var fault):
      fault.duration = length(between: least, and: fault.duration)
      return .fault(fault)
    case .printerFault(var fault):
      fault.duration = length(between: least, and: fault.duration)
      return .printerFault(fault)
    default: return action
    }
  }

  private func length(between least: Interval, and longest: Interval?) -> Interval {
    guard let longest, longest > least else { return least }
    let room = UInt64((longest - least).milliseconds) + 1
    return least + .milliseconds(Int64(host.chance("how long it lasts", below: room)))
  }
}
