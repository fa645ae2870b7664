import Testing
import World

@testable import Scenarios

private let printIt = "  - { print: part.3mf, on: p1, as: job-1 }\n"

@Suite("Running a story")
struct StoryTests {
  @Test("a print is completed, and everybody agrees")
  func onePrint() throws {
    let result = ScenarioRun(
      try story(printIt, expect: "  - { that: job-1 is completed, within: 20m }")
    ).run()
    #expect(result.isPass)
    #expect(result.breaches == [])
    #expect(result.virtualTime < .minutes(20))
  }

  @Test("an expectation that is not met in time fails with what was the case instead")
  func missed() throws {
    let result = ScenarioRun(
      try story(printIt, expect: "  - { that: job-1 is completed, within: 30s }")
    ).run()
    #expect(!result.isPass)
    #expect(result.expectations[0].isMet == false)
    #expect(result.expectations[0].found == "job-1 is printing")
  }

  @Test("nobody waits for the time of a step that is for a job which is over")
  func leftOutEarly() throws {
    let result = ScenarioRun(
      try story(
        printIt + "  - { resume: job-1, at: 50m, if: job-1 is paused }\n"
          + "  - { start: job-1, at: 55m, if: job-1 is queued }\n",
        expect: "  - { that: job-1 is completed, within: 20m }")
    ).run()
    #expect(result.isPass)
    #expect(result.virtualTime < .minutes(20))
  }

  @Test("a step is left out when its \"if\" is not so, and done when it is")
  func leftOut() throws {
    let result = ScenarioRun(
      try story(
        printIt + "  - { cancel: job-1, after: 1s, if: job-1 is paused }\n"
          + "  - { cancel: job-1, after: 1s, if: job-1 is not over }\n",
        expect: "  - { that: job-1 is cancelled, within: 20m }\n  - { never: job-1 is paused }")
    ).run()
    #expect(result.isPass)
  }

  @Test("faults come by the clock, whatever the steps are at")
  func planned() throws {
    let result = ScenarioRun(
      try story(
        "  - { wait: 1m }\n" + printIt, expect: "  - { that: p1 is off, within: 31s }",
        extra: "faults: [{ at: 30s, fault: printer-off, on: p1, for: 5s }]")
    ).run()
    #expect(result.isPass)
  }

  @Test("an owner with patience asks again until an answer comes; one without gives up")
  func patience() throws {
    func result(_ more: String) throws -> RunResult {
      ScenarioRun(
        try story(
          "  - { fault: cloud-crash, for: 40s }\n"
            + "  - { print: part.3mf, on: p1, as: job-1\(more) }\n",
          expect: more.isEmpty ? "  []" : "  - { that: job-1 is queued, within: 2m }")
      ).run()
    }
    #expect(try result(", retry-for: 10m").isPass)
    #expect(try result("").breaches.map(\.rule) == ["story"])
  }

  @Test("what must never be is told at the moment it is")
  func never() throws {
    let result = ScenarioRun(
      try story(
        printIt,
        expect: "  - { never: p1 is printing }\n  - { that: job-1 is completed, within: 20m }")
    ).run()
    let never = result.expectations[0]
    #expect(!never.isMet)
    #expect(try #require(never.at) < Instant.start + .minutes(10))
  }

  @Test("a deadline can count from the moment that something came true")
  func trigger() throws {
    let steps =
      printIt
      + "  - { when: job-1 is printing, after: 3s, pause: job-1 }\n"
      + "  - { expect: job-1 is paused, within: 20s }\n"
      + "  - { after: 1m, resume: job-1 }"
    let result = ScenarioRun(
      try story(
        steps,
        expect: "  - { when: job-1 is paused, that: job-1 is printing, within: 2m }\n"
          + "  - { when: p1 is failed, that: job-1 is over }\n"
          + "  - { that: job-1 is completed, within: 20m }",
        extra: "limit: 30m")
    ).run()
    #expect(result.expectations[0].isMet)
    #expect(result.expectations[1].found == "its moment never came")
    #expect(result.expectations[2].isMet)
  }

  @Test("a step that waits in vain is told with its line when the run ends")
  func waitsInVain() throws {
    let result = ScenarioRun(
      try story("  - { when: p1 is printing, wait: 1s }", extra: "limit: 2m")
    ).run()
    #expect(
      result.breaches.map(\.text) == [
        "line 15: still waited for \"p1 is printing\"; p1 is on and idle"
      ])
    #expect(result.virtualTime == .minutes(2))
  }

  @Test("an expect step that takes too long fails, and the story goes on")
  func expectStep() throws {
    let result = ScenarioRun(
      try story("  - { expect: p1 is printing, within: 10s }\n" + printIt)
    ).run()
    #expect(
      result.breaches.map(\.text) == [
        "line 14: waited 10 s for \"p1 is printing\"; p1 is on and idle"
      ])
  }

  @Test("a refusal that was expected is no failure; another answer is")
  func refusal() throws {
    let steps =
      "  - { queue: part.3mf, on: p1, as: job-1 }\n"
      + "  - { pause: job-1, refused: 409 }\n"
      + "  - { pause: job-1 }\n"
      + "  - { pause: job-1, refused: 404 }\n"
      + "  - { cancel: job-1, refused: 409 }"
    let texts = ScenarioRun(try story(steps)).run().breaches.map(\.text)
    #expect(texts.count == 3)
    #expect(texts[0].hasPrefix("line 16: 409 "))
    #expect(texts[1].hasPrefix("line 17: expected a refusal with 404, got 409 "))
    #expect(texts[2] == "line 18: the cloud did it, but should have refused with 409")
  }

  @Test("steps happen at their times")
  func times() throws {
    var entries: [TraceEntry] = []
    let run = ScenarioRun(
      try story(
        "  - { at: 1m, say: one }\n  - { after: 10s, say: two }\n  - { wait: 5s }\n  - { say: three }"
      ))
    run.onEntry { if $0.kind == .step { entries.append($0) } }
    _ = run.run()
    let said = entries.filter { ["one", "two", "three"].contains($0.text) }
    #expect(said.map(\.at.seconds) == [60, 70, 75])
  }

  @Test("what breaks an invariant during a run fails it")
  func invariant() throws {
    let run = ScenarioRun(try story(printIt, expect: "  - { that: job-1 is completed }"))
    run.onEntry { entry in
      guard entry.text.hasPrefix("begins part.3mf") else { return }
      run.hold(.printBegan(printer: "p1", farm: "workshop", number: 2, digest: 0))
    }
    let result = run.run()
    #expect(!result.isPass)
    #expect(result.breaches.map(\.rule) == ["started-once", "same-bytes"])
  }
}
