import Testing
import Wire

@Suite("Small codes")
struct CodesTests {
  @Test(
    "Base64 is written and read as in the RFC",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("\u{FF}\u{FE}\u{FB}>?~", "w7/DvsO7Pj9+"),
    ])
  func base64(_ plain: String, _ coded: String) {
    #expect(written { Base64.encode(utf8(plain).span, into: &$0) } == utf8(coded))
    #expect(decodedBase64(coded) == utf8(plain))
  }

  @Test("all bytes survive Base64, in every number", arguments: 0..<70)
  func base64RoundTrip(count: Int) {
    var luck = Luck(seed: UInt64(count))
    let bytes = luck.bytes(count)
    let coded = written { Base64.encode(bytes.span, into: &$0) }
    #expect(decodedBase64(String(decoding: coded, as: UTF8.self)) == bytes)
  }

  @Test(
    "what is no Base64, or not the one way to write it, is refused",
    arguments: [
      "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "====", "Z===", "Zm9v\n", "Zm9-", "Zm9_",
      "=m9v", "Zm=v", " Zm9", "Zg=a",
    ])
  func badBase64(_ text: String) { #expect(decodedBase64(text) == nil) }

  private func decodedBase64(_ text: String) -> [UInt8]? {
    var isGood = false
    let bytes = written { isGood = Base64.decode(utf8(text).span, into: &$0) }
    return isGood ? bytes : nil
  }

  @Test("CRC-32 has its check values, whole and in pieces")
  func crc32() {
    let digits = utf8("123456789")
    #expect(CRC32.of(digits.span) == 0xCBF4_3926)
    #expect(CRC32.of(utf8("").span) == 0)
    #expect(CRC32.of(utf8("The quick brown fox jumps over the lazy dog").span) == 0x414F_A339)
    #expect(CRC32.of([UInt8](repeating: 0xFF, count: 32).span) == 0xFF6C_AB0B)
    for cut in 0...digits.count {
      let first = CRC32.update(0, digits.span.extracting(0..<cut))
      #expect(CRC32.update(first, digits.span.extracting(cut..<digits.count)) == 0xCBF4_3926)
    }
  }

  @Test(
    "SHA-1 has its check values",
    arguments: [
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
      ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
    ])
  func sha1(_ text: String, _ digits: String) {
    var hash = SHA1()
    hash.update(utf8(text).span)
    #expect(digest(hash) == hex(digits))
  }

  @Test("SHA-1 of a million letters, in pieces of every size")
  func sha1OfMuch() {
    var hash = SHA1()
    let letters = [UInt8](repeating: 0x61, count: 1_000_000)
    var start = 0
    var size = 1
    while start < letters.count {
      let end = min(start + size, letters.count)
      hash.update(letters.span.extracting(start..<end))
      start = end
      size = size % 200 + 1
    }
    #expect(digest(hash) == hex("34aa973cd4c4daa4f61eeb2bdbad27316534016f"))
  }

  private func digest(_ hash: SHA1) -> [UInt8] {
    let digest = hash.finish()
    return digest.indices.map { digest[$0] }
  }

  @Test("UTF-8 is checked across every cut")
  func utf8Checker() {
    let text = utf8(
      "a\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF} plain text again")
    for cut in 0...text.count {
      var checker = UTF8Checker()
      let first = checker.accept(text.span.extracting(0..<cut))
      let isComplete = checker.isComplete
      #expect(first && isComplete == (cut == text.count || text[cut] & 0xC0 != 0x80))
      let second = checker.accept(text.span.extracting(cut..<text.count))
      #expect(second && checker.isComplete)
    }
  }

  @Test("every sequence of two bytes is judged as the standard library judges it")
  func everyTwoBytes() {
    for number in 0...0xFFFF {
      let bytes = [UInt8(number >> 8), UInt8(number & 0xFF)]
      let expected = String(validating: bytes, as: UTF8.self) != nil
      let judged = isUTF8(bytes.span)
      if judged != expected { Issue.record("\(bytes) judged \(judged)") }
    }
  }

  @Test("three and four bytes are judged so too", arguments: 0..<4 as Range<UInt64>)
  func moreBytes(seed: UInt64) {
    var luck = Luck(seed: seed)
    let heads: [UInt8] = [0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0x41]
    let tails: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
    for _ in 0..<20_000 {
      var bytes = [heads[Int(luck.next() % 12)]]
      for _ in 0..<luck.next() % 5 { bytes.append(tails[Int(luck.next() % 8)]) }
      let expected = String(validating: bytes, as: UTF8.self) != nil
      let judged = isUTF8(bytes.span)
      if judged != expected { Issue.record("\(bytes) judged \(judged)") }
    }
  }

  @Test("once wrong it stays wrong")
  func staysWrong() {
    var checker = UTF8Checker()
    let first = checker.accept([0xFF].span)
    let second = checker.accept([0x41].span)
    #expect(!first && !second && !checker.isComplete)
  }
}
