import CBoard
import World

extension HubHost {
  func addRadio(to board: inout hub_board) {
    board.wifi_join = { context, request in
      guard let request = request?.pointee else { return }
      HubHost.with(context) { hub in
        guard !hub.isDying else { return }
        hub.hasAskedForRadio = true
        hub.host.radio?.join(WiFiCredentials(board: request))
      }
    }
    board.wifi_state = { context in
      HubHost.with(context) { hub in
        guard let radio = hub.host.radio else { return UInt8(HUB_WIFI_JOINED.rawValue) }
        guard hub.hasAskedForRadio else { return UInt8(HUB_WIFI_OFF.rawValue) }
        return UInt8(radio.state.boardState.rawValue)
      }
    }
    board.wifi_signal = { context in
      HubHost.with(context) { Int32($0.host.radio?.signal ?? -50) }
    }
    board.wifi_scan = { context in HubHost.with(context) { $0.scan() } }
    board.wifi_scan_count = { context in
      HubHost.with(context) { $0.isScanning ? -1 : Int32($0.foundNetworks.count) }
    }
    board.wifi_scan_result = { context, index, into in
      HubHost.with(context) { hub in
        guard let into, !hub.isScanning, Int(index) < hub.foundNetworks.count else { return false }
        into.pointee = hub_wifi_network(hub.foundNetworks[Int(index)])
        return true
      }
    }
    board.wifi_own_network = { context, name, count in
      HubHost.with(context) { hub in
        guard !hub.isDying else { return }
        guard let radio = hub.host.radio else {
          if count > 0 { hub.host.note(.detail, "this machine cannot open a network of its own") }
          return
        }
        radio.openOwnNetwork(count > 0 ? text(name, count) : nil)
      }
    }
    board.local_address = { context, network, into in
      HubHost.with(context) { hub in
        guard let into, let text = hub.host.address(on: HostNetwork(board: network)),
          let address = IPv4Address(text)
        else { return false }
        (into[0], into[1], into[2], into[3]) = address.bytes
        return true
      }
    }
  }

  /// A machine without a radio finds nothing, at once.
  private func scan() {
    foundNetworks = []
    guard !isDying, let radio = host.radio else { return }
    isScanning = true
    radio.scan { [unowned self] found in
      foundNetworks = found
      isScanning = false
      pollNow()
    }
  }
}

extension WiFiCredentials {
  fileprivate init(board request: hub_wifi_request) {
    self.init(
      name: text(request.name, request.name_count),
      security: WiFiSecurity(rawValue: request.security),
      key: text(request.key, request.key_count), user: text(request.user, request.user_count))
  }
}

extension hub_wifi_network {
  fileprivate init(_ network: FoundNetwork) {
    self.init()
    let bytes = network.name.utf8.prefix(32)
    withUnsafeMutableBytes(of: &name) { $0.copyBytes(from: bytes) }
    name_count = UInt8(bytes.count)
    security = network.security.rawValue
    signal = Int8(clamping: network.signal)
  }
}

extension RadioState {
  fileprivate var boardState: hub_wifi_state {
    switch self {
    case .off: HUB_WIFI_OFF
    case .joining: HUB_WIFI_JOINING
    case .joined: HUB_WIFI_JOINED
    case .noAccessPoint: HUB_WIFI_NO_ACCESS_POINT
    case .wrongKey: HUB_WIFI_WRONG_KEY
    case .lost: HUB_WIFI_LOST
    }
  }
}
