import Testing
import World

@Suite("Looking for words")
struct WordSearchTests {
  @Test("every word is found wherever it stands, in order", arguments: 0..<40)
  func everyPlace(gap: Int) {
    let words = ["secret-1", "other-secret", "secret-12"]
    let search = WordSearch(words.map { Array($0.utf8) })
    let text = String(repeating: ".", count: gap) + words[1] + "/" + words[0] + " " + words[0]
    #expect(hits(search, text) == [1, 0, 0])
  }

  @Test("a word inside of another on both sides is none; a strict search wants it to stand alone")
  func alone() {
    let search = WordSearch([Array("password".utf8)])
    #expect(hits(search, "xpasswordx") == [])
    #expect(hits(search, "xpassword") == [0])
    #expect(hits(search, "xpassword", isStrict: true) == [])
    #expect(hits(search, "password", isStrict: true) == [0])
    #expect(hits(search, "passwor") == [])
  }

  @Test("one that is shorter than two bytes is never found, and keeps no other from being found")
  func short() {
    let search = WordSearch([[0x61], Array("ab".utf8), Array("abcd".utf8)])
    #expect(hits(search, "a ab abcd") == [1, 1, 2])
    #expect(hits(WordSearch([]), "abc") == [])
  }

  private func hits(_ search: WordSearch, _ text: String, isStrict: Bool = false) -> [Int] {
    var hits: [Int] = []
    Array(text.utf8).withUnsafeBytes { bytes in
      search.search(bytes, isStrict: isStrict) { hits.append($0) }
    }
    return hits
  }
}
