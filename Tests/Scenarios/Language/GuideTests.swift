import Testing

@testable import Scenarios

@Suite("The guide to the language")
struct GuideTests {
  @Test("every word of the language is explained", arguments: Guide.allWords)
  func everyWord(word: String) throws {
    let text = try #require(Guide.explain(word))
    #expect(text.contains(word))
    #expect(Guide.all().contains(word))
  }

  @Test("a word that is not of the language is not explained")
  func unknownWord() {
    #expect(Guide.explain("sped") == nil)
    #expect(nearest(to: "sped", among: Guide.allWords) == "seed")
  }
}
