// Stories that nobody thought of: a small farm, jobs, and faults whose kinds, places and times come from
// a seed. As in swarm testing each story enables only some of the kinds: with all of them at once,
// most would hide what the others would have shown.

import World

/// Invents a story for each seed, always the same one.
///
/// In one half of them blind luck strikes. The others are aimed at what happens when nothing is broken.
/// To know that, the quiet story must be told, and so those come in families: what people have and
/// want, and the luck of their world, is the same for all of one, and they differ in what goes wrong.
public struct Inventor {
  /// The aimed ones among so many seeds in a row are a family.
  public static let familySize: UInt64 = 32
  /// How long everything takes at the latest once nothing is broken any more: a hub finds back, a
  /// job is given up or printed, and its end is told.
  private static let convergence = Interval.minutes(30)

  private let size: ExplorationSize
  private var known: (family: UInt64, quiet: QuietStory, moments: [Interval])?

  public init(_ size: ExplorationSize = .standard) { self.size = size }

  /// The story of one seed alone.
  public static func story(of seed: UInt64, size: ExplorationSize = .standard) -> Scenario {
    var inventor = Inventor(size)
    return inventor.story(of: seed)
  }

  public mutating func story(of seed: UInt64) -> Scenario {
    let trouble = ExplorationPlan(seed: seed, drawing: "trouble", size: size)
    let isAimed = trouble.below("aim", 2) == 0 && size.aims
    let (quiet, moments) =
      isAimed ? aim(seed / Self.familySize) : (QuietStory(seed: seed, size: size), [])
    let faults = trouble.faults(quiet.farms, moments)
    return quiet.story(title: "Seed \(seed)", faults, convergence: Self.convergence)
  }

  /// The quiet story of a family, and when something happens in it that is worth disturbing.
  private mutating func aim(_ family: UInt64) -> (QuietStory, [Interval]) {
    if let known, known.family == family { return (known.quiet, known.moments) }
    let quiet = QuietStory(seed: family * Self.familySize, size: size)
    let moments = Moments.of(quiet.scenario)
    known = (family, quiet, moments)
    return (quiet, moments)
  }
}

/// A story in which nothing goes wrong.
private struct QuietStory {
  let farms: [FarmPlan]
  let scenario: Scenario
  private let orders: [ExplorationPlan.Order]
  private let updates: Updates?

  init(seed: UInt64, size: ExplorationSize) {
    let plan = ExplorationPlan(seed: seed, drawing: "inventor", size: size)
    farms = plan.farms()
    orders = plan.orders(farms)
    updates = size.updates ? plan.updates(of: farms[0].hub.name) : nil
    scenario = Scenario(
      file: "", title: "", why: "Nobody knows yet: this story was invented.", seed: seed,
      limit: .minutes(60), rest: .seconds(30), world: WorldPlan(farms: farms),
      files: orders.map(\.file), faults: [], steps: plan.peoplesSteps(orders, updates),
      expectations: [])
  }

  /// The story with its faults, and with what must come true when they are over.
  func story(title: String, _ faults: [PlannedFault], convergence: Interval) -> Scenario {
    var story = scenario
    story.file = title.lowercased()
    story.title = title
    story.faults = faults
    let calm = faults.map { $0.at + ($0.fault.duration ?? .zero) }.max() ?? .zero
    let longest = orders.reduce(Interval.zero) { $0 + $1.file.printTime }
    let bound = calm + longest * 2 + convergence
    story.limit = bound + .minutes(40)
    story.steps += looks(after: calm)
    if let updates { story.steps.append(updates.settled(within: convergence)) }
    story.steps += farms.map { ready($0, at: calm, within: convergence) }
    story.expectations = orders.map { order in
      Expectation(
        mark: Mark(line: 0, column: 0), kind: .eventually(within: bound, trigger: nil),
        condition: .job(order.job, .over))
    }
    return story
  }

  /// After all the trouble somebody looks again, and finds a start that the hub never heard of, or a
  /// print that is still paused; and looks once more later, for a request may come too early, and
  /// what was asked for may happen late. Who finds the job over does not come back.
  private func looks(after calm: Interval) -> [Step] {
    var steps: [Step] = []
    for minutes in [Int64(2), 5, 10] {
      for job in orders.map(\.job) {
        let at = calm + .minutes(minutes)
        steps.append(.asking(.start(job: job), at: at, onlyIf: .job(job, .queued)))
        steps.append(.asking(.resume(job: job), at: at, onlyIf: .job(job, .paused)))
      }
      // What was asked before this look is answered or given up before the next.
      if let first = steps.indices.dropFirst(steps.count - orders.count * 2).first {
        steps[first].after = .seconds(40)
      }
    }
    return steps
  }

  /// When nothing is broken any more the hub finds back to everybody.
  private func ready(_ farm: FarmPlan, at calm: Interval, within limit: Interval) -> Step {
    let hub = farm.hub.name
    let count = farm.printers.count
    let condition = Condition(
      text: "\(hub) is ready and \(hub) printers-connected = \(count)",
      clauses: [
        Clause(subject: hub, test: .hub(.ready, isNot: false)),
        Clause(subject: hub, test: .measure(.printersConnected, of: .hub, .equal, Double(count))),
      ])
    return Step(
      mark: Mark(line: 0, column: 0), at: calm, action: .expect(condition, within: limit))
  }
}

extension Step {
  /// Somebody asks for something, and does not give up soon.
  static func asking(
    _ request: Request, at: Interval? = nil, after: Interval? = nil, onlyIf: Condition? = nil
  ) -> Step {
    Step(
      mark: Mark(line: 0, column: 0), at: at, after: after, onlyIf: onlyIf,
      action: .request(request, refusal: nil, patience: .minutes(30)))
  }
}

extension Condition {
  static func job(_ name: String, _ word: JobWord, isNot: Bool = false) -> Condition {
    Condition(
      text: "\(name) is \(isNot ? "not " : "")\(word.rawValue)",
      clauses: [Clause(subject: name, test: .job(word, isNot: isNot))])
  }
}
