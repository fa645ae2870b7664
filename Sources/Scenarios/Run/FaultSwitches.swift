import Printers
import VirtualWorld
import World

/// Breaks what a story breaks, and puts it right again.
///
/// Faults may overlap. What is switched off stays off until the last fault that holds it is over;
/// of several values for one link the one set last counts, and when all are over the first is back.
final class FaultSwitches {
  private struct Held {
    let number: Int
    let fault: Fault
  }

  let stage: VirtualStage
  /// Timers of the story run on this host, which nothing breaks.
  let host: any Host
  /// How often each fault of each printer has begun.
  private var counts: [(fault: FieldFault, printer: String, count: Int)] = []
  private var held: [Held] = []
  /// What was ever broken.
  private(set) var begun: Set<FaultKind> = []
  /// By how much the cloud's queues were made late at most.
  var queueDelay = Interval.zero
  /// The pages that captive networks show.
  var portals: [(farm: String, portal: CaptivePortal)] = []
  /// How far clocks were set ahead.
  var clockJumps: [(place: String, milliseconds: Int64)] = []
  private var ordinary: [(place: String, plan: LinkPlan)] = []
  private var lastNumber = 0
  private var oldKeys: [(place: String, key: String)] = []
  /// Hears when the last fault of a kind at a place is over.
  var onEnd: ((Fault) -> Void)?

  init(stage: VirtualStage, host: any Host) {
    self.stage = stage
    self.host = host
  }

  /// Begins a fault and plans its end, or waits for the moment in which it is to begin.
  func begin(_ fault: Fault) {
    if let moment = fault.moment { return lieInWait(for: moment, fault) }
    strike(fault)
  }

  func strike(_ fault: Fault) {
    lastNumber += 1
    let number = lastNumber
    let length = fault.duration.map { " for \(Quantity.describe($0))" } ?? ""
    host.trace.note(
      at: host.now, by: fault.place, .fault,
      fault.kind.rawValue + (fault.amount.map { " to \($0)" } ?? "") + length)
    let isFirst = !isHeld(fault.kind, fault.place)
    held.append(Held(number: number, fault: fault))
    begun.insert(fault.kind)
    apply(fault.kind, at: fault.place, isFirst: isFirst)
    guard let duration = fault.duration else { return }
    host.after(duration) { [weak self] in self?.end(number) }
  }

  /// Ends all faults of a kind at a place; false when there are none.
  func mend(_ kind: FaultKind, at place: String) -> Bool {
    let numbers = held.filter { $0.fault.kind == kind && $0.fault.place == place }.map(\.number)
    for number in numbers { end(number) }
    return !numbers.isEmpty
  }

  private func end(_ number: Int) {
    guard let index = held.firstIndex(where: { $0.number == number }) else { return }
    let fault = held.remove(at: index).fault
    host.trace.note(at: host.now, by: fault.place, .fault, fault.kind.rawValue + " is over")
    let isLast = !isHeld(fault.kind, fault.place)
    release(fault.kind, at: fault.place, isLast: isLast)
    if isLast { onEnd?(fault) }
  }

  /// The fault of that kind that began last at a place.
  func newest(_ kind: FaultKind, at place: String) -> Fault? {
    held.last { $0.fault.kind == kind && $0.fault.place == place }?.fault
  }

  private func isHeld(_ kind: FaultKind, _ place: String) -> Bool {
    held.contains { $0.fault.kind == kind && $0.fault.place == place }
  }

  /// What is broken now, a line for each.
  var state: [String] {
    held.map { held in
      let amount = held.fault.amount.map { " to \($0)" } ?? ""
      return "\(held.fault.place): \(held.fault.kind.rawValue)\(amount) goes on"
    }
  }

  /// Whether nothing is broken now.
  var isQuiet: Bool { held.isEmpty }

  /// Whether the printer itself ever misbehaved.
  func wasFaulty(_ printer: String) -> Bool { counts.contains { $0.printer == printer } }

  private func isCloudHeld() -> Bool {
    isHeld(.cloudCrash, "cloud") || isHeld(.cloudRestart, "cloud")
  }

  // MARK: Printers' own

  /// Counts one more beginning and answers its number.
  func count(_ story: PrinterFault) -> Int {
    let place = counts.firstIndex { $0.fault == story.fault && $0.printer == story.printer }
    guard let place else {
      counts.append((story.fault, story.printer, 1))
      return 1
    }
    counts[place].count += 1
    return counts[place].count
  }

  func isNewest(_ number: Int, of story: PrinterFault) -> Bool {
    counts.contains {
      $0.fault == story.fault && $0.printer == story.printer && $0.count == number
    }
  }

  /// The same for what is counted.
  func count(of kind: FaultKind, at place: String) -> Int? {
    if case .count(let count)? = newest(kind, at: place)?.amount { count } else { nil }
  }

  /// The measure of the fault of that kind that began last at a place.
  func duration(of kind: FaultKind, at place: String) -> Interval? {
    let newest = held.last { $0.fault.kind == kind && $0.fault.place == place }
    guard case .latency(let interval)? = newest?.fault.amount else { return nil }
    return interval
  }

  // MARK: Begin

