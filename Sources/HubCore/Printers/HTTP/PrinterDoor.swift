// What the hub has learned of the way to a printer's server and its storage, for all connections to it.

import Wire

/// A digest's demand, the server's certificate, where a redirect has led, and where files are put.
struct PrinterDoor {
  var digest = HTTPDigest()
  /// The certificate that was shown last; empty without TLS.
  var certificate = Fingerprint()
  /// Where files are put, where there is a choice; empty while nobody knows.
  var storage = Text<32>()
  /// Another port of the same host, or TLS.
  private var port: UInt16?
  private var isSecure: Bool?

  init() {}

  mutating func forget() { self = PrinterDoor() }

  func port(of printer: borrowing PrinterConfiguration) -> UInt16 { port ?? printer.port }

  func isSecure(_ printer: borrowing PrinterConfiguration) -> Bool {
    isSecure ?? printer.isSecure
  }

  /// The door that a redirect led to is shut: the one that was given is tried again.
  mutating func forgetRedirect() {
    port = nil
    isSecure = nil
  }

  /// Opens a stream to the server. Its certificate may be in any name: servers at home are called
  /// anything, and are signed by nobody. The one that was shown first is the one to come.
  func open(
    on board: Board, _ printer: borrowing PrinterConfiguration
  ) throws(Connection.Failure) -> Connection {
    try Connection.open(
      on: board, host: printer.address.span, port: port(of: printer),
      trust: isSecure(printer) ? .commonName : .plain, name: Span(),
      fingerprint: printer.pin.span)
  }

  /// Whether the server wants a digest and not the key itself.
  static func usesDigest(_ printer: borrowing PrinterConfiguration) -> Bool {
    printer.kind == .prusaLink && !printer.userName.isEmpty
  }

  /// Goes where a redirect leads, if that is another door of the same host; never from TLS back into
  /// the open. The key goes to the host that it was given for and to no other.
  mutating func follow(_ place: Span<UInt8>, _ printer: borrowing PrinterConfiguration) -> Bool {
    guard let parts = URLParts(place), parts.scheme == .https || parts.scheme == .http,
      equals(place.extracting(parts.host), printer.address.span),
      parts.isSecure || !isSecure(printer),
      parts.port != port(of: printer) || parts.isSecure != isSecure(printer)
    else { return false }
    port = parts.port
    isSecure = parts.isSecure
    return true
  }

  /// Writes the request line and the headers that every request has, without the empty line; answers
  /// whether they carry a digest's answer.
  mutating func writeHead(
    _ method: StaticString, _ target: Span<UInt8>, _ printer: borrowing PrinterConfiguration,
    chance: UInt32, into writer: inout ByteWriter
  ) -> Bool {
    writer.put(method)
    writer.put(" ")
    writer.put(target)
    writer.put(" HTTP/1.1\r\nHost: ")
    writer.put(printer.address.span)
    writer.putPort(port(of: printer), isSecure: isSecure(printer))
    writer.put("\r\nUser-Agent: hubrig/")
    writer.put(Firmware.version)
    writer.put("\r\nAccept: application/json\r\n")
    if Self.usesDigest(printer) {
      guard digest.isKnown else { return false }
      writer.put("Authorization: ")
      digest.write(
        method: method, target: target, user: printer.userName.span,
        password: printer.accessCode.span, chance: chance, into: &writer)
      writer.put("\r\n")
      return true
    }
    if !printer.accessCode.isEmpty {
      writer.put("X-Api-Key: ")
      writer.put(printer.accessCode.span)
      writer.put("\r\n")
    }
    return false
  }
}
