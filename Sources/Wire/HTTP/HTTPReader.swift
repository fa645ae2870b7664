// HTTP/1.1 by RFC 9112, line by line, for both ends.
//
//     start line --> header ... header --> empty line --> body --> end --> the next start line
//     chunked:   size[;extensions] --> bytes --> CRLF --> size ... 0 --> trailers --> empty line
//
// It is strict where two readers might understand one message differently (request smuggling): a
// line ends in CRLF and nothing else, no folded headers, no blank before the colon, one length and
// only one way to give it, a transfer coding of "chunked" alone.

/// Reads HTTP messages of one side of a connection.
public struct HTTPReader: ~Copyable {
  public enum Side: Sendable { case request, response }

  private enum State: UInt8 {
    case start, headers, counted, untilClose, chunkSize, chunk, chunkEnd, trailers, end
    case over, failed
  }

  private let side: Side
  private let lineLimit: Int
  private let headerLimit: Int
  private let bodyLimit: Int
  private var state = State.start
  private var failure = HTTPError.truncated
  /// Up to where the input was searched for the end of the line, in vain.
  private var searched = 0
  private var remaining = 0
  private var bodyCount = 0
  private var headerCount = 0
  private var status: UInt16 = 0
  private var isBodyExpected = true
  var head = HTTPHead()

  /// `lineLimit` bounds a line in bytes, `headerLimit` counts headers and trailers of a message,
  /// `bodyLimit` bounds the body in bytes.
  public init(_ side: Side, lineLimit: Int, headerLimit: Int, bodyLimit: Int) {
    self.side = side
    self.lineLimit = lineLimit
    self.headerLimit = headerLimit
    self.bodyLimit = bodyLimit
  }

  /// Whether the connection can carry another message after the one read last.
  public private(set) var keepsAlive = false
  public var contentLength: Int? { head.contentLength }
  public var isChunked: Bool { head.isChunked }
  /// Whether the head asks for another protocol: both `Connection: upgrade` and an `Upgrade`.
  public var wantsUpgrade: Bool { head.hasUpgrade && head.connectionUpgrades }
  /// Whether the client waits for status 100 before it sends the body.
  public var expectsContinue: Bool { head.expectsContinue && head.minorVersion > 0 }

  /// Tells that the response to come answers a HEAD: it has no body, whatever its head says.
  public mutating func expectNoBody() { isBodyExpected = false }

  /// Tells that the peer has closed: true if that ended a message properly, false if none was
  /// under way.
  public mutating func streamEnded() throws(HTTPError) -> Bool {
    switch state {
    case .untilClose:
      state = .over
      return true
    case .start, .end, .over: return false
    case .failed: throw failure
    case .headers, .counted, .chunkSize, .chunk, .chunkEnd, .trailers: throw fail(.truncated)
    }
  }

  /// Reads one event from the front of the unread bytes.
  public mutating func next(_ input: Span<UInt8>) throws(HTTPError) -> HTTPEvent {
    let event: HTTPEvent
    switch state {
    case .start: event = try readStart(input)
    case .headers: event = try readHeader(input)
    case .counted, .chunk: event = readCounted(input)
    case .untilClose: event = try readUntilClose(input)
    case .chunkSize: event = try readChunkSize(input, from: 0)
    case .chunkEnd: event = try readChunkEnd(input)
    case .trailers: event = try readTrailer(input)
    case .end:
      state = status == 101 ? .over : .start
      // The answer to come may follow interim ones.
      if status >= 200 { isBodyExpected = true }
      event = .end(used: 0)
    case .over: event = .needsMore
    case .failed: throw failure
    }
    if event != .needsMore { searched = 0 }
    return event
  }

  private mutating func fail(_ error: HTTPError) -> HTTPError {
    failure = error
    state = .failed
    return error
  }

  /// The index of the CR that ends the line which begins at `start`, or nil if it is not there yet.
  private mutating func endOfLine(
    _ input: Span<UInt8>, from start: Int, tooLong: HTTPError, broken: HTTPError
  ) throws(HTTPError) -> Int? {
    let from = searched > start ? searched : start
    guard let feed = RawBytes.first(0x0A, in: input, from: from, to: input.count) else {
      searched = input.count
      if input.count &- start &- 2 >= lineLimit { throw fail(tooLong) }
      return nil
    }
    guard feed &- start &- 1 <= lineLimit else { throw fail(tooLong) }
    guard feed > start, input[feed &- 1] == 0x0D else { throw fail(broken) }
    return feed &- 1
  }

  // MARK: - Head

