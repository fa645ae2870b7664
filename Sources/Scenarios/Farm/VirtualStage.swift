import Cloud
import HubHost
import Printers
import VirtualWorld
import World

/// A stage on a virtual world, with the switches that break it.
public final class VirtualStage {
  public let world: VirtualWorld
  public let stage: Stage
  let cloudHost: VirtualHost
  private var hosts: [(name: String, host: VirtualHost)] = []
  private var networks: [(farm: String, network: WiFiNetwork)] = []
  /// Other networks that are heard on a farm.
  private var otherNetworks: [(farm: String, network: WiFiNetwork)] = []
  private(set) var phones: [Phone] = []
  /// Other machines that say they are a hub of the story.
  private var twins: [(hub: String, twin: HubSite)] = []

  /// Whose firmware clouds of stories publish. There is a second revision of the hub, in other farms.
  static let firmware: FirmwareTrust = {
    guard
      let trust = FirmwareTrust(
        publicKey: FirmwareKey.rig.publicKey, hardware: ["rig-1", "rig-2"])
    else { preconditionFailure("the rig's key is a point of P-256") }
    return trust
  }()

  /// Builds everybody; nobody is switched on yet.
  public init(world: VirtualWorld, plan: WorldPlan) {
    self.world = world
    let baseURL = "https://\(Names.cloud):\(Names.cloudPort)"
    let trust = Trust.authority(Names.authority)
    cloudHost = world.addVirtualHost(Names.cloud, on: .internet)
    cloudHost.link.set(plan.cloudLink)
    let factoryKey = hexString(cloudHost.randomBytes(16))
    var configuration = CloudServer.Configuration(
      publicURL: baseURL, port: Names.cloudPort,
      identity: ServerIdentity(commonName: Names.cloud, authority: Names.authority),
      factoryKey: factoryKey, passwordCost: .rig, secretKey: cloudHost.randomBytes(32))
    configuration.firmware = Self.firmware
    configuration.flaw = PlantedBug.current?.cloudFlaw
    configuration.sendsFilesInPieces = plan.sendsFilesInPieces
    let cloud = CloudSite(host: cloudHost, storage: .memory(), configuration: configuration)
    let factory = CloudClient(
      host: world.addHost("factory", address: nil, on: .internet), baseURL: baseURL, trust: trust)

    var people: [(name: String, host: any Host)] = []
    var farms: [FarmSite] = []
    for farm in plan.farms {
      let person: any Host
      if let known = people.first(where: { $0.name == farm.owner }) {
        person = known.host
      } else {
        person = world.addHost(farm.owner, address: nil, on: .internet)
        people.append((farm.owner, person))
      }
      let network = Self.network(of: farm, key: hexString(person.randomBytes(8)))
      networks.append((farm.name, network))
      world.farm(farm.name).uplink.set(farm.internet)
      let hubHost = world.addVirtualHost(farm.hub.name, on: .farm(farm.name), wifi: network)
      hubHost.link.set(farm.hub.wifi)
      if !farm.phones.isEmpty || farm.hub.origin == .boxed { hubHost.installBluetooth() }
      let isBoxed = farm.hub.origin == .boxed
      hosts.append((farm.hub.name, hubHost))
      var settings = HubHost.Settings(
        hubID: Names.uuid(hubHost.randomBytes(16)), secret: hexString(hubHost.randomBytes(32)),
        cloudURL: "wss://\(Names.cloud):\(Names.cloudPort)",
        wifiName: isBoxed ? "" : network.name,
        wifiKey: isBoxed ? "" : network.key, cloudAuthority: Names.authority)
      settings.makerAuthority = BambuPrinter.maker
      let hub = HubSite(
        name: farm.hub.name, farm: farm.name, host: hubHost, settings: settings,
        claimCode: hexString(hubHost.randomBytes(4)).uppercased(), isBoxed: isBoxed)
      var printers: [PrinterSite] = []
      for printer in farm.printers {
        let host = world.addVirtualHost(printer.name, on: .farm(farm.name))
        host.link.set(printer.link)
        hosts.append((printer.name, host))
        let site = PrinterSite(
          name: printer.name, farm: farm.name, host: host,
          configuration: Self.configuration(of: printer, host: host),
          typedCode: printer.typedCode, usesDigest: printer.usesDigest,
          isKnownByMaker: printer.isKnownByMaker)
        site.printer.machine.isWarmedUp = printer.isWarm
        printers.append(site)
      }
      let client = CloudClient(host: person, baseURL: baseURL, trust: trust)
      let owner = Owner(name: farm.owner, client: client)
      let site = FarmSite(name: farm.name, owner: owner, hub: hub, printers: printers)
      site.people = farm.people.map { person in
        let host = world.addHost(person.name, address: nil, on: .internet)
        return Person(
          name: person.name, farm: farm.name, role: person.role,
          client: CloudClient(host: host, baseURL: baseURL, trust: trust), owner: owner)
      }
      farms.append(site)
    }
    stage = Stage(cloud: cloud, farms: farms, factory: factory, factoryKey: factoryKey)
    for (farm, known) in zip(plan.farms, networks) { addAir(of: farm, known.network) }
  }

