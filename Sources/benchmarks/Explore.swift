import Scenarios
import World

/// Invented stories, each with a hub, two printers, a print and faults, for four seconds.
func measureExploration() -> [Row] {
  // The first one makes what all of them share.
  var inventor = Inventor()
  _ = Exploration.run(inventor.story(of: 1))
  let before = Benchmark.residentBytes()
  let watch = Stopwatch()
  var stories = 0
  var events: UInt64 = 0
  var virtual = 0.0
  while watch.seconds < 4 {
    stories += 1
    let run = Exploration.run(inventor.story(of: UInt64(stories)))
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
    measureShrinking(),
  ]
}

/// A failure with 40 faults, made small: the first that a planted bug brings about.
private func measureShrinking() -> Row {
  var size = ExplorationSize.standard
  size.faultLeast = 40
  size.faultLimit = 40
  PlantedBug.plant(.named("gives-up-cloud"))
  defer { PlantedBug.plant(nil) }
  var inventor = Inventor(size)
  for seed in UInt64(1)...50 {
    let story = inventor.story(of: seed)
    guard story.faults.count == 40, let failure = Exploration.run(story).failure else { continue }
    let watch = Stopwatch()
    var shrinker = Shrinker(rule: failure.rule)
    let small = shrinker.shrink(story)
    return Row(
      what: "a failure of 40 faults, shrunk to \(small.faults.count)", value: watch.seconds,
      unit: "s", aim: .atMost(30), digits: 1)
  }
  giveUp("a hub that gives up the cloud was not found")
}
