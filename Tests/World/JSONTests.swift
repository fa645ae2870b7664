import Testing
import Wire
import World

@Suite("JSON values")
struct JSONTests {
  @Test("every kind of value is read and written back")
  func roundTrip() throws {
    for text in [
      "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5",
      "\"\"", "\"a\"", "[]", "{}", "[1,[2,{\"a\":[null]}],\"x\"]",
      #"{"z":1,"a":{"b":"é€😀","c":"\"\\\n"},"":[]}"#,
    ] {
      let json = try JSON.parse(text)
      #expect(json.text == text)
      #expect(try JSON.parse(json.bytes) == json)
      #expect(try JSON.parse(json.prettyText) == json)
    }
  }

  @Test(
    "numbers are integers where they can be",
    arguments: [
      ("1", JSON.integer(1)), ("-0", .integer(0)), ("1.0", .double(1)), ("1e2", .double(100)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("0.1", .double(0.1)),
      ("1e400", .double(.infinity)), ("5e-324", .double(5e-324)),
      ("12345678901234567890123", .double(1.2345678901234568e22)),
    ])
  func numbers(_ text: String, _ expected: JSON) throws {
    #expect(try JSON.parse(text) == expected)
  }

  @Test("doubles are written so that they are read back the same")
  func doubles() throws {
    for number in [0.1, 1e21, 1e-7, -1.5, 1.7976931348623157e308, 5e-324, 100, 1e15, 1e16] {
      #expect(try JSON.parse(JSON.double(number).text).double == number)
    }
    #expect(
      JSON.array([.double(.nan), .double(.infinity), .double(-.infinity)]).text
        == "[null,null,null]")
  }

  @Test("literals make values and keep their order")
  func literals() {
    let name = "hub"
    let json: JSON = ["b": 1, "a": [true, nil, 1.5, "x", "\(name)!"], "c": ["d": [:]]]
    #expect(json.text == #"{"b":1,"a":[true,null,1.5,"x","hub!"],"c":{"d":{}}}"#)
  }

  @Test("what is wrong is refused by name, at any depth")
  func refusals() {
    let rows: [(String, JSONError)] = [
      ("", .truncated), ("[", .truncated), ("[1", .truncated), ("{\"a\"", .truncated),
      ("{\"a\":", .truncated), ("{\"a\":1", .truncated), ("[1,]", .unexpectedByte),
      ("1 2", .trailingBytes), ("-", .truncated), ("\"\\ud800\"", .badEscape),
      ("[[[01]]]", .badNumber), (String(repeating: "[", count: 65), .tooDeep),
      ("1.", .truncated), ("tru", .truncated), ("[1]x", .trailingBytes),
    ]
    for (text, error) in rows { #expect(throws: error) { try JSON.parse(text) } }
    #expect(throws: JSONError.badUTF8) { try JSON.parse([0x22, 0xFF, 0x22]) }
  }

  @Test("a text may be as long as it is allowed to be")
  func textLength() throws {
    #expect(try JSON.parse(Array("[\"abcd\",12]".utf8), maximumStringLength: 4) == ["abcd", 12])
    #expect(throws: JSONError.textTooLong) {
      try JSON.parse(Array("[\"abcde\"]".utf8), maximumStringLength: 4)
    }
    let long = String(repeating: "é", count: 100_000)
    #expect(try JSON.parse("\"\(long)\"").string == long)
  }

  @Test("members and elements are reached and changed")
  func access() {
    var json: JSON = ["a": ["b": [10, 20]], "n": 2.0, "t": "x", "f": false]
    #expect(json["a"]?["b"]?[1]?.int == 20)
    #expect(
      json["a"]?["b"]?[2] == nil && json["x"] == nil && json[0] == nil && json["t"]?["x"] == nil)
    #expect(json["n"]?.int == 2 && json["n"]?.double == 2 && json["t"]?.int == nil)
    #expect(json["t"]?.string == "x" && json["f"]?.bool == false && json["a"]?.array == nil)
    json["t"] = nil
    json["n"] = 3
    json["a"]?["b"] = "new"
    json["z"] = .null
    #expect(json.text == #"{"a":{"b":"new"},"n":3,"f":false,"z":null}"#)
    var number: JSON = 1
    number["a"] = 2
    #expect(number == ["a": 2])
  }

  @Test("objects are equal whatever the order of their members")
  func equality() {
    #expect(["a": 1, "b": 2] as JSON == ["b": 2, "a": 1])
    #expect(["a": 1, "b": 2] as JSON != ["a": 1, "b": 3])
    #expect(["a": 1] as JSON != ["a": 1, "b": 2])
    #expect([1, 2] as JSON != [2, 1])
  }

  @Test("of two members with one name the later counts, in small objects and in large ones")
  func duplicates() throws {
    #expect(try JSON.parse(#"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
    #expect(JSON.object(JSONObject([("a", 1), ("b", 2), ("a", 3)])).text == #"{"a":3,"b":2}"#)
    var object = JSONObject()
    for number in 0..<200 { object["k\(number % 100)"] = .integer(Int64(number)) }
    #expect(object.count == 100 && object.keys == (0..<100).map { "k\($0)" })
    #expect((0..<100).allSatisfy { object["k\($0)"] == .integer(Int64($0 + 100)) })
    #expect(JSONObject(object.entries + object.entries).entries.count == 100)
    object["k10"] = nil
    #expect(object.count == 99 && object["k10"] == nil && object["k11"] == 111)
    object["k10"] = 5
    #expect(object.keys.last == "k10")
    var seen = 0
    for (key, value) in object { seen += key.isEmpty ? 0 : value.int ?? 0 }
    #expect(seen == (100..<200).reduce(0, +) - 110 + 5)
  }

  @Test("pretty text has a line for each member and element")
  func pretty() {
    let json: JSON = ["a": [1, [:], []], "b": ["c": "d"]]
    #expect(
      json.prettyText == """
        {
          "a": [
            1,
            {},
            []
          ],
          "b": {
            "c": "d"
          }
        }
        """)
  }

  @Test("texts that need many escapes still find room")
  func escapes() throws {
    let text = String(repeating: "\u{1}\"\\", count: 1000)
    #expect(try JSON.parse(JSON.string(text).bytes).string == text)
  }
}
