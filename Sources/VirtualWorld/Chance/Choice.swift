/// One thing that chance decided. 0 is always the quiet value: nothing lost, nothing late.
public struct Choice {
  /// The host or link that drew.
  public let by: String
  public let label: StaticString
  /// The how manieth choice of that host or link this is, from 1.
  public let number: UInt64
  public internal(set) var value: UInt64
  /// `value` is below this.
  public let bound: UInt64
}
