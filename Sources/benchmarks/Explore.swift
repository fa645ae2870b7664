import Scenarios
import World

/// Invented stories, each with a hub, two printers, a print and faults, for four seconds.
func measureExploration() -> [Row] {
  // The first one makes what all of them share.
  _ = Exploration.run(ExplorationPlan.scenario(seed: 1))
  let before = Benchmark.residentBytes()
  let watch = Stopwatch()
  var stories = 0
  var events: UInt64 = 0
  var virtual = 0.0
  while watch.seconds < 4 {
    stories += 1
    let run = Exploration.run(ExplorationPlan.scenario(seed: UInt64(stories)))
    events += run.eventCount
    virtual += run.virtualTime.seconds
  }
  let seconds = watch.seconds
  return [
    Row(
      what: "explored stories, each with a full print", value: Double(stories) / seconds,
      unit: "a second", aim: .atLeast(200)),
    Row(what: "  their virtual speed", value: virtual / seconds, unit: "× real", aim: .none),
    Row(
      what: "  events in those runs", value: Double(events) / seconds, unit: "a second", aim: .none),
    Row(
      what: "  memory that exploring takes",
      value: Double(Benchmark.residentBytes() - before) / 1e6, unit: "MB", aim: .atMost(20),
      digits: 1),
  ]
}
