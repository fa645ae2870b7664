import Glibc
import Scenarios
import World

let replayCommand = Command(
  name: "replay",
  summary: "Run one scenario up to a moment, and show what everybody is at.",
  details: """
    The timeline is shown up to the moment, then the state of every hub and printer, of the jobs, and
    what is broken. With --step the run stops after each line: Enter goes on, "s" shows the state, a
    time such as 1m30s runs up to it, "q" ends; with --until as well it first stops there. The run is
    the same as with "hubrig run".
    With --inevitable a run that fails is told again up to many moments, and from there on with
    other luck: the share that still fails shows from when on nothing could save it.
    """,
  flags: [
    Flag("--until", "TIME", "Stop at this time of the run, such as 42s; at its end when not told."),
    Flag("--step", nil, "Stop after each line of the timeline."),
    Flag("--seed", "N", "Use this luck instead of the scenario's own."),
    settingFlag,
    Flag("--verbose", nil, "Show all details."),
    Flag("--plant", "BUG", "Plant a mistake to see it at work; see \"hubrig planted --list\"."),
    Flag("--inevitable", nil, "Show from when on nothing could save a run that fails."),
    Flag("--moments", "N", "With --inevitable: at how many moments; 16 when not told."),
    Flag("--branches", "N", "With --inevitable: how often at each; 16 when not told."),
    Flag("--report", "FILE", "With --inevitable: write a page of the run that shows it as well."),
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
  private let inevitable: (moments: Int, branches: Int)?
  private let reportFile: String?

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
    try plantBug(arguments)
    until = try arguments.duration("--until")
    steps = arguments.has("--step")
    let seed = try arguments.count("--seed", in: 0...Int.max).map { UInt64($0) }
    story = ScenarioRun(scenario, seed: seed)
    inevitable =
      arguments.has("--inevitable")
      ? (
        try arguments.count("--moments", in: 1...1_000) ?? 16,
        try arguments.count("--branches", in: 1...10_000) ?? 16
      ) : nil
    reportFile = arguments.text("--report")
    if inevitable == nil {
      for flag in ["--moments", "--branches", "--report"] where arguments.text(flag) != nil {
        throw UsageError("\(flag) is for --inevitable")
      }
    }
    timeline = Timeline(
      paint: Paint(isOn: Console.wantsColour), showsDetails: arguments.has("--verbose"),
      write: Console.out)
  }

  func run() throws -> Int32 {
    if let inevitable { return try showInevitability(inevitable.moments, inevitable.branches) }
    timeline.begin(scenario, seed: story.seed)
    story.onEntry(timeline.show)
    let watch = Stopwatch()
    story.open()
    var goesOn = true
    if until != nil || !steps { goesOn = story.advance(to: until.map { .start + $0 } ?? .never) }
    if goesOn, steps { goesOn = walk() }
    guard goesOn else {
      let result = story.finish()
      timeline.end(result, realSeconds: watch.seconds)
      return result.isPass ? Exit.success : Exit.failure
    }
    showState()
    return Exit.success
  }

  /// A bar for each moment: how many of its branches fail as the run does.
  private func showInevitability(_ count: Int, _ branches: Int) throws -> Int32 {
    var scenario = scenario
    scenario.seed = story.seed
    let inevitability = Inevitability(scenario)
    guard let rule = inevitability.rule else {
      Console.out("this run does not fail: there is nothing to explain")
      return Exit.failure
    }
    Console.out(
      "breaks \(rule) at \(Quantity.clock(.start + inevitability.end)); of \(branches) branches "
        + "with other luck from each moment on, so many do as well:")
    let width = 40
    let moments = inevitability.moments(count, branches: branches) { moment in
      let filled = Int((moment.share * Double(width)).rounded())
      Console.out(
        "  \(Quantity.clock(.start + moment.at))  "
          + String(repeating: "█", count: filled)
          + String(repeating: "·", count: width - filled)
          + "  \(Quantity.fixed(moment.share * 100, digits: 0)) %")
    }
    if let moment = Inevitability.pointOfNoReturn(moments) {
      Console.out("from \(Quantity.clock(.start + moment)) on it was inevitable")
    } else {
      Console.out("up to the last of these moments other luck could have saved it")
    }
    if let reportFile {
      let page = Page(scenario, seed: story.seed)
      page.follow(story)
      page.draw(moments)
      try Files.write(page.html(story.run()), to: reportFile)
    }
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
