import Cloud
import Glibc
import HubHost
import LiveWorld
import Printers
import Scenarios
import World

let cloudCommand = Command(
  name: "cloud", summary: "Start the emulated cloud alone.",
  flags: [
    Flag("--state", "DIR", "Where everything is kept; state when not told."),
    Flag("--port", "PORT", "The port; 8787 when not told."),
    Flag("--address", "ADDRESS", "The address to listen on; 127.0.0.1 when not told."),
    Flag("--public-url", "URL", "How clients reach it; https://localhost:PORT when not told."),
    Flag("--factory-key", "KEY", "What the factory must send; made up and kept when not told."),
  ],
  run: { arguments in
    let state = arguments.text("--state") ?? "state"
    try Files.makeDirectory(state)
    let session = try LiveSession(certificates: state + "/certificates")
    let authority = try session.world.certificates.authorityPath(Names.authority)
    let port = try arguments.port("--port") ?? Names.cloudPort
    let address = arguments.text("--address") ?? "127.0.0.1"
    let host = session.world.addHost("cloud", address: address, on: .internet)
    let secret = try kept(state + "/cloud.key") { host.randomBytes(32) }
    guard secret.count == 32 else { throw UsageError("\(state)/cloud.key has not 32 bytes") }
    let factoryKey =
      try arguments.text("--factory-key")
      ?? String(
        decoding: kept(state + "/factory.key") { Array(hexString(host.randomBytes(16)).utf8) },
        as: UTF8.self)
    let url = arguments.text("--public-url") ?? "https://localhost:\(port)"
    let site = CloudSite(
      host: host, storage: try CloudStorage.directory(state + "/cloud"),
      configuration: CloudServer.Configuration(
        publicURL: url, port: port, identity: Desk.certificate, factoryKey: factoryKey,
        passwordCost: .real, secretKey: secret))
    try opening("port \(port)", hint: "try --port") { try site.start() }
    Console.out("\(url)/health  (trust \(Files.absolute(authority)))")
    return session.run(close: site.shutDown)
  })

let hubCommand = Command(
  name: "hub", summary: "Start a hub alone: the real firmware on this machine's network.",
  flags: [
    Flag("--id", "UUID", "The hub's id, as the factory gave it."),
    Flag("--secret-file", "FILE", "A file with the hub's secret."),
    Flag("--cloud", "URL", "The cloud, such as wss://localhost:8787."),
    Flag("--authority", "PEM", "Who signs the cloud's certificate."),
    Flag("--address", "ADDRESS", "The address it speaks from; 127.0.0.10 when not told."),
  ],
  run: { arguments in
    let file = try arguments.text(required: "--secret-file")
    var secret = String(decoding: try Files.read(file), as: UTF8.self)
    while let last = secret.last, last.isWhitespace { secret.removeLast() }
    guard !secret.isEmpty else { throw UsageError("\(file) is empty") }
    let authority = try arguments.text(required: "--authority")
    guard Files.exists(authority) else { throw UsageError("there is no file \(authority)") }
    let url = try arguments.text(required: "--cloud")
    guard url.hasPrefix("wss://") || url.hasPrefix("ws://") else {
      throw UsageError(
        "expected a URL such as wss://localhost:8787 after --cloud, found \"\(url)\"")
    }
    // It shows no certificate itself, so there is nothing to keep.
    let scratch = try Files.temporaryDirectory()
    defer { Files.removeFlatDirectory(scratch) }
    let session = try LiveSession(certificates: scratch)
    let host = session.world.addHost(
      "hub", address: arguments.text("--address") ?? "127.0.0.10", on: .farm("desk"))
    let hub = HubSite(
      name: "hub", farm: "desk", host: host,
      settings: HubHost.Settings(
        hubID: try arguments.text(required: "--id"), secret: secret, cloudURL: url,
        wifiName: "desk", cloudAuthority: Files.absolute(authority)),
      claimCode: "")
    hub.powerOn()
    return session.run { done in
      hub.powerOff()
      done()
    }
  })
