import Testing
import Wire

@Suite("Addresses on the web")
struct URLTests {
  @Test(
    "an address is taken apart",
    arguments: [
      ("http://a", "http a 80 "), ("https://a/", "https a 443 /"), ("ws://a:81/b", "ws a 81 /b"),
      ("WSS://Cloud.example:8787/ws/hub/1?x=y&z#f", "wss Cloud.example 8787 /ws/hub/1?x=y&z"),
      ("http://127.0.0.11?q", "http 127.0.0.11 80 ?q"), ("http://[::1]:8080/a", "http ::1 8080 /a"),
      ("https://[fe80::1]", "https fe80::1 443 "), ("http://a#f", "http a 80 "),
      ("http://a:65535/:@!$&'()*+,;=%20", "http a 65535 /:@!$&'()*+,;=%20"),
      ("http://a_b-c~d.e/", "http a_b-c~d.e 80 /"),
    ])
  func parts(_ text: String, _ expected: String) {
    let bytes = utf8(text)
    guard let parts = URLParts(bytes.span) else {
      Issue.record("refused")
      return
    }
    let host = String(decoding: bytes[parts.host], as: UTF8.self)
    let target = String(decoding: bytes[parts.target], as: UTF8.self)
    #expect("\(parts.scheme) \(host) \(parts.port) \(target)" == expected)
    #expect(parts.isSecure == (parts.scheme == .https || parts.scheme == .wss))
  }

  @Test(
    "what is no such address is refused",
    arguments: [
      "", "a", "/a", "http", "http:", "http:/", "http://", "http:///a", "ftp://a", "http//a",
      "http://:80", "http://a:", "http://a:0", "http://a:65536", "http://a:-1", "http://a:8x",
      "http://a:80:80", "http://u@a", "http://u:p@a/", "http://a b", "http://a/ b", "http://a/\n",
      "http://a/é", "http://é", "http://[::1", "http://[]", "http://[::1]a", "http://[x]/",
      "http://a/\u{7F}", " http://a", "http://a\\b", "http://a,b", "://a",
    ])
  func refused(_ text: String) {
    let isRefused = URLParts(utf8(text).span) == nil
    #expect(isRefused)
  }

  @Test("percent-encoding keeps what it may and brings all bytes back")
  func percent() {
    let kept = "azAZ09-._~"
    #expect(written { PercentCoding.encode(utf8(kept).span, into: &$0) } == utf8(kept))
    #expect(
      written { PercentCoding.encode(utf8("a/b ü+%").span, into: &$0) }
        == utf8("a%2Fb%20%C3%BC%2B%25"))
    let all = (0...255).map { UInt8($0) }
    let coded = written { PercentCoding.encode(all.span, into: &$0) }
    #expect(decoded(coded) == all)
    #expect(decoded(utf8("%e2%82%AC+")) == utf8("€+"))
    for text in ["%", "%4", "a%4g", "%%41", "% 1"] { #expect(decoded(utf8(text)) == nil) }
  }

  private func decoded(_ text: [UInt8]) -> [UInt8]? {
    var isGood = false
    let bytes = written { isGood = PercentCoding.decode(text.span, into: &$0) }
    return isGood ? bytes : nil
  }
}
