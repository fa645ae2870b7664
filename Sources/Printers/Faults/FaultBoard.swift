import World

/// The faults that a printer has at this moment. Its fronts share one and ask it as they go.
public final class FaultBoard<Fault: FaultName> {
  private var amounts: [(fault: Fault, amount: FaultAmount?)] = []

  init() {}

  public var isEmpty: Bool { amounts.isEmpty }
  /// In the order in which they began.
  public var all: [Fault] { amounts.map(\.fault) }

  public func has(_ fault: Fault) -> Bool { amounts.contains { $0.fault == fault } }

  func begin(_ fault: Fault, _ amount: FaultAmount?) {
    end(fault)
    amounts.append((fault, amount))
  }

  func end(_ fault: Fault) { amounts.removeAll { $0.fault == fault } }

  private func amount(of fault: Fault) -> FaultAmount? {
    guard let known = amounts.first(where: { $0.fault == fault }) else { return nil }
    return known.amount ?? fault.measure?.ordinary
  }

  /// How long, for a fault that is measured so; nil when it is not there.
  func duration(_ fault: Fault) -> Interval? {
    if case .duration(let length)? = amount(of: fault) { length } else { nil }
  }

  /// How many bytes, or bytes in a second; nil when the fault is not there.
  func bytes(_ fault: Fault) -> Int? {
    switch amount(of: fault) {
    case .size(let count), .rate(let count): count
    default: nil
    }
  }

  /// Which way; nil when the fault is not there.
  func word(_ fault: Fault) -> String? {
    if case .word(let word)? = amount(of: fault) { word } else { nil }
  }
}

/// What is wrong with a Bambu Lab printer now.
public typealias ActiveFaults = FaultBoard<BambuFault>
/// What is wrong with a printer that is reached over HTTP.
public typealias WebFaults = FaultBoard<WebFault>
