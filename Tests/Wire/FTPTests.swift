import Testing
import Wire

@Suite("FTP")
struct FTPTests {
  static let replies = [
    Fixture("single lines", "220 Ready\r\n331 Password?\r\n230\r\n"),
    Fixture(
      "several lines",
      "211-Features:\r\n PASV\r\n211-not yet\r\n212 nor yet\r\n211 End\r\n226 x\r\n"),
    Fixture("line feeds alone", "220 a\n221-b\nc\n221 d\n"),
    Fixture("a code alone in the end", "200-a\r\n200\r\n"),
  ]
  static let commands = [
    Fixture("a session", "USER bblp\r\nPASS a b c\r\npasv\r\nSTOR /cache/ä b.3mf\r\nQUIT\r\n")
  ]

  @Test("every cut gives the same replies", arguments: replies)
  func cuts(_ fixture: Fixture) { checkCuts(fixture.bytes) { FTPReplyDecoder() } }

  @Test("every truncation gives the beginning of the replies", arguments: replies)
  func truncations(_ fixture: Fixture) { checkTruncations(fixture.bytes) { FTPReplyDecoder() } }

  @Test("a flipped bit gives replies or an error, however cut", arguments: replies)
  func flippedBits(_ fixture: Fixture) { checkFlippedBits(fixture.bytes) { FTPReplyDecoder() } }

  @Test("every cut, truncation and flipped bit of commands is borne", arguments: commands)
  func commandSweep(_ fixture: Fixture) {
    checkCuts(fixture.bytes) { FTPCommandDecoder() }
    checkTruncations(fixture.bytes) { FTPCommandDecoder() }
    checkFlippedBits(fixture.bytes) { FTPCommandDecoder() }
  }

  @Test("a reply of several lines ends with its own code and a blank")
  func severalLines() {
    let events = transcribe(FTPReplyDecoder(), Self.replies[1].bytes).events
    #expect(
      events == [
        .line(0..<13, used: 15), .line(0..<5, used: 7), .line(0..<11, used: 13),
        .line(0..<11, used: 13), .reply(code: 211, text: 4..<7, used: 9),
        .reply(code: 226, text: 4..<5, used: 7),
      ])
  }

  @Test(
    "what is no reply is refused by name",
    arguments: [
      ("22 Ready\r\n", "bad-code"), ("hello\r\n", "bad-code"), ("\r\n", "bad-code"),
      ("720 x\r\n", "bad-code"), ("020 x\r\n", "bad-code"), ("2200\r\n", "bad-code"),
      ("220_x\r\n", "bad-code"), ("220 a\u{0}b\r\n", "bad-line"), ("220 a\rb\r\n", "bad-line"),
      ("220 " + String(repeating: "a", count: 509) + "\r\n", "line-too-long"),
      (String(repeating: "a", count: 514), "line-too-long"),
      ("220-a\r\n" + String(repeating: "b\r\n", count: 99), "reply-too-long"),
    ])
  func refusals(_ text: String, _ name: String) {
    let input = utf8(text)
    #expect(transcribe(FTPReplyDecoder(), input).error == "ftp." + name)
    #expect(transcribe(FTPReplyDecoder(), input, cuts: 0...input.count).error == "ftp." + name)
  }

  @Test("a line as long as the limit is taken")
  func limit() {
    let reply = utf8("220 " + String(repeating: "a", count: 508) + "\r\n")
    #expect(transcribe(FTPReplyDecoder(), reply).error == nil)
  }

  @Test(
    "the address of a 227 is found wherever it stands",
    arguments: [
      ("Entering Passive Mode (192,168,1,20,195,80)", "192.168.1.20:50000"),
      ("Entering Passive Mode 10,0,0,1,0,21.", "10.0.0.1:21"), ("=1,2,3,4,5,6", "1.2.3.4:1286"),
      ("v2 (1,2,3,4,5,6)", "1.2.3.4:1286"), ("(1,2,3,4,5)", nil), ("(1,2,3,4,5,256)", nil),
      ("(1,2,3,4,5,)", nil), ("(1, 2,3,4,5,6)", nil), ("", nil),
      ("(0,0,0,0,255,255)", "0.0.0.0:65535"),
      ("(99999999999999999999,2,3,4,5,6)", nil),
    ] as [(String, String?)])
  func passive(_ text: String, _ expected: String?) {
    let found = FTPReply.passiveAddress(in: utf8(text).span)
    #expect(found.map { "\($0.a).\($0.b).\($0.c).\($0.d):\($0.port)" } == expected)
  }

  @Test(
    "the port of a 229 is read",
    arguments: [
      ("Entering Extended Passive Mode (|||50000|)", 50_000), ("(!!!21!)", 21), ("(|||0|)", nil),
      ("(|||65536|)", nil), ("(||50000|)", nil), ("(|||50000)", nil), ("(|||50000|", nil),
      ("|||50000|", nil), ("(1112345)", nil), ("", nil), ("(|||5", nil), ("(||||)", nil),
    ] as [(String, UInt16?)])
  func extendedPassive(_ text: String, _ expected: UInt16?) {
    #expect(FTPReply.extendedPassivePort(in: utf8(text).span) == expected)
  }

  @Test("commands are split into verb and argument, signals of Telnet passed over")
  func commandParts() {
    let input =
      utf8("USER bblp\r\nSTOR a b\r\nNOOP \r\n") + [0xFF, 0xF4, 0xFF, 0xF2] + utf8("ABOR\r\n")
    #expect(
      transcribe(FTPCommandDecoder(), input).events == [
        .command(verb: 0..<4, argument: 5..<9, used: 11),
        .command(verb: 0..<4, argument: 5..<8, used: 10),
        .command(verb: 0..<4, argument: 5..<5, used: 7),
        .command(verb: 4..<8, argument: 8..<8, used: 10),
      ])
  }

  @Test(
    "what is no command is refused by name",
    arguments: [
      ("\r\n", "bad-line"), (" USER\r\n", "bad-line"), ("US3R x\r\n", "bad-line"),
      ("USER\tx\r\n", "bad-line"), ("USER a\u{0}\r\n", "bad-line"),
      (String(repeating: "a", count: 513) + "\r\n", "line-too-long"),
    ])
  func badCommands(_ text: String, _ name: String) {
    #expect(transcribe(FTPCommandDecoder(), utf8(text)).error == "ftp." + name)
  }
}
