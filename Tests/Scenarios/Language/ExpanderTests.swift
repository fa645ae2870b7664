import Testing

@testable import Scenarios

private let part = """
  world:
    farms:
      - name: workshop
        hub: { name: hub-1 }
        printers:
          - { name: p1, model: P1S }
  files:
    - { name: part.3mf, layers: 10, print-time: 2m, size: 50 KB }
  """

private func readAll(
  _ text: String, set settings: [(name: String, value: String)] = [],
  files: [String: String] = ["stories/_farm.yaml": part]
) throws -> [Scenario] {
  struct Missing: Error {}
  return try ScenarioReader.readAll(
    Array(text.utf8), file: "stories/a.yaml", settings: settings,
    load: { path in
      guard let text = files[path] else { throw Missing() }
      return Array(text.utf8)
    })
}

private func problems(_ text: String, files: [String: String] = ["stories/_farm.yaml": part])
  -> [String]
{
  do {
    _ = try readAll(text, files: files)
    return []
  } catch let error as ScenarioError {
    return error.problems.map(\.description)
  } catch {
    return ["\(error)"]
  }
}

@Suite("What stands in a file before it is a story")
struct ExpanderTests {
  static let head = "scenario: A title\nwhy: A reason\ninclude: [_farm.yaml]\n"

