/// How a listener proves who it is.
public enum ServerSecurity: Equatable, Sendable {
  case plain
  case tls(ServerIdentity)
}

/// A certificate, described. The virtual world models it, the live one makes and keeps a real one.
public struct ServerIdentity: Hashable, Sendable {
  /// The common name of the subject: a printer's serial, a server's name.
  public var commonName: String
  /// Names and addresses that the certificate is valid for beside the common name.
  public var alternativeNames: [String]
  /// The name of the authority that signed it; empty for one that signed itself.
  public var authority: String
  /// Milliseconds since 1970 at which it ends, or nil for ten years from its making.
  public var validUntil: Int64?
  /// Speaks TLS up to 1.2 only, as what is built into machines often does. With 1.3 a server says
  /// more after the handshake; a client that closes without having read it resets the stream.
  public var endsAtTLS12: Bool

  public init(
    commonName: String, alternativeNames: [String] = [], authority: String = "",
    validUntil: Int64? = nil, endsAtTLS12: Bool = false
  ) {
    self.commonName = commonName
    self.alternativeNames = alternativeNames
    self.authority = authority
    self.validUntil = validUntil
    self.endsAtTLS12 = endsAtTLS12
  }
}

/// How a client checks whom it talks to.
public enum ClientSecurity {
  case plain
  /// `resuming` is an earlier stream whose TLS session to take up again.
  case tls(trust: Trust, serverName: String, resuming: (any Stream)?)
}

/// Whom a client believes.
public enum Trust: Equatable, Sendable {
  /// Signed by this authority, valid now, and for the server name asked for. It is told by its name;
  /// in the live world also by the path of a file, or by a text, of certificates (PEM).
  case authority(String)
  /// Any signer, as long as the common name is this one and the certificate is valid now. With an
  /// empty name any certificate will do that is valid now.
  case commonName(String)
  /// The same, and the SHA-256 of the certificate must be this: 32 bytes.
  case pinned(commonName: String, fingerprint: [UInt8])
  /// Signed by this authority and valid now, and the common name is this one; what else the
  /// certificate names does not matter. The authority is told as in ``authority(_:)``.
  case maker(authority: String, commonName: String)

  /// The authority that counts, if any.
  public var authority: String? {
    switch self {
    case .authority(let name), .maker(let name, _): name
    case .commonName, .pinned: nil
    }
  }

  /// Whether a certificate with this common name will do where `wanted` is asked for.
  public static func takes(_ name: String?, wanted: String) -> Bool {
    wanted.isEmpty || name == wanted
  }
}
