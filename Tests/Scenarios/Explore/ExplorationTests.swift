import Printers
import Testing
import World

@testable import Scenarios

@Suite("Exploring")
struct ExplorationTests {
  @Test("a seed is always the same story, another seed another one")
  func repeatable() {
    func text(_ seed: UInt64) -> String {
      ScenarioWriter.text(of: Inventor.story(of: seed, size: .large))
    }
    #expect(text(5) == text(5))
    #expect(text(5) != text(6))
  }

  @Test("stories that are aimed come in families with one quiet story; others stand alone")
  func families() {
    let size = Inventor.familySize
    var inventor = Inventor()
    func quiet(_ story: Scenario) -> String {
      var story = story
      story.title = ""
      story.faults = []
      story.steps = story.steps.filter { $0.at == nil }
      story.expectations = []
      story.limit = .zero
      return ScenarioWriter.text(of: story)
    }
    let stories = (0..<size).map { inventor.story(of: size + $0) }
    let aimed = stories.filter { $0.seed == size }
    #expect((3..<stories.count - 2).contains(aimed.count))
    #expect(Set(aimed.map(quiet)).count == 1)
    #expect(Set(stories.map(quiet)).count == stories.count - aimed.count + 1)
    #expect(Set(stories.map { ScenarioWriter.text(of: $0) }).count == stories.count)
    for (index, story) in stories.enumerated().suffix(4) {
      let alone = Inventor.story(of: size + UInt64(index))
      #expect(
        ScenarioWriter.text(of: story) == ScenarioWriter.text(of: alone),
        "what an inventor knows already changes nothing")
    }
  }

  @Test("every kind of fault that needs no more than a place and a measure is tried")
  func everyKind() {
    var seen: Set<String> = []
    var size = ExplorationSize.large
    size.aims = false
    var inventor = Inventor(size)
    for seed in UInt64(1)...300 {
      for planned in inventor.story(of: seed).faults {
        seen.insert(planned.fault.name)
        #expect(planned.fault.duration != nil, "a fault that never ends leaves nothing to expect")
      }
    }
    #expect(seen == Set(ExploreMap.faults))
  }

  @Test("what breaks a printer itself is planned, written, read and counted as other faults are")
  func printersOwn() throws {
    let text = explored(
      """
      faults:
        - { at: 12s, fault: mqtt-silent, on: p1, for: 30s }
        - { at: 14s, fault: ftps-slow, on: p1, to: 20 KB/s, for: 10s }
      """)
    let scenario = try story(text: text)
    #expect(scenario.faults.map(\.fault.name) == ["mqtt-silent", "ftps-slow"])
    #expect(scenario.faults.map(\.fault.place) == ["p1", "p1"])
    let written = ScenarioWriter.text(of: scenario)
    let again = try story(text: written)
    #expect(ScenarioWriter.text(of: again) == written)
    let run = Exploration.run(scenario)
    #expect(run.failure == nil)
    #expect(run.coverage.reached("fault").map(\.what) == ["ftps-slow", "mqtt-silent"])
    #expect(run.hash == Exploration.run(again).hash)
  }

  @Test("makes of printers and new firmware are invented where they are asked for")
  func makesAndUpdates() throws {
    var makes = ExplorationSize.makes
    makes.aims = false
    let stories = (UInt64(1)...40).map { Inventor.story(of: $0, size: makes) }
    let kinds = stories.flatMap { $0.world.farms.flatMap(\.printers).map(\.kind) }
    #expect(Set(kinds) == Set(PrinterKind.allCases))
    let update = Inventor.story(of: 2, size: .updates)
    let text = ScenarioWriter.text(of: update)
    #expect(text.contains("release-firmware: 1.") && text.contains("roll-out: 1."))
    let again = try story(text: text)
    #expect(ScenarioWriter.text(of: again) == text)
  }

  @Test("faults that are aimed come close to what happens in the story")
  func aimed() throws {
    let text = explored("")
    let moments = Moments.of(try story(text: text))
    #expect(moments.count >= 8)
    #expect(moments == moments.sorted())
    #expect(moments.first.map { $0 < .seconds(10) } == true)
  }

  @Test("chance that is told decides, and what is not told stays quiet")
  func luck() throws {
    let seeded = try story(text: explored("luck: []"))
    #expect(seeded.luck == Luck())
    #expect(Exploration.luck(of: seeded).isEmpty)
    let told = Luck.Told(by: "workshop/hub-1", label: "wifi.join", number: 1, value: 700)
    var late = seeded
    late.luck = Luck(told: [told])
    let text = ScenarioWriter.text(of: late)
    #expect(try story(text: text).luck == late.luck)
    #expect(Exploration.luck(of: late) == [told])
  }

  @Test("a rule that breaks only because nobody looks any more is not made of a story that does")
  func looksStay() throws {
    let text = explored(
      """
      faults:
        - { at: 7s, fault: latency, on: hub-1, to: 80ms, for: 20s }
      """, expect: "  - { that: job-1 is cancelled, within: 10m }"
    ).replacing(
      "expect:\n",
      with: "  - { resume: job-1, at: 5m, if: job-1 is paused, retry-for: 1m }\nexpect:\n")
    let long = try story(text: text)
    var shrinker = Shrinker(rule: "job-1 is cancelled")
    let short = shrinker.shrink(long)
    #expect(short.faults.isEmpty)
    #expect(short.steps.contains { $0.at == .minutes(5) })
  }

  @Test("what is broken for good is inevitable from the moment on at which it broke")
  func inevitable() throws {
    let text = explored(
      """
      faults:
        - { at: 60s, fault: printer-off, on: p1, for: 40s }
      """, expect: "  - { never: p1 is off }\n  - { that: job-1 is over, within: 20m }")
    let inevitability = Inevitability(
      try story(text: text))
    #expect(inevitability.rule == "p1 is off")
    let moments = inevitability.moments(3, branches: 2)
    #expect(moments.count == 3)
    #expect(moments.allSatisfy { $0.failed == 2 })
    #expect(Inevitability.pointOfNoReturn(moments) == .zero)
    let saved = [
      Inevitability.Moment(at: .zero, failed: 1, branches: 2),
      Inevitability.Moment(at: .seconds(5), failed: 2, branches: 2),
    ]
    #expect(Inevitability.pointOfNoReturn(saved) == .seconds(5))
  }

  @Test("a story that is told twice at once is the same both times")
  func lockstep() throws {
    let story = Inventor.story(of: 4)
    let (run, difference) = Lockstep(story).run()
    #expect(difference == nil)
    #expect(run.hash == Exploration.run(story).hash)
  }

  @Test("with a second machine in the hub's name only what is still promised counts")
  func twin() throws {
    let text = explored(
      """
      faults:
        - { at: 30s, fault: twin, on: hub-1, for: 20s }
      """)
    let scenario = try story(text: text)
    func result(_ rule: String) -> RunResult {
      RunResult(
        scenario: scenario, seed: 1, expectations: [],
        breaches: [Breach(rule: rule, at: .start, text: "it broke")], virtualTime: .zero,
        eventCount: 0, hash: 0)
    }
    #expect(Exploration.failure(of: result(StartedOnce.id)) == nil)
    #expect(Exploration.failure(of: result(TenantWalls.id))?.rule == TenantWalls.id)
  }

  @Test(
    "an invented story, written down and read again, runs to the same hash",
    arguments: [1, 4, 93] as [UInt64])
  func roundTrip(seed: UInt64) throws {
    let invented = Inventor.story(of: seed)
    let text = ScenarioWriter.text(of: invented, remarks: ["Invented."])
    let again = try story(text: text)
    #expect(again.faults.count == invented.faults.count)
    #expect(Exploration.run(invented).hash == Exploration.run(again).hash)
  }

  @Test("what a run reaches is counted: faults, steps of hubs and jobs, and which met which")
  func coverage() throws {
    let text = explored(
      """
      faults:
        - { at: 40s, fault: wifi-down, on: hub-1, for: 10s }
      """)
    let run = Exploration.run(try story(text: text))
    #expect(run.failure == nil)
    #expect(run.coverage.reached("fault").map(\.what) == ["wifi-down"])
    #expect(run.coverage.reached("meets").map(\.what) == ["wifi-down in running"])
    #expect(run.coverage.counts["job printing -> completed"] == 1)
    #expect(run.coverage.counts["hub running -> wifi-connect"] == 1)
    #expect(
      run.coverage.missing("job", of: ["printing -> completed", "printing -> failed"])
        == ["printing -> failed"])
  }

  @Test("shrinking leaves the one fault that matters, rounded, in the smallest world")
  func shrink() throws {
    let text = explored(
      """
      faults:
        - { at: 7.123s, fault: latency, on: hub-1, to: 80ms, for: 20s }
        - { at: 11.5s, fault: wifi-down, on: hub-1, for: 4s }
        - { at: 43.217s, fault: printer-off, on: p1, for: 41s }
        - { at: 60s, fault: cloud-restart, for: 4s }
        - { at: 62s, fault: loss, on: p2, to: 3%, for: 30s }
      """, expect: "  - { never: p1 is off }\n  - { that: job-1 is over, within: 20m }")
    let long = try story(text: text)
    let failure = try #require(Exploration.run(long).failure)
    var shrinker = Shrinker(rule: failure.rule)
    let short = shrinker.shrink(long)
    #expect(short.faults.count == 1)
    #expect(short.faults[0].fault.name == "printer-off")
    #expect(short.faults[0].fault.duration == .seconds(1))
    #expect(short.faults[0].at.milliseconds % 10_000 == 0)
    #expect(short.world.farms[0].printers.map(\.name) == ["p1"])
    #expect(Exploration.run(short).failure?.rule == failure.rule)
  }

  @Test("a world in which time stands still is noticed")
  func standstill() {
    var standstill = Standstill(at: .start)
    for _ in 0...Standstill.eventLimit { _ = standstill.isReached(at: .start + .seconds(1)) }
    #expect(!standstill.isOver)
    _ = standstill.isReached(at: .start + .seconds(1))
    #expect(standstill.isOver)
  }

  private func explored(
    _ faults: String, expect: String = "  - { that: job-1 is completed, within: 20m }"
  ) -> String {
    storyText(
      "  - { print: part.3mf, on: p1, as: job-1, retry-for: 10m }", expect: expect, extra: faults,
      models: ["P1S", "X1C"])
  }
}
