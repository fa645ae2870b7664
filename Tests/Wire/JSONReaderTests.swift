import Testing
import Wire

@Suite("Reading JSON")
struct JSONReaderTests {
  static let fixtures = [
    Fixture("an empty object", "{}"),
    Fixture("an empty array with blanks", " [\n\t] \r\n"),
    Fixture("every kind of value", #"{"a":[null,true,false,0,-1.5e+3,"x"],"b":{"c":[[],{}]}}"#),
    Fixture("every escape", #"["\"\\\/\b\f\n\r\t","\u0041\u00e9\u20AC\uD83D\uDE00","a\\"]"#),
    Fixture(
      "text of one to four bytes a character", "[\"aé€😀\",\"\u{7FF}\u{800}\u{FFFF}\u{10000}\"]"),
    Fixture("a number alone", "-12.5"),
    Fixture("a string alone", "\"all there is\""),
    Fixture("a literal alone", "false"),
    Fixture(
      "numbers of every shape", "[0,-0,10,1.0,0.01,1e1,1E-2,1.5e+10,123456789012345678901234567890]"
    ),
    Fixture(
      "a text longer than a word",
      #"{"a name of some length":"and a text that is longer than that"}"#),
    Fixture(
      "a printer's report",
      #"{"print":{"nozzle_temper":219.96875,"bed_temper":60,"mc_percent":42,"gcode_state":"RUNNING","#
        + #""subtask_name":"Schlüsselbrett – v2.3mf","hms":[{"attr":50336000,"code":65539}]}}"#),
  ]

  @Test("every cut gives the same tokens", arguments: fixtures)
  func cuts(_ fixture: Fixture) { checkCuts(fixture.bytes) { JSONDecoder() } }

  @Test("every cut gives the same tokens when texts do not fit", arguments: fixtures)
  func cutsOfCutTexts(_ fixture: Fixture) {
    for scratchCount in 0..<8 {
      checkCuts(fixture.bytes) { JSONDecoder(scratchCount: scratchCount) }
    }
  }

  @Test("every truncation gives the beginning of the tokens", arguments: fixtures)
  func truncations(_ fixture: Fixture) { checkTruncations(fixture.bytes) { JSONDecoder() } }

  @Test("a value that is not whole is told as truncated", arguments: fixtures)
  func truncated(_ fixture: Fixture) {
    let text = String(decoding: fixture.bytes, as: UTF8.self)
    let trimmed = Array(text.drop { " \r\n".contains($0) }.utf8)
    // A number may be whole before it ends.
    guard trimmed.first == 0x7B || trimmed.first == 0x5B || trimmed.first == 0x22 else { return }
    let whole = Array(trimmed.reversed().drop { [0x20, 0x0A, 0x0D].contains($0) }.reversed())
    for count in 1..<whole.count {
      let part = transcribe(JSONDecoder(), Array(whole[..<count]))
      #expect(part.error == "json.truncated")
    }
  }

  @Test("a flipped bit gives tokens or an error, however the text is cut", arguments: fixtures)
  func flippedBits(_ fixture: Fixture) { checkFlippedBits(fixture.bytes) { JSONDecoder() } }

  @Test("texts come with their escapes resolved")
  func escapes() {
    #expect(strings(#"["\"\\\/\b\f\n\r\t"]"#) == ["\"\\/\u{8}\u{C}\n\r\t"])
    #expect(strings(#"["\u0041\u00e9\u20AC\uD83D\uDE00\u0000"]"#) == ["Aé€😀\u{0}"])
    #expect(strings("[\"aé€😀\"]") == ["aé€😀"])
    #expect(strings(#"["\udbff\udfff\ufffd"]"#) == ["\u{10FFFF}\u{FFFD}"])
  }

  @Test(
    "what is no JSON is refused by name",
    arguments: [
      ("", "truncated"), (" ", "truncated"), ("{", "truncated"), ("[1,", "truncated"),
      ("\"", "truncated"), ("\"\\", "truncated"), ("\"\\u12", "truncated"), ("tru", "truncated"),
      ("-", "truncated"), ("1.", "truncated"), ("1e", "truncated"), ("1e+", "truncated"),
      ("[1", "truncated"), ("{\"a\"", "truncated"), ("{\"a\":", "truncated"),
      ("]", "unexpected-byte"), ("}", "unexpected-byte"), ("[}", "unexpected-byte"),
      ("{]", "unexpected-byte"), ("[1}", "unexpected-byte"), ("{\"a\":1]", "unexpected-byte"),
      ("[,]", "unexpected-byte"), ("[1,]", "unexpected-byte"), ("[1,,2]", "unexpected-byte"),
      ("[1 2]", "unexpected-byte"), ("{,}", "unexpected-byte"), ("{\"a\"}", "unexpected-byte"),
      ("{\"a\":}", "unexpected-byte"), ("{\"a\":1,}", "unexpected-byte"),
      ("{\"a\" 1}", "unexpected-byte"), ("{1:2}", "unexpected-byte"),
      ("{\"a\":1 \"b\":2}", "unexpected-byte"), ("{a:1}", "unexpected-byte"),
      ("{'a':1}", "unexpected-byte"), ("[\"a\":1]", "unexpected-byte"),
      ("{\"a\"::1}", "unexpected-byte"), ("nul ", "unexpected-byte"), ("nulL", "unexpected-byte"),
      ("True", "unexpected-byte"), ("NaN", "unexpected-byte"), ("Infinity", "unexpected-byte"),
      ("+1", "unexpected-byte"), (".5", "unexpected-byte"), ("/**/1", "unexpected-byte"),
      ("\u{FEFF}1", "unexpected-byte"), ("[\u{A0}]", "unexpected-byte"),
      ("\"a\nb\"", "unexpected-byte"), ("\"\u{0}\"", "unexpected-byte"),
      ("\"\u{1F}\"", "unexpected-byte"), ("[\u{0}]", "unexpected-byte"),
      ("[\u{B}]", "unexpected-byte"), ("[1a]", "unexpected-byte"), ("[1.0.0]", "unexpected-byte"),
      ("01", "bad-number"), ("-01", "bad-number"), ("[00]", "bad-number"), ("[-]", "bad-number"),
      ("[-a]", "bad-number"), ("[--1]", "bad-number"), ("[1.]", "bad-number"),
      ("[1.e1]", "bad-number"), ("[1e]", "bad-number"), ("[1e+]", "bad-number"),
      ("[1e1e]", "unexpected-byte"), ("[0x1]", "unexpected-byte"), ("[1e+-1]", "bad-number"),
      ("[-Infinity]", "bad-number"), ("[1.-1]", "bad-number"),
      ("\"\\a\"", "bad-escape"), ("\"\\x41\"", "bad-escape"), ("\"\\\n\"", "bad-escape"),
      ("\"\\u12G4\"", "bad-escape"), ("\"\\u 123\"", "bad-escape"), ("\"\\u+123\"", "bad-escape"),
      ("\"\\uD800\"", "bad-escape"), ("\"\\uDC00\"", "bad-escape"),
      ("\"\\uD800a\"", "bad-escape"), ("\"\\uD800\\n\"", "bad-escape"),
      ("\"\\uD800\\uD800\"", "bad-escape"), ("\"\\uD800\\u0041\"", "bad-escape"),
      ("\"\\uDC00\\uD800\"", "bad-escape"), ("\"\\uD83D\u{1F600}\"", "bad-escape"),
      ("\"\\U0041\"", "bad-escape"),
      ("1 2", "trailing-bytes"), ("{}{}", "trailing-bytes"), ("[]]", "trailing-bytes"),
      ("null,", "trailing-bytes"), ("\"a\"b", "trailing-bytes"), ("1a", "trailing-bytes"),
      ("{}\u{0}", "trailing-bytes"), ("[] // no", "trailing-bytes"),
    ])
  func refusals(_ text: String, _ name: String) {
    #expect(transcribe(JSONDecoder(), utf8(text)).error == "json." + name)
    #expect(
      transcribe(JSONDecoder(), utf8(text), cuts: 0...text.utf8.count).error == "json." + name)
  }

  @Test(
    "bytes that are no UTF-8 are refused in texts",
    arguments: [
      "80", "BF", "C0 80", "C1 BF", "C3", "C3 28", "E0 80 80", "E0 9F BF", "E2 82", "E2 28 A1",
      "ED A0 80", "ED BF BF", "F0 80 80 80", "F0 8F BF BF", "F0 9F 98", "F4 90 80 80",
      "F5 80 80 80", "FE", "FF", "F8 88 80 80 80", "E2 82 22",
    ])
  func badUTF8(_ digits: String) {
    let input = [0x22] + hex(digits) + [0x22]
    #expect(transcribe(JSONDecoder(), input).error == "json.bad-utf8")
    #expect(transcribe(JSONDecoder(), input, cuts: 0...input.count).error == "json.bad-utf8")
  }

  @Test("sixty-four levels are taken, sixty-five refused")
  func depth() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
      let levels = open.utf8.filter { $0 == 0x5B || $0 == 0x7B }.count
      let count = 64 / levels
      let fitting =
        String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
      #expect(transcribe(JSONDecoder(), utf8(fitting)).error == nil)
      let deep = String(repeating: open, count: count + 1)
      #expect(transcribe(JSONDecoder(), utf8(deep)).error == "json.too-deep")
    }
    let endless = [UInt8](repeating: 0x5B, count: 100_000)
    #expect(transcribe(JSONDecoder(), endless).error == "json.too-deep")
  }

  @Test("a text longer than the scratch is cut between characters and told so")
  func cutText() {
    let texts = [
      (3, "abcd", "abc", true), (4, "abcd", "abcd", false), (3, "aé€", "aé", true),
      (5, "aé€", "aé", true), (6, "aé€", "aé€", false), (2, "😀a", "", true),
      (4, #"\ud83d\ude00a"#, "😀", true), (3, #"ab\u00e9c"#, "ab", true), (0, "a", "", true),
      (0, "", "", false),
    ]
    for (room, text, expected, isCut) in texts {
      let transcript = transcribe(JSONDecoder(scratchCount: room), utf8("\"\(text)\""))
      #expect(transcript.events.map(\.text) == [utf8(expected)])
      #expect(transcript.events.map(\.isCut) == [isCut])
    }
  }

  @Test("after an error the reader gives the same error again, until it is reset")
  func stays() throws {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 16)
    defer { memory.deallocate() }
    var reader = JSONReader(scratch: memory)
    var position = 0
    #expect(throws: JSONError.unexpectedByte) { try reader.next([0x5D].span, at: &position) }
    #expect(position == 0)
    #expect(throws: JSONError.unexpectedByte) { try reader.next([0x31].span, at: &position) }
    #expect(throws: JSONError.unexpectedByte) { try reader.finish() }
    reader.reset()
    #expect(try reader.next([0x31].span, at: &position) == .needsMore)
    #expect(try reader.finish() == .number)
    #expect(reader.integer == 1)
    #expect(try reader.finish() == .end)
  }

  @Test("the whole value is followed by .end as long as only blanks come")
  func end() throws {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 16)
    defer { memory.deallocate() }
    var reader = JSONReader(scratch: memory)
    var position = 0
    #expect(try reader.next(utf8("[]").span, at: &position) == .beginArray)
    #expect(try reader.next(utf8("[]").span, at: &position) == .endArray)
    #expect(try reader.next(utf8("[] ").span, at: &position) == .end)
    #expect(position == 3)
    #expect(throws: JSONError.trailingBytes) { try reader.next(utf8("[] x").span, at: &position) }
  }

