import Cloud
import HubHost
import Printers
import World

/// Sees what goes on: keeps a record of every job of the story, and turns what changes into facts for
/// the invariants.
final class Observer {
  /// A job as the story calls it.
  struct Job {
    let name: String
    let farm: FarmSite
    let printer: PrinterSite
    /// The cloud's id, once its owner was told.
    var id: String?
    var status: String?
    var percent = 0
    /// What the cloud has booked.
    var minutes = 0
    var sentBytes = 0
    var totalBytes = 0
  }

  /// What was seen of a printer last.
  private struct PrinterSight {
    /// Prints that are over and told of.
    var closedCount = 0
    /// Prints in which the machine moved.
    var begunCount = 0
    /// Whether it was told that the print under way has begun.
    var hasTold = false
    var percent = -1
  }

  let stage: Stage
  private(set) var jobs: [Job] = []
  private(set) var onlineHubs: Set<String> = []
  /// Commands that were sent and are not over.
  private var commands: [(id: String, hub: String, what: String)] = []
  var openCommandCount: Int { commands.count }
  /// How many crashes of each hub the cloud has heard of.
  private(set) var crashCounts: [String: Int] = [:]
  func crashesHeard(of hub: HubSite) -> Int { crashCounts[hub.id] ?? 0 }

  /// What each hub has said of its health last.
  private(set) var healthOfHub: [String: JSON] = [:]
  /// What the cloud has heard of updates.
  private(set) var updates = UpdateRecord()
  private var sights: [PrinterSight]
  /// How many pictures of each printer have come, by its name.
  private(set) var pictureCounts: [String: Int] = [:]
  private var memoryOfHub: [Int]
  private var stateOfHub: [String]
  let printers: [PrinterSite]
  let phones: [Phone]
  /// Hears each fact as it happens, from inside of whoever made it happen: only look.
  var onFact: ((Fact) -> Void)?
  /// Hears of each new job: the cloud's id, and what the story calls it.
  var onNewJob: ((_ id: String, _ name: String) -> Void)?
  /// Something may have changed that a condition speaks of.
  var onChange: (() -> Void)?

  init(stage: Stage, phones: [Phone] = []) {
    self.stage = stage
    self.phones = phones
    printers = stage.farms.flatMap(\.printers)
    sights = [PrinterSight](repeating: PrinterSight(), count: printers.count)
    memoryOfHub = [Int](repeating: 0, count: stage.farms.count)
    stateOfHub = [String](repeating: "off", count: stage.farms.count)
    stage.cloud.onEvent = { [weak self] event in self?.hear(event) }
    stage.cloud.onChange = { [weak self] in self?.cloudChanged() }
    for (index, site) in printers.enumerated() {
      site.onChange = { [weak self] in self?.look(atPrinter: index) }
    }
    for phone in phones { phone.onChange = { [weak self] in self?.onChange?() } }
    for person in stage.farms.flatMap(\.people) {
      person.onChange = { [weak self] in self?.onChange?() }
      person.onNews = { [weak self, unowned person] in self?.look(at: $0, shownTo: person) }
    }
    for (index, farm) in stage.farms.enumerated() {
      farm.hub.onChange = { [weak self] in self?.look(atHub: index) }
    }
  }

  // MARK: What owners do

  func declare(job name: String, farm: FarmSite, printer: PrinterSite) {
    guard !jobs.contains(where: { $0.name == name }) else { return }
    jobs.append(Job(name: name, farm: farm, printer: printer))
  }

  func made(job name: String, id: String, digest: UInt64) {
    guard let index = jobs.firstIndex(where: { $0.name == name }) else { return }
    jobs[index].id = id
    onNewJob?(id, name)
    jobs[index].status = jobs[index].status ?? JobStatus.queued.rawValue
    let job = jobs[index]
    tell(.jobMade(job: name, farm: job.farm.name, printer: job.printer.name, digest: digest))
    onChange?()
  }

  func tell(_ fact: Fact) { onFact?(fact) }

  // MARK: What happens

