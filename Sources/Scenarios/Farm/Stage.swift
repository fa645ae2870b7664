// A cloud, farms and their people, ready to be switched on. Which world they stand on, nobody here
// knows: `VirtualStage` builds one for stories, `Desk` one on this machine.

import World

/// Everybody who takes part.
public final class Stage {
  public let cloud: CloudSite
  public let farms: [FarmSite]
  let factory: CloudClient
  let factoryKey: String
  /// The cloud's ids of releases and of their rollouts, the newest last.
  var releases: [(version: String, id: String)] = []
  var rollouts: [(version: String, id: String)] = []

  public init(cloud: CloudSite, farms: [FarmSite], factory: CloudClient, factoryKey: String) {
    self.cloud = cloud
    self.farms = farms
    self.factory = factory
    self.factoryKey = factoryKey
  }

  public func farm(_ name: String) -> FarmSite? { farms.first { $0.name == name } }
  public func hub(_ name: String) -> HubSite? { farms.lazy.map(\.hub).first { $0.name == name } }

  public func farm(ofPrinter name: String) -> FarmSite? {
    farms.first { farm in farm.printers.contains { $0.name == name } }
  }

  /// Switches everything on: the cloud starts, the factory tells it of the hubs, the owners sign
  /// up, claim their hubs and add their printers, and the hubs get power.
  public func open(completion: @escaping (Answer<Void>) -> Void) throws {
    try cloud.start()
    for farm in farms {
      for printer in farm.printers { try printer.powerOn() }
    }
    let openings: [Errand] = farms.map { farm in
      { [self] done in inOrder(errands(of: farm), completion: done) }
    }
    together(openings, completion: completion)
  }

  private func errands(of farm: FarmSite) -> [Errand] {
    let hub = farm.hub
    var errands: [Errand] = [
      { [self] done in register(hub, completion: done) },
      { done in farm.owner.settle(tenant: farm.name, completion: done) },
    ]
    for person in farm.people {
      errands.append { done in person.signUp(done) }
      errands.append { [self] done in accept(person, done) }
    }
    if !hub.isBoxed { errands += claim(hub, of: farm) }
    errands.append { done in
      hub.powerOn()
      done(.success(()))
    }
    return errands
  }

  /// What an owner does who knows his hub's code.
  private func claim(_ hub: HubSite, of farm: FarmSite) -> [Errand] {
    var errands: [Errand] = [
      { done in
        farm.owner.claim(hub: hub.id, code: hub.claimCode, name: hub.name, completion: done)
      }
    ]
    for site in farm.printers {
      errands.append { done in farm.owner.add(printer: farm.entry(of: site), completion: done) }
    }
    return errands
  }

  /// Somebody reads the mail with their invitation, and does what it says.
  private func accept(_ person: Person, _ completion: @escaping (Answer<Void>) -> Void) {
    factory.call(
      "GET", "/factory/mails?limit=1&recipient=\(person.email)", headers: factoryHeaders
    ) { answer in
      switch answer {
      case .failure(let failure): completion(.failure(failure))
      case .success(let mails):
        let words = mails[0]?["body"]?.string?.split(separator: "\n") ?? []
        person.accept(token: words.last.map(String.init) ?? "", completion)
      }
    }
  }

  /// Shows that the factory asks.
  var factoryHeaders: [(String, String)] { [("X-Factory-Key", factoryKey)] }

  /// What the factory does when a hub leaves it.
  public func register(_ hub: HubSite, completion: @escaping (Answer<Void>) -> Void) {
    let body: JSON = [
      "id": .string(hub.id), "secret": .string(hub.secret), "claim_code": .string(hub.claimCode),
    ]
    factory.call(
      "POST", "/factory/hubs", body: body, headers: factoryHeaders
    ) { answer in completion(answer.map { _ in }) }
  }
}

/// Names that everybody agrees on.
public enum Names {
  /// The authority that signs the certificates of clouds.
  public static let authority = "hubrig development authority"
  public static let cloud = "cloud.hubrig.test"
  public static let cloudPort: UInt16 = 8787

  /// Sixteen random bytes as a UUID.
  public static func uuid(_ random: [UInt8]) -> String {
    var bytes = random
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array(hexString(bytes))
    let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
    return parts.map { String($0) }.joined(separator: "-")
  }
}
