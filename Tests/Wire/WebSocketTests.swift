import Testing
import Wire

@Suite("WebSocket frames")
struct WebSocketTests {
  /// What a server hears.
  static let toServer = [
    Fixture("a masked text", hex("81 85 37FA213D 7F9F4D5158")),
    Fixture("an empty text", hex("81 80 01020304")),
    Fixture(
      "a message in three frames with a ping between",
      hex("01 83 00000000 E282AC 89 82 01020304 6164 00 81 00000000 F0 80 83 11223344 8EBAA0")),
    Fixture(
      "a message of empty frames",
      hex("02 80 01020304 00 80 01020304 80 80 01020304 8A 80 01020304")),
    Fixture("a close with a reason", hex("88 85 01020304 02EA 657A 64")),
    Fixture("a close without a code", hex("88 80 01020304")),
    Fixture(
      "a binary message of 130 bytes",
      hex("82 FE 0082 A1B2C3D4") + (0..<130).map { UInt8($0) }),
  ]
  /// What a client hears.
  static let toClient = [
    Fixture("a text", hex("81 05 48656C6C6F")),
    Fixture("a text in two frames, cut in a character", hex("01 02 61C3 80 01 A9")),
    Fixture("a pong and a text", hex("8A 00 81 01 61")),
    Fixture("a binary message of 65,536 bytes, begun", hex("82 7F 0000000000010000 00 01 02")),
    Fixture("a close", hex("88 02 03E8")),
  ]

  /// Frames, and who hears them.
  struct Heard: CustomTestStringConvertible, Sendable {
    let side: WebSocketReader.Side
    let fixture: Fixture
    var testDescription: String { "\(fixture.name), heard by a \(side)" }
  }

  static let heard =
    toServer.map { Heard(side: .server, fixture: $0) }
    + toClient.map { Heard(side: .client, fixture: $0) }

  @Test("every cut gives the same messages", arguments: heard)
  func cuts(_ heard: Heard) {
    checkCuts(heard.fixture.bytes) { WebSocketDecoder(side: heard.side) }
  }

  @Test("every truncation gives the beginning", arguments: heard)
  func truncations(_ heard: Heard) {
    checkTruncations(heard.fixture.bytes) { WebSocketDecoder(side: heard.side) }
  }

  @Test("a flipped bit gives events or an error, however the input is cut", arguments: heard)
  func flippedBits(_ heard: Heard) {
    checkFlippedBits(heard.fixture.bytes) { WebSocketDecoder(side: heard.side) }
  }

  @Test("a message in frames is one message, with the ping where it came")
  func fragments() {
    let transcript = transcribe(WebSocketDecoder(side: .server), Self.toServer[2].bytes)
    #expect(transcript.events == [.message(isText: true), .ping(utf8("`f"))])
    #expect(transcript.body == utf8("€") + [0xF0] + hex("9F9893"))
    #expect(transcript.bodyEnds == [7])
    #expect(transcript.lines.last?.bodyCount == 3)
  }

  @Test("the example of the RFC is unmasked")
  func unmasked() {
    let transcript = transcribe(WebSocketDecoder(side: .server), Self.toServer[0].bytes)
    #expect(transcript.body == utf8("Hello"))
  }

  @Test("part of a piece can be copied out")
  func partialCopy() throws {
    var reader = WebSocketReader(side: .server, messageLimit: 100)
    let input = Self.toServer[0].bytes
    #expect(try reader.next(input.span) == .message(isText: true, used: 6))
    let rest = Array(input[6...])
    #expect(try reader.next(rest.span) == .payload(0..<5, endsMessage: true, used: 5))
    #expect(written { reader.copy(2..<4, of: rest.span, into: &$0) } == utf8("ll"))
  }

  @Test("after a close nothing more is said")
  func close() throws {
    var reader = WebSocketReader(side: .client, messageLimit: 100)
    #expect(try reader.next(hex("88 02 03E8").span) == .close(code: 1000, reason: 4..<4, used: 4))
    #expect(try reader.next(hex("FF FF FF").span) == .needsMore)
  }

