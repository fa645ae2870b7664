// One story told twice at once: two worlds that should be the same, a second of virtual time each in
// turn. The traces are compared as they come, so that the first difference is named where it is, and
// need not come about again.

import World

/// Two runs of one story, side by side.
public struct Lockstep {
  private let runs: [ScenarioRun]
  private let tapes = [Tape(), Tape()]

  /// What one of the two has told and the other has not been held against yet.
  private final class Tape {
    var lines: [(text: String, hash: UInt64)] = []
  }

  private static let slice = Interval.seconds(1)

  public init(_ scenario: Scenario) {
    runs = [ScenarioRun(scenario), ScenarioRun(scenario)]
  }

  /// Runs both to their end; the second answer names the first difference, nil when there is none.
  public func run() -> (run: ExploredRun, difference: String?) {
    var coverage = Coverage()
    runs[0].onFact = { coverage.hear($0) }
    for (run, tape) in zip(runs, tapes) {
      run.onEntry { [unowned run] entry in
        tape.lines.append(
          ("\(Quantity.clock(entry.at)) \(entry.actor): \(entry.text)", run.world.trace.hash))
      }
      run.open()
    }
    var difference: String?
    var moment = Instant.start
    var goesOn = true
    while goesOn, difference == nil {
      moment = moment + Self.slice
      let states = runs.map { $0.advance(to: moment) }
      goesOn = states[0] || states[1]
      difference = compare(until: moment)
    }
    let result = runs[0].finish()
    let other = runs[1].finish()
    if difference == nil, result.hash != other.hash {
      difference = "the ends of the two runs differ"
    }
    return (Exploration.explored(result, coverage: coverage), difference)
  }

  /// Holds what both have told against each other, and forgets it.
  private func compare(until moment: Instant) -> String? {
    let (first, second) = (tapes[0].lines, tapes[1].lines)
    for tape in tapes { tape.lines.removeAll(keepingCapacity: true) }
    for (a, b) in zip(first, second) where a.text != b.text || a.hash != b.hash {
      return a.text != b.text
        ? "first \"\(a.text)\", then \"\(b.text)\""
        : "something that is not on the timeline, shortly before \"\(a.text)\""
    }
    if first.count != second.count {
      let more = first.count > second.count ? first[second.count] : second[first.count]
      return "only one of the two has \"\(more.text)\""
    }
    guard runs[0].world.trace.hash != runs[1].world.trace.hash else { return nil }
    return "something that is not on the timeline, before \(Quantity.clock(moment))"
  }
}
