// Whether what a story speaks of is so, and what is the case instead.

import Cloud
import HubHost
import Printers
import World

extension Observer {
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
    case .printer: return whatHolds(of: name, isPrinter)
    case .hub: return whatHolds(of: name, isHub)
    case .cloud: return "the cloud is \(stage.cloud.isUp ? "up" : "down")"
    case .phone: return whatHolds(of: name, isPhone)
    case .person: return whatHolds(of: name, isPerson)
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
  private func whatHolds<Word: VocabularyWord>(
    of name: String, _ holds: (String, Word) -> Bool
  ) -> String {
    let words = Word.allCases.filter { holds(name, $0) }.map(\.rawValue)
    return "\(name) is \(words.joined(separator: " and "))"
  }
}
