// A story that nobody thought of: a small farm, a job, and faults whose kinds, places and times come
// from a seed. As in swarm testing each story enables only some of the kinds: with all of them at
// once, most would hide what the others would have shown.

import Printers
import VirtualWorld
import World

/// How large the invented worlds are, and how much goes wrong in them.
public struct ExplorationSize: Equatable, Sendable {
  /// Farms of different owners, side by side in one cloud.
  public var farms = 1
  public var printers: ClosedRange<Int>
  public var jobs: ClosedRange<Int>
  /// How many faults at least and at most.
  public var faultLeast = 0
  public var faultLimit: Int
  /// Which makes of printers there are.
  public var kinds: [PrinterKind] = [.bambu]
  /// Whether hubs get new firmware, good and bad, in the middle of it all.
  public var updates = false
  /// Whether faults are aimed at what happens: such a story is told once without them first.
  public var aims = true

  public init(printers: ClosedRange<Int>, jobs: ClosedRange<Int>, faultLimit: Int) {
    self.printers = printers
    self.jobs = jobs
    self.faultLimit = faultLimit
  }

  /// One tenant, one hub, two printers, one job.
  public static let standard = ExplorationSize(printers: 2...2, jobs: 1...1, faultLimit: 8)
  /// Two tenants, each with a hub, up to three printers and two jobs.
  public static let neighbours: ExplorationSize = {
    var size = ExplorationSize(printers: 1...3, jobs: 1...2, faultLimit: 8)
    size.farms = 2
    return size
  }()
  /// Up to five printers and as many jobs.
  public static let large = ExplorationSize(printers: 1...5, jobs: 1...5, faultLimit: 20)
  /// Printers of every make, one hub.
  public static let makes: ExplorationSize = {
    var size = ExplorationSize(printers: 1...3, jobs: 1...3, faultLimit: 6)
    size.kinds = PrinterKind.allCases
    return size
  }()
  /// New firmware comes while a job is under way.
  public static let updates: ExplorationSize = {
    var size = ExplorationSize(printers: 1...1, jobs: 1...1, faultLimit: 5)
    size.updates = true
    return size
  }()

  /// By the names that a command line knows.
  public static let named: [(name: String, size: ExplorationSize)] = [
    ("standard", .standard), ("neighbours", .neighbours), ("large", .large), ("makes", .makes),
    ("updates", .updates),
  ]
}

/// Invents stories.
public struct ExplorationPlan {
  let luck: any Host
  let seed: UInt64
  let size: ExplorationSize

  /// The story of a seed: always the same.
  public static func scenario(seed: UInt64, size: ExplorationSize = .standard) -> Scenario {
    // The world lends its luck, so that inventing and running draw from one kind of well.
    let well = VirtualWorld(seed: seed).addHost("inventor", address: nil, on: .internet)
    return ExplorationPlan(luck: well, seed: seed, size: size).invent()
  }

  /// How long everything takes at the latest once nothing is broken any more: a hub finds back, a
  /// job is given up or printed, and its end is told.
  static let convergence = Interval.minutes(30)

  private func invent() -> Scenario {
    let farms = self.farms()
    let orders = self.orders(farms)
    let updates = size.updates ? self.updates(of: farms[0].hub.name) : nil
    var scenario = Scenario(
      file: "seed \(seed)", title: "Seed \(seed)",
      why: "Nobody knows yet: this story was invented.", seed: seed, limit: .minutes(60),
      rest: .seconds(30), world: WorldPlan(farms: farms), files: orders.map(\.file),
      faults: [], steps: peoplesSteps(orders, updates), expectations: [])
    // Every other story is told once without its faults, to know where it would hurt.
    let moments = below("aim", 2) == 0 && size.aims ? Moments.of(scenario) : []
    scenario.faults = faults(farms, moments)
    let calm = scenario.faults.map { $0.at + ($0.fault.duration ?? .zero) }.max() ?? .zero
    let longest = orders.reduce(Interval.zero) { $0 + $1.file.printTime }
    let bound = calm + longest * 2 + Self.convergence
    scenario.limit = bound + .minutes(40)
    scenario.steps += lastSteps(orders, updates, farms, calm: calm)
    scenario.expectations = expectations(orders, within: bound)
    return scenario
  }

  // MARK: The world

  private func farms() -> [FarmPlan] {
    var printerCount = 0
    return (1...size.farms).map { number in
      let printers = (1...pick("printers", size.printers)).map { _ in
        printerCount += 1
        return printer("p\(printerCount)")
      }
      return FarmPlan(
        name: number == 1 ? "farm" : "farm-\(number)", owner: Self.owners[number - 1],
        hub: HubPlan(name: "hub-\(number)"), printers: printers)
    }
  }

  private func printer(_ name: String) -> PrinterPlan {
    let kind = size.kinds[below("make", size.kinds.count)]
    let models = kind == .bambu ? Self.models : kind.models
    var plan = PrinterPlan(name: name, model: models[below("model", models.count)], link: link())
    plan.kind = kind
    // Most printers of a farm have just printed something else; heating up is where least happens.
    plan.isWarm = below("cold", 8) != 0
    plan.usesDigest = kind == .prusalink && below("digest", 2) == 0
    return plan
  }

  /// Every other printer is slow to take a file, as many are: trouble finds it still at that.
  private func link() -> LinkPlan {
    guard below("slow", 2) == 0 else { return LinkPlan() }
    return LinkPlan(bytesPerSecond: pick("rate", 5...50) * 1_000)
  }

  private static let owners = ["ada", "bob", "cleo"]
  private static let models = ["P1S", "X1C", "A1 mini"]

