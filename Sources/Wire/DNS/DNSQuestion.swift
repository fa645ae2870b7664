/// What somebody asks a name server.
public struct DNSQuestion: Equatable, Sendable {
  /// Of the kinds of record there are, the one with an IPv4 address.
  public static let address: UInt16 = 1
  /// Anything that there is.
  public static let anything: UInt16 = 255
  /// The only class that is in use.
  public static let internet: UInt16 = 1

  /// Comes back with the answer.
  public var identifier: UInt16
  /// What is wanted: 0 for an ordinary question.
  public var operation: UInt8
  public var wantsRecursion: Bool
  public var type: UInt16
  /// The class of the record; "class" is a word of the language.
  public var group: UInt16
  /// The name in labels, in the datagram.
  public var name: Range<Int>

  /// Whether an IPv4 address answers it.
  public var wantsAddress: Bool {
    operation == 0 && group == Self.internet && (type == Self.address || type == Self.anything)
  }
}

/// Why a datagram is no question that we take. Nothing is answered to any.
public enum DNSError: Error, Equatable, Sendable {
  /// It ends before it is whole.
  case truncated
  /// It is an answer itself; answering answers never ends.
  case notAQuestion
  /// None, or more than one question.
  case badCount
  /// A label that is too long, a name that is too long, or one that points elsewhere.
  case badName

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .truncated: "dns.truncated"
    case .notAQuestion: "dns.not-a-question"
    case .badCount: "dns.bad-count"
    case .badName: "dns.bad-name"
    }
  }
}
