import Printers
import World

/// Carries out what steps say: owners ask, fingers press, things break.
final class Hands {
  private let scenario: Scenario
  private let stage: VirtualStage
  private let observer: Observer
  private let switches: FaultSwitches
  /// The owners' patience is timed on this host, which nothing breaks.
  private let host: any Host
  /// What makes each farm's copy of a file its own.
  private var fileSeeds: [(farm: String, file: String, seed: UInt64)] = []
  private var contents: [(farm: String, file: String, bytes: [UInt8], digest: UInt64)] = []

  init(
    scenario: Scenario, stage: VirtualStage, observer: Observer, switches: FaultSwitches,
    host: any Host
  ) {
    self.scenario = scenario
    self.stage = stage
    self.observer = observer
    self.switches = switches
    self.host = host
    for farm in scenario.world.farms {
      for file in scenario.files {
        fileSeeds.append((farm.name, file.name, host.chance("file content", below: .max)))
      }
    }
  }

  /// Does what a step says; `completion` gets a sentence when it could not be done.
  func carryOut(_ action: Action, completion: @escaping (String?) -> Void) {
    switch action {
    case .request(let request, let refusal, let patience):
      inOrder(errands(for: request).map { patiently($0, for: patience, on: host) }) { answer in
        completion(patience == nil ? Self.verdict(answer, refusal: refusal) : nil)
      }
    case .press(let button, let printer):
      press(button, on: printer)
      completion(nil)
    case .printerFault(let fault):
      observer.tell(.faultBegan(kind: fault.fault.name, place: fault.printer))
      switches.begin(fault)
      completion(nil)
    case .printerMend(let fault, let printer):
      let wasThere = switches.mend(fault, of: printer)
      completion(wasThere ? nil : "there is no \(fault.name) at \(printer) to mend")
    case .fault(let fault):
      observer.tell(.faultBegan(kind: fault.kind.rawValue, place: fault.place))
      switches.begin(fault)
      completion(nil)
    case .mend(let kind, let place):
      let wasThere = switches.mend(kind, at: place)
      completion(wasThere ? nil : "there is no \(kind.rawValue) at \(place) to mend")
    case .phone(let step): PhoneHands(stage: stage).carryOut(step, completion: completion)
    case .push(let name, let length):
      guard let site = stage.stage.hub(name) else { return completion("there is no \(name)") }
      site.host.note(.user, "somebody pushes the button for \(Quantity.describe(length))")
      site.hub.holdButton(for: length)
      completion(nil)
    case .wait, .expect, .say, .together, .turns:
      completion(nil)
    }
  }

  private static func verdict(_ answer: Answer<Void>, refusal: Int?) -> String? {
    switch (answer, refusal) {
    case (.success, nil): nil
    case (.success, let status?): "the cloud did it, but should have refused with \(status)"
    case (.failure(let failure), let status?) where failure.status == status: nil
    case (.failure(let failure), let status?): "expected a refusal with \(status), got \(failure)"
    case (.failure(let failure), nil): "\(failure)"
    }
  }

  private func press(_ button: PrinterButton, on name: String) {
    guard let site = stage.stage.farm(ofPrinter: name)?.printer(name) else { return }
    site.host.note(.user, "somebody presses \(button.rawValue)")
    switch button {
    case .pause: site.printer.pressPause()
    case .resume: site.printer.pressResume()
    case .stop: site.printer.pressStop()
    }
  }

  // MARK: What owners ask

