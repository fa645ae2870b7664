// A story that nobody thought of: a small farm, a job, and faults whose kinds, places and times come
// from a seed. As in swarm testing each story enables only some of the kinds: with all of them at
// once, most would hide what the others would have shown.

import VirtualWorld
import World

/// How large the invented worlds are, and how much goes wrong in them.
public struct ExplorationSize: Equatable, Sendable {
  /// Farms of different owners, side by side in one cloud.
  public var farms = 1
  public var printers: ClosedRange<Int>
  public var jobs: ClosedRange<Int>
  /// How many faults at most.
  public var faultLimit: Int

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
}

/// Invents stories.
public struct ExplorationPlan {
  private let luck: any Host
  private let seed: UInt64
  private let size: ExplorationSize

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
    var printerCount = 0
    let farms = (1...size.farms).map { number in
      let printers = (1...pick("printers", size.printers)).map { _ in
        printerCount += 1
        return PrinterPlan(
          name: "p\(printerCount)", model: Self.models[below("model", Self.models.count)],
          link: link())
      }
      return FarmPlan(
        name: number == 1 ? "farm" : "farm-\(number)", owner: Self.owners[number - 1],
        hub: HubPlan(name: "hub-\(number)"), printers: printers)
    }
    // One for a printer: a start while it is busy is refused, and nobody here waits for its turn.
    var orders: [Order] = []
    for farm in farms {
      for index in 0..<min(pick("jobs", size.jobs), farm.printers.count) {
        let number = orders.count + 1
        let file = FilePlan(
          name: "part-\(number).3mf", layers: pick("layers", 5...30),
          printTime: .seconds(Int64(pick("print time", 60...300))),
          byteCount: pick("size", 20...200) * 1_000)
        orders.append(
          Order(file: file, printer: farm.printers[index].name, job: "job-\(number)"))
      }
    }
    let faults = self.faults(farms)
    let calm = faults.map { $0.at + ($0.fault.duration ?? .zero) }.max() ?? .zero
    let steps = self.steps(orders, calm: calm)
    let longest = orders.reduce(Interval.zero) { $0 + $1.file.printTime }
    let bound = calm + longest * 2 + Self.convergence
    return Scenario(
      file: "seed \(seed)", title: "Seed \(seed)",
      why: "Nobody knows yet: this story was invented.", seed: seed, limit: bound + .minutes(10),
      rest: .seconds(30), world: WorldPlan(farms: farms), files: orders.map(\.file),
      faults: faults, steps: steps, expectations: expectations(orders, farms, within: bound))
  }

  /// Every other printer is slow to take a file, as many are: trouble finds it still at that.
  private func link() -> LinkPlan {
    guard below("slow", 2) == 0 else { return LinkPlan() }
    return LinkPlan(bytesPerSecond: pick("rate", 5...50) * 1_000)
  }

  /// Somebody wants a file printed.
  private struct Order {
    let file: FilePlan
    let printer: String
    let job: String
  }

  private static let owners = ["ada", "bob", "cleo"]
  private static let models = ["P1S", "X1C", "A1 mini"]

  // MARK: What goes wrong

  private func faults(_ farms: [FarmPlan]) -> [PlannedFault] {
    let enabled = FaultKind.explored.filter { _ in below("enable", 2) == 0 }
    guard !enabled.isEmpty else { return [] }
    let count = pick("faults", 0...size.faultLimit)
    var faults: [PlannedFault] = []
    for _ in 0..<count {
      let kind = enabled[below("kind", enabled.count)]
      let places = kind.places.flatMap { subject -> [String] in
        switch subject {
        case .hub: farms.map(\.hub.name)
        case .printer: farms.flatMap(\.printers).map(\.name)
        case .farm: farms.map(\.name)
        case .cloud: ["cloud"]
        default: []
        }
      }
      guard !places.isEmpty else { continue }
      let place = places[below("place", places.count)]
      // Most trouble comes while files move and prints begin.
      let latest = [25_000, 25_000, 60_000, 300_000][below("late", 4)]
      let at = Interval.milliseconds(Int64(pick("at", 3_000...latest)))
      faults.append(
        PlannedFault(
          mark: Mark(line: 0, column: 0), at: at,
          fault: Fault(kind: kind, place: place, amount: amount(kind), duration: duration(kind))))
    }
    return faults.sorted { $0.at < $1.at }
  }

  private func amount(_ kind: FaultKind) -> Fault.Amount? {
    switch kind.measure {
    case .duration?: .latency(.milliseconds(Int64(pick("latency", 20...3_000))))
    case .share?: .loss(Double(pick("loss", 1...40)) / 100)
    case .rate?: .bytesPerSecond(pick("rate", 2...200) * 1_000)
    default: nil
    }
  }

  /// At least long enough to be felt, seldom long enough to be noticed by a person.
  private func duration(_ kind: FaultKind) -> Interval {
    let seconds = below("long", 8) == 0 ? pick("minutes", 60...300) : pick("seconds", 1...45)
    return .seconds(Int64(seconds))
  }

  // MARK: What people do

  private func steps(_ orders: [Order], calm: Interval) -> [Step] {
    var steps: [Step] = []
    func add(
      _ request: Request, at: Interval? = nil, after: Interval? = nil, onlyIf: Condition? = nil
    ) {
      steps.append(
        Step(
          mark: Mark(line: 0, column: 0), at: at, after: after, onlyIf: onlyIf,
          action: .request(request, refusal: nil, patience: .minutes(30))))
    }
    for order in orders {
      add(.print(file: order.file.name, printer: order.printer, job: order.job))
    }
    for job in orders.map(\.job) {
      switch below("person", 6) {
      case 0:
        let latest = below("early", 2) == 0 ? 20 : 200
        add(
          .cancel(job: job), after: .seconds(Int64(pick("moment", 1...latest))),
          onlyIf: condition(job, .over, isNot: true))
      case 1:
        add(
          .pause(job: job), after: .seconds(Int64(pick("moment", 1...200))),
          onlyIf: condition(job, .printing))
        add(
          .resume(job: job), after: .seconds(Int64(pick("pause", 5...60))),
          onlyIf: condition(job, .paused))
      default: break
      }
    }
    // After all the trouble somebody looks again, and finds a start that the hub never heard of, or
    // a print that is still paused.
    for job in orders.map(\.job) {
      add(.start(job: job), at: calm + .minutes(2), onlyIf: condition(job, .queued))
      add(.resume(job: job), at: calm + .minutes(2), onlyIf: condition(job, .paused))
    }
    return steps
  }

  private func expectations(
    _ orders: [Order], _ farms: [FarmPlan], within bound: Interval
  ) -> [Expectation] {
    let mark = Mark(line: 0, column: 0)
    let jobs = orders.map { order in
      Expectation(
        mark: mark, kind: .eventually(within: bound, trigger: nil),
        condition: condition(order.job, .over))
    }
    let hubs = farms.map { farm in
      let (name, count) = (farm.hub.name, farm.printers.count)
      return Expectation(
        mark: mark, kind: .eventually(within: bound, trigger: nil),
        condition: Condition(
          text: "\(name) is ready and \(name) printers-connected = \(count)",
          clauses: [
            Clause(subject: name, test: .hub(.ready, isNot: false)),
            Clause(
              subject: name,
              test: .measure(.printersConnected, of: .hub, .equal, Double(count))),
          ]))
    }
    return jobs + hubs
  }

  private func condition(_ job: String, _ word: JobWord, isNot: Bool = false) -> Condition {
    Condition(
      text: "\(job) is \(isNot ? "not " : "")\(word.rawValue)",
      clauses: [Clause(subject: job, test: .job(word, isNot: isNot))])
  }

  // MARK: Luck

  private func below(_ label: StaticString, _ bound: Int) -> Int {
    Int(luck.chance(label, below: UInt64(bound)))
  }

  private func pick(_ label: StaticString, _ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(label, range.count)
  }
}

extension FaultKind {
  /// The kinds that need nothing but a place, a time and at most a measure.
  static let explored: [FaultKind] = allCases.filter { kind in
    // It needs an empty house to be told from what a hub does wrong.
    if kind == .fullStore { return false }
    // It has the hub's secret, and may say what it likes of the hub's jobs.
    if kind == .twin { return false }
    // Nothing may be asked of a cloud that refuses everything, or lives by another clock.
    if [.cloudErrors, .tooManyRequests, .clockJump, .clockDrift].contains(kind) { return false }
    return switch kind.measure {
    case nil, .duration?, .share?, .rate?: true
    default: false
    }
  }
}