  @Test("an included file gives its world and files; lists of both are joined, theirs first")
  func include() throws {
    let story = try #require(
      readAll(Self.head + "files:\n  - { name: other.3mf }\nsteps:\n  - wait: 1s\n").first)
    #expect(story.world.farms.map(\.name) == ["workshop"])
    #expect(story.files.map(\.name) == ["part.3mf", "other.3mf"])
  }

  @Test("a mistake in an included file is pointed at where it stands")
  func includedMistake() {
    let spoiled = part.replacing("P1S", with: "P1Z")
    #expect(
      problems(Self.head, files: ["stories/_farm.yaml": spoiled]) == [
        "stories/_farm.yaml:6:30: unknown model \"P1Z\"; did you mean \"P1P\"?"
      ])
    #expect(
      problems(Self.head, files: [:]) == [
        "stories/a.yaml:3:11: stories/_farm.yaml cannot be read"
      ])
  }

  @Test("files that include each other are refused")
  func circle() {
    let found = problems(
      Self.head, files: ["stories/_farm.yaml": "include: [_farm.yaml]\n" + part])
    #expect(found == ["stories/_farm.yaml:1:11: files include each other, more than 8 deep"])
  }

  @Test("a parameter has a value, and another one when it is set")
  func parameters() throws {
    let text = Self.head + "parameters: { pause: 7s }\nsteps:\n  - wait: ${pause}\n"
    func pause(_ scenarios: [Scenario]) -> String {
      if case .wait(let length)? = scenarios.first?.steps.first?.action {
        "\(Int(length.seconds))"
      } else {
        ""
      }
    }
    #expect(pause(try readAll(text)) == "7")
    #expect(pause(try readAll(text, set: [("pause", "9s")])) == "9")
    #expect(try readAll(text).first?.file == "stories/a.yaml")
  }

  @Test("a matrix tells a story for each choice, named by it")
  func matrix() throws {
    let text =
      Self.head + "matrix:\n  pause: [1s, 2s]\n  model: [A1, P1S]\nsteps:\n"
      + "  - wait: ${pause}\n  - say: on ${model}\n"
    #expect(
      try readAll(text).map(\.file) == [
        "stories/a.yaml [pause=1s, model=A1]", "stories/a.yaml [pause=1s, model=P1S]",
        "stories/a.yaml [pause=2s, model=A1]", "stories/a.yaml [pause=2s, model=P1S]",
      ])
    #expect(try readAll(text, set: [("model", "A1")]).count == 2)
  }

  @Test(
    "mistakes with parameters are pointed at",
    arguments: [
      (
        "parameters: { pause: 7s }\nsteps:\n  - wait: ${puase}\n",
        [
          "stories/a.yaml:4:15: \"${pause}\" stands nowhere; the value would change nothing"
        ]
      ),
      (
        "parameters: { pause: 7s }\nsteps:\n  - wait: ${pause}\n  - wait: ${puase}\n",
        ["stories/a.yaml:7:11: no parameter is called \"puase\"; did you mean \"pause\"?"]
      ),
      (
        "parameters: { pause: 7 }\nsteps:\n  - wait: ${pause}\n",
        [
          "stories/a.yaml:6:11: expected a duration such as 90s, 2m30s or 1h after \"wait\", "
            + "found \"7\""
        ]
      ),
      (
        "matrix: { pause: 7s }\nsteps:\n  - wait: ${pause}\n",
        ["stories/a.yaml:4:18: expected a list of values after \"pause\", found \"7s\""]
      ),
      (
        "matrix: []\n",
        [
          "stories/a.yaml:4:9: expected a map of names to lists of values after \"matrix\", found a list"
        ]
      ),
    ] as [(String, [String])])
  func mistakes(text: String, found: [String]) {
    #expect(problems(Self.head + text) == found)
  }

  @Test("a matrix that makes too many stories is refused before it is made")
  func tooMany() {
    let values = (0..<20).map { "v\($0)" }.joined(separator: ", ")
    let text =
      Self.head + "matrix: { a: [\(values)], b: [\(values)] }\nsteps:\n  - say: ${a} ${b}\n"
    #expect(
      problems(text) == [
        "stories/a.yaml:1:1: the matrix makes 400 stories, more than the 200 allowed"
      ])
  }

  @Test("a repeated step is there once for each turn, with the turn's number in it")
  func repeated() throws {
    let text =
      Self.head + "steps:\n  - repeat: 3\n    as: n\n    every: 5m\n    steps:\n"
      + "      - { queue: part.3mf, on: p1, as: \"job-${n}\" }\n  - start: job-2\n"
    let story = try #require(readAll(text).first)
    guard case .turns(let rows, let every, nil)? = story.steps.first?.action else {
      Issue.record("another action")
      return
    }
    #expect(rows.map(\.count) == [1, 1, 1] && every == .minutes(5))
    guard case .request(.queue(_, _, "job-3"), _, _)? = rows[2].first?.action else {
      Issue.record("another job")
      return
    }
  }

  @Test("more steps than a story can have are refused, however they are repeated")
  func tooManySteps() {
    let text =
      Self.head + "steps:\n  - repeat: 1000\n    steps:\n      - repeat: 1000\n        steps:\n"
      + "          - say: x\n"
    let found = problems(text)
    #expect(found.count == 1)
    #expect(found.first?.contains("with all repetitions there are more than 5000 steps") == true)
  }

  @Test(
    "mistakes in steps with steps are pointed at",
    arguments: [
      (
        "  - repeat: 0\n    steps:\n      - say: x\n",
        "5:13: expected a whole number from 1 to 1000 after \"repeat\", found \"0\""
      ),
      ("  - repeat: 2\n", "5:5: a step with \"repeat\" needs \"steps\""),
      (
        "  - repeat: 2\n    steps: x\n",
        "6:12: expected a list of steps after \"steps\", found \"x\""
      ),
      (
        "  - together:\n      - say: x\n      - sya: x\n",
        "7:9: unknown word \"sya\" in a step; did you mean \"say\"?"
      ),
      ("  - together: x\n", "5:15: expected a list of steps after \"together\", found \"x\""),
      (
        "  - repeat: 2\n    until: job-9 is over\n    steps:\n      - say: x\n",
        "6:12: nobody is called \"job-9\"; known: p1, hub-1, cloud"
      ),
      (
        "  - { fault: loss, on: hub-1, to: 5%, at-least: 3s }\n",
        "5:49: \"at-least\" needs \"for\" with the longest time"
      ),
      (
        "  - { fault: loss, on: hub-1, to: 5%, for: 1s, at-least: 3s }\n",
        "5:58: \"at-least\" is longer than \"for\""
      ),
      (
        "  - { fault: loss, on: hub-1, to: 5%, for: 1s, until: 3m }\n",
        "5:55: \"for\" and \"until\" both say when it is over; with \"every\" they go together"
      ),
      (
        "  - { fault: loss, on: hub-1, to: 5%, every: 1ms }\n",
        "5:46: nothing comes again sooner than after 100ms"
      ),
    ])
  func blockMistakes(step: String, message: String) {
    let found = problems(Self.head + "steps:\n" + step)
    #expect(found == ["stories/a.yaml:" + message])
  }
}
