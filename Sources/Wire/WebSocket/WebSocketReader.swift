// WebSocket frames by RFC 6455, section 5, without extensions.
//
//     final, reserved, opcode | masked, length | length, 16 or 64 bits | mask | payload
//              1              |       1        |       0, 2 or 8       | 0, 4 |   ...   (bytes)
//
// A message may come in several frames, and control frames between them; a control frame is read
// whole. The pieces of a message are shown as they come, whatever the frames are.

/// Reads the frames that one side of a WebSocket hears.
public struct WebSocketReader: ~Copyable {
  /// Which side reads: a server demands masks, a client refuses them.
  public enum Side: Sendable { case client, server }

  private struct Header {
    var isFinal: Bool
    var opcode: WebSocketOpcode
    var mask: UInt32
    var payloadCount: Int
    var count: Int
  }

  private let side: Side
  private let messageLimit: Int
  private var failure: WebSocketError?
  private var isClosed = false
  /// Inside the payload of a data frame, or before an empty one's only event.
  private var isInFrame = false
  private var isInMessage = false
  private var isFinal = false
  private var isText = false
  private var remaining = 0
  private var messageCount = 0
  private var text = UTF8Checker()
  /// The mask, turned so that its first byte is for the next byte of the payload.
  private var mask: UInt32 = 0
  /// The same for the first byte of the last event's range, and where that was.
  private var eventMask: UInt32 = 0
  private var eventStart = 0

  /// `side` is ours; `messageLimit` bounds one message in bytes.
  public init(side: Side, messageLimit: Int) {
    self.side = side
    self.messageLimit = messageLimit
  }

  /// Reads one event from the front of the unread bytes. After a close there is none any more.
  public mutating func next(_ input: Span<UInt8>) throws(WebSocketError) -> WebSocketEvent {
    if let failure { throw failure }
    if isClosed { return .needsMore }
    do throws(WebSocketError) {
      return isInFrame ? try readPayload(input, from: 0) : try readFrame(input)
    } catch {
      failure = error
      throw error
    }
  }

  /// Copies out the bytes of the range of the last event (or of some of it), without their mask.
  /// The input is that which the event was read from.
  public func copy(_ range: Range<Int>, of input: Span<UInt8>, into writer: inout ByteWriter) {
    let mask = Mask.advanced(eventMask, by: range.lowerBound &- eventStart)
    writer.put(input.extracting(range), maskedBy: mask)
  }

  private mutating func readFrame(_ input: Span<UInt8>) throws(WebSocketError) -> WebSocketEvent {
    guard let header = try readHeader(input) else { return .needsMore }
    switch header.opcode {
    case .close, .ping, .pong:
      guard input.count &- header.count >= header.payloadCount else { return .needsMore }
      return try readControl(input, header)
    case .text, .binary:
      guard !isInMessage else { throw .badFragment }
      guard header.payloadCount <= messageLimit else { throw .tooLarge }
      isInMessage = true
      isText = header.opcode == .text
      messageCount = 0
      text = UTF8Checker()
      begin(header)
      return .message(isText: isText, used: header.count)
    case .continuation:
      guard isInMessage else { throw .badFragment }
      guard header.payloadCount <= messageLimit &- messageCount else { throw .tooLarge }
      // Nothing would be told yet; the header is read again then.
      guard header.payloadCount == 0 || input.count > header.count else { return .needsMore }
      begin(header)
      return try readPayload(input, from: header.count)
    }
  }

  private mutating func begin(_ header: Header) {
    isFinal = header.isFinal
    mask = header.mask
    remaining = header.payloadCount
    messageCount &+= header.payloadCount
    isInFrame = remaining > 0 || isFinal
  }

