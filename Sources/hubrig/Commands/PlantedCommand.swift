import Glibc
import Scenarios
import World

let plantedCommand = Command(
  name: "planted",
  summary: "Plant bugs in the firmware and the cloud, and see that exploring finds each.",
  details: """
    For each bug stories are invented from seed 1 on until one breaks a rule; that story is made
    small. A bug counts as found when at most three faults are left of it, and when it holds without
    the bug. The exit code is 0 when every bug was found.
    """,
  flags: [
    Flag("--list", nil, "Say which bugs there are, and end."),
    Flag("--limit", "N", "Give up after so many stories; 3000 when not told."),
    Flag("--processes", "N", "How many at once; one for each core when not told."),
    Flag("--failures", "DIR", "Write the small stories there."),
    Flag("--markdown", nil, "Print the table as Markdown."),
  ],
  operands: Operands(usage: "[BUG...]", count: 0...1_000),
  run: { arguments in try PlantedSession(arguments).run() })

/// Hunts some bugs and writes a line for each; started by `hubrig planted`.
let plantedWorkerCommand = Command(
  name: "planted-worker", summary: "Hunt some bugs for \"hubrig planted\".",
  flags: [Flag("--limit", "N", "Give up after so many stories.")],
  operands: Operands(usage: "BUG...", count: 0...1_000), isInternal: true,
  run: { arguments in
    let limit = try arguments.count("--limit", in: 1...1_000_000) ?? 3_000
    for name in arguments.operands {
      guard let bug = PlantedBug.named(name) else { continue }
      let line = Hunt.hunt(bug, stories: limit).line
      guard write(1, line, line.count) == line.count else { return Exit.failure }
    }
    return Exit.success
  })

/// Plants what `--plant` names, and answers its name.
@discardableResult
func plantBug(_ arguments: Arguments) throws -> String? {
  guard let name = arguments.text("--plant") else { return nil }
  guard let bug = PlantedBug.named(name) else {
    let near = nearest(to: name, among: PlantedBug.all.map(\.name))
    throw UsageError(
      "there is no bug \"\(name)\" to plant" + (near.map { "; did you mean \"\($0)\"?" } ?? "")
        + "; see \"hubrig planted --list\"")
  }
  PlantedBug.plant(bug)
  return name
}

/// One call of `hubrig planted`.
private struct PlantedSession {
  private let bugs: [PlantedBug]
  private let limit: Int
  private let processes: Int
  private let directory: String?
  private let isMarkdown: Bool
  private let onlyLists: Bool

  init(_ arguments: Arguments) throws {
    bugs =
      arguments.operands.isEmpty
      ? PlantedBug.all
      : try arguments.operands.map { name in
        guard let bug = PlantedBug.named(name) else {
          let near = nearest(to: name, among: PlantedBug.all.map(\.name))
          throw UsageError(
            "there is no bug \"\(name)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
        }
        return bug
      }
    limit = try arguments.count("--limit", in: 1...1_000_000) ?? 3_000
    processes =
      try arguments.count("--processes", in: 1...256)
      ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    directory = arguments.text("--failures")
    isMarkdown = arguments.has("--markdown")
    onlyLists = arguments.has("--list")
  }

  func run() throws -> Int32 {
    if onlyLists {
      for bug in bugs { Console.out("\(bug.name) (\(bug.placeName))\n    \(bug.sentence)") }
      return Exit.success
    }
    let count = min(processes, bugs.count)
    let pool = try WorkerPool(
      arguments: (0..<count).map { number in
        ["planted-worker", "--limit", String(limit)]
          + stride(from: number, to: bugs.count, by: count).map { bugs[$0].name }
      })
    var caught: [String: Catch] = [:]
    while pool.isRunning {
      pool.wait(milliseconds: 500) { bytes in
        guard let one = Catch(line: bytes) else { return }
        caught[one.bug] = one
        if !isMarkdown { Console.out(row(one)) }
      }
    }
    if let directory {
      try Files.makeDirectory(directory)
      for one in caught.values.sorted(by: { $0.bug < $1.bug }) where one.rule != nil {
        try Files.write(Array(one.script.utf8), to: "\(directory)/\(one.bug).yaml")
      }
    }
    if isMarkdown { printMarkdown(caught) }
    let found = bugs.count { caught[$0.name]?.isGood == true }
    Console.out("\(found) of \(bugs.count) planted bugs found, and made small")
    return found == bugs.count ? Exit.success : Exit.failure
  }

  private func row(_ one: Catch) -> String {
    guard let rule = one.rule else {
      return "NOT FOUND  \(one.bug) (\(one.place)), in \(Quantity.grouped(one.stories)) stories"
    }
    let verdict = one.isGood ? "found" : one.isInnocentWithout ? "NOT SMALL" : "NOT ITS FAULT"
    return "\(verdict)  \(one.bug) (\(one.place)): story \(one.stories), \(one.faultsBefore) faults"
      + " became \(one.faultsAfter) in \(one.shrinkingRuns) runs, \(rule): \(one.text)"
  }

  private func printMarkdown(_ caught: [String: Catch]) {
    Console.out("| bug | in | found by | stories | faults | after shrinking |")
    Console.out("| --- | --- | --- | ---: | ---: | ---: |")
    for bug in bugs {
      guard let one = caught[bug.name], let rule = one.rule else {
        Console.out("| \(bug.sentence) | \(bug.placeName) | not found | | | |")
        continue
      }
      Console.out(
        "| \(bug.sentence) | \(bug.placeName) | \(rule) | \(one.stories) | \(one.faultsBefore) "
          + "| \(one.faultsAfter) |")
    }
  }
}

extension Catch {
  /// One line of JSON, from a worker.
  fileprivate var line: [UInt8] {
    let json: JSON = [
      "bug": .string(bug), "place": .string(place), "rule": rule.map { .string($0) } ?? .null,
      "text": .string(text),
      "stories": .integer(Int64(stories)), "before": .integer(Int64(faultsBefore)),
      "after": .integer(Int64(faultsAfter)), "runs": .integer(Int64(shrinkingRuns)),
      "script": .string(script), "innocent": .bool(isInnocentWithout),
    ]
    return json.bytes + [0x0A]
  }

  fileprivate init?(line: [UInt8]) {
    guard let json = try? JSON.parse(line), let bug = json["bug"]?.string,
      let place = json["place"]?.string, let stories = json["stories"]?.int
    else { return nil }
    self.init(bug: bug, place: place, rule: json["rule"]?.string, stories: stories)
    text = json["text"]?.string ?? ""
    faultsBefore = json["before"]?.int ?? 0
    faultsAfter = json["after"]?.int ?? 0
    shrinkingRuns = json["runs"]?.int ?? 0
    script = json["script"]?.string ?? ""
    isInnocentWithout = json["innocent"]?.bool ?? false
  }
}