  @Test("what is skipped gives no token, however it is cut")
  func skipping() throws {
    let values = [
      "1", "-0.5e+3", "\"a\"", "null", "true", "[]", "{}", "[1,[2,{\"a\":[3]}],4]",
      #""a long text, \"quoted\" \u00e9""#, "\"Schlüssel\"",
      #"{ "a" : {"b\\" :[ ], "c":-1.5 } ,"d":[{}, "]"]}"#,
    ]
    for value in values {
      let texts = ["{\"name\":\(value),\"next\":1}", "[\(value),\"next\"]"]
      for text in texts where text.hasPrefix("{") || value.hasPrefix("{") || value.hasPrefix("[") {
        for cut in 0...text.utf8.count {
          #expect(try pieceBehindSkipped(utf8(text), cut: cut) == utf8("next"))
        }
      }
    }
  }

  @Test("what is skipped must be JSON all the same, and whole")
  func skippingBadInput() {
    let fixtures = Self.fixtures.map(\.bytes) + [utf8("[1,]"), utf8("{\"a\":tru}"), utf8("[01]")]
    for value in fixtures {
      let text = utf8("{\"name\":") + value + utf8("}")
      for index in text.indices.dropFirst(8) {
        var flipped = text
        flipped[index] ^= 0x55
        let error = transcribe(JSONDecoder(), flipped).error
        for cut in [0, index, index + 1, text.count] {
          #expect(self.error(whenSkipping: flipped, cut: cut) == error)
        }
      }
    }
  }

