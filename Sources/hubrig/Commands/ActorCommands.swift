import Cloud
import Glibc
import HubHost
import LiveWorld
import Printers
import Scenarios
import World

let cloudCommand = Command(
  name: "cloud", summary: "Start the emulated cloud alone, or look after what it keeps.",
  details: """
    Without a word it starts the cloud. "reset" forgets everything in --state; "backup" copies it to
    --to, also while it runs; "export" writes it there row by row for other programs; "import" makes
    a state of what was exported to --from. A copy lacks cloud.key, without which nobody can open the
    secrets that are sealed in it: keep that file as well, in another place. "dead-letters" prints
    what the queues have given up, and with --retry puts it back, also while it runs. "routes" prints
    the families of routes, and with --all every route.
    """,
  flags: [
    Flag("--plain", nil, "Speak HTTP without TLS, for behind a proxy."),
    Flag("--tls", nil, "Speak HTTPS with the development authority; so it is when not told."),
    Flag("--seed-data", "NAME", "Fill an empty cloud; demo is the only NAME."),
    Flag("--no-rate-limits", nil, "Let everybody ask as often as they like."),
    Flag("--trust-origin", "URL", "A place whose pages may use a person's cookie."),
    Flag(
      "--files-in-pieces", nil,
      "Hubs get files over their sockets, for networks in which nothing else gets through."),
    Flag("--log", "FORM", "Tell of each request; json is the only FORM."),
    Flag("--operator", "MAIL", "Who is written to when the cloud itself needs attention."),
    Flag("--retry", nil, "With dead-letters: try them anew."),
    Flag("--all", nil, "With routes: every one."),
    Flag("--to", "DIR", "Where backup and export write to."),
    Flag("--from", "DIR", "Where import reads."),
    Flag("--state", "DIR", "Where everything is kept; state when not told."),
    Flag("--port", "PORT", "The port; 8787 when not told."),
    Flag("--address", "ADDRESS", "The address to listen on; 127.0.0.1 when not told."),
    Flag("--public-url", "URL", "How clients reach it; https://localhost:PORT when not told."),
    Flag("--factory-key", "KEY", "What the factory must send; made up and kept when not told."),
    Flag("--firmware-key", "FILE", "Whose firmware it publishes; the rig's own when not told."),
    Flag("--hardware", "NAMES", "The revisions of the hub, as rig-1,rig-2; rig-1 when not told."),
  ],
  operands: Operands(
    usage: "[reset|backup|export|import|dead-letters|routes]", count: 0...1),
  run: { arguments in
    let state = arguments.text("--state") ?? "state"
    if let word = arguments.operands.first { return try lookAfter(state, word, arguments) }
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
    let isPlain = arguments.has("--plain")
    let url = arguments.text("--public-url") ?? "http\(isPlain ? "" : "s")://localhost:\(port)"
    var configuration = CloudServer.Configuration(
      publicURL: url, port: port, identity: isPlain ? nil : Desk.certificate,
      factoryKey: factoryKey, passwordCost: .real, secretKey: secret)
    if let mail = arguments.text("--operator") { configuration.operatorMail = mail }
    configuration.limitsRates = !arguments.has("--no-rate-limits")
    configuration.sendsFilesInPieces = arguments.has("--files-in-pieces")
    configuration.firmware = try firmwareTrust(arguments)
    if let origin = arguments.text("--trust-origin") { configuration.trustedOrigins = [origin] }
    let site = CloudSite(
      host: host, storage: try CloudStorage.directory(state + "/cloud"),
      configuration: configuration)
    try opening("port \(port)", hint: "try --port") { try site.start() }
    if let form = arguments.text("--log") {
      guard form == "json" else { throw UsageError("--log knows json alone") }
      site.server?.onRequest = { Console.out($0.json.text) }
    }
    if let name = arguments.text("--seed-data") {
      guard name == "demo" else { throw UsageError("--seed-data knows demo alone") }
      try site.server?.seedDemonstration()
    }
    Console.out("\(url)/health  (trust \(Files.absolute(authority)))")
    return session.run(close: site.shutDown)
  })

/// The public half of a key is enough to know what it has signed.
private func firmwareTrust(_ arguments: Arguments) throws -> FirmwareTrust {
  let key = try firmwareKey(at: arguments.text("--firmware-key") ?? "rig")
  let names = (arguments.text("--hardware") ?? "rig-1").split(separator: ",").map(String.init)
  guard !names.isEmpty, names.allSatisfy({ $0.utf8.count <= 16 }) else {
    throw UsageError("--hardware needs names of at most 16 characters, with commas between them")
  }
  guard let trust = FirmwareTrust(publicKey: key.publicKey, hardware: names) else {
    throw UsageError("--firmware-key is no key on P-256")
  }
  return trust
}

