import HubHost
import Printers
import Scenarios
import VirtualWorld
import World

/// So many farms, each with a hub and five printers in the middle of a long print.
final class PrintingFarms {
  let world: VirtualWorld
  let stage: Stage
  private var failure: String?
  private var startedCount = 0

  /// Builds the farms and lets them run until every printer prints. `models` are those of each
  /// farm's printers.
  init(count: Int, models: [String], chip: ChipSettings? = nil) {
    world = VirtualWorld(seed: 1)
    let farms = (1...count).map { number in
      FarmPlan(
        name: "farm-\(number)", owner: "owner-\(number)", hub: HubPlan(name: "hub-\(number)"),
        printers: models.enumerated().map {
          PrinterPlan(name: "p\(number)-\($0.offset + 1)", model: $0.element)
        })
    }
    stage = VirtualStage(world: world, plan: WorldPlan(farms: farms)).stage
    for farm in stage.farms { farm.hub.hub.chip = chip }
    let file = ThreeMF.make(name: "long.3mf", layers: 2_000, seconds: 400_000)
    do {
      try stage.open { [unowned self] answer in
        if case .failure(let reason) = answer { failure = "\(reason)" }
        for farm in stage.farms { start(farm, file) }
      }
    } catch {
      failure = "\(error)"
    }
    let printers = stage.farms.flatMap(\.printers)
    while failure == nil, world.now < Instant.start + .minutes(60) {
      world.run(for: .seconds(20))
      if printers.allSatisfy({ $0.printer.machine.state == .running }) { return }
    }
    let running = printers.count { $0.printer.machine.state == .running }
    giveUp("only \(running) of \(printers.count) printers print: \(failure ?? "too late")")
  }

  /// As soon as a hub is ready its owner gives each printer a job.
  private func start(_ farm: FarmSite, _ file: [UInt8]) {
    guard farm.hub.hub.view.connectedPrinterCount == farm.printers.count else {
      farm.owner.client.host.after(.seconds(1)) { [unowned self] in start(farm, file) }
      return
    }
    farm.owner.upload("long.3mf", bytes: file) { [unowned self] answer in
      note(answer)
      for site in farm.printers {
        farm.owner.queue("job-" + site.name, file: "long.3mf", printer: site.name) { answer in
          self.note(answer)
          farm.owner.ask(.start, of: "job-" + site.name) { self.note($0) }
        }
      }
    }
  }

  private func note(_ answer: Answer<Void>) {
    if case .failure(let reason) = answer { failure = failure ?? "\(reason)" }
  }

  /// Runs on in steps of `step` until `seconds` of real time are over; virtual seconds and events
  /// for each real second.
  func measure(seconds: Double, step: Interval) -> (speed: Double, eventRate: Double) {
    let begin = world.now
    let events = world.eventCount
    let watch = Stopwatch()
    while watch.seconds < seconds { world.run(for: step) }
    let real = watch.seconds
    return ((world.now - begin).seconds / real, Double(world.eventCount - events) / real)
  }
}

/// The printers that farms have most: they report what changes.
private let ordinaryModels = [String](repeating: "P1S", count: 5)
/// One of each kind; the X1C reports everything, about 10 KB, every second.
private let mixedModels = ["P1S", "P1P", "X1C", "A1", "A1 mini"]

func measureOneFarm() -> [Row] {
  let before = Benchmark.residentBytes()
  let farms = PrintingFarms(count: 1, models: ordinaryModels)
  let hub = farms.stage.farms[0].hub.hub
  let (speed, rate) = farms.measure(seconds: 3, step: .minutes(10))
  let resident = Benchmark.residentBytes() - before
  let mixed = PrintingFarms(count: 1, models: mixedModels).measure(seconds: 3, step: .minutes(10))
  let view = hub.view
  let polls = Benchmark.rate { hub.pollNow() }
  return [
    Row(
      what: "one hub, five printing P1S: virtual speed", value: speed, unit: "× real",
      aim: .atLeast(20_000)),
    Row(what: "  events in that run", value: rate, unit: "a second", aim: .none),
    Row(
      what: "  the same with five models, one an X1C", value: mixed.speed, unit: "× real",
      aim: .none),
    Row(
      what: "  memory of the farm with its cloud", value: Double(resident) / 1e6, unit: "MB",
      aim: .atMost(20), digits: 1),
    Row(
      what: "one hub_poll with nothing to do, five printers", value: 1e9 / polls, unit: "ns",
      aim: .atMost(2_000)),
    Row(
      what: "RAM of a hub with five printers: in use", value: Double(view.memoryUsed),
      unit: "bytes", aim: .atMost(131_072)),
    Row(
      what: "  and what it asks of its board", value: Double(view.memoryGiven), unit: "bytes",
      aim: .atMost(131_072)),
  ]
}

func measureThousandFarms() -> [Row] {
  let before = Benchmark.residentBytes()
  let watch = Stopwatch()
  let farms = PrintingFarms(count: 1_000, models: ordinaryModels)
  let setup = watch.seconds
  let (speed, rate) = farms.measure(seconds: 5, step: .seconds(5))
  let resident = Benchmark.residentBytes() - before
  return [
    Row(
      what: "1,000 hubs, 5,000 printing P1S: virtual speed", value: speed, unit: "× real",
      aim: .atLeast(20), digits: 1),
    Row(what: "  events in that run", value: rate, unit: "a second", aim: .none),
    Row(what: "  until all of them print", value: setup, unit: "s", aim: .none, digits: 1),
    Row(
      what: "  memory of each farm", value: Double(resident) / 1e9, unit: "MB", aim: .none,
      digits: 2),
  ]
}
