import Scenarios
import World

/// How far an exploration has come, kept between calls: one object of JSON.
struct ExploreState {
  /// The first seed that is not told yet.
  var nextSeed: UInt64
  var runCount: Int
  var virtualSeconds: Double
  var eventCount: UInt64
  var coverage: Coverage

  init(
    nextSeed: UInt64, runCount: Int, virtualSeconds: Double, eventCount: UInt64, coverage: Coverage
  ) {
    self.nextSeed = nextSeed
    self.runCount = runCount
    self.virtualSeconds = virtualSeconds
    self.eventCount = eventCount
    self.coverage = coverage
  }

  /// What lies at a path; nil when nothing does, or nothing of this kind.
  init?(path: String) {
    guard let bytes = try? Files.read(path), let json = try? JSON.parse(bytes),
      let next = json["next_seed"]?.string.flatMap({ UInt64($0) }),
      let runs = json["stories"]?.int, let virtual = json["virtual_seconds"]?.int,
      let events = json["events"]?.int
    else { return nil }
    var coverage = Coverage()
    for (what, count) in json["coverage"]?.object?.entries ?? [] {
      coverage.add(what, count.int ?? 0)
    }
    self.init(
      nextSeed: next, runCount: runs, virtualSeconds: Double(virtual), eventCount: UInt64(events),
      coverage: coverage)
  }

  var bytes: [UInt8] {
    var reached: JSON = [:]
    for what in coverage.counts.keys.sorted() {
      reached[what] = .integer(Int64(coverage.counts[what] ?? 0))
    }
    let json: JSON = [
      "next_seed": .string(String(nextSeed)), "stories": .integer(Int64(runCount)),
      "virtual_seconds": .integer(Int64(virtualSeconds)), "events": .integer(Int64(eventCount)),
      "coverage": reached,
    ]
    return json.bytes + [0x0A]
  }
}
