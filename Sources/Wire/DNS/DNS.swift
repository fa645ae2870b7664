// Domain names by RFC 1035, section 4: as much as a name server needs that knows one address.
//
//     identifier | flags | questions | answers | authorities | additionals     2 bytes each
//     name in labels, 0 | type | class                                         the question
//     pointer to the name | type | class | seconds to live | length | address  the answer
//
// No I/O and no memory of its own. What may follow the question (EDNS) is not looked at.

/// Reads a question and writes an answer, one datagram each.
public enum DNS {
  public static let port: UInt16 = 53
  /// No datagram is longer, unless both ends have agreed on more.
  public static let datagramLimit = 512
  private static let headerCount = 12
  private static let labelLimit = 63
  private static let nameLimit = 255

  /// The one question in a datagram.
  public static func question(_ datagram: Span<UInt8>) throws(DNSError) -> DNSQuestion {
    guard datagram.count >= headerCount else { throw .truncated }
    guard datagram[2] & 0x80 == 0 else { throw .notAQuestion }
    guard number(datagram, 4) == 1 else { throw .badCount }
    let end = try endOfName(datagram, from: headerCount)
    guard datagram.count >= end + 4 else { throw .truncated }
    return DNSQuestion(
      identifier: number(datagram, 0), operation: datagram[2] >> 3 & 15,
      wantsRecursion: datagram[2] & 1 != 0, type: number(datagram, end),
      group: number(datagram, end + 2), name: headerCount..<end)
  }

  /// Answers a question that was read from `datagram` with an address, or says that there is nothing
  /// of the kind it asks for.
  public static func answer(
    _ question: DNSQuestion, of datagram: Span<UInt8>, address: Span<UInt8>,
    secondsToLive: UInt32, into writer: inout ByteWriter
  ) {
    let hasAddress = question.wantsAddress && address.count == 4
    writer.put(bigEndian16: question.identifier)
    // An answer, and we are the authority; what is no ordinary question is not supported.
    writer.put(0x84 | question.operation << 3 | (question.wantsRecursion ? 1 : 0))
    writer.put(0x80 | (question.operation == 0 ? 0 : 4))
    writer.put(bigEndian16: 1)
    writer.put(bigEndian16: hasAddress ? 1 : 0)
    writer.put(bigEndian32: 0)
    writer.put(datagram.extracting(question.name))
    writer.put(bigEndian16: question.type)
    writer.put(bigEndian16: question.group)
    guard hasAddress else { return }
    // The name stands at offset 12 already.
    writer.put(bigEndian16: 0xC00C)
    writer.put(bigEndian16: DNSQuestion.address)
    writer.put(bigEndian16: DNSQuestion.internet)
    writer.put(bigEndian32: secondsToLive)
    writer.put(bigEndian16: 4)
    writer.put(address)
  }

  /// Puts a name as people write it: "printer.local". Whatever is no letter, digit, dash or
  /// underscore becomes a question mark.
  public static func text(
    _ name: Range<Int>, of datagram: Span<UInt8>, into writer: inout ByteWriter
  ) {
    var position = name.lowerBound
    while position < name.upperBound, datagram[position] > 0 {
      if position > name.lowerBound { writer.put(UInt8(ascii: ".")) }
      let end = position + 1 + Int(datagram[position])
      position += 1
      while position < end, position < name.upperBound {
        switch datagram[position] {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: writer.put(datagram[position])
        default: writer.put(UInt8(ascii: "?"))
        }
        position += 1
      }
    }
  }

  /// Where a name is over, its final zero included. In a question nothing stands before it that it
  /// could point to.
  private static func endOfName(
    _ datagram: Span<UInt8>, from start: Int
  ) throws(DNSError) -> Int {
    var position = start
    while position < datagram.count {
      let length = Int(datagram[position])
      guard length <= labelLimit else { throw .badName }
      position += 1 + length
      guard position - start <= nameLimit else { throw .badName }
      if length == 0 { return position }
    }
    throw .truncated
  }

  private static func number(_ bytes: Span<UInt8>, _ index: Int) -> UInt16 {
    UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
  }
}
