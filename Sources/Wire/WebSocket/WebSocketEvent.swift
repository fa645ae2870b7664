/// What the front of the input turned out to be; ranges are into the input shown.
///
/// The bytes of a range may be masked: `WebSocketReader.copy` takes the mask off.
public enum WebSocketEvent: Equatable, Sendable {
  /// Ask again when more bytes have come.
  case needsMore
  /// A message begins.
  case message(isText: Bool, used: Int)
  /// Some bytes of it; perhaps none, as when it ends.
  case payload(Range<Int>, endsMessage: Bool, used: Int)
  case ping(Range<Int>, used: Int)
  case pong(Range<Int>, used: Int)
  /// The last event there is. The code is 1005 if the peer gave none.
  case close(code: UInt16, reason: Range<Int>, used: Int)
}

/// What a frame is.
public enum WebSocketOpcode: UInt8, Sendable {
  case continuation = 0
  case text = 1
  case binary = 2
  case close = 8
  case ping = 9
  case pong = 10
}

/// Why bytes are no WebSocket frames that we take. Close with `closeCode` after any.
public enum WebSocketError: Error, Equatable, Sendable {
  case reservedBits
  case unknownOpcode
  /// A client's frame without a mask, or a server's with one.
  case badMask
  /// Not written in the shortest way, or of 64 bits.
  case badLength
  /// A ping, pong or close that is cut in pieces or too long.
  case badControl
  /// A piece of no message, or a message inside another.
  case badFragment
  case badClose
  case badText
  case tooLarge

  /// Stable, for logs and scenarios.
  public var name: StaticString {
    switch self {
    case .reservedBits: "websocket.reserved-bits"
    case .unknownOpcode: "websocket.unknown-opcode"
    case .badMask: "websocket.bad-mask"
    case .badLength: "websocket.bad-length"
    case .badControl: "websocket.bad-control"
    case .badFragment: "websocket.bad-fragment"
    case .badClose: "websocket.bad-close"
    case .badText: "websocket.bad-text"
    case .tooLarge: "websocket.too-large"
    }
  }

  /// The code to close with.
  public var closeCode: UInt16 {
    switch self {
    case .badText: 1007
    case .tooLarge: 1009
    case .reservedBits, .unknownOpcode, .badMask, .badLength, .badControl, .badFragment,
      .badClose:
      1002
    }
  }
}
