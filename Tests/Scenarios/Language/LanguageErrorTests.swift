import Testing

@testable import Scenarios

/// A scenario that is right, to be spoiled in one place.
private let good = """
  scenario: A title
  why: A reason
  world:
    farms:
      - name: workshop
        hub: { name: hub-1, wifi: { latency: 3ms } }
        printers:
          - { name: p1, model: P1S }
          - { name: a1, model: A1 mini }
  files:
    - { name: part.3mf, layers: 10, print-time: 5m, size: 100 KB }
  steps:
    - print: part.3mf
      on: p1
      as: job-1
    - when: job-1 is printing and p1 progress >= 40%
      fault: wifi-down
      on: hub-1
      for: 45s
  expect:
    - that: job-1 is completed
      within: 1h
    - never: job-1 is failed
  """

/// One mistake and the exact message that it must get.
struct Mistake: CustomTestStringConvertible {
  let original: String
  let spoiled: String
  let messages: [String]

  init(_ original: String, _ spoiled: String, _ messages: String...) {
    self.original = original
    self.spoiled = spoiled
    self.messages = messages
  }

  var testDescription: String { spoiled }
}

@Suite("Mistakes in a scenario are pointed at")
struct LanguageErrorTests {
  static let mistakes: [Mistake] = [
    Mistake(
      "fault: wifi-down", "fault: wifi-dwon",
      "story.yaml:17:12: unknown fault \"wifi-dwon\"; did you mean \"wifi-down\"?"),
    Mistake(
      "why: A reason", "wy: A reason",
      "story.yaml:1:1: a scenario needs \"why\"",
      "story.yaml:2:1: unknown word \"wy\" in a scenario; did you mean \"why\"?"),
    Mistake(
      "model: P1S", "model: P1Z",
      "story.yaml:8:30: unknown model \"P1Z\"; did you mean \"P1P\"?"),
    Mistake(
      "{ name: p1, model: P1S }", "{ name: p1 }", "story.yaml:8:11: a printer needs \"model\""),
    Mistake(
      "latency: 3ms", "latency: 3",
      "story.yaml:6:44: expected a duration such as 90s, 2m30s or 1h after \"latency\", found \"3\""
    ),
    Mistake(
      "size: 100 KB", "size: 100",
      "story.yaml:11:57: expected a size such as 300 KB, 2 MB or 64 KiB after \"size\", found \"100\""
    ),
    Mistake(
      "layers: 10", "layers: 0",
      "story.yaml:11:31: expected a whole number from 1 to 100000 after \"layers\", found \"0\""),
    Mistake(
      "- { name: a1, model: A1 mini }", "- { name: p1, model: A1 mini }",
      "story.yaml:9:19: \"p1\" is the name of a printer already; names are unique"),
    Mistake(
      "print: part.3mf", "print: prat.3mf",
      "story.yaml:13:12: no file is called \"prat.3mf\"; did you mean \"part.3mf\"?"),
    Mistake(
      "on: p1", "on: hub-1",
      "story.yaml:14:9: no printer is called \"hub-1\"; known: p1, a1"),
    Mistake(
      "print: part.3mf", "pirnt: part.3mf",
      "story.yaml:13:5: unknown word \"pirnt\" in a step; did you mean \"print\"?"),
    Mistake(
      "fault: wifi-down", "wait: 3s\n    fault: wifi-down",
      "story.yaml:18:5: a step does one thing; \"wait\" and \"fault\" need a step each"),
    Mistake(
      "on: hub-1", "on: p1",
      "story.yaml:18:9: the fault \"wifi-down\" is for a hub, not for \"p1\"; known: hub-1"),
    Mistake(
      "fault: wifi-down", "fault: latency",
      "story.yaml:17:12: the fault \"latency\" needs \"to\" with a duration such as 90s, 2m30s or 1h"
    ),
    Mistake(
      "for: 45s", "to: 45s", "story.yaml:19:9: the fault \"wifi-down\" has nothing to measure"),
    Mistake(
      "job-1 is printing and", "job-1 is printed and",
      "story.yaml:16:20: unknown job state \"printed\"; known: queued, processing, uploaded, printing, paused, "
        + "completed, failed, cancelled, over"),
    Mistake(
      "job-1 is printing and", "jbo-1 is printing and",
      "story.yaml:16:11: nobody is called \"jbo-1\"; did you mean \"job-1\"?"),
    Mistake(
      "p1 progress >= 40%", "p1 progres >= 40%",
      "story.yaml:16:36: unknown word \"progres\" after the name of a printer; "
        + "did you mean \"progress\"?"),
    Mistake(
      "p1 progress >= 40%", "p1 progress => 40%",
      "story.yaml:16:45: expected one of >= <= > < =, found \"=>\""),
    Mistake(
      "p1 progress >= 40%", "p1 progress >= 40",
      "story.yaml:16:48: expected a share such as 0.1% or 25%, found \"40\""),
    Mistake(
      "p1 progress >= 40%", "p1 progress",
      "story.yaml:16:44: expected one of >= <= > < = after \"progress\""),
    Mistake(
      "printing and p1", "printing or p1",
      "story.yaml:16:29: expected \"and\" or the end of the condition, found \"or\""),
    Mistake(
      "when: job-1 is printing and p1 progress >= 40%", "when: \"job-1 is prnting\"",
      "story.yaml:16:21: unknown job state \"prnting\"; did you mean \"printing\"?"),
    Mistake(
      "never: job-1 is failed", "never: job-1 is failed\n    within: 3s",
      "story.yaml:24:13: \"within\" and \"when\" go with \"that\", not with \"never\""),
    Mistake(
      "that: job-1 is completed", "when: job-1 is completed",
      "story.yaml:21:5: an expectation has one of \"that\", \"never\", \"finally\""),
    Mistake(
      "steps:", "why: twice\nsteps:",
      "story.yaml:12:1: \"why\" stands here twice; the first is in line 2"),
    Mistake(
      "A title", "&a A title", "story.yaml:1:11: anchors are not part of the language"),
    Mistake("A title", "*a", "story.yaml:1:11: aliases are not part of the language"),
    Mistake("A title", "!!str A", "story.yaml:1:11: tags are not part of the language"),
    Mistake(
      "A title", "[a, b]", "story.yaml:1:11: expected a text after \"scenario\", found a list"),
    Mistake(
      "{ name: a1, model: A1 mini }", "{ name: a1, model: A1 mini",
      "story.yaml:10:6: not YAML: did not find expected ',' or '}', "
        + "while parsing a flow mapping that began in line 9"),
    Mistake(
      "steps:", "faults:\n  - { fault: wifi-down, on: hub-1 }\nsteps:",
      "story.yaml:13:5: a planned fault needs \"at\""),
    Mistake(
      "steps:", "faults:\n  - { at: 5s, fault: wifi-down, on: p1 }\nsteps:",
      "story.yaml:13:37: the fault \"wifi-down\" is for a hub, not for \"p1\"; known: hub-1"),
    Mistake(
      "as: job-1", "as: job-1\n    refused: 409\n    retry-for: 5m",
      "story.yaml:17:16: \"retry-for\" takes any answer; it cannot go with \"refused\""),
    Mistake(
      "- never: job-1 is failed", "- never: job-1 is failed\n---\nmore: 1",
      "story.yaml:24:1: a second document; a scenario is one document"),
  ]

