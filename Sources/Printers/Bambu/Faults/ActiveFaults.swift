import World

/// The faults that a printer has at this moment. Its fronts share one and ask it as they go.
public final class ActiveFaults {
  private var amounts: [(fault: BambuFault, amount: BambuFault.Amount?)] = []

  init() {}

  public var isEmpty: Bool { amounts.isEmpty }
  /// In the order in which they began.
  public var all: [BambuFault] { amounts.map(\.fault) }

  public func has(_ fault: BambuFault) -> Bool { amounts.contains { $0.fault == fault } }

  func begin(_ fault: BambuFault, _ amount: BambuFault.Amount?) {
    end(fault)
    amounts.append((fault, amount))
  }

  func end(_ fault: BambuFault) { amounts.removeAll { $0.fault == fault } }

  private func amount(of fault: BambuFault) -> BambuFault.Amount? {
    guard let known = amounts.first(where: { $0.fault == fault }) else { return nil }
    return known.amount ?? fault.measure?.ordinary
  }

  /// How long, for a fault that is measured so; nil when it is not there.
  func duration(_ fault: BambuFault) -> Interval? {
    if case .duration(let length)? = amount(of: fault) { length } else { nil }
  }

  /// How many bytes, or bytes in a second; nil when the fault is not there.
  func bytes(_ fault: BambuFault) -> Int? {
    switch amount(of: fault) {
    case .size(let count), .rate(let count): count
    default: nil
    }
  }

  /// Which way; nil when the fault is not there.
  func word(_ fault: BambuFault) -> String? {
    if case .word(let word)? = amount(of: fault) { word } else { nil }
  }
}
