import World

/// A port of a virtual host that accepts streams.
final class VirtualListener: Listener {
  let port: UInt16
  let identity: ServerIdentity?
  /// By the server's own clock, milliseconds since 1970.
  let validUntil: Int64
  let validFrom: Int64
  /// nil before the host goes; a weak reference would slow down every use of the host.
  private unowned(unsafe) var host: VirtualHost?
  private(set) var accept: ((any Stream) -> Void)?

  init(
    port: UInt16, security: ServerSecurity, madeAt wallMilliseconds: Int64, host: VirtualHost,
    accept: @escaping (any Stream) -> Void
  ) {
    self.port = port
    self.host = host
    self.accept = accept
    switch security {
    case .plain: identity = nil
    case .tls(let identity): self.identity = identity
    }
    // Clocks are never quite the same.
    validFrom = wallMilliseconds - Self.day
    validUntil = identity?.validUntil ?? wallMilliseconds + Self.tenYears
  }

  /// What a client gets to see.
  var shownIdentity: ServerIdentity? {
    identity == nil ? nil : host?.shownCertificate ?? identity
  }

  private static let day: Int64 = 86_400_000
  private static let tenYears: Int64 = 3_652 * 86_400_000

  func close() {
    accept = nil
    host?.remove(self)
    host = nil
  }

  /// Closed by the end of the process that had it.
  func vanish() {
    accept = nil
    host = nil
  }
}
