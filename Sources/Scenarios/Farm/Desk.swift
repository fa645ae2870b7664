// A cloud, a hub and printers on somebody's desk: the same sites as in a story, on whatever world
// they are given, with names and ports that a person's own tools can reach.

import Cloud
import HubHost
import Printers
import World

/// What stays the same from one start to the next; kept with the state.
public struct DeskIdentity: Equatable {
  public var hubID: String
  public var hubSecret: String
  public var claimCode: String
  public var factoryKey: String
  /// 32 bytes, in hex.
  public var cloudKey: String
  public var printers: [Printer]

  /// What is printed on a printer, and what its screen shows.
  public struct Printer: Equatable {
    public var serial: String
    public var accessCode: String
  }

  /// New ones for a desk that was never used; `host` gives the luck.
  public init(printerCount: Int, host: any Host) {
    hubID = Names.uuid(host.randomBytes(16))
    hubSecret = hexString(host.randomBytes(32))
    claimCode = hexString(host.randomBytes(4)).uppercased()
    factoryKey = hexString(host.randomBytes(16))
    cloudKey = hexString(host.randomBytes(32))
    printers = []
    addPrinters(upTo: printerCount, host: host)
  }

  /// Makes up what further printers are called; those that are there stay.
  public mutating func addPrinters(upTo count: Int, host: any Host) {
    while printers.count < count {
      let model = Desk.models[printers.count % Desk.models.count]
      printers.append(
        Printer(
          serial: model.serialPrefix + Self.digits(12, host), accessCode: Self.digits(8, host)))
    }
  }

  private static func digits(_ count: Int, _ host: any Host) -> String {
    (0..<count).map { _ in String(host.chance("digit", below: 10)) }.joined()
  }

  /// Reads what ``json`` wrote; nil when it is something else.
  public init?(json: JSON) {
    guard let hubID = json["hub_id"]?.string, let hubSecret = json["hub_secret"]?.string,
      let claimCode = json["claim_code"]?.string, let factoryKey = json["factory_key"]?.string,
      let cloudKey = json["cloud_key"]?.string, hexBytes(cloudKey)?.count == 32,
      let printers = json["printers"]?.array
    else { return nil }
    self.hubID = hubID
    self.hubSecret = hubSecret
    self.claimCode = claimCode
    self.factoryKey = factoryKey
    self.cloudKey = cloudKey
    self.printers = []
    for printer in printers {
      guard let serial = printer["serial"]?.string, let code = printer["access_code"]?.string else {
        return nil
      }
      self.printers.append(Printer(serial: serial, accessCode: code))
    }
  }

  public var json: JSON {
    [
      "hub_id": .string(hubID), "hub_secret": .string(hubSecret), "claim_code": .string(claimCode),
      "factory_key": .string(factoryKey), "cloud_key": .string(cloudKey),
      "printers": .array(
        printers.map { ["serial": .string($0.serial), "access_code": .string($0.accessCode)] }),
    ]
  }
}

/// Somebody could not be switched on.
public struct OpeningFailure: Error {
  public var what: String
  public var failure: NetworkFailure
}

/// Everything that `hubrig up` starts.
public final class Desk {
  /// How a desk is laid out.
  public struct Settings {
    public var printerCount = 2
    /// So many times faster than a real printer.
    public var speed = 1
    public var cloudPort = Names.cloudPort
    public var mqttPort: UInt16 = 8883
    public var ftpsPort: UInt16 = 990
    public var cameraPort: UInt16 = 6000
    /// What the printers are, one after the other and again from the first.
    public var kinds = [PrinterKind.bambu]
    /// Where printers that are reached over HTTP listen, instead of their kinds' own ports.
    public var webPort: UInt16?
    /// Whether the hub gets files over its socket instead of by links.
    public var sendsFilesInPieces = false

    public init() {}
  }

  static let models: [BambuModel] = [.P1S, .A1mini, .X1C, .A1, .P1P]
  /// A hub has no more slots.
  public static let printerLimit = 5

  public let settings: Settings
  public let identity: DeskIdentity
  public let stage: Stage
  public var farm: FarmSite { stage.farms[0] }
  public var cloudURL: String { "https://localhost:\(settings.cloudPort)" }