  private func hear(_ event: CloudEvent) {
    switch event {
    case .hubOnline(let hub): onlineHubs.insert(hub)
    case .hubOffline(let hub, _): onlineHubs.remove(hub)
    case .jobChanged(let id, let from, let to, _):
      guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
      jobs[index].status = to.rawValue
      tell(.jobStepped(job: jobs[index].name, from: from.rawValue, to: to.rawValue))
    case .jobBooked(let id, let minutes):
      guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
      jobs[index].minutes = minutes
    case .jobProgressed(let id, let percent):
      guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
      jobs[index].percent = percent
      tell(.jobProgressed(job: jobs[index].name, percent: percent))
    case .fileProgressed(let id, let sent, let total):
      guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
      jobs[index].sentBytes = sent
      jobs[index].totalBytes = total
    case .hubHealthy(let hub, let report):
      healthOfHub[hub] = report
      // Once a minute, as somebody would look who runs it.
      for depth in stage.cloud.server?.queueDepths ?? [] {
        tell(.queueHolds(queue: depth.queue, count: depth.waiting, limit: depth.limit))
      }
    case .pictureTaken(let id, _):
      for farm in stage.farms {
        guard let name = farm.owner.printerName(id) else { continue }
        pictureCounts[name, default: 0] += 1
      }
    case .commandSent(let id, let hub, let what):
      commands.append((id, hub, what))
      let name = stage.farms.first { $0.hub.id == hub }?.hub.name ?? hub
      tell(
        .queueHolds(
          queue: "the commands for \(name)", count: commands.count { $0.hub == hub },
          limit: QueuesBounded.commandLimit))
      // What configures a printer waits as long as its hub is away.
      if !what.hasPrefix("configure_printer") {
        tell(.commandSent(id: id, what: what, at: stage.cloud.host.now))
      }
      return tellCommand(to: hub, what)
    case .commandAnswered(let id, _, let isSuccess, _): commandIsOver(id, isSuccess: isSuccess)
    case .commandTimedOut(let id, _, _), .commandWithdrawn(let id):
      commandIsOver(id, isSuccess: false)
    case .badInput(let source, let reason):
      // Strangers may say what they like; a hub may speak of what its owner has just removed, and
      // hands on what a camera shows without looking at it.
      let isOurs =
        source.hasPrefix("hub ") && !reason.hasPrefix("hub.refused-hello")
        && !reason.hasPrefix("camera.")
      guard isOurs, reason != "hub.unknown-job", reason != "hub.unknown-piece" else { return }
      tell(.misunderstood(source: source, reason: reason))
    case .hubCrashed(let hub, _): crashCounts[hub, default: 0] += 1
    case .hubUpdate, .rolloutPaused, .rolloutResumed:
      updates.hear(event) { id in stage.farms.first { $0.hub.id == id }?.hub.name }
    default: return
    }
    onChange?()
  }

  private func commandIsOver(_ id: String, isSuccess: Bool) {
    tell(.commandOver(id: id, at: stage.cloud.host.now))
    guard let index = commands.firstIndex(where: { $0.id == id }) else { return }
    let what = commands.remove(at: index).what
    commands.removeAll { $0.id == id }
    guard isSuccess, what.hasPrefix("print_command stop "),
      let site = printer(ofCommand: what)
    else { return }
    tell(.stopConfirmed(printer: site.name))
  }

  private func printer(ofCommand what: String) -> PrinterSite? {
    guard let serial = what.split(separator: " ").last else { return nil }
    return printers.first { $0.printer.serial == serial }
  }

  /// Whether a job of the printer is under way, by the cloud's record.
  func isAtWork(_ site: PrinterSite) -> Bool {
    jobs.contains { job in
      job.printer === site
        && ["processing", "uploaded", "printing", "paused"].contains(job.status ?? "")
    }
  }

  /// Whose printer a command is about: its last word is a serial number.
  private func tellCommand(to hub: String, _ what: String) {
    guard let farm = stage.farms.first(where: { $0.hub.id == hub }),
      let target = printer(ofCommand: what)
    else { return }
    tell(
      .commanded(
        hub: farm.hub.name, hubFarm: farm.hub.owningFarm ?? "nobody", targetFarm: target.farm))
  }

  private func cloudChanged() {
    if !stage.cloud.isUp {
      onlineHubs.removeAll()
    } else {
      tell(.cloudIsUp(at: stage.cloud.host.now))
    }
    onChange?()
  }

  private func look(atPrinter index: Int) {
    let site = printers[index]
    let machine = site.printer.machine
    if machine.history.count > sights[index].closedCount { readHistory(of: machine, index) }
    let percent = machine.progress
    if percent != sights[index].percent, machine.state.isBusy {
      sights[index].percent = percent
      tell(
        .printProgressed(printer: site.name, number: machine.history.count, percent: percent))
    }
    onChange?()
  }

  private func readHistory(of machine: PrinterMachine, _ index: Int) {
    let site = printers[index]
    while sights[index].closedCount < machine.history.count {
      let record = machine.history[sights[index].closedCount]
      if record.isForeign {
        // Nobody's job; it is over when the next one is taken up.
        guard record.outcome != .underWay else { return }
        sights[index].closedCount += 1
        continue
      }
      if record.hasBegun, !sights[index].hasTold {
        sights[index].hasTold = true
        sights[index].begunCount += 1
        tell(
          .printBegan(
            printer: site.name, farm: site.farm, number: sights[index].begunCount,
            digest: record.digest))
      }
      guard record.outcome != .underWay else { return }
      if record.hasBegun {
        tell(.printEnded(printer: site.name, isFinished: record.outcome == .finished))
      }
      sights[index].closedCount += 1
      sights[index].hasTold = false
    }
  }

  private func look(atHub index: Int) {
    let hub = stage.farms[index].hub
    let state = hub.isOn ? hub.hub.view.state.name : "off"
    if state != stateOfHub[index] {
      tell(.hubStepped(hub: hub.name, from: stateOfHub[index], to: state))
      stateOfHub[index] = state
    }
    if hub.isOn {
      let view = hub.hub.view
      tell(
        .queueHolds(
          queue: "the outbox of \(hub.name)", count: view.outboxUsed, limit: view.outboxGiven))
      let used = view.memoryUsed
      if used != memoryOfHub[index] {
        memoryOfHub[index] = used
        tell(.hubMemory(hub: hub.name, used: used))
      }
    }
    onChange?()
  }
}
