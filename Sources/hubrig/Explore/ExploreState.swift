import Scenarios
import World

/// How far an exploration has come, kept between calls: one object of JSON.
struct ExploreState {
  typealias Failed = (seed: UInt64, failure: ExploredRun.Failure)

  /// Which stories were explored, in words.
  var stories: String
  /// The first seed that is not told yet.
  var nextSeed: UInt64
  var runCount: Int
  var virtualSeconds: Double
  var eventCount: UInt64
  var coverage: Coverage
  var failures: [Failed]

  init(
    stories: String, nextSeed: UInt64, runCount: Int, virtualSeconds: Double, eventCount: UInt64,
    coverage: Coverage, failures: [Failed]
  ) {
    self.stories = stories
    self.nextSeed = nextSeed
    self.runCount = runCount
    self.virtualSeconds = virtualSeconds
    self.eventCount = eventCount
    self.coverage = coverage
    self.failures = failures
  }

  /// What lies at a path; nil when nothing does.
  static func read(_ path: String) throws -> ExploreState? {
    guard Files.isThere(path) else { return nil }
    guard let state = ExploreState(try Files.read(path)) else {
      throw UsageError("\(path) was not written by \"hubrig explore\"; name another file")
    }
    return state
  }

  private init?(_ bytes: [UInt8]) {
    guard let json = try? JSON.parse(bytes), let stories = json["which"]?.string,
      let next = json["next_seed"]?.string.flatMap({ UInt64($0) }),
      let runs = json["stories"]?.int, let virtual = json["virtual_seconds"]?.int,
      let events = json["events"]?.int
    else { return nil }
    var coverage = Coverage()
    for (what, count) in json["coverage"]?.object?.entries ?? [] {
      coverage.add(what, count.int ?? 0)
    }
    let failures = (json["failures"]?.array ?? []).compactMap { failed -> Failed? in
      guard let seed = failed["seed"]?.string.flatMap({ UInt64($0) }),
        let rule = failed["rule"]?.string
      else { return nil }
      return (seed, ExploredRun.Failure(rule: rule, text: failed["text"]?.string ?? ""))
    }
    self.init(
      stories: stories, nextSeed: next, runCount: runs, virtualSeconds: Double(virtual),
      eventCount: UInt64(events), coverage: coverage, failures: failures)
  }

  var bytes: [UInt8] {
    var reached: JSON = [:]
    for what in coverage.counts.keys.sorted() {
      reached[what] = .integer(Int64(coverage.counts[what] ?? 0))
    }
    let json: JSON = [
      "which": .string(stories), "next_seed": .string(String(nextSeed)),
      "stories": .integer(Int64(runCount)), "virtual_seconds": .integer(Int64(virtualSeconds)),
      "events": .integer(Int64(eventCount)),
      "failures": .array(
        failures.map { seed, failure in
          [
            "seed": .string(String(seed)), "rule": .string(failure.rule),
            "text": .string(failure.text),
          ]
        }),
      "coverage": reached,
    ]
    return json.bytes + [0x0A]
  }
}
