import Testing
import Wire

@Suite("MD5")
struct MD5Tests {
  private func digest(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return digits(MD5.of(bytes.span))
  }

  private func digits(_ sum: [16 of UInt8]) -> String {
    var digits = ""
    for index in 0..<16 {
      let byte = String(sum[index], radix: 16)
      digits += byte.count < 2 ? "0" + byte : byte
    }
    return digits
  }

  @Test(
    "The texts of RFC 1321 have the digests that it says",
    arguments: [
      ("", "d41d8cd98f00b204e9800998ecf8427e"),
      ("a", "0cc175b9c0f1b6a831c399e269772661"),
      ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
      ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
      (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"
      ),
    ])
  func standard(_ row: (text: String, digest: String)) {
    #expect(digest(row.text) == row.digest)
  }

  @Test("A text is digested alike whether it fills a block or begins another")
  func blockEdges() {
    #expect(digest(String(repeating: "a", count: 55)) == "ef1772b6dff9a122358552954ad0df65")
    #expect(digest(String(repeating: "a", count: 56)) == "3b0c8ac703f828b04c6c197006d17218")
    #expect(digest(String(repeating: "a", count: 64)) == "014842d480b571495a4a0363793f7367")
  }

  @Test("Bytes are digested alike however they come", arguments: [1, 63, 64, 65, 640, 1_000])
  func portions(_ portion: Int) {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
    var sum = MD5()
    for start in stride(from: 0, to: bytes.count, by: portion) {
      let part = Array(bytes[start..<min(start + portion, bytes.count)])
      sum.update(part.span)
    }
    #expect(digits(sum.finish()) == "d9a909b6ad3bc7af700f0f311d2342c6")
  }
}
