import Testing

@testable import Wire

@Suite("SHA-256")
struct SHA256Tests {
  private func digest(_ bytes: [UInt8], pieces: Int = .max) -> String {
    var sha = SHA256()
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + min(pieces, bytes.count))
      let piece = Array(bytes[at..<end])
      sha.update(piece.span)
      at = end
    }
    let result = sha.finish()
    return result.indices.map {
      let digits = String(result[$0], radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  @Test(
    "known texts have their known digests",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func known(text: String, expected: String) {
    #expect(digest(Array(text.utf8)) == expected)
  }

  @Test("a million letters, in pieces of any size, have one digest")
  func pieces() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    for pieces in [64, 1_000, 999_983, Int.max] {
      #expect(
        digest(bytes, pieces: pieces)
          == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
  }
}
