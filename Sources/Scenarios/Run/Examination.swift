// What is looked at when a story is over: with the owners' eyes, for the most part.

import Cloud
import HubHost
import Printers
import World

/// Examines everybody once the story has come to its end.
final class Examination {
  private let stage: Stage
  private let observer: Observer
  private let switches: FaultSwitches
  private let secrets: SecretWatch
  private let host: any Host
  private let tell: (Fact) -> Void

  /// How often a page is looked at that does not show the truth yet.
  private static let looks = 12
  private static let pause = Interval.seconds(5)

  init(
    stage: Stage, observer: Observer, switches: FaultSwitches, secrets: SecretWatch,
    host: any Host, tell: @escaping (Fact) -> Void
  ) {
    self.stage = stage
    self.observer = observer
    self.switches = switches
    self.secrets = secrets
    self.host = host
    self.tell = tell
  }

  func begin(completion: @escaping () -> Void) {
    tell(.storyEnded(at: host.now))
    for farm in stage.farms {
      look(at: farm.hub)
      for site in farm.printers where !switches.wasFaulty(site.name) { look(at: site) }
    }
    secrets.lookAtWhatIsKept()
    guard stage.cloud.isUp else { return completion() }
    var errands: [Errand] = []
    for farm in stage.farms {
      for list in ["hubs", "printers", "files", "jobs"] {
        errands.append { [self] done in
          farm.owner.list(list) { [self] answer in
            if case .success(let ids) = answer { compare(ids, shownTo: farm, list) }
            done(.success(()))
          }
        }
      }
      errands.append { [self] done in compareWithTruth(farm, looksLeft: Self.looks, done) }
    }
    errands.append { [self] done in awaitRest(looksLeft: Self.looks, done) }
    inOrder(errands) { _ in completion() }
  }

  /// A card that is whole holds what was sent to it: bytes that cannot be printed came from us.
  private func look(at site: PrinterSite) {
    for record in site.printer.machine.history where !record.isForeign && !record.hasBegun {
      tell(.printRefused(printer: site.name, digest: record.digest))
    }
  }

  private func look(at site: HubSite) {
    let jobs = observer.jobs.count { $0.farm.hub === site }
    tell(
      .storeWritten(
        hub: site.name, times: site.hub.flash.storeOperationCount, boots: site.hub.bootCount,
        jobs: jobs))
    for _ in 0..<min(site.hub.unwellCount, 1) { tell(.hubUnwell(hub: site.name)) }
    if site.isOn, switches.isQuiet, !site.hub.view.isRunning, !site.hub.isRestarting {
      tell(.hubDead(hub: site.name))
    }
  }

  private func compare(_ ids: [String], shownTo farm: FarmSite, _ list: String) {
    for other in stage.farms where other !== farm {
      let hubs = stage.farms.map(\.hub).filter { $0.owningFarm == other.name }.map(\.id)
      let others = hubs + other.owner.knownIDs
      for id in ids where others.contains(id) {
        tell(.shown(farm: other.name, ownerOf: farm.name, what: "one of the \(list)"))
      }
    }
    for id in farm.owner.knownIDs(of: list) {
      tell(.acknowledged(farm: farm.name, what: list, id: id))
    }
    tell(.listed(farm: farm.name, what: list, ids: ids))
  }

  // MARK: What is still to come

  /// Hubs that have crashed and have not told so, though they could.
  private var untoldCrashes: [String] {
    // Without power, or with spoiled flash, a hub forgets what it had to tell.
    let isForgotten = !switches.begun.isDisjoint(with: [
      .powerCut, .brownOut, .flippedBits, .wornSectors, .stuckBits, .fullStore, .twin,
    ])
    guard !isForgotten, switches.isQuiet else { return [] }
    return stage.farms.map(\.hub).filter { site in
      site.hub.crashCount > 0 && observer.crashesHeard(of: site) == 0 && site.isOn
        && observer.isOnline(site)
    }.map(\.name)
  }

  /// What still waits at a moment at which nothing has to.
  private var queuesLeft: [(queue: String, count: Int)] {
    guard switches.isQuiet, switches.queueDelay < Self.pause * Int64(Self.looks) else { return [] }
    var left: [(queue: String, count: Int)] = []
    for depth in stage.cloud.server?.queueDepths ?? [] where depth.waiting > 0 {
      left.append((depth.queue, depth.waiting))
    }
    for farm in stage.farms where canBeKnown(farm) {
      let used = farm.hub.hub.view.outboxUsed
      if used > 0 { left.append(("the outbox of \(farm.hub.name)", used)) }
    }
    return left
  }

  private func awaitRest(looksLeft: Int, _ done: @escaping (Answer<Void>) -> Void) {
    let (left, crashes) = (queuesLeft, untoldCrashes)
    guard !left.isEmpty || !crashes.isEmpty, looksLeft > 0 else {
      for (queue, count) in left { tell(.queueLeft(queue: queue, count: count)) }
      for hub in crashes { tell(.crashUntold(hub: hub)) }
      return done(.success(()))
    }
    host.after(Self.pause) { [self] in awaitRest(looksLeft: looksLeft - 1, done) }
  }

  // MARK: The truth

  /// Whether nothing keeps the cloud from knowing what goes on at a farm.
  private func canBeKnown(_ farm: FarmSite) -> Bool {
    switches.isQuiet && observer.isReady(farm) && farm.hub.hub.view.state == .running
  }

  private func compareWithTruth(
    _ farm: FarmSite, looksLeft: Int, _ done: @escaping (Answer<Void>) -> Void
  ) {
    guard canBeKnown(farm) else { return done(.success(())) }
    farm.owner.printerStatuses { [self] answer in
      guard case .success(let shown) = answer, canBeKnown(farm) else { return done(.success(())) }
      let differences = farm.printers.compactMap { site -> Fact? in
        guard site.isOn, site.typedCode == nil, !switches.wasFaulty(site.name),
          let shown = shown.first(where: { $0.name == site.name })?.status
        else { return nil }
        let machine = site.printer.machine
        let truth = Self.truth(of: machine, shown)
        if shown != truth { return .shownAs(printer: site.name, shown: shown, truth: truth) }
        if machine.state.isBusy, !observer.isAtWork(site), !observer.jobs.isEmpty {
          return .printsUnknown(printer: site.name)
        }
        return nil
      }
      guard !differences.isEmpty, looksLeft > 0 else {
        for difference in differences { tell(difference) }
        return done(.success(()))
      }
      host.after(Self.pause) { [self] in compareWithTruth(farm, looksLeft: looksLeft - 1, done) }
    }
  }

  /// A print that failed is shown as an error until somebody has looked; then the printer is free.
  private static func truth(of machine: PrinterMachine, _ shown: String) -> String {
    switch machine.state {
    case .idle, .finish: "idle"
    case .pause: "paused"
    case .failed: shown == "idle" ? "idle" : "error"
    default: "printing"
    }
  }
}
