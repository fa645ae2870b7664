import VirtualWorld

/// What chance decides in a run, told beforehand: what is not told takes the quiet value, with which
/// nothing is lost and nothing late. Who somebody is, such as a serial number, stays as it is drawn.
public struct Luck: Equatable, Sendable {
  /// One choice that has a value of its own.
  public struct Told: Hashable, Sendable {
    /// The host or link that draws.
    public var by: String
    /// What it draws for.
    public var label: String
    /// The how manieth choice of that host or link this is, from 1.
    public var number: UInt64
    public var value: UInt64

    public init(by: String, label: String, number: UInt64, value: UInt64) {
      self.by = by
      self.label = label
      self.number = number
      self.value = value
    }

    init(_ choice: Choice) {
      self.init(
        by: choice.by, label: "\(choice.label)", number: choice.number, value: choice.value)
    }
  }

  public var told: [Told]

  public init(told: [Told] = []) { self.told = told }

  /// What two machines must not have in common.
  private static let identities: Set = [
    "access code", "serial number", "file content", "digit",
  ]

  static func isOfIdentity(_ choice: Choice) -> Bool { identities.contains("\(choice.label)") }

  /// Decides in place of chance.
  func chooser() -> (Choice) -> UInt64? {
    var values: [Told: UInt64] = [:]
    for told in told {
      var key = told
      key.value = 0
      values[key] = told.value
    }
    return { choice in
      guard !Self.isOfIdentity(choice) else { return nil }
      var key = Told(choice)
      key.value = 0
      return values[key] ?? 0
    }
  }
}