  /// Skips the value of the key "name", or what begins first in an array; answers the text of the
  /// next token.
  private func pieceBehindSkipped(_ text: [UInt8], cut: Int) throws -> [UInt8] {
    var found: [UInt8] = []
    try walk(text, cut: cut) { token, reader in
      if reader.depth == 1, token == .key, reader.textEquals("name") { reader.skip() }
      if reader.depth == 2 { reader.skip() }
      if token == .key || token == .string, found.isEmpty, !reader.textEquals("name") {
        found = array(reader.text)
      }
    }
    return found
  }

  private func error(whenSkipping text: [UInt8], cut: Int) -> String? {
    do throws(JSONError) {
      try walk(text, cut: cut) { token, reader in if token == .key { reader.skip() } }
      return nil
    } catch {
      return "\(error.name)"
    }
  }

  /// Reads a text in two chunks.
  private func walk(
    _ text: [UInt8], cut: Int, _ body: (JSONToken, inout JSONReader) -> Void
  ) throws(JSONError) {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64)
    defer { memory.deallocate() }
    var reader = JSONReader(scratch: memory)
    for chunk in [Array(text[..<cut]), Array(text[cut...])] {
      var position = 0
      reading: while true {
        let token = try reader.next(chunk.span, at: &position)
        if token == .needsMore || token == .end { break reading }
        body(token, &reader)
      }
    }
    try reader.finish()
  }

  private func strings(_ text: String) -> [String] {
    transcribe(JSONDecoder(), utf8(text)).events.filter { $0.token == .string }
      .map { String(decoding: $0.text, as: UTF8.self) }
  }
}