/// What is done with a state directory while no cloud, or another process's, runs on it.
private func lookAfter(_ state: String, _ word: String, _ arguments: Arguments) throws -> Int32 {
  let cloud = state + "/cloud"
  switch word {
  case "reset": try CloudStorage.reset(cloud)
  case "backup": try CloudStorage.backUp(cloud, to: arguments.text(required: "--to"))
  case "export": try CloudStorage.export(cloud, to: arguments.text(required: "--to"))
  case "import":
    try Files.makeDirectory(state)
    try CloudStorage.importing(
      arguments.text(required: "--from"), to: cloud, at: Int64(time(nil)) * 1000)
  case "dead-letters":
    if arguments.has("--retry") {
      let count = try CloudStorage.retryDeadLetters(cloud, at: Int64(time(nil)) * 1000)
      Console.out("\(count) put back into their queues")
    } else {
      for line in try CloudStorage.deadLetters(cloud) { Console.out(line) }
    }
  case "routes":
    Console.out(arguments.has("--all") ? try RouteGuide.all() : try RouteGuide.families())
  default:
    throw UsageError(
      "unknown word \"\(word)\"; expected reset, backup, export, import, dead-letters or routes")
  }
  return Exit.success
}

let hubCommand = Command(
  name: "hub", summary: "Start a hub alone: the real firmware on this machine's network.",
  flags: [
    Flag("--id", "UUID", "The hub's id, as the factory gave it."),
    Flag("--secret-file", "FILE", "A file with the hub's secret."),
    Flag("--cloud", "URL", "The cloud, such as wss://localhost:8787."),
    Flag("--authority", "PEM", "Who signs the cloud's certificate."),
    Flag(
      "--maker-authority", "PEM",
      "Who signs the certificates of printers, for those that are to be known by their maker."),
    Flag("--address", "ADDRESS", "The address it speaks from; 127.0.0.10 when not told."),
    Flag("--state", "DIR", "Where its flash is kept; gone with the process when not told."),
    Flag("--factory-reset", nil, "Hold its button down for as long as it takes to forget all."),
    LiveSession.libraryFlag,
  ],
  run: { arguments in
    let file = try arguments.text(required: "--secret-file")
    var secret = String(decoding: try Files.read(file), as: UTF8.self)
    while let last = secret.last, last.isWhitespace { secret.removeLast() }
    guard !secret.isEmpty else { throw UsageError("\(file) is empty") }
    let authority = try arguments.text(required: "--authority")
    let maker = arguments.text("--maker-authority")
    for file in [authority, maker ?? authority] where !Files.exists(file) {
      throw UsageError("there is no file \(file)")
    }
    let url = try arguments.text(required: "--cloud")
    guard url.hasPrefix("wss://") || url.hasPrefix("ws://") else {
      throw UsageError(
        "expected a URL such as wss://localhost:8787 after --cloud, found \"\(url)\"")
    }
    // It shows no certificate itself, so there is nothing to keep.
    let scratch = try Files.temporaryDirectory()
    defer { Files.removeFlatDirectory(scratch) }
    let session = try LiveSession(
      certificates: scratch, clients: LiveSession.library(arguments))
    var flashFile: FlashFile?
    if let state = arguments.text("--state") {
      try Files.makeDirectory(state)
      flashFile = try FlashFile(state + "/hub-flash.bin")
    }
    let host = session.world.addHost(
      "hub", address: arguments.text("--address") ?? "127.0.0.10", on: .farm("desk"))
    var settings = HubHost.Settings(
      hubID: try arguments.text(required: "--id"), secret: secret, cloudURL: url,
      wifiName: "desk", cloudAuthority: Files.absolute(authority))
    settings.makerAuthority = maker.map { Files.absolute($0) } ?? ""
    let hub = HubSite(
      name: "hub", farm: "desk", host: host, settings: settings,
      claimCode: "", flash: flashFile?.flash ?? NORFlash())
    defer { withExtendedLifetime(flashFile) {} }
    hub.powerOn()
    if arguments.has("--factory-reset") { hub.hub.holdButton(for: .seconds(11)) }
    return session.run { done in
      hub.powerOff()
      done()
    }
  })
