import Glibc
import Scenarios
import World

/// What a worker must be told as well.
let exploreFlags = [
  Flag("--from", "SEED", "The first seed; 1 when not told."),
  Flag(
    "--size", "NAME",
    "standard: two printers, one job; large: up to five of each; neighbours: two tenants; makes: "
      + "printers of every make; updates: new firmware in the middle of it."),
  Flag("--plant", "BUG", "Plant a mistake to see that it is found; see \"hubrig planted --list\"."),
  Flag("--twice", "N", "Run every Nth story twice and compare; 50 when not told, 0 for none."),
]

/// Explores and writes a line for each run; started by `hubrig explore`.
let exploreWorkerCommand = Command(
  name: "explore-worker", summary: "Explore some seeds for \"hubrig explore\".",
  flags: exploreFlags + [
    Flag("--step", "N", "From one seed to the next."), Flag("--seeds", "N", "How many."),
    Flag("--time", "DURATION", "How long."),
  ],
  isInternal: true,
  run: { arguments in
    let order = try ExploreOrder(arguments)
    let step = try arguments.count("--step", in: 1...1_000_000) ?? 1
    let count = try arguments.count("--seeds", in: 0...Int.max) ?? Int.max
    let time = try arguments.duration("--time")
    let watch = Stopwatch()
    var inventor = Inventor(order.size)
    var seed = order.firstSeed
    var done = 0
    while done < count, time.map({ watch.seconds < Double($0.milliseconds) / 1_000 }) ?? true {
      let scenario = inventor.story(of: seed)
      let comesTwice = order.twice > 0 && done % order.twice == order.twice - 1
      let (run, difference) =
        comesTwice ? Lockstep(scenario).run() : (Exploration.run(scenario), nil)
      let line = WorkerLine(seed: seed, run, difference: difference).bytes
      guard write(1, line, line.count) == line.count else { return Exit.failure }
      seed += UInt64(step)
      done += 1
    }
    return Exit.success
  })

/// Which seeds, in which worlds.
struct ExploreOrder {
  var firstSeed: UInt64
  var sizeName: String
  var size: ExplorationSize
  var twice: Int
  var plant: String?

  init(_ arguments: Arguments) throws {
    firstSeed = UInt64(try arguments.count("--from", in: 0...Int.max) ?? 1)
    sizeName = arguments.text("--size") ?? "standard"
    let names = ExplorationSize.named.map(\.name)
    guard let known = ExplorationSize.named.first(where: { [sizeName] in $0.name == sizeName })
    else {
      throw UsageError(
        "expected one of \(names.joined(separator: ", ")) after --size, found \"\(sizeName)\"")
    }
    size = known.size
    plant = try plantBug(arguments)
    twice = try arguments.count("--twice", in: 0...1_000_000) ?? 50
  }
}