  private mutating func readPayload(
    _ input: Span<UInt8>, from start: Int
  ) throws(WebSocketError) -> WebSocketEvent {
    let available = input.count &- start
    let count = available < remaining ? available : remaining
    guard count > 0 || remaining == 0 else { return .needsMore }
    let end = start &+ count
    eventMask = mask
    eventStart = start
    if isText, !text.accept(input.extracting(0..<end), from: start, mask: mask) { throw .badText }
    remaining &-= count
    mask = Mask.advanced(mask, by: count)
    isInFrame = remaining > 0
    let endsMessage = isFinal && !isInFrame
    if endsMessage {
      if isText, !text.isComplete { throw .badText }
      isInMessage = false
    }
    return .payload(start..<end, endsMessage: endsMessage, used: end)
  }

  private mutating func readControl(
    _ input: Span<UInt8>, _ header: Header
  ) throws(WebSocketError) -> WebSocketEvent {
    let end = header.count &+ header.payloadCount
    let payload = header.count..<end
    eventMask = header.mask
    eventStart = header.count
    if header.opcode == .ping { return .ping(payload, used: end) }
    if header.opcode == .pong { return .pong(payload, used: end) }
    isClosed = true
    guard header.payloadCount > 0 else { return .close(code: 1005, reason: payload, used: end) }
    guard header.payloadCount > 1 else { throw .badClose }
    let high = input[header.count] ^ Mask.byte(header.mask, 0)
    let low = input[header.count &+ 1] ^ Mask.byte(header.mask, 1)
    let code = UInt16(high) &<< 8 | UInt16(low)
    guard Self.canBeSent(code) else { throw .badClose }
    let reason = header.count &+ 2..<end
    var checker = UTF8Checker()
    let reasonMask = Mask.advanced(header.mask, by: 2)
    guard
      checker.accept(input.extracting(0..<end), from: reason.lowerBound, mask: reasonMask),
      checker.isComplete
    else { throw .badText }
    return .close(code: code, reason: reason, used: end)
  }

  /// Some codes only say what was not in a close frame; some belong to nobody.
  private static func canBeSent(_ code: UInt16) -> Bool {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }

  private func readHeader(_ input: Span<UInt8>) throws(WebSocketError) -> Header? {
    guard input.count > 1 else { return nil }
    guard input[0] & 0x70 == 0 else { throw .reservedBits }
    guard let opcode = WebSocketOpcode(rawValue: input[0] & 15) else { throw .unknownOpcode }
    guard (input[1] & 0x80 != 0) == (side == .server) else { throw .badMask }
    let isFinal = input[0] & 0x80 != 0
    let short = Int(input[1] & 0x7F)
    if opcode.rawValue > 7 {
      guard isFinal, short <= 125 else { throw .badControl }
    }
    let maskStart = short < 126 ? 2 : short == 126 ? 4 : 10
    let count = maskStart &+ (side == .server ? 4 : 0)
    guard input.count >= count else { return nil }
    var payloadCount = short
    if short == 126 {
      payloadCount = Int(input[2]) &<< 8 | Int(input[3])
      guard payloadCount > 125 else { throw .badLength }
    } else if short == 127 {
      guard input[2] < 0x80 else { throw .badLength }
      guard bigEndian32(input, at: 2) == 0 else { throw .tooLarge }
      let low = bigEndian32(input, at: 6)
      guard low > 0xFFFF else { throw .badLength }
      guard let length = Int(exactly: low) else { throw .tooLarge }
      payloadCount = length
    }
    return Header(
      isFinal: isFinal, opcode: opcode,
      mask: side == .server ? bigEndian32(input, at: maskStart) : 0,
      payloadCount: payloadCount, count: count)
  }
}

/// Four bytes as a number. They must be there.
func bigEndian32(_ bytes: Span<UInt8>, at start: Int) -> UInt32 {
  UInt32(bytes[start]) &<< 24 | UInt32(bytes[start &+ 1]) &<< 16
    | UInt32(bytes[start &+ 2]) &<< 8 | UInt32(bytes[start &+ 3])
}
