/// The parts of an absolute address on the web, as ranges into its text.
///
///     https://cloud.example:8787/path?query#fragment
///     scheme  host          port target     (dropped)
///
/// A user name in it is refused: it would be a secret in a place where nobody looks after it.
public struct URLParts: Equatable, Sendable {
  public enum Scheme: Equatable, Sendable { case http, https, ws, wss }

  public let scheme: Scheme
  /// A name or address; that of an IPv6 address without its brackets.
  public let host: Range<Int>
  /// The scheme's own, if the text names none.
  public let port: UInt16
  /// Path and query. Put a slash before it if it does not begin with one: it may be empty.
  public let target: Range<Int>

  public var isSecure: Bool { scheme == .https || scheme == .wss }

  public init?(_ text: Span<UInt8>) {
    for index in 0..<text.count where text[index] <= 0x20 || text[index] >= 0x7F { return nil }
    guard let (scheme, authorityStart) = Self.scheme(of: text) else { return nil }
    var authorityEnd = authorityStart
    while authorityEnd < text.count, !Self.endsAuthority(text[authorityEnd]) { authorityEnd &+= 1 }
    guard
      let (host, portStart) = Self.host(of: text, in: authorityStart..<authorityEnd)
    else { return nil }
    var port: UInt16 = scheme == .https || scheme == .wss ? 443 : 80
    if portStart < authorityEnd {
      guard let number = decimalInteger(text.extracting(portStart &+ 1..<authorityEnd)),
        number > 0, number <= 0xFFFF
      else { return nil }
      port = UInt16(truncatingIfNeeded: number)
    }
    var targetEnd = authorityEnd
    while targetEnd < text.count, text[targetEnd] != 0x23 { targetEnd &+= 1 }
    self.scheme = scheme
    self.host = host
    self.port = port
    target = authorityEnd..<targetEnd
  }

  /// The scheme, and where the authority begins.
  private static func scheme(of text: Span<UInt8>) -> (Scheme, Int)? {
    var colon = 0
    while colon < text.count, text[colon] != 0x3A { colon &+= 1 }
    guard colon &+ 2 < text.count, text[colon &+ 1] == 0x2F, text[colon &+ 2] == 0x2F else {
      return nil
    }
    let name = text.extracting(0..<colon)
    let start = colon &+ 3
    if equalsIgnoringCase(name, "http") { return (.http, start) }
    if equalsIgnoringCase(name, "https") { return (.https, start) }
    if equalsIgnoringCase(name, "ws") { return (.ws, start) }
    if equalsIgnoringCase(name, "wss") { return (.wss, start) }
    return nil
  }

  /// The host, and where the colon before the port is, or the authority's end.
  private static func host(of text: Span<UInt8>, in authority: Range<Int>) -> (Range<Int>, Int)? {
    let end = authority.upperBound
    var index = authority.lowerBound
    if index < end, text[index] == 0x5B {
      let start = index &+ 1
      while index < end, text[index] != 0x5D { index &+= 1 }
      guard index < end, index > start else { return nil }
      for inside in start..<index where !isAddressByte(text[inside]) { return nil }
      guard index &+ 1 == end || text[index &+ 1] == 0x3A else { return nil }
      return (start..<index, index &+ 1)
    }
    while index < end, text[index] != 0x3A {
      guard isNameByte(text[index]) else { return nil }
      index &+= 1
    }
    guard index > authority.lowerBound else { return nil }
    return (authority.lowerBound..<index, index)
  }

  private static func endsAuthority(_ byte: UInt8) -> Bool {
    byte == 0x2F || byte == 0x3F || byte == 0x23
  }

  private static func isAddressByte(_ byte: UInt8) -> Bool {
    hexValue(byte) != nil || byte == 0x3A || byte == 0x2E
  }

  /// Letters, digits, `-._~`; all that names in use consist of.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }
}
