import Foundation
import Printers
import Testing

@testable import Scenarios

@Suite("What is made from the language's tables")
struct SchemaTests {
  @Test("the stored schema is the one that the language has")
  func schema() throws {
    let stored = try String(
      contentsOf: Library.root.appendingPathComponent("Fixtures/scenario.schema.json"),
      encoding: .utf8)
    #expect(stored == ScenarioSchema.text, "\"make generate\" writes it anew")
  }

  @Test("the stored index page names every story of the library")
  func index() throws {
    let stored = try String(
      contentsOf: Library.root.appendingPathComponent("scenarios/README.md"), encoding: .utf8)
    let scenarios = try Library.files(in: "scenarios").flatMap { try Library.readAll($0) }
    #expect(
      stored == LibraryPage.text(of: scenarios, base: "scenarios"),
      "\"make generate\" writes it anew")
  }

  @Test("the schema knows every verb and every fault")
  func words() {
    let text = ScenarioSchema.text
    for verb in Verb.allCases { #expect(text.contains("\"\(verb.rawValue)\"")) }
    for name in FaultWords.vocabulary.names { #expect(text.contains("\"const\": \"\(name)\"")) }
  }

  @Test("the example of every verb is right", arguments: Verb.allCases)
  func examples(verb: Verb) throws { try check(Examples.step(verb)) }

  @Test("the example of every fault is right", arguments: FaultWords.vocabulary.names)
  func faultExamples(name: String) throws { try check(#require(Examples.fault(name))) }

  /// Reads an example in the world that all of them are about.
  private func check(_ step: String) throws {
    let usesJob = step.contains("job-1") && !step.contains("as: job-1")
    let job = "- { queue: part.3mf, on: p1, as: job-1 }\n"
    let text =
      "scenario: A title\nwhy: A reason\n" + Examples.world + "\nsteps:\n" + (usesJob ? job : "")
      + step + "\n"
    _ = try ScenarioReader.read(Array(text.utf8), file: "example.yaml")
  }

  @Test("the starter story is right")
  func starter() throws {
    let text = StarterStory.text(title: "a first story")
    #expect(try ScenarioReader.read(Array(text.utf8), file: "new.yaml").title == "a first story")
  }
}
