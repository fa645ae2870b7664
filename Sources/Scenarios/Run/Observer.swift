import Cloud
import HubHost
import Printers
import World

/// Sees what goes on: keeps a record of every job of the story, turns what changes into facts for
/// the invariants, and answers conditions.
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
  private var onlineHubs: Set<String> = []
  /// Commands that were sent and are not over.
  private var commands: [(id: String, hub: String, what: String)] = []
  var openCommandCount: Int { commands.count }
  /// How many crashes of each hub the cloud has heard of.
  private var crashCounts: [String: Int] = [:]
  func crashesHeard(of hub: HubSite) -> Int { crashCounts[hub.id] ?? 0 }

  /// What each hub has said of its health last.
  private var healthOfHub: [String: JSON] = [:]
  /// What the cloud has heard of updates.
  private var updates = UpdateRecord()
  private var sights: [PrinterSight]
  /// How many pictures of each printer have come, by its name.
  private var pictureCounts: [String: Int] = [:]
  private var memoryOfHub: [Int]
  private var stateOfHub: [String]
  private let printers: [PrinterSite]
  private let phones: [Phone]
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
    case .commandTimedOut(let id, _, _): commandIsOver(id, isSuccess: false)
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

  // MARK: Conditions

  func holds(_ condition: Condition) -> Bool { condition.clauses.allSatisfy { holds($0) } }

  private func holds(_ clause: Clause) -> Bool {
    switch clause.test {
    case .job(let word, let isNot): return isJob(clause.subject, word) != isNot
    case .printer(let word, let isNot): return isPrinter(clause.subject, word) != isNot
    case .hub(let word, let isNot): return isHub(clause.subject, word) != isNot
    case .cloud(let word, let isNot): return (stage.cloud.isUp == (word == .up)) != isNot
    case .phone(let word, let isNot): return isPhone(clause.subject, word) != isNot
    case .person(let word, let isNot): return isPerson(clause.subject, word) != isNot
    case .firmware(let version, let isNot):
      return (stage.hub(clause.subject)?.hub.firmwareVersion == version) != isNot
    case .update(let word, let isNot): return (updates.word(of: clause.subject) == word) != isNot
    case .measure(let measure, let subject, let comparison, let value):
      guard let now = self.value(of: measure, subject, clause.subject) else { return false }
      return comparison.holds(now, value)
    }
  }

  /// Whether it can never be true any more.
  func isRuledOut(_ condition: Condition) -> Bool {
    condition.clauses.contains { clause in
      guard case .job(let word, false) = clause.test, word != .over else { return false }
      return isJob(clause.subject, .over) && !isJob(clause.subject, word)
    }
  }

  private func isJob(_ name: String, _ word: JobWord) -> Bool {
    guard let status = jobs.first(where: { $0.name == name })?.status else { return false }
    if word == .over { return ["completed", "failed", "cancelled"].contains(status) }
    return status == word.rawValue
  }

  private func isPrinter(_ name: String, _ word: PrinterWord) -> Bool {
    guard let site = printers.first(where: { $0.name == name }) else { return false }
    switch word {
    case .on: return site.isOn
    case .off: return !site.isOn
    case .receiving: return site.isOn && !site.printer.card.receiving.isEmpty
    case .idle: return site.isOn && site.printer.machine.state == .idle
    case .preparing: return site.isOn && site.printer.machine.state == .prepare
    case .printing: return site.isOn && site.printer.machine.state == .running
    case .paused: return site.isOn && site.printer.machine.state == .pause
    case .finished: return site.isOn && site.printer.machine.state == .finish
    case .failed: return site.isOn && site.printer.machine.state == .failed
    }
  }

  private func isHub(_ name: String, _ word: HubWord) -> Bool {
    guard let hub = stage.hub(name) else { return false }
    switch word {
    case .on: return hub.isOn
    case .off: return !hub.isOn
    case .online: return onlineHubs.contains(hub.id)
    case .offline: return !onlineHubs.contains(hub.id)
    case .unset: return hub.isOn && hub.hub.view.state == .bluetoothPair
    case .blue: return hub.isOn && hub.hub.ledText.contains("cloud solid")
    case .red: return hub.isOn && hub.hub.ledText.contains("blinking red")
    case .blinking: return hub.isOn && hub.hub.ledText.contains("power blinking")
    case .onTheAir: return hub.isOn && hub.host.address(on: .own) != nil
    case .ailing: return isAiling(hub)
    case .ready: return onlineHubs.contains(hub.id) && hub.isOn && hub.hub.view.state == .running
    }
  }

  /// Error codes of the 300s are about the flash.
  private func isAiling(_ hub: HubSite) -> Bool {
    let troubles = healthOfHub[hub.id]?["troubles"]?.array ?? []
    return troubles.contains { (300..<400).contains($0.int64 ?? 0) }
  }

  /// A count that a hub has told of its store.
  private func storeCount(_ name: String, _ hub: HubSite) -> Double? {
    healthOfHub[hub.id]?["store"]?[name]?.int64.map { Double($0) }
  }

  private func value(of measure: Measure, _ subject: Subject, _ name: String) -> Double? {
    switch subject {
    case .job:
      guard let job = jobs.first(where: { $0.name == name }) else { return nil }
      if measure == .minutes { return Double(job.minutes) }
      if measure == .sent {
        return job.totalBytes > 0 ? Double(job.sentBytes) / Double(job.totalBytes) : 0
      }
      return Double(job.percent) / 100
    case .printer:
      return printers.first { $0.name == name }.flatMap { value(of: measure, $0) }
    case .hub:
      return stage.hub(name).flatMap { value(of: measure, $0) }
    case .cloud: return updates.count(measure) ?? Double(onlineHubs.count)
    case .person: return person(name).map { Double($0.newsCount) }
    case .farm, .file, .phone: return nil
    }
  }

  private func isPhone(_ name: String, _ word: PhoneWord) -> Bool {
    guard let phone = phones.first(where: { $0.name == name }) else { return false }
    switch word {
    case .asked: return phone.pairing == .connected && phone.told("state")?.string == "confirm"
    case .paired: return phone.pairing == .connected && phone.told("state")?.string == "ready"
    case .away: return phone.pairing != .connected && phone.pairing != .connecting
    case .sentAway: return phone.pairing == .over(.ended)
    case .toldBusy: return phone.told("state")?.string == "busy"
    case .toldTooLate: return phone.told("state")?.string == "timed-out"
    case .seesNetworks:
      let heard = phone.told("networks")?.array ?? []
      return heard.contains { $0["ssid"]?.string == phone.farm }
    case .seesTrouble:
      let isOnPage = phone.page?.contains("role=alert") ?? false
      return phone.told("wifi", "error")?.string != nil || isOnPage
    case .seesJoined: return phone.told("wifi", "state")?.string == "joined"
    case .seesClaimed: return phone.told("claim", "state")?.string == "claimed"
    case .seesRefused: return phone.told("claim", "state")?.string == "refused"
    case .seesOnline: return phone.told("cloud")?.bool == true
    case .seesPage: return phone.page != nil
    }
  }

  private func value(of measure: Measure, _ site: PrinterSite) -> Double? {
    let machine = site.printer.machine
    switch measure {
    case .progress: return Double(machine.progress) / 100
    case .layer: return Double(machine.layer)
    case .received: return Double(site.printer.card.receiving.reduce(0) { $0 + $1.byteCount })
    case .nozzle: return machine.nozzleTemperature.rounded()
    case .bed: return machine.bedTemperature.rounded()
    case .printsStarted: return Double(machine.printsStarted)
    case .printsFinished: return Double(machine.printsFinished)
    case .pictures: return Double(pictureCounts[site.name] ?? 0)
    case .arriving: return Double(site.printer.card.receiving.count)
    default: return nil
    }
  }

  private func value(of measure: Measure, _ hub: HubSite) -> Double? {
    switch measure {
    case .boots: return Double(hub.hub.bootCount)
    case .crashesReported: return Double(crashCounts[hub.id] ?? 0)
    case .wornSectors: return storeCount("worn_sectors", hub)
    case .repairedBits: return storeCount("repaired_bits", hub)
    case .damagedValues: return storeCount("damaged", hub)
    case .refusedWrites: return storeCount("refused_writes", hub)
    case .updateProgress: return updates.share(of: hub.name)
    default: break
    }
    guard hub.isOn else { return nil }
    let view = hub.hub.view
    switch measure {
    case .memory: return Double(view.memoryUsed)
    case .cloudConnects: return Double(view.cloudConnects)
    case .badInput: return Double(view.badInputCount)
    case .printersConnected: return Double(view.connectedPrinterCount)
    default: return nil
    }
  }

  func isOnline(_ hub: HubSite) -> Bool { onlineHubs.contains(hub.id) }

  /// Whether a farm's hub is online and connected to every printer whose code was typed right.
  func isReady(_ farm: FarmSite) -> Bool {
    if farm.hub.isBoxed { return farm.hub.isOn }
    guard onlineHubs.contains(farm.hub.id), farm.hub.isOn else { return false }
    let right = farm.printers.count { $0.typedCode == nil }
    return farm.hub.hub.view.connectedPrinterCount >= right
  }

  /// What is the case instead, for each clause that does not hold.
  func explain(_ condition: Condition) -> String {
    condition.clauses.filter { !holds($0) }.map { explain($0) }.joined(separator: ", ")
  }

  private func explain(_ clause: Clause) -> String {
    let name = clause.subject
    switch clause.test {
    case .job:
      return "\(name) is \(jobs.first { $0.name == name }?.status ?? "not made yet")"
    case .printer:
      let words = PrinterWord.allCases.filter { isPrinter(name, $0) }.map(\.rawValue)
      return "\(name) is \(words.joined(separator: " and "))"
    case .hub:
      let words = HubWord.allCases.filter { isHub(name, $0) }.map(\.rawValue)
      return "\(name) is \(words.joined(separator: " and "))"
    case .cloud: return "the cloud is \(stage.cloud.isUp ? "up" : "down")"
    case .phone:
      let words = PhoneWord.allCases.filter { isPhone(name, $0) }.map(\.rawValue)
      return "\(name) is \(words.joined(separator: " and "))"
    case .person:
      let words = PersonWord.allCases.filter { isPerson(name, $0) }.map(\.rawValue)
      return "\(name) is \(words.joined(separator: " and "))"
    case .firmware:
      return "\(name) runs \(stage.hub(name)?.hub.firmwareVersion ?? "nothing")"
    case .update: return "the update of \(name) is \(updates.word(of: name).rawValue)"
    case .measure(let measure, let subject, _, _):
      guard let now = value(of: measure, subject, name) else {
        return "\(name) has no \(measure.rawValue)"
      }
      if case .share = measure.form {
        return "\(name) \(measure.rawValue) is \(Quantity.fixed(now * 100, digits: 0))%"
      }
      return "\(name) \(measure.rawValue) is \(Quantity.grouped(Int(now)))"
    }
  }
}
