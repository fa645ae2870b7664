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

  /// Builds everybody; nobody is switched on yet.
  public init(world: VirtualWorld, plan: WorldPlan) {
    self.world = world
    let baseURL = "https://\(Names.cloud):\(Names.cloudPort)"
    let trust = Trust.authority(Names.authority)
    cloudHost = world.addVirtualHost(Names.cloud, on: .internet)
    cloudHost.link.set(plan.cloudLink)
    let factoryKey = hexString(cloudHost.randomBytes(16))
    let cloud = CloudSite(
      host: cloudHost, storage: .memory(),
      configuration: CloudServer.Configuration(
        publicURL: baseURL, port: Names.cloudPort,
        identity: ServerIdentity(commonName: Names.cloud, authority: Names.authority),
        factoryKey: factoryKey, passwordCost: .rig, secretKey: cloudHost.randomBytes(32)))
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
      let network = WiFiNetwork(name: farm.name, key: hexString(person.randomBytes(8)))
      networks.append((farm.name, network))
      world.farm(farm.name).uplink.set(farm.internet)
      let hubHost = world.addVirtualHost(farm.hub.name, on: .farm(farm.name), wifi: network)
      hubHost.link.set(farm.hub.wifi)
      hosts.append((farm.hub.name, hubHost))
      let hub = HubSite(
        name: farm.hub.name, farm: farm.name, host: hubHost,
        settings: HubHost.Settings(
          hubID: Names.uuid(hubHost.randomBytes(16)), secret: hexString(hubHost.randomBytes(32)),
          cloudURL: "wss://\(Names.cloud):\(Names.cloudPort)", wifiName: network.name,
          wifiKey: network.key, cloudAuthority: Names.authority),
        claimCode: hexString(hubHost.randomBytes(4)).uppercased())
      var printers: [PrinterSite] = []
      for printer in farm.printers {
        let host = world.addVirtualHost(printer.name, on: .farm(farm.name))
        host.link.set(printer.link)
        hosts.append((printer.name, host))
        printers.append(
          PrinterSite(
            name: printer.name, farm: farm.name, host: host,
            configuration: Self.configuration(of: printer, host: host),
            typedCode: printer.typedCode))
      }
      let client = CloudClient(host: person, baseURL: baseURL, trust: trust)
      farms.append(
        FarmSite(
          name: farm.name, owner: Owner(name: farm.owner, client: client), hub: hub,
          printers: printers))
    }
    stage = Stage(cloud: cloud, farms: farms, factory: factory, factoryKey: factoryKey)
  }

  private static func configuration(
    of plan: PrinterPlan, host: VirtualHost
  ) -> BambuPrinter.Configuration {
    let model = BambuModel(rawValue: plan.model) ?? .P1S
    let digits = (0..<12).map { _ in String(host.chance("serial number", below: 10)) }.joined()
    let code = (0..<8).map { _ in String(host.chance("access code", below: 10)) }.joined()
    return BambuPrinter.Configuration(
      name: plan.name, model: model, serial: model.serialPrefix + digits, accessCode: code)
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