  /// The user name that a network with accounts has given the hub.
  static let networkUser = "hub@farm"

  private static func network(of farm: FarmPlan, key: String) -> WiFiNetwork {
    let security = WiFiSecurity(rawValue: farm.security.number) ?? .wpa2
    let network = WiFiNetwork(
      name: farm.name, key: security == .open ? "" : key, security: security)
    if security == .enterprise { network.users[networkUser] = key }
    return network
  }

  /// What else is on the air of a farm: another network, and phones.
  private func addAir(of farm: FarmPlan, _ network: WiFiNetwork) {
    for name in farm.phones {
      let host = world.addVirtualHost(name, on: .farm(farm.name), wifi: network)
      host.installBluetooth()
      phones.append(Phone(name: name, farm: farm.name, host: host))
    }
    guard let second = farm.secondNetwork else { return }
    let key = hexString(cloudHost.randomBytes(8))
    otherNetworks.append((farm.name, world.addNetwork(second, key: key, at: farm.name)))
  }

  /// A second machine with the identity and the network of a hub. Made when it is first asked for.
  func twin(ofHub name: String) -> HubSite? {
    if let known = twins.first(where: { $0.hub == name }) { return known.twin }
    guard let site = stage.hub(name) else { return nil }
    let host = world.addVirtualHost(
      name + "-twin", on: .farm(site.farm), wifi: network(ofHub: name))
    let twin = HubSite(
      name: name + "-twin", farm: site.farm, host: host, settings: site.hub.settings,
      claimCode: site.claimCode)
    twins.append((name, twin))
    return twin
  }

  func phone(_ name: String) -> Phone? { phones.first { $0.name == name } }

  /// The network of that name that is heard on a farm; its own when no name is told.
  func network(_ name: String?, onFarm farm: String) -> WiFiNetwork? {
    let heard = (networks + otherNetworks).filter { $0.farm == farm }.map(\.network)
    guard let name else { return heard.first }
    return heard.first { $0.name == name }
  }

  private static func configuration(
    of plan: PrinterPlan, host: VirtualHost
  ) -> PrinterSite.Configuration {
    guard plan.kind == .bambu else {
      let number = (0..<6).map { _ in String(host.chance("serial number", below: 10)) }.joined()
      var configuration = WebPrinter.Configuration(
        name: plan.name, kind: plan.kind, model: plan.model,
        serial: "\(plan.kind.rawValue)-\(number)", key: hexString(host.randomBytes(16)))
      if plan.door != .no {
        configuration.identity = ServerIdentity(commonName: "\(plan.name).local")
        if plan.door == .redirected { configuration.redirectPort = configuration.port }
        configuration.port = 443
      }
      return .web(configuration)
    }
    let model = BambuModel(rawValue: plan.model) ?? .P1S
    let digits = (0..<12).map { _ in String(host.chance("serial number", below: 10)) }.joined()
    let code = (0..<8).map { _ in String(host.chance("access code", below: 10)) }.joined()
    return .bambu(
      BambuPrinter.Configuration(
        name: plan.name, model: model, serial: model.serialPrefix + digits, accessCode: code))
  }

  /// The machine of a hub, a printer or the cloud.
  func host(_ name: String) -> VirtualHost? {
    name == "cloud" ? cloudHost : hosts.first { $0.name == name }?.host
  }

  /// The access point in whose reach a hub is.
  func network(ofHub name: String) -> WiFiNetwork? {
    guard let farm = stage.hub(name)?.farm else { return nil }
    return networks.first { $0.farm == farm }?.network
  }

  /// The link that faults at a place are about: a farm's is its line to the internet.
  func link(_ place: String) -> VirtualLink? {
    stage.farm(place) != nil ? world.farm(place).uplink : host(place)?.link
  }
}

extension VirtualLink {
  fileprivate func set(_ plan: LinkPlan) {
    if let value = plan.latency { latency = value }
    if let value = plan.loss { loss = value }
    if let value = plan.bytesPerSecond { bandwidth = value }
  }
}
