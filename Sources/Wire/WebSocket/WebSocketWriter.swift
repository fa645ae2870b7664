/// Writes WebSocket frames, each whole or (if it does not fit) not at all.
///
/// `mask` is four random bytes for a client, nil for a server.
public enum WebSocketWriter {
  /// The longest header of a frame.
  public static let headerLimit = 14
  /// The longest payload of a ping, pong or close.
  public static let controlLimit = 125

  public static func frame(
    opcode: WebSocketOpcode, isFinal: Bool, mask: UInt32?, payload: Span<UInt8>,
    into writer: inout ByteWriter
  ) {
    let needed = headerCount(payload.count, isMasked: mask != nil) &+ payload.count
    guard needed <= writer.freeCount else { return writer.overflow() }
    header(
      opcode: opcode, isFinal: isFinal, mask: mask, payloadCount: payload.count, into: &writer)
    writer.put(payload, maskedBy: mask ?? 0)
  }

  /// The frame up to its payload, which the caller sends behind it, masked if there is a mask. A
  /// ping, pong or close that is longer than it may be counts as one that does not fit.
  public static func header(
    opcode: WebSocketOpcode, isFinal: Bool, mask: UInt32?, payloadCount: Int,
    into writer: inout ByteWriter
  ) {
    guard opcode.rawValue < 8 || payloadCount <= controlLimit, payloadCount >= 0,
      headerCount(payloadCount, isMasked: mask != nil) <= writer.freeCount
    else { return writer.overflow() }
    writer.put((isFinal ? 0x80 : 0) | opcode.rawValue)
    let maskBit: UInt8 = mask == nil ? 0 : 0x80
    let low = UInt32(truncatingIfNeeded: payloadCount)
    if payloadCount < 126 {
      writer.put(maskBit | UInt8(truncatingIfNeeded: payloadCount))
    } else if payloadCount <= 0xFFFF {
      writer.put(maskBit | 126)
      writer.put(bigEndian16: UInt16(truncatingIfNeeded: payloadCount))
    } else {
      writer.put(maskBit | 127)
      // On the chip a count has no upper half.
      let isWide = MemoryLayout<Int>.size > 4
      writer.put(bigEndian32: isWide ? UInt32(truncatingIfNeeded: payloadCount &>> 32) : 0)
      writer.put(bigEndian32: low)
    }
    if let mask { writer.put(bigEndian32: mask) }
  }

  public static func text(_ text: Span<UInt8>, mask: UInt32?, into writer: inout ByteWriter) {
    frame(opcode: .text, isFinal: true, mask: mask, payload: text, into: &writer)
  }

  public static func binary(_ bytes: Span<UInt8>, mask: UInt32?, into writer: inout ByteWriter) {
    frame(opcode: .binary, isFinal: true, mask: mask, payload: bytes, into: &writer)
  }

  public static func ping(_ bytes: Span<UInt8>, mask: UInt32?, into writer: inout ByteWriter) {
    frame(opcode: .ping, isFinal: true, mask: mask, payload: bytes, into: &writer)
  }

  public static func pong(_ bytes: Span<UInt8>, mask: UInt32?, into writer: inout ByteWriter) {
    frame(opcode: .pong, isFinal: true, mask: mask, payload: bytes, into: &writer)
  }

  /// Code 1005 writes a close without a code. A reason that is too long is cut between two
  /// characters.
  public static func close(
    code: UInt16, reason: Span<UInt8>, mask: UInt32?, into writer: inout ByteWriter
  ) {
    guard code != 1005 else {
      return header(opcode: .close, isFinal: true, mask: mask, payloadCount: 0, into: &writer)
    }
    var length = reason.count
    if length > controlLimit &- 2 {
      length = controlLimit &- 2
      while length > 0, reason[length] & 0xC0 == 0x80 { length &-= 1 }
    }
    let needed = headerCount(length &+ 2, isMasked: mask != nil) &+ length &+ 2
    guard needed <= writer.freeCount else { return writer.overflow() }
    header(opcode: .close, isFinal: true, mask: mask, payloadCount: length &+ 2, into: &writer)
    let mask = mask ?? 0
    writer.put(bigEndian16: code ^ UInt16(truncatingIfNeeded: mask &>> 16))
    writer.put(reason.extracting(0..<length), maskedBy: Mask.advanced(mask, by: 2))
  }

  private static func headerCount(_ payloadCount: Int, isMasked: Bool) -> Int {
    (payloadCount < 126 ? 2 : payloadCount <= 0xFFFF ? 4 : 10) &+ (isMasked ? 4 : 0)
  }
}
