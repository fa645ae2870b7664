import World

/// A network that a host has opened with its own radio. Whoever joins it reaches the host at
/// 192.168.4.1, and nobody else.
final class OwnNetwork {
  static let address = "192.168.4.1"
  let network: WiFiNetwork
  /// The host as it is known there: it has the same actor, and ports of its own.
  let gate: VirtualHost

  init(network: WiFiNetwork, gate: VirtualHost) {
    self.network = network
    self.gate = gate
  }
}

extension VirtualRadio {
  public func openOwnNetwork(_ name: String?) {
    guard let name, !name.isEmpty else { return closeOwnNetwork() }
    guard let host, host.isOn else { return }
    if let open = ownNetwork?.network, open.isUp, open.name == name { return }
    closeOwnNetwork()
    let gate = ownNetwork?.gate ?? host.engine.makeGate(of: host)
    let network = WiFiNetwork(name: name, key: "", security: .open, segment: gate.segment)
    network.strength = -45
    ownNetwork = OwnNetwork(network: network, gate: gate)
    host.engine.air.append(NetworkOnAir(place: place, network: network))
    gate.comeBack()
    host.engine.mark(.radio, host.identity, 2)
  }

  func closeOwnNetwork() {
    guard let host, let ownNetwork, ownNetwork.network.isUp, ownNetwork.gate.isOn else { return }
    ownNetwork.network.isUp = false
    host.engine.air.removeAll { $0.network === ownNetwork.network }
    ownNetwork.gate.vanish()
    host.engine.mark(.radio, host.identity, 3)
  }
}

extension VirtualHost {
  /// The host as those on its own network see it, while that is open.
  var gate: VirtualHost? {
    guard let gate = wifi?.ownNetwork?.gate, gate.isOn else { return nil }
    return gate
  }
}

extension Engine {
  func makeGate(of host: VirtualHost) -> VirtualHost {
    let farm = self.farm("own network of " + host.qualifiedName)
    farm.addressPrefix = "192.168.4."
    farm.uplink.isUp = false
    let gate = addHost(host.name, address: OwnNetwork.address, on: .farm(farm.name))
    gate.vanish()
    return gate
  }
}
