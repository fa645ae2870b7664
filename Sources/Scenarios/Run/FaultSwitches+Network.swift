import VirtualWorld
import World

/// What breaks in networks, and is broken for as long as the fault is held.
extension FaultSwitches {
  /// Weak, but still to be heard.
  private static let weakStrength = -84
  /// An address of documentation, where nobody is.
  private static let nowhere = "192.0.2.1"

  func setNetwork(_ kind: FaultKind, at place: String) {
    switch kind {
    case .mute: stage.link(place)?.blocksOutgoing = true
    case .deaf: stage.link(place)?.blocksIncoming = true
    case .oneByte: stage.link(place)?.fragment = 1
    case .weakSignal: stage.host(place)?.wifi?.strength = Self.weakStrength
    case .deauthentication: stage.host(place)?.wifi?.deauthenticate()
    case .newAddress: stage.host(place)?.takeNewAddress()
    case .clock1970:
      guard let host = stage.host(place) else { return }
      host.clockOffsetMilliseconds -= host.wallMilliseconds
    case .dnsDead: stage.world.farm(place).names = .dead
    case .dnsSlow: stage.world.farm(place).names = .slow(duration(of: kind, at: place) ?? .zero)
    case .dnsWrong: stage.world.farm(place).names = .wrong(Self.nowhere)
    case .natForgets: stage.world.farm(place).idleLimit = duration(of: kind, at: place)
    case .captiveNetwork: portal(of: place).open(in: stage.world.farm(place))
    case .tlsStall: stage.host(place)?.stallsHandshakes = true
    case .reset: stage.host(place)?.breakStreams()
    case .jitter: stage.link(place)?.jitter = duration(of: kind, at: place) ?? .zero
    case .datagramsTwice: stage.link(place)?.duplication = share(of: kind, at: place)
    case .datagramsOvertake: stage.link(place)?.reordering = share(of: kind, at: place)
    case .slowDHCP:
      stage.network(ofHub: place)?.addressDelay = duration(of: kind, at: place) ?? .zero
    case .clockJump:
      let jump = duration(of: kind, at: place)?.milliseconds ?? 0
      stage.host(place)?.clockOffsetMilliseconds += jump
      clockJumps.append((place, jump))
    case .clockDrift: drift(place)
    default: setCloud(kind, at: place)
    }
  }

  func clearNetwork(_ kind: FaultKind, at place: String) {
    switch kind {
    case .mute: stage.link(place)?.blocksOutgoing = false
    case .deaf: stage.link(place)?.blocksIncoming = false
    case .oneByte: stage.link(place)?.fragment = nil
    case .weakSignal: stage.host(place)?.wifi?.strength = VirtualRadio.ordinaryStrength
    case .clock1970: stage.host(place)?.clockOffsetMilliseconds = 0
    case .dnsDead, .dnsSlow, .dnsWrong: stage.world.farm(place).names = .right
    case .natForgets: stage.world.farm(place).idleLimit = nil
    case .captiveNetwork: stage.world.farm(place).portal = nil
    case .tlsStall: stage.host(place)?.stallsHandshakes = false
    case .jitter: stage.link(place)?.jitter = .zero
    case .datagramsTwice: stage.link(place)?.duplication = 0
    case .datagramsOvertake: stage.link(place)?.reordering = 0
    case .slowDHCP: stage.network(ofHub: place)?.addressDelay = .zero
    case .clockJump:
      for jump in clockJumps where jump.place == place {
        stage.host(place)?.clockOffsetMilliseconds -= jump.milliseconds
      }
      clockJumps.removeAll { $0.place == place }
    default: clearCloud(kind, at: place)
    }
  }

  /// A clock that is too fast is ahead a little more every second.
  private func drift(_ place: String) {
    guard newest(.clockDrift, at: place) != nil else { return }
    let gain = Int64((share(of: .clockDrift, at: place) * 1_000).rounded())
    host.after(.seconds(1)) { [weak self] in
      guard let self, newest(.clockDrift, at: place) != nil else { return }
      stage.host(place)?.clockOffsetMilliseconds += gain
      drift(place)
    }
  }

  private func share(of kind: FaultKind, at place: String) -> Double {
    if case .loss(let share)? = newest(kind, at: place)?.amount { share } else { 0 }
  }

  private func portal(of farm: String) -> CaptivePortal {
    if let known = portals.first(where: { $0.farm == farm }) { return known.portal }
    let portal = CaptivePortal(
      host: stage.world.addVirtualHost("portal", on: .farm(farm)))
    portals.append((farm, portal))
    return portal
  }
}

/// A network's page that stands before the internet: every address seems to be its own.
final class CaptivePortal {
  private let host: VirtualHost
  private var isListening = false
  private static let identity = ServerIdentity(commonName: "portal.invalid")
  private static let page = Array(
    "HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/\r\nContent-Length: 0\r\n\r\n".utf8)

  init(host: VirtualHost) { self.host = host }

  func open(in farm: VirtualFarm) {
    farm.portal = host
    guard !isListening else { return }
    isListening = true
    for (port, security) in [
      (80, ServerSecurity.plain), (443, .tls(Self.identity)),
      (Names.cloudPort, .tls(Self.identity)),
    ] {
      // On a host of its own the ports are free.
      _ = try? host.listen(port: port, security: security) { stream in
        stream.write(Self.page)
        stream.close()
      }
    }
  }
}
