import Scenarios
import World

/// What a worker tells of one run: one line of JSON.
struct WorkerLine {
  var seed: UInt64
  var run: ExploredRun
  /// Set when the run was made twice and was not the same.
  var difference: String?

  var bytes: [UInt8] {
    var json: JSON = [
      "seed": .string(String(seed)), "hash": .string(String(run.hash)),
      "virtual": .integer(run.virtualTime.nanoseconds), "events": .integer(Int64(run.eventCount)),
    ]
    if let failure = run.failure {
      json["rule"] = .string(failure.rule)
      json["text"] = .string(failure.text)
    }
    if let difference { json["difference"] = .string(difference) }
    var coverage: JSON = [:]
    for what in run.coverage.counts.keys.sorted() {
      coverage[what] = .integer(Int64(run.coverage.counts[what] ?? 0))
    }
    json["coverage"] = coverage
    return json.bytes + [0x0A]
  }

  init(seed: UInt64, _ run: ExploredRun, difference: String?) {
    self.seed = seed
    self.run = run
    self.difference = difference
  }

  /// Reads a line back; nil when it is none.
  init?(_ bytes: [UInt8]) {
    guard let json = try? JSON.parse(bytes),
      let seed = json["seed"]?.string.flatMap({ UInt64($0) }),
      let hash = json["hash"]?.string.flatMap({ UInt64($0) }), let virtual = json["virtual"]?.int,
      let events = json["events"]?.int
    else { return nil }
    var coverage = Coverage()
    if case .object(let object)? = json["coverage"] {
      for (what, count) in object { coverage.add(what, count.int ?? 0) }
    }
    var failure: ExploredRun.Failure?
    if let rule = json["rule"]?.string {
      failure = ExploredRun.Failure(rule: rule, text: json["text"]?.string ?? "")
    }
    self.seed = seed
    run = ExploredRun(
      failure: failure, coverage: coverage,
      virtualTime: Interval(nanoseconds: Int64(virtual)), eventCount: UInt64(events), hash: hash)
    difference = json["difference"]?.string
  }
}