  // MARK: What people want

  /// Somebody wants a file printed.
  private struct Order {
    let file: FilePlan
    let printer: String
    let job: String
    /// How long the job waits in the queue until somebody starts it; nil: it is started at once.
    let wait: Interval?
  }

  /// One for a printer: a start while it is busy is refused, and nobody here waits for its turn.
  private func orders(_ farms: [FarmPlan]) -> [Order] {
    var orders: [Order] = []
    for farm in farms {
      for printer in farm.printers.prefix(pick("jobs", size.jobs)) {
        let number = orders.count + 1
        let endings = printer.kind.fileEndings
        let file = FilePlan(
          name: "part-\(number)\(endings[below("ending", endings.count)])",
          layers: pick("layers", 5...30),
          printTime: printTime(),
          byteCount: pick("size", 20...200) * 1_000)
        let waits = below("waits", 6) == 0
        orders.append(
          Order(
            file: file, printer: printer.name, job: "job-\(number)",
            wait: waits ? .seconds(Int64(pick("wait", 1...60))) : nil))
      }
    }
    return orders
  }

  /// Some prints are over before the trouble is.
  private func printTime() -> Interval {
    .seconds(Int64(pick("print time", below("short", 2) == 0 ? 10...40 : 30...150)))
  }

  private func peoplesSteps(_ orders: [Order], _ updates: Updates?) -> [Step] {
    var steps: [Step] = []
    if let updates { steps += updates.steps.prefix(1) }
    for order in orders {
      let (file, printer, job) = (order.file.name, order.printer, order.job)
      if let wait = order.wait {
        steps.append(ask(.queue(file: file, printer: printer, job: job)))
        steps.append(ask(.start(job: job), after: wait, onlyIf: condition(job, .queued)))
      } else {
        steps.append(ask(.print(file: file, printer: printer, job: job)))
      }
    }
    if let updates { steps += updates.steps.dropFirst() }
    for job in orders.map(\.job) {
      switch below("person", 8) {
      case 0:
        let latest = below("early", 2) == 0 ? 20 : 120
        steps.append(
          ask(
            .cancel(job: job), after: .seconds(Int64(pick("moment", 1...latest))),
            onlyIf: condition(job, .over, isNot: true)))
      case 1, 2:
        steps.append(
          ask(
            .pause(job: job), after: .seconds(Int64(pick("moment", 1...120))),
            onlyIf: condition(job, .printing)))
        let wait = Interval.seconds(Int64(pick("pause", 5...60)))
        let next = below("given up", 3) == 0 ? Request.cancel(job: job) : .resume(job: job)
        steps.append(ask(next, after: wait, onlyIf: condition(job, .paused)))
      default: break
      }
    }
    return steps
  }

  /// After all the trouble somebody looks again, and finds a start that the hub never heard of, or a
  /// print that is still paused; and looks once more later, for a request may come too early, and
  /// what was asked for may happen late. Who finds the job over does not come back.
  private func lastSteps(
    _ orders: [Order], _ updates: Updates?, _ farms: [FarmPlan], calm: Interval
  ) -> [Step] {
    var steps: [Step] = []
    for minutes in [Int64(2), 5, 10] {
      for job in orders.map(\.job) {
        let at = calm + .minutes(minutes)
        steps.append(ask(.start(job: job), at: at, onlyIf: condition(job, .queued)))
        steps.append(ask(.resume(job: job), at: at, onlyIf: condition(job, .paused)))
      }
      // What was asked before this look is answered or given up before the next.
      if let first = steps.indices.dropFirst(steps.count - orders.count * 2).first {
        steps[first].after = .seconds(40)
      }
    }
    if let updates { steps.append(updates.settled(within: Self.convergence)) }
    return steps + farms.map { ready($0, at: calm) }
  }

  /// When nothing is broken any more the hub finds back to everybody.
  private func ready(_ farm: FarmPlan, at calm: Interval) -> Step {
    let hub = farm.hub.name
    let count = farm.printers.count
    let condition = Condition(
      text: "\(hub) is ready and \(hub) printers-connected = \(count)",
      clauses: [
        Clause(subject: hub, test: .hub(.ready, isNot: false)),
        Clause(subject: hub, test: .measure(.printersConnected, of: .hub, .equal, Double(count))),
      ])
    return Step(
      mark: Mark(line: 0, column: 0), at: calm,
      action: .expect(condition, within: Self.convergence))
  }

  private func expectations(_ orders: [Order], within bound: Interval) -> [Expectation] {
    orders.map { order in
      Expectation(
        mark: Mark(line: 0, column: 0), kind: .eventually(within: bound, trigger: nil),
        condition: condition(order.job, .over))
    }
  }

  // MARK: How it is said

  func ask(
    _ request: Request, at: Interval? = nil, after: Interval? = nil, onlyIf: Condition? = nil
  ) -> Step {
    Step(
      mark: Mark(line: 0, column: 0), at: at, after: after, onlyIf: onlyIf,
      action: .request(request, refusal: nil, patience: .minutes(30)))
  }

  private func condition(_ job: String, _ word: JobWord, isNot: Bool = false) -> Condition {
    Condition(
      text: "\(job) is \(isNot ? "not " : "")\(word.rawValue)",
      clauses: [Clause(subject: job, test: .job(word, isNot: isNot))])
  }

  func below(_ label: StaticString, _ bound: Int) -> Int {
    Int(luck.chance(label, below: UInt64(bound)))
  }

  func pick(_ label: StaticString, _ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(label, range.count)
  }
}
