import Testing
import Wire
import World

@Suite("Domain names")
struct DNSTests {
  /// Asks for the address of "captive.apple.com".
  static let question: [UInt8] =
    [0xBE, 0xEF, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 7] + Array("captive".utf8) + [5]
    + Array("apple".utf8) + [3] + Array("com".utf8) + [0, 0, 1, 0, 1]

  private func answer(_ datagram: [UInt8], address: [UInt8] = [192, 168, 4, 1]) throws -> [UInt8] {
    let question = try DNS.question(datagram.span)
    return encoded {
      DNS.answer(
        question, of: datagram.span, address: address.span, secondsToLive: 60, into: &$0)
    }
  }

  @Test("a question is read: its name, its kind, its number")
  func question() throws {
    let question = try DNS.question(Self.question.span)
    #expect(question.identifier == 0xBEEF)
    #expect(question.wantsAddress && question.wantsRecursion)
    #expect(question.name == 12..<31)
    let text = encoded { DNS.text(question.name, of: Self.question.span, into: &$0) }
    #expect(String(decoding: text, as: UTF8.self) == "captive.apple.com")
  }

  @Test("whatever name is asked for, the answer is the one address")
  func address() throws {
    let answer = try answer(Self.question)
    #expect(
      answer == [0xBE, 0xEF, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + Self.question[12...]
        + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 168, 4, 1])
  }

  @Test("of other kinds there is nothing, which is said: a phone that asks for IPv6 does not wait")
  func otherKind() throws {
    var datagram = Self.question
    datagram[datagram.count - 3] = 28
    let answer = try answer(datagram)
    #expect(answer.count == datagram.count)
    #expect(answer[3] & 15 == 0 && answer[7] == 0)
  }

  @Test("what is no ordinary question is answered with: not implemented")
  func otherOperation() throws {
    var datagram = Self.question
    datagram[2] = 0x29
    let answer = try answer(datagram)
    #expect(answer[2] == 0xAD && answer[3] == 0x84 && answer[7] == 0)
  }

  @Test("what follows the question, such as EDNS, is passed over")
  func trailing() throws {
    var datagram = Self.question + [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]
    datagram[11] = 1
    #expect(try answer(datagram).suffix(4) == [192, 168, 4, 1])
  }

  @Test("an answer is never answered, and neither is a crowd of questions")
  func refused() {
    var datagram = Self.question
    datagram[2] |= 0x80
    #expect(throws: DNSError.notAQuestion) { try DNS.question(datagram.span) }
    datagram = Self.question
    datagram[5] = 2
    #expect(throws: DNSError.badCount) { try DNS.question(datagram.span) }
    datagram[5] = 0
    #expect(throws: DNSError.badCount) { try DNS.question(datagram.span) }
  }

  @Test("every datagram that ends too early is refused")
  func cut() {
    for count in 0..<Self.question.count {
      let datagram = Array(Self.question.prefix(count))
      #expect(throws: DNSError.truncated) { try DNS.question(datagram.span) }
    }
  }

  @Test("a name that points elsewhere, or never ends, is refused")
  func badNames() {
    let head = Array(Self.question.prefix(12))
    let pointing = head + [0xC0, 12, 0, 1, 0, 1]
    #expect(throws: DNSError.badName) { try DNS.question(pointing.span) }
    let label: [UInt8] = [63] + [UInt8](repeating: 0x61, count: 63)
    let long = head + label + label + label + label + [0, 0, 1, 0, 1]
    #expect(throws: DNSError.badName) { try DNS.question(long.span) }
    let last: [UInt8] = [61] + [UInt8](repeating: 0x61, count: 61)
    let longest = head + label + label + label + last + [0, 0, 1, 0, 1]
    #expect(throws: Never.self) { try DNS.question(longest.span) }
  }

  @Test("no flipped bit makes the reader trap, and every answer fits its question")
  func flipped() throws {
    for bit in 0..<Self.question.count * 8 {
      var datagram = Self.question
      datagram[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let question = try? DNS.question(datagram.span) else { continue }
      let answer = try answer(datagram)
      #expect(answer.count == question.name.upperBound + 4 + (question.wantsAddress ? 16 : 0))
    }
  }
}
