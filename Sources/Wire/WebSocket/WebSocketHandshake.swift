// The handshake of RFC 6455, section 4: the server shows that it has read the client's key.

/// Makes and checks the two values of the handshake.
public enum WebSocketHandshake {
  /// What `Sec-WebSocket-Key` holds: 16 random bytes in Base64.
  public static func key(_ entropy: Span<UInt8>, into writer: inout ByteWriter) {
    Base64.encode(entropy, into: &writer)
  }

  /// What `Sec-WebSocket-Accept` holds in answer to a key.
  public static func accept(forKey key: Span<UInt8>, into writer: inout ByteWriter) {
    let digest = digest(of: key)
    Base64.encode(digest.span, into: &writer)
  }

  /// Whether `value` is the right answer to the key.
  public static func isAccepted(_ value: Span<UInt8>, forKey key: Span<UInt8>) -> Bool {
    guard value.count == 28 else { return false }
    let digest = digest(of: key)
    for index in 0..<28 where value[index] != Base64.character(at: index, of: digest.span) {
      return false
    }
    return true
  }

  private static func digest(of key: Span<UInt8>) -> [20 of UInt8] {
    var hash = SHA1()
    hash.update(key)
    hash.update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
    return hash.finish()
  }
}