  /// `authority` is what clients of the cloud trust; `flash` is the hub's. Nobody is switched on yet.
  public init(
    world: any World, settings: Settings, identity: DeskIdentity, storage: CloudStorage,
    authority: String, flash: NORFlash = NORFlash()
  ) {
    self.settings = settings
    self.identity = identity
    let url = "https://localhost:\(settings.cloudPort)"
    let trust = Trust.authority(authority)
    let cloudHost = world.addHost("cloud", address: "127.0.0.1", on: .internet)
    var configuration = CloudServer.Configuration(
      publicURL: url, port: settings.cloudPort, identity: Self.certificate,
      factoryKey: identity.factoryKey, passwordCost: .real,
      secretKey: hexBytes(identity.cloudKey) ?? cloudHost.randomBytes(32))
    configuration.sendsFilesInPieces = settings.sendsFilesInPieces
    let cloud = CloudSite(host: cloudHost, storage: storage, configuration: configuration)
    let person = world.addHost("ada", address: "127.0.0.2", on: .internet)
    let hubHost = world.addHost("hub-1", address: "127.0.0.10", on: .farm("desk"))
    var hubSettings = HubHost.Settings(
      hubID: identity.hubID, secret: identity.hubSecret,
      cloudURL: "wss://localhost:\(settings.cloudPort)", wifiName: "desk",
      cloudAuthority: authority)
    hubSettings.makerAuthority = BambuPrinter.maker
    let hub = HubSite(
      name: "hub-1", farm: "desk", host: hubHost, settings: hubSettings,
      claimCode: identity.claimCode, flash: flash)
    let printers = (0..<settings.printerCount).map { index in
      let known = identity.printers[index]
      let name = "p\(index + 1)"
      let host = world.addHost(name, address: "127.0.0.\(11 + index)", on: .farm("desk"))
      let kind = settings.kinds[index % settings.kinds.count]
      guard kind == .bambu else {
        var configuration = WebPrinter.Configuration(
          name: name, kind: kind, model: kind.models[0], serial: known.serial,
          key: known.accessCode)
        if let port = settings.webPort { configuration.port = port }
        configuration.speedFactor = settings.speed
        return PrinterSite(name: name, farm: "desk", host: host, configuration: .web(configuration))
      }
      var configuration = BambuPrinter.Configuration(
        name: name, model: Self.models[index % Self.models.count], serial: known.serial,
        accessCode: known.accessCode)
      configuration.mqttPort = settings.mqttPort
      configuration.ftpsPort = settings.ftpsPort
      configuration.cameraPort = settings.cameraPort
      configuration.speedFactor = settings.speed
      return PrinterSite(
        name: name, farm: "desk", host: host, configuration: .bambu(configuration))
    }
    let owner = Owner(
      name: "ada", client: CloudClient(host: person, baseURL: url, trust: trust))
    stage = Stage(
      cloud: cloud,
      farms: [FarmSite(name: "desk", owner: owner, hub: hub, printers: printers)],
      factory: CloudClient(host: person, baseURL: url, trust: trust),
      factoryKey: identity.factoryKey)
  }

  /// The certificate of a cloud on this machine.
  public static let certificate = ServerIdentity(
    commonName: "localhost", alternativeNames: ["localhost", "127.0.0.1", Names.cloud],
    authority: Names.authority)

  /// Switches on what a person finds switched on. The hub is known to the factory, and unclaimed on
  /// the first start; with `isSeeded` there is also an account that has claimed it.
  public func open(isSeeded: Bool, completion: @escaping (Answer<Void>) -> Void) throws {
    try opening("the cloud on port \(settings.cloudPort)") { try stage.cloud.start() }
    for printer in farm.printers {
      let ports =
        switch printer.configuration {
        case .bambu: "the ports \(settings.mqttPort) and \(settings.ftpsPort)"
        case .web(let configuration): "the port \(configuration.port)"
        }
      try opening("\(printer.name) on \(ports) of \(printer.host.address)") {
        try printer.powerOn()
      }
    }
    var errands: [Errand] = [
      { [self] done in
        stage.register(farm.hub) { answer in
          // From an earlier start the factory knows it already.
          if case .failure(.refused(409, _, _)) = answer { return done(.success(())) }
          done(answer)
        }
      }
    ]
    if isSeeded { errands.append(seed) }
    errands.append { [self] done in
      farm.hub.powerOn()
      done(.success(()))
    }
    inOrder(errands, completion: completion)
  }

  private func opening(_ what: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as NetworkFailure {
      throw OpeningFailure(what: what, failure: failure)
    }
  }

  /// Does what a new customer does; what was done on an earlier start is left alone.
  private func seed(completion: @escaping (Answer<Void>) -> Void) {
    let farm = farm
    inOrder(
      [
        { done in farm.owner.settle(tenant: "desk", mayBeKnown: false, completion: done) },
        { done in
          farm.owner.claim(
            hub: farm.hub.id, code: farm.hub.claimCode, name: farm.hub.name, completion: done)
        },
      ]
        + farm.printers.map { site in
          { done in farm.owner.add(printer: farm.entry(of: site), completion: done) }
        }
    ) { answer in
      if case .failure(.refused(409, _, _)) = answer { return completion(.success(())) }
      completion(answer)
    }
  }

  /// Ends in good order.
  public func close(completion: @escaping () -> Void) {
    farm.hub.powerOff()
    for printer in farm.printers { printer.powerOff() }
    stage.cloud.shutDown(completion: completion)
  }
}
