/// A point in a world's time: nanoseconds since the world began.
public struct Instant: Comparable, Hashable, Sendable {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let start = Instant(nanoseconds: 0)
  public static let never = Instant(nanoseconds: .max)

  @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable public static func + (a: Instant, b: Interval) -> Instant {
    Instant(nanoseconds: a.nanoseconds &+ b.nanoseconds)
  }
  @inlinable public static func - (a: Instant, b: Instant) -> Interval {
    Interval(nanoseconds: a.nanoseconds &- b.nanoseconds)
  }
}

/// A length of time in nanoseconds.
public struct Interval: Comparable, Hashable, Sendable {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = Interval(nanoseconds: 0)
  @inlinable public static func nanoseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n) }
  @inlinable public static func microseconds(_ n: Int64) -> Interval {
    Interval(nanoseconds: n * 1_000)
  }
  @inlinable public static func milliseconds(_ n: Int64) -> Interval {
    Interval(nanoseconds: n * 1_000_000)
  }
  @inlinable public static func seconds(_ n: Int64) -> Interval {
    Interval(nanoseconds: n * 1_000_000_000)
  }
  // A literal such as 5 fits both; it means the whole number.
  @_disfavoredOverload
  @inlinable public static func seconds(_ n: Double) -> Interval {
    Interval(nanoseconds: Int64(n * 1e9))
  }
  @inlinable public static func minutes(_ n: Int64) -> Interval { .seconds(n * 60) }

  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }
  @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }

  @inlinable public static func < (a: Interval, b: Interval) -> Bool {
    a.nanoseconds < b.nanoseconds
  }
  @inlinable public static func + (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds &+ b.nanoseconds)
  }
  @inlinable public static func - (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds &- b.nanoseconds)
  }
  @inlinable public static func * (a: Interval, times: Int64) -> Interval {
    Interval(nanoseconds: a.nanoseconds &* times)
  }
}
