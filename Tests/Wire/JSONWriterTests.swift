import Testing
import Wire

@Suite("Writing JSON")
struct JSONWriterTests {
  @Test("commas and colons stand where they must")
  func punctuation() {
    let text = json {
      $0.beginObject()
      $0.key("a")
      $0.integer(1)
      $0.key(utf8("b").span)
      $0.beginArray()
      $0.null()
      $0.bool(true)
      $0.bool(false)
      $0.beginObject()
      $0.endObject()
      $0.beginArray()
      $0.endArray()
      $0.string("x")
      $0.endArray()
      $0.key("c")
      $0.raw(utf8("[1]").span)
      $0.key("d")
      $0.unsigned(.max)
      $0.endObject()
    }
    #expect(
      text == #"{"a":1,"b":[null,true,false,{},[],"x"],"c":[1],"d":18446744073709551615}"#)
  }

  @Test("texts are escaped where they must be and nowhere else")
  func escapes() {
    let text = "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é€😀"
    let expected = #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é€😀\""
    #expect(json { $0.string(utf8(text).span) } == expected)
    #expect(json { $0.string("a\"b\\c\nd") } == #""a\"b\\c\nd""#)
  }

  @Test("texts of the program are escaped like any other, wherever a word ends")
  func textsOfTheProgram() {
    let expected = #"{"":"","seven_7":"eight__8","a longer\u0001key \"€\"":"\\nine to\n17 é"}"#
    let text = json {
      $0.beginObject()
      $0.key("")
      $0.string("")
      $0.key("seven_7")
      $0.string("eight__8")
      $0.key("a longer\u{1}key \"€\"")
      $0.string("\\nine to\n17 é")
      $0.endObject()
    }
    #expect(text == expected)
  }

  @Test("what is no UTF-8 becomes the replacement character, a byte at a time")
  func replacement() {
    #expect(json { $0.string(hex("61 FF 62").span) } == "\"a\u{FFFD}b\"")
    #expect(json { $0.string(hex("E2 82").span) } == "\"\u{FFFD}\u{FFFD}\"")
    #expect(json { $0.string(hex("ED A0 80").span) } == "\"\u{FFFD}\u{FFFD}\u{FFFD}\"")
    #expect(json { $0.string(hex("C3 22 C3 A9").span) } == "\"\u{FFFD}\\\"é\"")
  }

  @Test(
    "fixed point numbers have their point in the right place",
    arguments: [
      (2537, 2, "25.37"), (-2537, 2, "-25.37"), (5, 2, "0.05"), (-5, 2, "-0.05"), (0, 2, "0.00"),
      (100, 2, "1.00"), (107, 1, "10.7"), (7, 0, "7"), (-7, 0, "-7"), (12, 2, "0.12"),
      (Int.min, 3, "-9223372036854775.808"), (Int.max, 18, "9.223372036854775807"),
      (Int.max, 19, "0.9223372036854775807"), (1, 20, "0.00000000000000000001"),
    ])
  func fixedPoint(_ number: Int, _ decimals: Int, _ expected: String) {
    #expect(json { $0.fixedPoint(number, decimals: decimals) } == expected)
  }

  @Test("integers are written to the last one", arguments: [0, 1, -1, 9, 10, 99, 100, .max, .min])
  func integers(_ number: Int) {
    #expect(json { $0.integer(number) } == "\(number)")
    #expect(
      json { $0.unsigned(UInt64(bitPattern: Int64(number))) } == "\(UInt(bitPattern: number))")
  }

  @Test("what was written is read back, whatever the bytes", arguments: 0..<50 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var luck = Luck(seed: seed)
    let scalars = (0..<20).compactMap { _ in
      Unicode.Scalar(
        UInt32.random(in: 0..<0x11_0000, using: &luck) >> UInt32.random(in: 0..<18, using: &luck))
    }
    let text = String(String.UnicodeScalarView(scalars))
    let written = utf8(json { $0.string(utf8(text).span) })
    #expect(transcribe(JSONDecoder(), written).events.map(\.text) == [utf8(text)])
  }

  @Test("in too little room it stops and says so")
  func overflow() {
    for room in 0..<12 {
      let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: room)
      defer { memory.deallocate() }
      var writer = ByteWriter(memory)
      writer.json {
        $0.beginObject()
        $0.key("a")
        $0.string("bcd")
        $0.endObject()
      }
      #expect(writer.overflowed == (room < 11))
      #expect(writer.count <= room)
    }
  }

  private func json(_ body: (inout JSONWriter) -> Void) -> String {
    String(decoding: written { $0.json(body) }, as: UTF8.self)
  }
}