  @Test("the good scenario has no mistakes")
  func noMistakes() throws {
    let scenario = try ScenarioReader.read(Array(good.utf8), file: "story.yaml")
    #expect(scenario.steps.count == 2)
    #expect(
      scenario.expectations.map(\.text) == [
        "job-1 is completed within 1 h", "never: job-1 is failed",
      ])
    #expect(scenario.world.farms[0].hub.wifi.latency == .milliseconds(3))
    #expect(scenario.seed == 1)
  }

  @Test("each mistake gets its exact message", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let text = good.replacing(mistake.original, with: mistake.spoiled, maxReplacements: 1)
    try #require(text != good)
    do {
      _ = try ScenarioReader.read(Array(text.utf8), file: "story.yaml")
      Issue.record("it was accepted")
    } catch {
      #expect(error.problems.map(\.description) == mistake.messages)
    }
  }

  @Test("the place of a mistake is where the wrong word stands", arguments: mistakes)
  func place(_ mistake: Mistake) throws {
    let text = good.replacing(mistake.original, with: mistake.spoiled, maxReplacements: 1)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    do {
      _ = try ScenarioReader.read(Array(text.utf8), file: "story.yaml")
    } catch {
      let quotedWord = #/(?:unknown [a-z ]+|found|called) "([^"]+)"/#
      for problem in error.problems {
        guard let quoted = problem.message.firstMatch(of: quotedWord)
        else { continue }
        let rest = lines[problem.mark.line - 1].dropFirst(problem.mark.column - 1)
        #expect(rest.hasPrefix(quoted.1), "\(problem)")
      }
    }
  }

  @Test("a file that is cut anywhere is refused or read, never a crash", arguments: 0..<64)
  func cut(part: Int) {
    let bytes = Array(good.utf8)
    let step = bytes.count / 64
    for count in part * step..<min(bytes.count, (part + 1) * step) {
      _ = try? ScenarioReader.read(Array(bytes[..<count]), file: "story.yaml")
    }
  }

  @Test("bytes that are not UTF-8 are refused at their place")
  func notText() {
    var bytes = Array(good.utf8)
    bytes[12] = 0xFF
    #expect(throws: ScenarioError.self) { try ScenarioReader.read(bytes, file: "story.yaml") }
  }

  @Test("depth and size have bounds")
  func bounds() {
    let deep = String(repeating: "[", count: 5_000)
    do {
      _ = try YAMLReader.read(Array(deep.utf8), file: "deep.yaml")
      Issue.record("it was accepted")
    } catch {
      #expect(error.message == "nested deeper than \(YAMLReader.depthLimit) levels")
    }
    do {
      _ = try YAMLReader.read([UInt8](repeating: 0x20, count: YAMLReader.byteLimit + 1), file: "f")
      Issue.record("it was accepted")
    } catch {
      #expect(error.message.hasPrefix("the file has "))
    }
  }

  @Test("a sixth printer is refused")
  func sixthPrinter() {
    let more = (1...4).map { "        - { name: x\($0), model: P1P }\n" }.joined()
    let text = good.replacing("files:", with: more.dropLast() + "\nfiles:", maxReplacements: 1)
    do {
      _ = try ScenarioReader.read(Array(text.utf8), file: "story.yaml")
      Issue.record("it was accepted")
    } catch {
      #expect(
        error.problems.map(\.description) == [
          "story.yaml:13:11: a hub has 5 printer slots; this is printer 6"
        ])
    }
  }
}
