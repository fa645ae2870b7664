/// What the front of the input turned out to be; ranges are into the input shown.
public enum HTTPEvent: Equatable, Sendable {
  /// Ask again when more bytes have come.
  case needsMore
  case request(method: Range<Int>, target: Range<Int>, minorVersion: UInt8, used: Int)
  case response(status: UInt16, reason: Range<Int>, minorVersion: UInt8, used: Int)
  /// One field of the head, its value without the blanks around it. Trailers are checked and
  /// dropped.
  case header(name: Range<Int>, value: Range<Int>, used: Int)
  case headEnd(HTTPBody, used: Int)
  /// Some bytes of the body; none when only the frame around them was read.
  case body(Range<Int>, used: Int)
  /// The message is whole; the reader is ready for the next one.
  case end(used: Int)
}

/// How the end of a message's body is found.
public enum HTTPBody: Equatable, Sendable {
  case none
  /// So many bytes.
  case counted(Int)
  case chunked
  case untilClose
  /// None, and what follows is no longer HTTP (status 101).
  case upgrade
}

/// Why bytes are no HTTP/1 message that we take. The connection must be closed after any.
public enum HTTPError: Error, Equatable, Sendable {
  case badStartLine
  case badHeader
  /// The start line, or the line before a chunk.
  case lineTooLong
  /// One header alone is longer than a line may be.
  case headerTooLong
  case tooManyHeaders
  /// The length of the body is not certain.
  case badLength
  case badChunk
  case bodyTooLarge
  case unsupportedVersion
  /// The peer closed in the middle of a message.
  case truncated

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .badStartLine: "http.bad-start-line"
    case .badHeader: "http.bad-header"
    case .lineTooLong: "http.line-too-long"
    case .headerTooLong: "http.header-too-long"
    case .tooManyHeaders: "http.too-many-headers"
    case .badLength: "http.bad-length"
    case .badChunk: "http.bad-chunk"
    case .bodyTooLarge: "http.body-too-large"
    case .unsupportedVersion: "http.unsupported-version"
    case .truncated: "http.truncated"
    }
  }

  /// What a server answers a request that was broken so.
  public var status: UInt16 {
    switch self {
    case .badStartLine, .badHeader, .badLength, .badChunk, .truncated: 400
    case .bodyTooLarge: 413
    case .lineTooLong: 414
    case .headerTooLong, .tooManyHeaders: 431
    case .unsupportedVersion: 505
    }
  }
}
