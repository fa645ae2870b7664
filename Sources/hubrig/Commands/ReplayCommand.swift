import Glibc
import Scenarios
import World

let replayCommand = Command(
  name: "replay",
  summary: "Run one scenario up to a moment, and show what everybody is at.",
  details: """
    The timeline is shown up to the moment, then the state of every hub and printer, of the jobs, and
    what is broken. With --step the run stops after each line: Enter goes on, "s" shows the state, a
    time such as 1m30s runs up to it, "q" ends. The run is the same as with "hubrig run".
    """,
  flags: [
    Flag("--until", "TIME", "Stop at this time of the run, such as 42s; at its end when not told."),
    Flag("--step", nil, "Stop after each line of the timeline."),
    Flag("--seed", "N", "Use this luck instead of the scenario's own."),
    settingFlag,
    Flag("--verbose", nil, "Show all details."),
  ],
  operands: Operands(usage: "FILE", count: 1...1),
  run: { arguments in try ReplaySession(arguments).run() })

/// One call of `hubrig replay`.
private final class ReplaySession {
  private let story: ScenarioRun
  private let scenario: Scenario
  private let until: Interval?
  private let steps: Bool
  private let timeline: Timeline

  init(_ arguments: Arguments) throws {
    let (scenarios, problems) = try readScenarios(
      arguments.operands, settings: arguments.settings())
    guard scenarios.count <= 1 else {
      throw UsageError(
        "these are \(scenarios.count) stories; choose one with --set, such as "
          + scenarios[0].file)
    }
    guard let scenario = scenarios.first, problems.isEmpty else {
      throw UsageError(problems.first ?? "there is no scenario in \(arguments.operands[0])")
    }
    self.scenario = scenario
    until = try arguments.duration("--until")
    steps = arguments.has("--step")
    let seed = try arguments.count("--seed", in: 0...Int.max).map { UInt64($0) }
    story = ScenarioRun(scenario, seed: seed)
    timeline = Timeline(
      paint: Paint(isOn: Console.wantsColour), showsDetails: arguments.has("--verbose"),
      write: Console.out)
  }

  func run() throws -> Int32 {
    timeline.begin(scenario, seed: story.seed)
    story.onEntry(timeline.show)
    story.open()
    let goesOn = steps ? walk() : story.advance(to: until.map { .start + $0 } ?? .never)
    guard goesOn else {
      let result = story.finish()
      timeline.end(result, realSeconds: 0)
      return result.isPass ? Exit.success : Exit.failure
    }
    showState()
    return Exit.success
  }

  /// Line by line, as the person at the keyboard wants; false when the run is over.
  private func walk() -> Bool {
    while story.advanceToNextEntry() {
      while true {
        guard let words = readLine(strippingNewline: true) else { return true }
        if words == "q" { return true }
        if words == "s" {
          showState()
          continue
        }
        if let time = Quantity.duration(words) {
          guard story.advance(to: .start + time) else { return false }
          continue
        }
        break
      }
    }
    return false
  }

  private func showState() {
    Console.out("")
    Console.out("at \(Quantity.clock(story.world.now)):")
    for line in story.state { Console.out("  " + line) }
  }
}
