import Printers
import VirtualWorld
import World

/// What people have and want in invented stories, and what goes wrong in them.
struct ExplorationPlan {
  let luck: any Host
  let size: ExplorationSize

  /// The world lends its luck, so that inventing and running draw from one kind of well.
  init(seed: UInt64, drawing name: String, size: ExplorationSize) {
    luck = VirtualWorld(seed: seed).addHost(name, address: nil, on: .internet)
    self.size = size
  }

  // MARK: The world

  func farms() -> [FarmPlan] {
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
    return LinkPlan(bytesPerSecond: pick("rate", 2...20) * 1_000)
  }

  private static let owners = ["ada", "bob", "cleo"]
  private static let models = ["P1S", "X1C", "A1 mini"]

  // MARK: What people want

  /// Somebody wants a file printed.
  struct Order {
    let file: FilePlan
    let printer: String
    let job: String
    /// How long the job waits in the queue until somebody starts it; nil: it is started at once.
    let wait: Interval?
  }

  /// One for a printer: a start while it is busy is refused, and nobody here waits for its turn.
  func orders(_ farms: [FarmPlan]) -> [Order] {
    var orders: [Order] = []
    for farm in farms {
      for printer in farm.printers.prefix(pick("jobs", size.jobs)) {
        let number = orders.count + 1
        let endings = printer.kind.fileEndings
        let file = FilePlan(
          name: "part-\(number)\(endings[below("ending", endings.count)])",
          layers: pick("layers", 5...30),
          printTime: printTime(),
          byteCount: pick("size", 10...80) * 1_000)
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

  func peoplesSteps(_ orders: [Order], _ updates: Updates?) -> [Step] {
    var steps: [Step] = []
    if let updates { steps += updates.steps.prefix(1) }
    for order in orders {
      let (file, printer, job) = (order.file.name, order.printer, order.job)
      if let wait = order.wait {
        steps.append(Step.asking(.queue(file: file, printer: printer, job: job)))
        steps.append(Step.asking(.start(job: job), after: wait, onlyIf: .job(job, .queued)))
      } else {
        steps.append(Step.asking(.print(file: file, printer: printer, job: job)))
      }
    }
    if let updates { steps += updates.steps.dropFirst() }
    for job in orders.map(\.job) {
      switch below("person", 8) {
      case 0:
        let latest = below("early", 2) == 0 ? 20 : 120
        steps.append(
          Step.asking(
            .cancel(job: job), after: .seconds(Int64(pick("moment", 1...latest))),
            onlyIf: .job(job, .over, isNot: true)))
      case 1, 2:
        steps.append(
          Step.asking(
            .pause(job: job), after: .seconds(Int64(pick("moment", 1...120))),
            onlyIf: .job(job, .printing)))
        let wait = Interval.seconds(Int64(pick("pause", 5...60)))
        let next = below("given up", 3) == 0 ? Request.cancel(job: job) : .resume(job: job)
        steps.append(Step.asking(next, after: wait, onlyIf: .job(job, .paused)))
      default: break
      }
    }
    return steps
  }

  // MARK: Luck

  func below(_ label: StaticString, _ bound: Int) -> Int {
    Int(luck.chance(label, below: UInt64(bound)))
  }

  func pick(_ label: StaticString, _ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(label, range.count)
  }
}
