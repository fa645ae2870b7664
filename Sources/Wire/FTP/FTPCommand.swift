// What an FTP client says (RFC 959, section 4.1): a verb, perhaps a blank and an argument, CRLF.

/// What the front of the input turned out to be; ranges are into the input shown.
public enum FTPCommandEvent: Equatable, Sendable {
  /// Ask again when more bytes have come.
  case needsMore
  /// The verb as it was sent (case does not matter) and what stood behind the blank after it.
  case command(verb: Range<Int>, argument: Range<Int>, used: Int)
}

/// Reads the commands of an FTP client.
public struct FTPCommandReader: ~Copyable {
  public static let lineLimit = 512

  private var failure: FTPError?

  public init() {}

  /// Reads one event from the front of the unread bytes.
  public mutating func next(_ input: Span<UInt8>) throws(FTPError) -> FTPCommandEvent {
    if let failure { throw failure }
    do throws(FTPError) {
      return try readLine(input)
    } catch {
      failure = error
      throw error
    }
  }

  private func readLine(_ input: Span<UInt8>) throws(FTPError) -> FTPCommandEvent {
    guard let (end, used) = try ftpLine(input, limit: Self.lineLimit) else { return .needsMore }
    var start = 0
    // Before an ABOR a client may send the signals of Telnet.
    while start < end, input[start] >= 0xF0 { start &+= 1 }
    var blank = start
    while blank < end, lowered(input[blank]) &- 0x61 < 26 { blank &+= 1 }
    guard blank > start, blank == end || input[blank] == 0x20 else { throw .badLine }
    let argument = blank == end ? end..<end : blank &+ 1..<end
    return .command(verb: start..<blank, argument: argument, used: used)
  }
}
