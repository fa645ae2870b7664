import World

extension Engine {
  func addHost(_ name: String, address: String?, on segment: Segment) -> VirtualHost {
    var farm: VirtualFarm?
    if case .farm(let name) = segment { farm = self.farm(name) }
    let host = VirtualHost(
      name: name, address: address ?? freeAddress(on: farm), segment: segment, farm: farm,
      identity: UInt32(hosts.count + 1), engine: self)
    addresses.insert(host)
    hosts.append(host)
    farm?.hosts.append(host)
    return host
  }

  func freeAddress(on farm: VirtualFarm?) -> String {
    farm.map { addresses.giveAddress(onFarm: $0) } ?? addresses.giveInternetAddress()
  }

  /// It begins to exist when first asked for.
  func farm(_ name: String) -> VirtualFarm {
    if let farm = farms[name] { return farm }
    let farm = VirtualFarm(name: name, identity: farms.count, engine: self)
    farms[name] = farm
    return farm
  }

  /// Who `name` is for somebody on `host`; hosts that cannot be reached are known as well.
  func find(_ name: String, from host: VirtualHost) -> VirtualHost? {
    if name == "localhost" || name == "127.0.0.1" { return host }
    if let found = addresses.find(name, from: host.segment) { return found }
    for other in hosts where other.name == name || other.address == name { return other }
    return nil
  }

  /// The way from one host to another and the router that must remember it, or nil when there is no
  /// way: farms are closed to each other and to the internet.
  func route(
    from host: VirtualHost, to target: VirtualHost
  ) -> (path: Path, router: VirtualFarm?)? {
    var path = Path()
    if host === target { return (path, nil) }
    path.append(host.link, outgoing: true)
    if host.segment != target.segment {
      guard let farm = host.farm, target.farm == nil else { return nil }
      path.append(farm.uplink, outgoing: true)
      path.append(target.link, outgoing: false)
      return (path, farm)
    }
    path.append(target.link, outgoing: false)
    return (path, nil)
  }
}
