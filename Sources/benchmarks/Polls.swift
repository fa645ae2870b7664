import Printers
import Scenarios
import VirtualWorld
import World

/// What it costs the hub to keep five printers in sight that are asked over HTTP: two OctoPrints, two
/// PrusaLinks, one of them by digest, and a Moonraker whose socket is refused; and then what the same
/// Moonraker costs that tells its news by itself.
func measurePolls() -> [Row] {
  let asked = PolledFarm(
    kinds: [.octoprint, .octoprint, .prusalink, .prusalink, .moonraker], refusesSockets: true)
  let followed = PolledFarm(kinds: [PrinterKind](repeating: .moonraker, count: 5))
  let (polls, seconds) = asked.measure(hours: 2)
  let (_, following) = followed.measure(hours: 2)
  return [
    Row(
      what: "five printing printers over HTTP: requests of the hub", value: Double(polls) / 7_200,
      unit: "a second", aim: .none, digits: 1),
    Row(
      what: "  requests that a second of the hub's processor makes", value: Double(polls) / seconds,
      unit: "a second", aim: .atLeast(5_000)),
    Row(
      what: "  share of one core of this machine", value: seconds / 7_200 * 1e6, unit: "millionths",
      aim: .none),
    Row(
      what: "five Moonrakers that tell news four times a second", value: following / 7_200 * 1e6,
      unit: "millionths", aim: .none),
  ]
}

/// One hub with five printers in the middle of a long print, none of them the hub's own.
private final class PolledFarm {
  private let world = VirtualWorld(seed: 1)
  private let stage: Stage
  private var failure: String?

  /// Builds the farm and lets it run until the hub is connected to every printer.
  init(kinds: [PrinterKind], refusesSockets: Bool = false) {
    let printers = kinds.enumerated().map { number, kind in
      var plan = PrinterPlan(name: "p\(number + 1)", model: kind.models[0])
      plan.kind = kind
      plan.usesDigest = kind == .prusalink && number % 2 == 0
      return plan
    }
    let farm = FarmPlan(
      name: "farm", owner: "owner", hub: HubPlan(name: "hub"), printers: printers)
    stage = VirtualStage(world: world, plan: WorldPlan(farms: [farm])).stage
    do {
      try stage.open { [unowned self] answer in
        if case .failure(let reason) = answer { failure = "\(reason)" }
      }
    } catch {
      failure = "\(error)"
    }
    let hub = stage.farms[0].hub.hub
    while hub.view.connectedPrinterCount < kinds.count {
      guard failure == nil, world.now < Instant.start + .minutes(10) else {
        giveUp(
          "only \(hub.view.connectedPrinterCount) of \(kinds.count) printers are connected: "
            + (failure ?? "too late"))
      }
      world.run(for: .seconds(1))
    }
    for printer in web {
      if refusesSockets { printer.begin(.web(.socketRefused), nil) }
      printer.begin(.web(.otherPrint), nil)
    }
    world.run(for: .seconds(60))
  }

  private var web: [WebPrinter] {
    stage.farms[0].printers.compactMap { $0.printer as? WebPrinter }
  }

  /// How often it asks in so many hours, and how long it is at that.
  func measure(hours: Int) -> (requests: Int, seconds: Double) {
    let hub = stage.farms[0].hub.hub
    let before = web.reduce(0) { $0 + $1.requestCount }
    hub.stopwatch = { Stopwatch.now() }
    let spent = hub.pollSeconds
    // What somebody else prints is over after ten minutes.
    for _ in 0..<hours * 6 {
      for printer in web where !printer.machine.state.isBusy {
        printer.begin(.web(.otherPrint), nil)
      }
      world.run(for: .minutes(10))
    }
    hub.stopwatch = nil
    return (web.reduce(0) { $0 + $1.requestCount } - before, hub.pollSeconds - spent)
  }
}