  private mutating func readStart(_ input: Span<UInt8>) throws(HTTPError) -> HTTPEvent {
    var start = 0
    if side == .request {
      // A few clients end a body with a line end too many (RFC 9112, 2.2).
      while start < 4, start &+ 1 < input.count, input[start] == 0x0D, input[start &+ 1] == 0x0A {
        start &+= 2
      }
    }
    guard
      let end = try endOfLine(input, from: start, tooLong: .lineTooLong, broken: .badStartLine)
    else { return .needsMore }
    head = HTTPHead()
    headerCount = 0
    bodyCount = 0
    state = .headers
    return side == .request
      ? try readRequestLine(input, start, end) : try readStatusLine(input, start, end)
  }

  private mutating func readRequestLine(
    _ input: Span<UInt8>, _ start: Int, _ end: Int
  ) throws(HTTPError) -> HTTPEvent {
    var index = start
    while index < end, isTokenByte(input[index]) { index &+= 1 }
    let method = start..<index
    guard !method.isEmpty, index < end, input[index] == 0x20 else { throw fail(.badStartLine) }
    index &+= 1
    let targetStart = index
    while index < end, input[index] > 0x20, input[index] < 0x7F { index &+= 1 }
    let target = targetStart..<index
    guard !target.isEmpty, index < end, input[index] == 0x20 else { throw fail(.badStartLine) }
    try readVersion(input.extracting((index &+ 1)..<end))
    return .request(
      method: method, target: target, minorVersion: head.minorVersion, used: end &+ 2)
  }

  private mutating func readStatusLine(
    _ input: Span<UInt8>, _ start: Int, _ end: Int
  ) throws(HTTPError) -> HTTPEvent {
    guard end &- start >= 12 else { throw fail(.badStartLine) }
    try readVersion(input.extracting(start..<start &+ 8))
    guard input[start &+ 8] == 0x20 else { throw fail(.badStartLine) }
    var number: UInt16 = 0
    for index in (start &+ 9)..<(start &+ 12) {
      let digit = input[index] &- 0x30
      guard digit < 10 else { throw fail(.badStartLine) }
      number = number &* 10 &+ UInt16(digit)
    }
    guard number >= 100 else { throw fail(.badStartLine) }
    status = number
    // The blank before an empty reason is demanded, but often left out.
    var reason = end..<end
    if end > start &+ 12 {
      guard input[start &+ 12] == 0x20 else { throw fail(.badStartLine) }
      reason = start &+ 13..<end
    }
    for index in reason.lowerBound..<end where !isValueByte(input[index]) {
      throw fail(.badStartLine)
    }
    return .response(
      status: number, reason: reason, minorVersion: head.minorVersion, used: end &+ 2)
  }

  private mutating func readVersion(_ text: Span<UInt8>) throws(HTTPError) {
    guard text.count == 8, equals(text.extracting(0..<5), "HTTP/"), text[6] == 0x2E,
      text[5] &- 0x30 < 10, text[7] &- 0x30 < 10
    else { throw fail(.badStartLine) }
    guard text[5] == 0x31 else { throw fail(.unsupportedVersion) }
    head.minorVersion = text[7] &- 0x30
  }

  private mutating func readHeader(_ input: Span<UInt8>) throws(HTTPError) -> HTTPEvent {
    guard let end = try endOfLine(input, from: 0, tooLong: .headerTooLong, broken: .badHeader)
    else { return .needsMore }
    guard end > 0 else { return try endHead() }
    let (name, value) = try readField(input, end)
    do throws(HTTPError) {
      try head.note(input.extracting(name), input.extracting(value))
    } catch {
      throw fail(error)
    }
    return .header(name: name, value: value, used: end &+ 2)
  }

  /// Splits the line that ends at `end` into name and value.
  private mutating func readField(
    _ input: Span<UInt8>, _ end: Int
  ) throws(HTTPError) -> (name: Range<Int>, value: Range<Int>) {
    headerCount &+= 1
    guard headerCount <= headerLimit else { throw fail(.tooManyHeaders) }
    var colon = 0
    precondition(end <= input.count, "a line behind the input")
    while colon < end, isTokenByte(RawBytes.byte(input, at: colon)) { colon &+= 1 }
    guard colon > 0, colon < end, input[colon] == 0x3A else { throw fail(.badHeader) }
    var index = colon &+ 1
    while index < end, isValueByte(RawBytes.byte(input, at: index)) { index &+= 1 }
    guard index == end else { throw fail(.badHeader) }
    var start = colon &+ 1
    var stop = end
    while start < stop, isBlank(input[start]) { start &+= 1 }
    while stop > start, isBlank(input[stop &- 1]) { stop &-= 1 }
    return (0..<colon, start..<stop)
  }

