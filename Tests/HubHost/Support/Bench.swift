import HubHost
import VirtualWorld
import World

/// A hub on a desk with a radio, and a cloud that only listens.
final class Bench {
  let world = VirtualWorld(seed: 7)
  let network = WiFiNetwork(name: "workshop", key: "wifi-key")
  let host: VirtualHost
  let cloud: VirtualHost
  let hub: HubHost
  /// What the cloud was told, one for each stream.
  private(set) var heard: [Listening] = []
  private(set) var lines: [TraceEntry] = []

  static let settings = HubHost.Settings(
    hubID: "H1", secret: "top-secret", cloudURL: "wss://cloud.hubrig.test:8787",
    wifiName: "workshop", wifiKey: "wifi-key", cloudAuthority: "ours")
  static let identity = ServerIdentity(commonName: "cloud.hubrig.test", authority: "ours")

  init(settings: HubHost.Settings = Bench.settings) throws {
    host = world.addVirtualHost("hub", on: .farm("north"), wifi: network)
    cloud = world.addVirtualHost("cloud.hubrig.test", on: .internet)
    hub = HubHost(host: host, settings: settings)
    world.trace.sinks.append { [unowned self] in lines.append($0) }
    try listen(on: cloud, port: 8787, security: .tls(Bench.identity))
  }

  func listen(on host: VirtualHost, port: UInt16, security: ServerSecurity = .plain) throws {
    _ = try host.listen(port: port, security: security) { [unowned self] stream in
      heard.append(Listening(stream))
    }
  }

  func lines(of kind: TraceKind) -> [String] {
    lines.filter { $0.kind == kind && $0.actor == "hub" }.map(\.text)
  }
}

/// The far end of a stream: takes everything in and says only what it is told to.
final class Listening: StreamHandler {
  let stream: any Stream
  private(set) var bytes: [UInt8] = []
  private(set) var events: [StreamEvent] = []

  init(_ stream: any Stream) {
    self.stream = stream
    stream.handler = self
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    events.append(event)
    guard event == .readable else { return }
    stream.read { unread in
      bytes += unread
      return unread.count
    }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}
