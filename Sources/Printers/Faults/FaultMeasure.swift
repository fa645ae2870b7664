import World

/// What stands for how bad a fault is, with the value that counts when nothing is said.
public enum FaultMeasure: Equatable, Sendable {
  case duration(ordinary: Interval)
  case size(ordinary: Int)
  case rate(ordinary: Int)
  /// One of these; the first is the ordinary one.
  case word([String])

  public var ordinary: FaultAmount {
    switch self {
    case .duration(let length): .duration(length)
    case .size(let count): .size(count)
    case .rate(let count): .rate(count)
    case .word(let words): .word(words.first ?? "")
    }
  }
}

/// How bad a fault is.
public enum FaultAmount: Equatable, Sendable {
  case duration(Interval)
  /// In bytes.
  case size(Int)
  /// In bytes per second.
  case rate(Int)
  case word(String)
}

/// The faults of one family of printers, each by a name.
public protocol FaultName: RawRepresentable, CaseIterable, Hashable, Sendable
where RawValue == String {
  /// What happens, in a sentence.
  var meaning: String { get }
  /// Whether it happens once, so that there is nothing to mend.
  var isMomentary: Bool { get }
  /// What can be said about how bad it is, or nil.
  var measure: FaultMeasure? { get }
}

extension FaultName {
  public var name: String { rawValue }
}
