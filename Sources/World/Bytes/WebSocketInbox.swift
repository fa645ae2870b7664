import Wire

/// What one peer sends on a WebSocket, as it comes in: frames go in, whole messages come out.
public struct WebSocketInbox: ~Copyable {
  /// What the front of the bytes turned out to be.
  public enum Event {
    /// Ask again when more bytes have come.
    case needsMore
    /// Some bytes were taken that are nothing by themselves.
    case again
    case message([UInt8], isText: Bool)
    case ping([UInt8])
    /// The last event there is.
    case close(code: UInt16)
    /// What follows cannot be understood any more.
    case broken(WebSocketError)
  }

  /// What has come and was not taken apart yet.
  public var bytes: ByteBuffer
  private var reader: WebSocketReader
  private var message: [UInt8] = []
  private var isText = true

  /// `side` is who reads; `bytes` is what came behind the handshake.
  public init(
    side: WebSocketReader.Side, messageLimit: Int, _ bytes: ByteBuffer = ByteBuffer()
  ) {
    reader = WebSocketReader(side: side, messageLimit: messageLimit)
    self.bytes = bytes
  }

  /// Takes the next piece off the front.
  public mutating func next() -> Event {
    var used = 0
    let event: Event = bytes.withPendingSpan { span in
      let event: WebSocketEvent
      do throws(WebSocketError) {
        event = try reader.next(span)
      } catch {
        return .broken(error)
      }
      func plain(_ range: Range<Int>) -> [UInt8] {
        encoded(max(1, range.count)) { reader.copy(range, of: span, into: &$0) }
      }
      switch event {
      case .needsMore: return .needsMore
      case .message(let isText, let count):
        used = count
        self.isText = isText
        message = []
        return .again
      case .payload(let range, let endsMessage, let count):
        used = count
        message += plain(range)
        guard endsMessage else { return .again }
        defer { message = [] }
        return .message(message, isText: self.isText)
      case .ping(let range, let count):
        used = count
        return .ping(plain(range))
      case .pong(_, let count):
        used = count
        return .again
      case .close(let code, _, let count):
        used = count
        return .close(code: code)
      }
    }
    bytes.consume(used)
    return event
  }
}
