import Testing
import Wire

@Suite("What devices say of themselves on a network")
struct SSDPTests {
  /// Name and value of each header.
  private func headers(_ text: String) -> [String] {
    let bytes = utf8(text)
    var found: [String] = []
    var headers = SSDPHeaders(bytes.span)
    while let header = headers.next(bytes.span) {
      let name = String(decoding: bytes[header.name], as: UTF8.self)
      found.append(name + "=" + String(decoding: bytes[header.value], as: UTF8.self))
    }
    return found
  }

  @Test("headers are shown in their order, values without blanks around them")
  func order() {
    #expect(
      headers("NOTIFY * HTTP/1.1\r\nNT: a b \r\nLocation:\thttp://h:80/\r\nEmpty:\r\n\r\n")
        == ["NT=a b", "Location=http://h:80/", "Empty="])
    // Long enough for whole words, and with line ends that lack their half.
    #expect(
      headers("HTTP/1.1 200 OK\nUSN: 00M09A000000001\nDevVersion.bambu.com: 01.07.00.00")
        == ["USN=00M09A000000001", "DevVersion.bambu.com=01.07.00.00"])
  }

  @Test("a line without a colon is passed over, and nothing counts behind the empty line")
  func strangeLines() {
    #expect(headers("NOTIFY\r\nnothing\r\n:a\r\nb:c:d\r\n\r\nNT: e\r\n") == ["=a", "b=c:d"])
    // A colon of the next line is none of this one's.
    #expect(headers("NOTIFY\r\nnothing at all\r\nNT: e") == ["NT=e"])
    for text in ["", "NOTIFY", "NOTIFY\r\n", "NOTIFY\r\n\r\n", "\n\n\n", "\r\n\r\nNT: a"] {
      #expect(headers(text) == [])
    }
  }

  @Test("the first header of a name counts, in any letters, and NT before ST")
  func names() throws {
    let bytes = utf8(
      "notify * HTTP/1.1\r\nsT: x\r\nnT: first\r\nNT: second\r\nUsn: one\r\nusn: two\r\n"
        + "LOCATION: here\r\nNts: SSDP:ByeBye\r\nNTS: ssdp:alive\r\nNT2: no\r\nU: no\r\n\r\n")
    let read = SSDPMessage(bytes.span)
    let message = try #require(read)
    #expect(message.kind == .announcement)
    #expect(message.isGoodbye)
    let texts = [message.target, message.name, message.location].map { range in
      range.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
    #expect(texts == ["first", "one", "here"])
    let answer = utf8("HTTP/1.1 200 OK\r\nST: sought\r\n\r\n")
    let sought = SSDPMessage(answer.span)?.target
    #expect(sought.map { String(decoding: answer[$0], as: UTF8.self) } == "sought")
  }

  @Test("a message cut anywhere shows the headers that it still has")
  func cuts() {
    let whole = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1990\r\nMX: 3\r\n\r\n"
    let all = headers(whole)
    for count in 0...whole.utf8.count {
      let shown = headers(String(decoding: whole.utf8.prefix(count), as: UTF8.self))
      #expect(shown.count <= all.count)
      for (name, expected) in zip(shown, all) { #expect(expected.hasPrefix(name)) }
    }
    #expect(all == ["HOST=239.255.255.250:1990", "MX=3"])
  }
}
