import World

/// Who is called what, and where. Given the same hosts in the same order, the same addresses.
struct AddressBook {
  /// Looked up only, never iterated.
  private var hosts: [String: VirtualHost] = [:]
  private var internetHostCount = 0

  mutating func giveAddress(onFarm farm: VirtualFarm) -> String {
    var address: String
    repeat {
      farm.hostCount += 1
      let block = farm.identity / 256 * 16 + (farm.hostCount - 1) / 250
      let last = (farm.hostCount - 1) % 250 + 2
      let ordinary = "10.\(farm.identity % 256).\(block).\(last)"
      address = farm.addressPrefix.map { $0 + "\(last)" } ?? ordinary
    } while hosts[Self.key(address, on: .farm(farm.name))] != nil
    return address
  }

  mutating func giveInternetAddress() -> String {
    var address: String
    repeat {
      internetHostCount += 1
      let count = internetHostCount - 1
      address =
        count < 250
        ? "203.0.113.\(count + 2)" : "198.18.\((count - 250) / 250).\((count - 250) % 250 + 2)"
    } while hosts[Self.key(address, on: .internet)] != nil
    return address
  }

  static func routerAddress(_ farm: Int) -> String { "100.64.\(farm / 250).\(farm % 250 + 2)" }

  mutating func insert(_ host: VirtualHost) {
    for name in [host.name, host.address] {
      let key = Self.key(name, on: host.segment)
      precondition(hosts[key] == nil, "\(name) is already on that network")
      hosts[key] = host
    }
  }

  mutating func remove(_ host: VirtualHost) {
    for name in [host.name, host.address] {
      hosts[Self.key(name, on: host.segment)] = nil
    }
  }

  /// The host that `name` means to somebody on `segment`: their own network comes first.
  func find(_ name: String, from segment: Segment) -> VirtualHost? {
    hosts[Self.key(name, on: segment)] ?? hosts[Self.key(name, on: .internet)]
  }

  func find(_ name: String, on segment: Segment) -> VirtualHost? {
    hosts[Self.key(name, on: segment)]
  }

  static func key(_ name: String, on segment: Segment) -> String {
    switch segment {
    case .internet: name
    case .farm(let farm): farm + "/" + name
    }
  }

  static func isAddress(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0 == 46 || ($0 >= 48 && $0 <= 57) }
  }
}
