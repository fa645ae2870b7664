import Glibc
import HubHost
import Scenarios
import World

let runCommand = Command(
  name: "run",
  summary: "Run scenarios in the virtual world and tell what happened.",
  details: """
    One scenario is shown as a timeline, several with one line each. A directory stands for all
    *.yaml below it, in the order of their names. The exit code is 0 when everything held, 1 when
    an expectation or an invariant did not, 2 when something could not be read.
    """,
  flags: [
    Flag("--seed", "N", "Use this luck instead of the scenario's own."),
    settingFlag,
    Flag("--hash", nil, "Print only the hash of each run's trace."),
    Flag("--quiet", nil, "One line for each scenario, even if there is only one."),
    Flag("--verbose", nil, "Show the timeline of each, with all details."),
    Flag("--trace", "FILE", "Write the timeline as JSON, one object a line."),
    Flag("--report", "FILE", "Write a page that shows the run, for a browser; one scenario only."),
    Flag("--junit", "FILE", "Write the results as JUnit XML."),
    Flag("--hub", "qemu", "Run every hub's firmware on an emulated riscv32 chip."),
    Flag("--image", "FILE", "The chip's image, instead of what \"make firmware\" has built."),
    Flag("--plant", "BUG", "Plant a mistake to see it at work; see \"hubrig planted --list\"."),
    Flag("--gdb", nil, "With a chip: wait for a debugger at every power-on."),
  ],
  operands: Operands(usage: "FILE|DIRECTORY...", count: 1...10_000),
  run: { arguments in try RunSession(arguments).run() })

/// One call of `hubrig run`.
private struct RunSession {
  private enum Style { case timeline, brief, hash }

  private let scenarios: [Scenario]
  private let problems: [String]
  private let seed: UInt64?
  private let style: Style
  private let isVerbose: Bool
  private let traceFile: String?
  private let junitFile: String?
  private let reportFile: String?
  private let chips: Chips?
  private let paint = Paint(isOn: Console.wantsColour)

  init(_ arguments: Arguments) throws {
    (scenarios, problems) = try readScenarios(arguments.operands, settings: arguments.settings())
    seed = try arguments.count("--seed", in: 0...Int.max).map { UInt64($0) }
    isVerbose = arguments.has("--verbose")
    if arguments.has("--hash") {
      style = .hash
    } else {
      let showsAll = isVerbose || (scenarios.count == 1 && !arguments.has("--quiet"))
      style = showsAll ? .timeline : .brief
    }
    traceFile = arguments.text("--trace")
    junitFile = arguments.text("--junit")
    reportFile = arguments.text("--report")
    if reportFile != nil, scenarios.count > 1 {
      throw UsageError("--report shows one scenario; found \(scenarios.count)")
    }
    chips = try ChipChoice.read(arguments, for: scenarios)
    try plantBug(arguments)
  }

  func run() throws -> Int32 {
    guard problems.isEmpty else {
      for problem in problems { Console.error(problem) }
      return Exit.usage
    }
    var runs: [(result: RunResult, realSeconds: Double)] = []
    let traceLines = TraceLines()
    var chipReport = ChipReport()
    for scenario in scenarios {
      let run = ScenarioRun(scenario, seed: seed, chips: chips)
      let timeline = Timeline(paint: paint, showsDetails: isVerbose, write: Console.out)
      if style == .timeline {
        timeline.begin(scenario, seed: run.seed)
        run.onEntry(timeline.show)
      }
      if traceFile != nil {
        traceLines.begin(scenario, seed: run.seed)
        run.onEntry { traceLines.append($0) }
      }
      let page = Page(scenario, seed: run.seed)
      if reportFile != nil { page.follow(run) }
      let watch = Stopwatch()
      let result = run.run()
      let seconds = watch.seconds
      if let reportFile { try Files.write(page.html(result), to: reportFile) }
      runs.append((result, seconds))
      if traceFile != nil { traceLines.end(result) }
      for (_, report) in run.chipReports { chipReport.add(report) }
      switch style {
      case .timeline: timeline.end(result, realSeconds: seconds)
      case .brief: timeline.brief(result, realSeconds: seconds)
      case .hash: Console.out("\(result.hashText)  \(scenario.file)")
      }
      if style == .timeline && scenarios.count > 1 { Console.out("") }
    }
    if let traceFile { try Files.write(traceLines.bytes, to: traceFile) }
    if chipReport.boots > 0, style != .hash { Console.out(ChipChoice.describe(chipReport)) }
    if let junitFile { try Files.write(Array(JUnit.report(runs).utf8), to: junitFile) }
    return summarise(runs)
  }

  private func summarise(_ runs: [(result: RunResult, realSeconds: Double)]) -> Int32 {
    let failed = runs.count { !$0.result.isPass }
    if runs.count > 1, style != .hash {
      let virtual = runs.reduce(Interval.zero) { $0 + $1.result.virtualTime }
      let real = runs.reduce(0) { $0 + $1.realSeconds }
      let verdict =
        failed == 0
        ? paint(.boldGreen, "\(runs.count) passed")
        : paint(.boldRed, "\(failed) of \(runs.count) failed")
      Console.out(
        "\(verdict), virtual \(Quantity.describe(virtual)) in \(Quantity.fixed(real, digits: 2)) s")
    }
    return failed == 0 ? Exit.success : Exit.failure
  }
}

/// Real time, for the report only.
struct Stopwatch {
  private let start = Stopwatch.now()

  var seconds: Double { Self.now() - start }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
