import Testing

@testable import Printers

@Suite("The card in a printer")
struct CardTests {
  @Test("counts what is on it, through replacing, renaming and deleting")
  func counts() throws {
    let card = PrinterCard(capacity: 1_000, directories: ["cache"])
    try card.put("/a", [UInt8](repeating: 1, count: 300))
    try card.put("/cache/b", [UInt8](repeating: 2, count: 200))
    #expect(card.usedCount == 500)
    try card.put("/a", [1])
    #expect(card.usedCount == 201)
    try card.rename("/a", to: "/cache/b")
    #expect(card.usedCount == 1)
    #expect(card.bytes(of: "/cache/b") == [1])
    #expect(card.bytes(of: "/a") == nil)
    #expect(throws: CardFailure.full) {
      try card.put("/big", [UInt8](repeating: 0, count: 1_000))
    }
    #expect(throws: CardFailure.notEmpty) { try card.removeDirectory("/cache") }
    try card.remove("/cache/b")
    try card.removeDirectory("/cache")
    #expect(throws: CardFailure.notFound) { try card.put("/cache/b", [1]) }
  }

  @Test("a directory lists what is in it and not what is below")
  func lists() throws {
    let card = PrinterCard(capacity: 1_000, directories: ["cache", "model"])
    try card.put("/z", [1])
    try card.put("/cache/y", [1])
    #expect(try card.list("/").map { $0.path } == ["/cache", "/model", "/z"])
    #expect(try card.list("/cache").map { $0.path } == ["/cache/y"])
    #expect(card.allFiles.map { $0.path } == ["/cache/y", "/z"])
  }

  @Test(
    "content that grows in pieces is the same as in one",
    arguments: [
      1, 7, 4_096, 100_000, 262_144, 262_145, 700_000,
    ])
  func pieces(size: Int) {
    let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 4) }
    var content = CardContent()
    // Small steps over all of it would take long and show no more.
    let end = size < 100 ? 5_000 : bytes.count
    for start in stride(from: 0, to: end, by: size) {
      Array(bytes[start..<min(end, start + size)]).withUnsafeBytes { content.append($0) }
    }
    let whole = Array(bytes[..<end])
    #expect(content.count == end)
    #expect(content.bytes == whole)
    #expect(content.digest == contentDigest(whole))
    #expect(content.md5 == CardContent(whole).md5)
  }

  @Test("a copy of content keeps what was there")
  func copies() {
    var content = CardContent([1, 2, 3])
    let before = content
    [4, 5].withUnsafeBytes { content.append($0) }
    #expect(before.bytes == [1, 2, 3])
  }

  @Test(
    "MD5 is that of RFC 1321",
    arguments: [
      ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
      ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
      ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
      (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f"
      ),
      (
        String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"
      ),
    ])
  func md5(text: String, digest: String) {
    #expect(CardContent(Array(text.utf8)).md5 == digest)
  }

  @Test(
    "paths are brought into one form",
    arguments: [
      ("a", "/", "/a"), ("/a", "/cache", "/a"), ("a", "/cache", "/cache/a"), ("..", "/", "/"),
      ("../../x", "/a/b/c", "/a/x"), ("./a//b/", "/", "/a/b"), ("", "/cache", "/cache"),
    ])
  func paths(text: String, directory: String, path: String) {
    #expect(CardPath.resolve(text, from: directory) == path)
  }

  @Test(
    "a moment has its date",
    arguments: [
      (0, "19700101000000"), (951_782_400_000, "20000229000000"),
      (1_767_225_599_999, "20251231235959"), (4_107_542_400_000, "21000301000000"),
    ] as [(Int64, String)])
  func dates(milliseconds: Int64, stamp: String) {
    #expect(CalendarTime(milliseconds: milliseconds).stamp == stamp)
  }
}
