import Testing
import Wire

@Suite("What JSON's numbers are worth")
struct JSONNumberTests {
  @Test(
    "whole numbers are read from numbers and texts, others are none",
    arguments: [
      ("0", 0), ("-0", 0), ("45", 45), ("-45", -45), ("\"45\"", 45), ("45.0", 45), ("4.5e1", 45),
      ("450e-1", 45), ("\"-7\"", -7), ("1e3", 1000), ("0e999999999", 0), ("0.0", 0),
      ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
      ("9223372036854775807.000", Int.max), ("922337203685477580.7e1", Int.max),
      ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil),
      ("1e999999999999", nil), ("45.5", nil), ("1e-1", nil), ("\"\"", nil), ("\"a\"", nil),
      ("\"4 5\"", nil), ("\" 45\"", nil), ("\"+45\"", nil), ("\"45.\"", nil), ("\".5\"", nil),
      ("\"-\"", nil), ("\"1e\"", nil), ("\"1e+\"", nil), ("\"1ex\"", nil), ("\"0045\"", 45),
      ("1e-999999999999", nil), ("0e-999999999999", 0),
    ] as [(String, Int?)])
  func integers(_ text: String, _ expected: Int?) {
    #expect(transcribe(JSONDecoder(), utf8(text)).events.first?.integer == expected)
  }

  @Test(
    "fixed point cuts what is too fine and refuses what is too large",
    arguments: [
      ("25.37", 2, 2537), ("25.37", 1, 253), ("25.37", 0, 25), ("25.37", 4, 253_700),
      ("-25.37", 1, -253), ("25", 2, 2500), ("2.5e1", 1, 250), ("2537e-2", 1, 253),
      ("0.009", 2, 0), ("-0.009", 2, 0), ("1e-400", 2, 0), ("219.96875", 1, 2199),
      ("123456", -3, 123), ("9223372036854775807", 1, nil), ("1e18", 1, nil),
      ("\"36.6\"", 1, 366), ("\"warm\"", 1, nil),
    ] as [(String, Int, Int?)])
  func fixedPoint(_ text: String, _ decimals: Int, _ expected: Int?) throws {
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64)
    defer { memory.deallocate() }
    var reader = JSONReader(scratch: memory)
    var position = 0
    _ = try reader.next(utf8(text).span, at: &position)
    _ = try reader.finish()
    #expect(reader.fixedPoint(decimals: decimals) == expected)
  }

  @Test("a number that was cut is worth nothing")
  func cutNumber() {
    let transcript = transcribe(JSONDecoder(scratchCount: 3), utf8("12345"))
    #expect(transcript.events.first?.text == utf8("123"))
    #expect(transcript.events.first?.integer == nil)
  }

  @Test("plain integers take a sign and digits alone")
  func plain() {
    let rows: [(String, Int?)] = [
      ("0", 0), ("8080", 8080), ("-1", -1), ("1.0", nil), ("1e1", nil), ("", nil), ("x", nil),
      ("99999999999999999999", nil),
    ]
    for (text, expected) in rows { #expect(decimalInteger(utf8(text).span) == expected) }
  }
}