  @Test(
    "what the RFC forbids is refused by name, with the code to close with",
    arguments: [
      ("C1 80 00000000", "reserved-bits", 1002), ("A1 80 00000000", "reserved-bits", 1002),
      ("91 80 00000000", "reserved-bits", 1002), ("83 80 00000000", "unknown-opcode", 1002),
      ("87 80 00000000", "unknown-opcode", 1002), ("8B 80 00000000", "unknown-opcode", 1002),
      ("8F 80 00000000", "unknown-opcode", 1002), ("81 01 61", "bad-mask", 1002),
      ("89 00", "bad-mask", 1002), ("81 FE 007D 00000000", "bad-length", 1002),
      ("81 FF 000000000000FFFF 00000000", "bad-length", 1002),
      ("81 FF 8000000000000000 00000000", "bad-length", 1002),
      ("81 FF 7FFFFFFFFFFFFFFF 00000000", "too-large", 1009),
      ("82 FE 2711 00000000", "too-large", 1009),
      ("02 80 00000000 80 FE 2711 00000000", "too-large", 1009),
      ("09 80 00000000", "bad-control", 1002), ("08 80 00000000", "bad-control", 1002),
      ("89 FE 007E 00000000", "bad-control", 1002), ("8A FF", "bad-control", 1002),
      ("80 80 00000000", "bad-fragment", 1002), ("00 81 00000000 61", "bad-fragment", 1002),
      ("01 80 00000000 81 80 00000000", "bad-fragment", 1002),
      ("01 80 00000000 02 80 00000000", "bad-fragment", 1002),
      ("81 80 00000000 80 80 00000000", "bad-fragment", 1002),
      ("88 81 00000000 03", "bad-close", 1002), ("88 82 00000000 0000", "bad-close", 1002),
      ("88 82 00000000 03E7", "bad-close", 1002), ("88 82 00000000 03EC", "bad-close", 1002),
      ("88 82 00000000 03ED", "bad-close", 1002), ("88 82 00000000 03EE", "bad-close", 1002),
      ("88 82 00000000 03F7", "bad-close", 1002), ("88 82 00000000 07D0", "bad-close", 1002),
      ("88 82 00000000 0BB7", "bad-close", 1002), ("88 82 00000000 1388", "bad-close", 1002),
      ("88 82 00000000 FFFF", "bad-close", 1002), ("88 83 00000000 03E8FF", "bad-text", 1007),
      ("88 83 00000000 03E8C3", "bad-text", 1007), ("81 81 00000000 FF", "bad-text", 1007),
      ("81 81 00000000 C3", "bad-text", 1007), ("81 83 00000000 EDA080", "bad-text", 1007),
      ("01 81 00000000 C3 80 80 00000000", "bad-text", 1007),
      ("01 81 00000000 C3 80 81 00000000 61", "bad-text", 1007),
    ])
  func refusals(_ digits: String, _ name: String, _ closeCode: UInt16) {
    let input = hex(digits)
    #expect(
      transcribe(WebSocketDecoder(side: .server, messageLimit: 10_000), input).error
        == "websocket." + name)
    var reader = WebSocketReader(side: .server, messageLimit: 10_000)
    var used = 0
    do throws(WebSocketError) {
      for _ in 0..<10 {
        switch try reader.next(input.span.extracting(used..<input.count)) {
        case .message(_, let count), .payload(_, _, let count): used += count
        default: break
        }
      }
      Issue.record("no error")
    } catch {
      #expect(error.closeCode == closeCode)
    }
  }

  @Test("a client refuses masks")
  func maskToClient() {
    let transcript = transcribe(WebSocketDecoder(side: .client), Self.toServer[0].bytes)
    #expect(transcript.error == "websocket.bad-mask")
  }

  @Test(
    "valid close codes are taken",
    arguments: [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4401, 4999])
  func closeCodes(_ code: UInt16) {
    let input = written {
      WebSocketWriter.close(code: code, reason: utf8("so").span, mask: nil, into: &$0)
    }
    let transcript = transcribe(WebSocketDecoder(side: .client), input)
    #expect(transcript.events == [.close(code, utf8("so"))])
  }

  @Test(
    "frames of every length are read as they were written, by both sides",
    arguments: [0, 1, 3, 4, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 100_000])
  func roundTrip(count: Int) {
    var luck = Luck(seed: UInt64(count))
    let payload = luck.bytes(count)
    for mask in [nil, 0, 0x0102_0304, 0xFFFF_FFFF, UInt32(truncatingIfNeeded: luck.next())] {
      let frame = written(count + WebSocketWriter.headerLimit) {
        WebSocketWriter.binary(payload.span, mask: mask, into: &$0)
      }
      let side: WebSocketReader.Side = mask == nil ? .client : .server
      let transcript = transcribe(
        WebSocketDecoder(side: side), frame, cuts: [1, 5, 17, 1000].filter { $0 < frame.count })
      #expect(transcript.error == nil && transcript.events == [.message(isText: false)])
      #expect(transcript.body == payload && transcript.bodyEnds == [count])
      let header = written {
        WebSocketWriter.header(
          opcode: .binary, isFinal: true, mask: mask, payloadCount: count, into: &$0)
      }
      #expect(frame.starts(with: header) && header.count + count == frame.count)
    }
  }

  @Test("control frames are read as they were written")
  func control() {
    let input = written {
      WebSocketWriter.text(utf8("é").span, mask: 0xDEAD_BEEF, into: &$0)
      WebSocketWriter.ping(utf8("1").span, mask: 0xDEAD_BEEF, into: &$0)
      WebSocketWriter.pong(utf8("22").span, mask: 0x1234_5678, into: &$0)
      WebSocketWriter.close(code: 1001, reason: utf8("bye").span, mask: 7, into: &$0)
    }
    #expect(
      transcribe(WebSocketDecoder(side: .server), input).events == [
        .message(isText: true), .ping(utf8("1")), .pong(utf8("22")), .close(1001, utf8("bye")),
      ])
  }

  @Test("a reason that is too long is cut between characters, code 1005 writes none")
  func closeWriting() {
    let reason = utf8(String(repeating: "é", count: 100))
    let input = written {
      WebSocketWriter.close(code: 1000, reason: reason.span, mask: nil, into: &$0)
    }
    let events = transcribe(WebSocketDecoder(side: .client), input).events
    #expect(events == [.close(1000, Array(reason[..<122]))])
    let empty = written {
      WebSocketWriter.close(code: 1005, reason: reason.span, mask: nil, into: &$0)
    }
    #expect(empty == hex("88 00"))
  }

  @Test("a ping that is too long, and what does not fit, is not begun")
  func overflow() {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 200)
    defer { memory.deallocate() }
    var writer = ByteWriter(memory)
    WebSocketWriter.ping([UInt8](repeating: 0, count: 126).span, mask: nil, into: &writer)
    #expect(writer.overflowed && writer.count == 0)
    var second = ByteWriter(memory)
    WebSocketWriter.text([UInt8](repeating: 0, count: 197).span, mask: nil, into: &second)
    #expect(second.overflowed && second.count == 0)
  }

  @Test("the handshake of the RFC's example is made and checked")
  func handshake() {
    let key = utf8("dGhlIHNhbXBsZSBub25jZQ==")
    func isAccepted(_ value: [UInt8]) -> Bool {
      WebSocketHandshake.isAccepted(value.span, forKey: key.span)
    }
    let value = written { WebSocketHandshake.accept(forKey: key.span, into: &$0) }
    #expect(value == utf8("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    #expect(isAccepted(value))
    for index in value.indices {
      var wrong = value
      wrong[index] ^= 1
      #expect(!isAccepted(wrong))
    }
    #expect(!isAccepted([]))
    let made = written { WebSocketHandshake.key(utf8("the sample nonce").span, into: &$0) }
    #expect(made == key)
  }
}