  private func apply(_ kind: FaultKind, at place: String, isFirst: Bool) {
    switch kind {
    case .wifiDown: stage.network(ofHub: place)?.isUp = false
    case .wifiKeyChanged: if isFirst { changeKey(ofHub: place) }
    case .uplinkDown: stage.link(place)?.isUp = false
    case .latency, .loss, .slow: adjust(place)
    case .powerCut: if isFirst { stage.stage.hub(place)?.powerOff() }
    case .printerOff: if isFirst { cutPower(ofPrinter: place) }
    case .cloudRestart: if isFirst { stage.stage.cloud.shutDown {} }
    case .cloudCrash: crashCloud()
    case .filesAway: stage.stage.cloud.refusesDownloads = true
    case .brownOut: stage.stage.hub(place)?.hub.brownOut()
    case .flippedBits, .wornSectors, .stuckBits, .fullStore: harmFlash(kind, at: place)
    case .taskStalls, .taskWedges, .taskHogs, .taskHangs, .panic: harm(place)
    default: setNetwork(kind, at: place)
    }
  }

  private func changeKey(ofHub place: String) {
    guard let network = stage.network(ofHub: place) else { return }
    oldKeys.append((place, network.key))
    network.key = String(network.key.reversed()) + "new"
    // A router that takes another password starts anew.
    network.isUp = false
    network.isUp = true
  }

  private func restoreKey(ofHub place: String) {
    guard let index = oldKeys.firstIndex(where: { $0.place == place }) else { return }
    stage.network(ofHub: place)?.key = oldKeys.remove(at: index).key
  }

  private func harm(_ place: String) {
    guard let fault = held.last(where: { $0.fault.place == place && $0.fault.kind.harm != nil }),
      let harm = fault.fault.kind.harm
    else { return }
    stage.stage.hub(place)?.hub.harm(harm, (fault.fault.task ?? .cloud).task)
  }

  /// The plug is out before the program can say a word.
  private func cutPower(ofPrinter place: String) {
    stage.host(place)?.vanish()
    stage.stage.farm(ofPrinter: place)?.printer(place)?.powerOff()
  }

  private func crashCloud() {
    stage.cloudHost.crash()
    stage.stage.cloud.crash()
  }

  // MARK: End

  private func release(_ kind: FaultKind, at place: String, isLast: Bool) {
    switch kind {
    case .wifiDown: if isLast { stage.network(ofHub: place)?.isUp = true }
    case .wifiKeyChanged: if isLast { restoreKey(ofHub: place) }
    case .uplinkDown: if isLast { stage.link(place)?.isUp = true }
    case .latency, .loss, .slow: adjust(place)
    case .powerCut, .fullStore: if isLast { stage.stage.hub(place)?.powerOn() }
    case .wornSectors, .stuckBits: if isLast { mendFlash(at: place) }
    case .printerOff:
      guard isLast else { return }
      stage.host(place)?.comeBack()
      if let site = stage.stage.farm(ofPrinter: place)?.printer(place) {
        attempt("switch \(place) on") { try site.powerOn() }
      }
    case .cloudRestart, .cloudCrash: if !isCloudHeld() { startCloud() }
    case .filesAway: if isLast { stage.stage.cloud.refusesDownloads = false }
    // Over as soon as it has happened; what follows is the hub's affair.
    case .brownOut, .flippedBits, .taskStalls, .taskWedges, .taskHogs, .taskHangs, .panic: break
    default: if isLast { clearNetwork(kind, at: place) }
    }
  }

  /// Starts the cloud, once the old one has drained.
  private func startCloud() {
    let cloud = stage.stage.cloud
    guard cloud.server == nil else {
      host.after(.milliseconds(100)) { [weak self] in
        guard let self, !isCloudHeld() else { return }
        startCloud()
      }
      return
    }
    guard !isCloudHeld() else { return }
    do {
      try cloud.start()
    } catch {
      // Whoever looks after a real one tries again.
      cloud.host.after(.seconds(5)) { [weak self] in self?.startCloud() }
    }
  }

  private func attempt(_ what: String, _ body: () throws -> Void) {
    do {
      try body()
    } catch {
      host.note(.problem, "could not \(what): \(error)")
    }
  }

  // MARK: Links

  /// Gives a link the values that are due to it now.
  private func adjust(_ place: String) {
    guard let link = stage.link(place) else { return }
    if !ordinary.contains(where: { $0.place == place }) {
      ordinary.append(
        (
          place,
          LinkPlan(latency: link.latency, loss: link.loss, bytesPerSecond: link.bandwidth)
        ))
    }
    var plan = ordinary.first { $0.place == place }?.plan ?? LinkPlan()
    for held in held
    where held.fault.place == place && [.latency, .loss, .slow].contains(held.fault.kind) {
      switch held.fault.amount {
      case .latency(let latency): plan.latency = latency
      case .loss(let loss): plan.loss = loss
      case .bytesPerSecond(let rate): plan.bytesPerSecond = rate
      case .count, nil: break
      }
    }
    if let latency = plan.latency { link.latency = latency }
    link.loss = plan.loss ?? 0
    link.bandwidth = plan.bytesPerSecond
  }
}

extension Fault.Amount: CustomStringConvertible {
  public var description: String {
    switch self {
    case .latency(let latency): Quantity.describe(latency)
    case .loss(let loss): Quantity.fixed(loss * 100, digits: 1) + "%"
    case .bytesPerSecond(let rate): Quantity.describe(bytes: rate) + "/s"
    case .count(let count): String(count)
    }
  }
}
