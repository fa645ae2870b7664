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
    target = SSDP.header("nt", in: datagram) ?? SSDP.header("st", in: datagram)
    name = SSDP.header("usn", in: datagram)
    location = SSDP.header("location", in: datagram)
    if let event = SSDP.header("nts", in: datagram) {
      isGoodbye = equalsIgnoringCase(datagram.extracting(event), "ssdp:byebye")
    }
  }
}

/// Reads and writes such messages.
public enum SSDP {
  /// No header that we know is longer, nor has a message more of them.
  public static let datagramLimit = 768

  /// The value of a header, without blanks around it; nil when it is not there. Names are compared
  /// in any letters, for printers do not agree on them.
  public static func header(_ name: StaticString, in datagram: Span<UInt8>) -> Range<Int>? {
    guard var at = line(datagram, from: 0)?.next else { return nil }
    while at < datagram.count, let current = line(datagram, from: at) {
      if current.end == at { return nil }
      // No name has a colon in it.
      let colon = at + name.utf8CodeUnitCount
      if colon < current.end, datagram[colon] == 0x3A,
        equalsIgnoringCase(datagram.extracting(at..<colon), name)
      {
        return trimmed(datagram, colon + 1..<current.end)
      }
      at = current.next
    }
    return nil
  }

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
    var at = start
    while at < bytes.count, bytes[at] != 0x0A { at += 1 }
    let next = at < bytes.count ? at + 1 : at
    let end = at > start && bytes[at - 1] == 0x0D ? at - 1 : at
    return (end, next)
  }

  static func begins(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return bytes.count >= count && equalsIgnoringCase(bytes.extracting(0..<count), text)
  }

  private static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high, bytes[low] == 0x20 || bytes[low] == 0x09 { low += 1 }
    while low < high, bytes[high - 1] == 0x20 || bytes[high - 1] == 0x09 { high -= 1 }
    return low..<high
  }
}