  private mutating func endHead() throws(HTTPError) -> HTTPEvent {
    guard !(head.isChunked && head.contentLength != nil) else { throw fail(.badLength) }
    guard !(head.isChunked && head.minorVersion == 0) else { throw fail(.badLength) }
    // Without a host, or with two, nobody can say whom a request is for (RFC 9112, 3.2).
    if side == .request, head.minorVersion > 0, head.hostCount != 1 { throw fail(.badHeader) }
    let body = bodyOfHead()
    keepsAlive =
      head.minorVersion > 0
      ? !head.connectionCloses
      : head.connectionKeeps && !head.connectionCloses
    switch body {
    case .none: state = .end
    case .upgrade:
      state = .end
      keepsAlive = false
    case .chunked: state = .chunkSize
    case .untilClose:
      state = .untilClose
      keepsAlive = false
    case .counted(let count):
      guard count <= bodyLimit else { throw fail(.bodyTooLarge) }
      remaining = count
      state = count == 0 ? .end : .counted
    }
    return .headEnd(body, used: 2)
  }

  private func bodyOfHead() -> HTTPBody {
    if side == .response {
      if status == 101 { return .upgrade }
      if status < 200 || status == 204 || status == 304 || !isBodyExpected { return .none }
    }
    if head.isChunked { return .chunked }
    if let count = head.contentLength { return .counted(count) }
    return side == .request ? .none : .untilClose
  }

  // MARK: - Body

  private mutating func readCounted(_ input: Span<UInt8>) -> HTTPEvent {
    guard input.count > 0 else { return .needsMore }
    let count = input.count < remaining ? input.count : remaining
    remaining &-= count
    if remaining == 0 { state = state == .chunk ? .chunkEnd : .end }
    return .body(0..<count, used: count)
  }

  private mutating func readUntilClose(_ input: Span<UInt8>) throws(HTTPError) -> HTTPEvent {
    guard input.count > 0 else { return .needsMore }
    guard input.count <= bodyLimit &- bodyCount else { throw fail(.bodyTooLarge) }
    bodyCount &+= input.count
    return .body(0..<input.count, used: input.count)
  }

  private mutating func readChunkEnd(_ input: Span<UInt8>) throws(HTTPError) -> HTTPEvent {
    if input.count > 0, input[0] != 0x0D { throw fail(.badChunk) }
    guard input.count > 1 else { return .needsMore }
    guard input[1] == 0x0A else { throw fail(.badChunk) }
    state = .chunkSize
    return try readChunkSize(input, from: 2)
  }

  /// Reads the line before a chunk, and what there is of the chunk with it.
  private mutating func readChunkSize(
    _ input: Span<UInt8>, from start: Int
  ) throws(HTTPError) -> HTTPEvent {
    guard let end = try endOfLine(input, from: start, tooLong: .lineTooLong, broken: .badChunk)
    else { return start == 0 ? .needsMore : .body(start..<start, used: start) }
    var index = start
    var size = 0
    while index < end, let digit = hexValue(input[index]) {
      guard size <= Int.max &>> 4 else { throw fail(.bodyTooLarge) }
      size = size &<< 4 | Int(digit)
      index &+= 1
    }
    guard index > start else { throw fail(.badChunk) }
    try checkExtensions(input, from: index, to: end)
    let used = end &+ 2
    guard size > 0 else {
      state = .trailers
      return .body(used..<used, used: used)
    }
    guard size <= bodyLimit &- bodyCount else { throw fail(.bodyTooLarge) }
    bodyCount &+= size
    let available = input.count &- used
    let count = available < size ? available : size
    remaining = size &- count
    state = remaining == 0 ? .chunkEnd : .chunk
    return .body(used..<used &+ count, used: used &+ count)
  }

  /// Nothing, or blanks, a semicolon and harmless bytes.
  private mutating func checkExtensions(
    _ input: Span<UInt8>, from start: Int, to end: Int
  ) throws(HTTPError) {
    var index = start
    guard index < end else { return }
    while index < end, isBlank(input[index]) { index &+= 1 }
    guard index < end, input[index] == 0x3B else { throw fail(.badChunk) }
    for index in index..<end where !isValueByte(input[index]) { throw fail(.badChunk) }
  }

  private mutating func readTrailer(_ input: Span<UInt8>) throws(HTTPError) -> HTTPEvent {
    guard let end = try endOfLine(input, from: 0, tooLong: .headerTooLong, broken: .badHeader)
    else { return .needsMore }
    guard end > 0 else {
      state = .start
      if status >= 200 { isBodyExpected = true }
      return .end(used: 2)
    }
    _ = try readField(input, end)
    return .body(end &+ 2..<end &+ 2, used: end &+ 2)
  }
}
