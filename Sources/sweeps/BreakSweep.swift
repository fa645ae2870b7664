// Breaks one connection at every step of a job: download, upload, check, start.
//
// One good run counts the moves of the hub's streams, from the owner's order until the printer prints:
// each stream that opens, each piece that is read or written, each end. Then one run for each of them
// breaks that stream in place of the move, so that both ends learn of it, or so that neither does. A
// piece that is not read is an answer that was lost; one that is not written, an order that never came.

import Archives
import HubHost
import Printers
import Scenarios
import World

/// Breaks a job everywhere and looks at what became of it.
struct BreakSweep {
  /// How many moves the good run had.
  private(set) var moves = 0
  private(set) var runs = 0
  private(set) var failures: [String] = []
  /// Only this one, when a failure is looked at again: the model, the move's number, the end's letter.
  private let wanted: String?

  /// Which share of the runs is done here, of how many.
  private let part: Int
  private let partCount: Int
  private var met = 0

  init(wanted: String? = nil, part: Int = 0, of partCount: Int = 1) {
    self.wanted = wanted
    self.part = part
    self.partCount = partCount
  }

  /// A small file, a short print, and another job after it.
  private static func story(_ model: String) -> String {
    """
    scenario: A job broken at one step
    why: Whatever breaks, the job ends printed once or failed for a reason, and the next one works.
    \(SmallFarm.text(models: [model]))
    files:
      - { name: clip.3mf, layers: 4, print-time: 2m, size: 64 KB }
      - { name: next.3mf, layers: 4, print-time: 2m, size: 12 KB }
    steps:
      - print: clip.3mf
        on: p1
        as: job-1
      - expect: job-1 is over
        within: 2h
      - print: next.3mf
        on: p1
        as: job-2
    expect:
      - that: job-2 is completed
        within: 1h
    """
  }

  /// How a stream ends, and the letter for it.
  private static let ends: [(letter: String, end: StreamEnd)] = [
    ("r", .reset), ("h", .half), ("s", .silence),
  ]

  mutating func run() {
    // One demands that data streams resume the session, one wants the bytes of files in clear.
    for model in ["P1S", "A1"] {
      do {
        sweep(try ScenarioReader.read(Array(Self.story(model).utf8), file: "breaks"), model)
      } catch {
        failures.append("breaks: \(error)")
      }
    }
  }

  private mutating func sweep(_ scenario: Scenario, _ model: String) {
    let good = Attempt(scenario, breaking: nil)
    if let trouble = good.run() { failures.append("breaks: the good run: \(trouble)") }
    moves += good.moveCount
    for number in 0..<good.moveCount {
      for (letter, end) in Self.ends {
        let name = "\(model).\(number)\(letter)"
        guard wanted == nil || wanted == name else { continue }
        met += 1
        guard met % partCount == part else { continue }
        let attempt = Attempt(scenario, breaking: (number, end))
        if wanted != nil { attempt.tell() }
        runs += 1
        guard let trouble = attempt.run() else { continue }
        failures.append("breaks:\(name)  \(attempt.broken): \(trouble)")
      }
    }
  }

  /// One run, with one break or none.
  private final class Attempt {
    private let scenarioRun: ScenarioRun
    private let point: (number: Int, end: StreamEnd)?
    private var isUnderWay = false
    private(set) var moveCount = 0
    /// What was broken.
    private(set) var broken = "nothing"
    private var status = ""
    private var beganCount = 0
    private var reason: String?

    init(_ scenario: Scenario, breaking point: (number: Int, end: StreamEnd)?) {
      scenarioRun = ScenarioRun(scenario)
      self.point = point
      scenarioRun.onFact = { [unowned self] in hear($0) }
      scenarioRun.onEntry { [unowned self] entry in
        guard let range = entry.text.firstRange(of: "job job-1: failed, ") else { return }
        reason = String(entry.text[range.upperBound...])
      }
      for farm in scenarioRun.farms {
        farm.hub.hub.streamWatch = { [unowned self] in watch($0) }
      }
    }

    /// Prints the timeline.
    func tell() { scenarioRun.onEntry { print("  \($0.at) \($0.actor): \($0.text)") } }

    private func hear(_ fact: Fact) {
      switch fact {
      case .startAsked(job: "job-1"): isUnderWay = true
      case .jobStepped(job: "job-1", _, let to):
        status = to
        if to == "printing" || to == "failed" { isUnderWay = false }
      case .printBegan where status != "completed" && status != "failed": beganCount += 1
      default: break
      }
    }

    private func watch(_ move: StreamMove) -> StreamEnd? {
      guard isUnderWay else { return nil }
      defer { moveCount += 1 }
      guard let point, moveCount == point.number else { return nil }
      broken = "\(move.kind) on port \(move.port)"
      return point.end
    }

    /// Runs the story; answers what was wrong at its end.
    func run() -> String? {
      let result = scenarioRun.run()
      // An order that was never answered leaves the job where it was; its owner is told and may give
      // it again.
      if status.isEmpty, beganCount == 0, result.breaches.allSatisfy({ $0.rule == "story" }) {
        return partialFile
      }
      if let breach = result.breaches.first { return "\(breach.rule): \(breach.text)" }
      if let open = result.expectations.first(where: { !$0.isMet }) {
        return "not so: \(open.expectation), but \(open.found)"
      }
      switch status {
      case "completed":
        if beganCount != 1 { return "completed after \(beganCount) prints" }
      case "failed":
        if beganCount != 0 { return "failed although it was printed" }
        if reason?.isEmpty != false { return "failed without a reason" }
      default: return "the job ended as \(status)"
      }
      return partialFile
    }

    /// A file on a card that is not whole.
    private var partialFile: String? {
      for printer in scenarioRun.farms.flatMap(\.printers) {
        for file in printer.printer.card.allFiles where file.path.hasSuffix(".3mf") {
          guard let bytes = printer.printer.card.bytes(of: file.path),
            (try? ZipArchive(bytes)) != nil
          else { return "a part of \(file.path) is left on the card" }
        }
      }
      return nil
    }
  }
}
