// What an FTP server says (RFC 959, section 4.2, and RFC 2428):
//
//     220 Ready                       one line: code, blank, text
//     211-Features:                   several: code, minus, text,
//      PASV                             then anything,
//     211 End                           until the code and a blank
//
// Line feeds without a carriage return are taken as line ends too: some printers send them.

/// What the front of the input turned out to be; ranges are into the input shown.
public enum FTPReplyEvent: Equatable, Sendable {
  /// Ask again when more bytes have come.
  case needsMore
  /// A line of a reply that goes on.
  case line(Range<Int>, used: Int)
  /// A reply is whole; the text is that of its last line, without the code.
  case reply(code: UInt16, text: Range<Int>, used: Int)
}

/// Why bytes are no FTP. The connection must be closed after any.
public enum FTPError: Error, Equatable, Sendable {
  case badCode
  case badLine
  case lineTooLong
  /// A reply of more lines than anybody needs.
  case replyTooLong

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .badCode: "ftp.bad-code"
    case .badLine: "ftp.bad-line"
    case .lineTooLong: "ftp.line-too-long"
    case .replyTooLong: "ftp.reply-too-long"
    }
  }
}

/// Reads the replies of an FTP server.
public struct FTPReplyReader: ~Copyable {
  public static let lineLimit = 512
  public static let linesLimit = 100

  private var failure: FTPError?
  /// The code of a reply that goes on; 0 for none.
  private var openCode: UInt16 = 0
  private var lineCount = 0

  public init() {}

  /// Reads one event from the front of the unread bytes.
  public mutating func next(_ input: Span<UInt8>) throws(FTPError) -> FTPReplyEvent {
    if let failure { throw failure }
    do throws(FTPError) {
      return try readLine(input)
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func readLine(_ input: Span<UInt8>) throws(FTPError) -> FTPReplyEvent {
    guard let (end, used) = try ftpLine(input, limit: Self.lineLimit) else { return .needsMore }
    let code = Self.code(of: input.extracting(0..<end))
    let isLast = end == 3 || end > 3 && input[3] == 0x20
    if openCode == 0 {
      guard let code, isLast || input[3] == 0x2D else { throw .badCode }
      guard !isLast else { return .reply(code: code, text: textRange(end), used: used) }
      openCode = code
      lineCount = 0
    } else if code == openCode, isLast {
      openCode = 0
      return .reply(code: code ?? 0, text: textRange(end), used: used)
    }
    lineCount &+= 1
    guard lineCount < Self.linesLimit else { throw .replyTooLong }
    return .line(0..<end, used: used)
  }

  private func textRange(_ end: Int) -> Range<Int> { end > 4 ? 4..<end : end..<end }

  private static func code(of line: Span<UInt8>) -> UInt16? {
    guard line.count >= 3, line[0] >= 0x31, line[0] <= 0x36 else { return nil }
    var code: UInt16 = 0
    for index in 0..<3 {
      let digit = line[index] &- 0x30
      guard digit < 10 else { return nil }
      code = code &* 10 &+ UInt16(digit)
    }
    return code
  }
}

/// Understands the texts of replies that carry an address.
public enum FTPReply {
  /// Address and port of a 227: six numbers with commas between them, wherever they stand.
  public static func passiveAddress(
    in text: Span<UInt8>
  ) -> (a: UInt8, b: UInt8, c: UInt8, d: UInt8, port: UInt16)? {
    var start = 0
    while start < text.count {
      guard text[start] &- 0x30 < 10 else {
        start &+= 1
        continue
      }
      if let n = sixNumbers(text, from: start) {
        return (n[0], n[1], n[2], n[3], UInt16(n[4]) &<< 8 | UInt16(n[5]))
      }
      while start < text.count, text[start] &- 0x30 < 10 { start &+= 1 }
    }
    return nil
  }

  /// The port of a 229: `(|||port|)`, with any sign for the bar.
  public static func extendedPassivePort(in text: Span<UInt8>) -> UInt16? {
    var start = 0
    while start < text.count, text[start] != 0x28 { start &+= 1 }
    guard start &+ 6 < text.count else { return nil }
    let bar = text[start &+ 1]
    guard bar == text[start &+ 2], bar == text[start &+ 3], bar &- 0x30 >= 10 else { return nil }
    var at = start &+ 4
    guard let port = number(text, &at, limit: 0xFFFF), port > 0 else { return nil }
    guard at &+ 1 < text.count, text[at] == bar, text[at &+ 1] == 0x29 else { return nil }
    return UInt16(truncatingIfNeeded: port)
  }

  private static func sixNumbers(_ text: Span<UInt8>, from start: Int) -> [6 of UInt8]? {
    var numbers = [6 of UInt8](repeating: 0)
    var at = start
    for index in 0..<6 {
      if index > 0 {
        guard at < text.count, text[at] == 0x2C else { return nil }
        at &+= 1
      }
      guard let value = number(text, &at, limit: 255) else { return nil }
      numbers[index] = UInt8(truncatingIfNeeded: value)
    }
    return numbers
  }

  private static func number(_ text: Span<UInt8>, _ at: inout Int, limit: Int) -> Int? {
    let start = at
    var value = 0
    while at < text.count, text[at] &- 0x30 < 10 {
      value = value &* 10 &+ Int(text[at] &- 0x30)
      guard value <= limit else { return nil }
      at &+= 1
    }
    return at > start ? value : nil
  }
}

/// The end of the line's text and of the line itself, or nil if it is not all there.
func ftpLine(_ input: Span<UInt8>, limit: Int) throws(FTPError) -> (end: Int, used: Int)? {
  guard let feed = RawBytes.first(0x0A, in: input, from: 0, to: input.count) else {
    if input.count &- 2 >= limit { throw .lineTooLong }
    return nil
  }
  let end = feed > 0 && input[feed &- 1] == 0x0D ? feed &- 1 : feed
  guard end <= limit else { throw .lineTooLong }
  for index in 0..<end where input[index] == 0 || input[index] == 0x0D { throw .badLine }
  return (end, feed &+ 1)
}
