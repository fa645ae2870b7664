// How printers make themselves known on a network: SSDP as UPnP has it, with headers of the maker's
// own. One message is one datagram, in the manner of an HTTP head.
//
//     NOTIFY * HTTP/1.1              an announcement, every few seconds
//     M-SEARCH * HTTP/1.1            a question to everybody
//     HTTP/1.1 200 OK                an answer to one who asked
//
// No I/O and no memory of its own: ranges point into the datagram that was shown.

/// One message about a device.
public struct SSDPMessage: Equatable {
  /// What it is.
  public enum Kind: Equatable { case announcement, question, answer }

  public var kind: Kind
  /// It says goodbye.
  public var isGoodbye = false
  /// What kind of device is meant: the value of `NT` or `ST`.
  public var target: Range<Int>?
  /// Which one: the value of `USN`.
  public var name: Range<Int>?
  /// Where: the value of `Location`.
  public var location: Range<Int>?

  /// Reads a datagram; nil for what is no such message.
  public init?(_ datagram: Span<UInt8>) {
    guard let first = SSDP.line(datagram, from: 0) else { return nil }
    let start = datagram.extracting(0..<first.end)
    if SSDP.begins(start, "NOTIFY ") {
      kind = .announcement
    } else if SSDP.begins(start, "M-SEARCH ") {
      kind = .question
    } else if SSDP.begins(start, "HTTP/1.1 200") || SSDP.begins(start, "HTTP/1.0 200") {
      kind = .answer
    } else {
      return nil
    }
    var sought: Range<Int>?
    var event: Range<Int>?
    var headers = SSDPHeaders(datagram)
    while let header = headers.next(datagram) {
      header.keep("nt", in: &target, datagram)
      header.keep("st", in: &sought, datagram)
      header.keep("usn", in: &name, datagram)
      header.keep("location", in: &location, datagram)
      header.keep("nts", in: &event, datagram)
    }
    target = target ?? sought
    if let event {
      isGoodbye = equalsIgnoringCase(datagram.extracting(event), "ssdp:byebye")
    }
  }
}

/// Goes once through the headers of a message, up to the empty line behind them.
public struct SSDPHeaders {
  private var at: Int

  /// Where a header's name stands, and its value without blanks around it.
  public struct Header: Equatable {
    public var name: Range<Int>
    public var value: Range<Int>

    /// Keeps the value if the header has this name, unless one of that name was kept before. Names
    /// are compared in any letters, for printers do not agree on them.
    @inline(__always)
    public func keep(
      _ wanted: StaticString, in field: inout Range<Int>?, _ datagram: Span<UInt8>
    ) {
      guard name.count == wanted.utf8CodeUnitCount, field == nil,
        equalsIgnoringCase(datagram.extracting(name), wanted)
      else { return }
      field = value
    }
  }

  public init(_ datagram: Span<UInt8>) {
    at = SSDP.line(datagram, from: 0)?.next ?? datagram.count
  }

  /// The next header; nil when there are no more. `datagram` is the one it was made for.
  public mutating func next(_ datagram: Span<UInt8>) -> Header? {
    while let line = SSDP.line(datagram, from: at), line.end > at {
      let start = at
      at = line.next
      // No name has a colon in it.
      guard let colon = RawBytes.first(0x3A, in: datagram, from: start, to: line.end)
      else { continue }
      return Header(
        name: start..<colon, value: SSDP.trimmed(datagram, colon + 1..<line.end))
    }
    at = datagram.count
    return nil
  }
}

/// Reads and writes such messages.
public enum SSDP {
  /// No header that we know is longer, nor has a message more of them.
  public static let datagramLimit = 768

  /// Asks everybody for devices of a kind; they answer within so many seconds.
  public static func question(
    target: StaticString, host: StaticString, seconds: Int, into writer: inout ByteWriter
  ) {
    writer.put("M-SEARCH * HTTP/1.1\r\nHOST: ")
    writer.put(host)
    writer.put("\r\nMAN: \"ssdp:discover\"\r\nMX: ")
    writer.put(decimal: seconds)
    writer.put("\r\nST: ")
    writer.put(target)
    writer.put("\r\n\r\n")
  }

  /// The end of the line that begins at `start`, and where the next begins. The last line of a
  /// datagram may lack its end.
  static func line(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, next: Int)? {
    guard start < bytes.count else { return nil }
    let newLine = RawBytes.first(0x0A, in: bytes, from: start, to: bytes.count)
    let stop = newLine ?? bytes.count
    let end = stop > start && bytes[stop - 1] == 0x0D ? stop - 1 : stop
    return (end, newLine == nil ? stop : stop + 1)
  }

  static func begins(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return bytes.count >= count && equalsIgnoringCase(bytes.extracting(0..<count), text)
  }

  static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high, bytes[low] == 0x20 || bytes[low] == 0x09 { low += 1 }
    while low < high, bytes[high - 1] == 0x20 || bytes[high - 1] == 0x09 { high -= 1 }
    return low..<high
  }
}
