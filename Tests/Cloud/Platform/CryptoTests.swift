import Testing
import World

@testable import Cloud

@Suite("Digests, seals and passwords")
struct CryptoTests {
  @Test("SHA-256 and HMAC give the published values")
  func vectors() {
    #expect(
      Digest.sha256Hex(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // RFC 4231, test case 2.
    #expect(
      hexString(
        Digest.hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test("a digest of pieces is the digest of the whole")
  func pieces() {
    let running = RunningDigest()
    for piece in ["a", "", "bc"] { Array(piece.utf8).withUnsafeBytes { running.add($0) } }
    #expect(running.finish() == Digest.sha256(Array("abc".utf8)))
  }

  @Test("secrets are compared whole")
  func comparison() {
    #expect(Digest.areEqual(secret: "key", "key"))
    #expect(!Digest.areEqual(secret: "key", "keys"))
    #expect(!Digest.areEqual(secret: "key", ""))
    #expect(!Digest.areEqual([1, 2], [1, 2, 3]))
  }

  private let box = SecretBox(key: [UInt8](repeating: 1, count: 32))
  private let nonce = [UInt8](repeating: 9, count: 12)

  @Test("what is sealed is opened again, and does not show", arguments: ["", "12345678", "Käse"])
  func seal(secret: String) {
    let sealed = box.seal(secret, of: "printer 1", nonce: nonce)
    #expect(box.open(sealed, of: "printer 1") == secret)
    if !secret.isEmpty { #expect(!sealed.contains(secret)) }
  }

  @Test("sealed text that was altered, moved or sealed with another key is not opened")
  func tampering() {
    let sealed = box.seal("12345678", of: "printer 1", nonce: nonce)
    #expect(box.open(sealed, of: "printer 2") == nil)
    #expect(
      SecretBox(key: [UInt8](repeating: 2, count: 32)).open(sealed, of: "printer 1") == nil)
    let characters = Array(sealed)
    for place in characters.indices {
      var altered = characters
      altered[place] = altered[place] == "0" ? "1" : "0"
      #expect(box.open(String(altered), of: "printer 1") == nil, "character \(place)")
    }
    for length in 0..<characters.count {
      #expect(box.open(String(characters[..<length]), of: "printer 1") == nil)
    }
  }

  @Test("a password is known by its hash, another one is not")
  func passwords() {
    let salt = [UInt8](0..<16)
    let hash = PasswordHash.make("correct horse", salt: salt, cost: .rig)
    #expect(hash.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
    #expect(PasswordHash.matches("correct horse", hash))
    #expect(!PasswordHash.matches("correct horsf", hash))
    #expect(!PasswordHash.matches("correct horse", "no hash"))
    #expect(hash == PasswordHash.make("correct horse", salt: salt, cost: .rig))
  }

  @Test("what a password costs is told in passes and KiB, within limits, and stands in its hash")
  func passwordCosts() throws {
    let cost = try #require(PasswordCost("3,64"))
    #expect(cost == PasswordCost(iterations: 3, memoryKibibytes: 64))
    #expect(cost.words == "3,64")
    let hash = PasswordHash.make("correct horse", salt: Array(repeating: 7, count: 16), cost: cost)
    #expect(hash.contains("m=64,t=3,"))
    #expect(PasswordHash.matches("correct horse", hash))
    let refused = [
      "", "3", "3,", "3,64,1", "0,64", "33,64", "3,7", "3,1048577", "three,64", "-1,64",
    ]
    for words in refused {
      #expect(PasswordCost(words) == nil, "\(words) is no cost")
    }
  }

  @Test("base 64 for URLs has one spelling for some bytes")
  func base64() {
    #expect(Base64URL.encode(Array("\u{3}\u{FF}?".utf8)) == "A8O_Pw")
    for count in 0..<9 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 200) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    #expect(Base64URL.decode("A8O_Px") == nil)
    #expect(Base64URL.decode("A8O/Pw") == nil)
    #expect(Base64URL.decode("A8O_Pw==") == nil)
    #expect(Base64URL.decode("A") == nil)
  }

  @Test("UUIDs are read only as they are written")
  func uuids() {
    let text = "5b0d9a34-63a1-4c43-b8a1-0f6f5c1d2e3f"
    #expect(UUIDText.bytes(text).map { UUIDText.text($0) } == text)
    #expect(UUIDText.bytes(text.uppercased()) == nil)
    #expect(UUIDText.bytes(String(text.dropLast())) == nil)
    #expect(UUIDText.bytes(text.replacing("-", with: "_")) == nil)
  }
}
