import Testing
import World

@testable import Scenarios

/// Runs these steps in a small world, and answers when each thing was said and each fault began.
private func said(_ steps: String, seed: UInt64 = 1) throws -> (lines: [String], result: RunResult)
{
  let run = ScenarioRun(try story("  - { at: 1m, say: go }\n" + steps), seed: seed)
  var lines: [String] = []
  run.onEntry { entry in
    let isOurs = entry.kind == .fault || entry.kind == .step && !entry.text.hasPrefix("all are")
    if isOurs { lines.append("\(Int((entry.at - .start).seconds)): \(entry.text)") }
  }
  let result = run.run()
  return (lines, result)
}

@Suite("Steps in steps, and faults that come again")
struct StrandTests {
  @Test("what is done together begins at once, and the story waits for all of it")
  func together() throws {
    let lines = try said(
      """
        - together:
            - in-order:
                - wait: 10s
                - say: slow
            - { say: quick, after: 2s }
            - say: now
        - say: after
      """
    ).lines
    #expect(lines == ["60: go", "60: now", "62: quick", "70: slow", "70: after"])
  }

  @Test("turns come one after another, no sooner than their pause, until it is enough")
  func turns() throws {
    let lines = try said(
      """
        - repeat: 9
          as: n
          every: 10s
          until: 85s
          steps:
            - say: turn ${n}
            - wait: 3s
        - say: after
      """
    ).lines
    #expect(lines == ["60: go", "60: turn 1", "70: turn 2", "80: turn 3", "90: after"])
  }

  @Test("a fault comes again and again, and ends at its time")
  func every() throws {
    let lines = try said(
      """
        - { fault: loss, on: hub-1, to: 5%, every: 10s, for: 2s, until: 75s }
        - wait: 1m
      """
    ).lines
    #expect(
      lines == [
        "60: go", "60: loss to 5.0% for 2 s", "62: loss is over", "70: loss to 5.0% for 2 s",
        "72: loss is over",
      ])
  }

  @Test("a fault lasts until something is true")
  func until() throws {
    let lines = try said(
      """
        - { fault: loss, on: hub-1, to: 5%, until: job-1 is printing }
        - { print: part.3mf, on: p1, as: job-1 }
        - { expect: job-1 is over, within: 30m }
      """
    ).lines
    #expect(lines.count == 3 && lines[1] == "60: loss to 5.0%")
    #expect(lines[2].hasSuffix(": loss is over"))
  }

  @Test("how long a fault lasts is luck between its bounds, the same for the same seed")
  func luck() throws {
    let step =
      "  - { fault: loss, on: hub-1, to: 5%, every: 20s, for: 9s, at-least: 3s, until: 4m }\n"
    let first = try said(step + "  - wait: 4m\n").lines
    #expect(try said(step + "  - wait: 4m\n").lines == first)
    #expect(try said(step + "  - wait: 4m\n", seed: 2).lines != first)
    let times = first.compactMap { Int($0.prefix { $0 != ":" }) }.dropFirst()
    let moments = Array(times)
    let lengths = stride(from: 0, to: moments.count - 1, by: 2).map {
      moments[$0 + 1] - moments[$0]
    }
    #expect(lengths.allSatisfy { (3...9).contains($0) } && Set(lengths).count > 1)
  }

  @Test("what luck decides on happens in some of all cases")
  func probability() throws {
    let lines = try said(
      """
        - repeat: 200
          as: n
          steps:
            - { say: "${n}", with-probability: 30% }
      """
    ).lines
    #expect((40...80).contains(lines.count - 1))
  }

  @Test("a step within others that waits in vain is told with its line")
  func inVain() throws {
    let result = try said(
      """
        - together:
            - { when: p1 is printing, say: never }
            - say: now
      """
    ).result
    #expect(
      result.breaches.map(\.text) == [
        "line 16: still waited for \"p1 is printing\"; p1 is on and idle"
      ])
  }
}
