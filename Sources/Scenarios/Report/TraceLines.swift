import World

/// The timeline as JSON, one object a line: a head for each run, its entries, and its result.
public final class TraceLines {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public func begin(_ scenario: Scenario, seed: UInt64) {
    add([
      "scenario": .string(scenario.file), "title": .string(scenario.title), "seed": seedValue(seed),
    ])
  }

  public func append(_ entry: TraceEntry) {
    add([
      "at": .integer(entry.at.nanoseconds), "actor": .string(entry.actor),
      "kind": .string(entry.kind.name), "text": .string(entry.text),
    ])
  }

  public func end(_ result: RunResult) {
    add([
      "passed": .bool(result.isPass), "virtual": .integer(result.virtualTime.nanoseconds),
      "events": .integer(Int64(result.eventCount)), "hash": .string(result.hashText),
    ])
  }

  /// JSON numbers beyond 2^53 are not safe everywhere.
  private func seedValue(_ seed: UInt64) -> JSON {
    seed < 1 << 53 ? .integer(Int64(seed)) : .string(String(seed))
  }

  private func add(_ line: JSON) {
    bytes += line.bytes
    bytes.append(0x0A)
  }
}