  /// What has to be asked of the cloud, one after another.
  private func errands(for request: Request) -> [Errand] {
    func asking(_ action: Owner.JobAction, _ job: String) -> Errand {
      { [self] done in ask(action, of: job, done) }
    }
    switch request {
    case .upload(let file, let farm):
      guard let farm = stage.stage.farm(farm) else { return [] }
      return [{ [self] done in upload(file, farm, done) }]
    case .queue(let file, let printer, let job): return errandsToQueue(file, printer, job)
    case .print(let file, let printer, let job):
      return errandsToQueue(file, printer, job) + [asking(.start, job)]
    case .start(let job): return [asking(.start, job)]
    case .pause(let job): return [asking(.pause, job)]
    case .resume(let job): return [asking(.resume, job)]
    case .cancel(let job): return [asking(.cancel, job)]
    case .add(let printer):
      guard let farm = stage.stage.farm(ofPrinter: printer), let site = farm.printer(printer) else {
        return []
      }
      return [{ done in farm.owner.add(printer: farm.entry(of: site), completion: done) }]
    case .photograph(let printer), .trust(let printer):
      guard let owner = stage.stage.farm(ofPrinter: printer)?.owner else { return [] }
      let path = if case .trust = request { "/trust" } else { "/camera/snapshot" }
      return [{ done in owner.ask(printer: printer, for: path, completion: done) }]
    case .order(let order, let printer, let answer):
      guard let owner = stage.stage.farm(ofPrinter: printer)?.owner else { return [] }
      return [{ done in owner.order(order, of: printer, answered: answer, completion: done) }]
    case .command(let command, let name):
      guard let hub = stage.stage.hub(name),
        let owner = stage.stage.farms.first(where: { $0.hub === hub })?.owner
      else { return [] }
      return [{ done in owner.tell(hub: hub.id, command, completion: done) }]
    case .person(let step):
      guard let person = observer.person(step.person) else { return [] }
      let id = step.job.flatMap { name in
        observer.jobs.first { $0.name == name }?.id
      }
      return [{ done in person.carryOut(step, jobID: id, done) }]
    case .release(let name):
      guard let hub = stage.stage.hub(name), let farm = hub.owningFarm,
        let owner = stage.stage.farm(farm)?.owner
      else { return [{ done in done(.failure(.unexpected("an owner of \(name)"))) }] }
      return [
        { done in
          owner.client.call("DELETE", "/hubs/" + hub.id) { answer in
            if case .success = answer {
              hub.owningFarm = nil
              owner.client.host.note(.user, "gave \(name) up")
            }
            done(answer.map { _ in })
          }
        }
      ]
    case .claim(let name, let farm):
      guard let hub = stage.stage.hub(name), let owner = stage.stage.farm(farm)?.owner else {
        return []
      }
      return [
        { done in
          owner.claim(hub: hub.id, code: hub.claimCode, name: name) { answer in
            if case .success = answer { hub.owningFarm = farm }
            done(answer)
          }
        }
      ]
    case .firmware(let step):
      return [{ [self] done in stage.stage.carryOut(step, completion: done) }]
    case .correct(let printer):
      guard let farm = stage.stage.farm(ofPrinter: printer), let site = farm.printer(printer) else {
        return []
      }
      let owner = farm.owner
      return [
        { done in owner.remove(printer: printer, completion: done) },
        { done in owner.add(printer: farm.entry(of: site, isCorrected: true), completion: done) },
      ]
    }
  }

  private func ask(
    _ action: Owner.JobAction, of job: String, _ completion: @escaping (Answer<Void>) -> Void
  ) {
    guard let owner = observer.jobs.first(where: { $0.name == job })?.farm.owner else {
      return completion(.failure(.unexpected("the job \(job)")))
    }
    // Said before it is asked: the hub may act before the owner hears the answer.
    if action == .start { observer.tell(.startAsked(job: job)) }
    owner.ask(action, of: job, completion: completion)
  }

  private func errandsToQueue(_ file: String, _ printer: String, _ job: String) -> [Errand] {
    guard let farm = stage.stage.farm(ofPrinter: printer), let site = farm.printer(printer) else {
      return []
    }
    let upload: Errand = { [self] done in self.upload(file, farm, done) }
    let queue: Errand = { [self] done in
      observer.declare(job: job, farm: farm, printer: site)
      farm.owner.queue(job, file: file, printer: printer) { [self] answer in
        if case .success = answer, let id = farm.owner.jobID(job) {
          observer.made(job: job, id: id, digest: content(of: file, farm.name).digest)
        }
        done(answer)
      }
    }
    return farm.owner.hasUploaded(file) ? [queue] : [upload, queue]
  }

  private func upload(
    _ file: String, _ farm: FarmSite, _ completion: @escaping (Answer<Void>) -> Void
  ) {
    let content = content(of: file, farm.name)
    observer.tell(.fileUploaded(farm: farm.name, digest: content.digest))
    farm.owner.upload(file, bytes: content.bytes, completion: completion)
  }

  private func content(of file: String, _ farm: String) -> (bytes: [UInt8], digest: UInt64) {
    if let known = contents.first(where: { $0.farm == farm && $0.file == file }) {
      return (known.bytes, known.digest)
    }
    guard let plan = scenario.files.first(where: { $0.name == file }) else { return ([], 0) }
    let seed = fileSeeds.first { $0.farm == farm && $0.file == file }?.seed ?? 0
    let bytes = plan.bytes(seed: seed)
    let digest = contentDigest(bytes)
    contents.append((farm, file, bytes, digest))
    return (bytes, digest)
  }
}
