import Cloud
import Glibc
import LiveWorld
import Scenarios
import World

let cloudCommand = Command(
  name: "cloud", summary: "Start the emulated cloud alone, or look after what it keeps.",
  details: """
    Without a word it starts the cloud. "reset" forgets everything in --state; "backup" copies it to
    --to, also while it runs; such a copy, put into a state as its directory "cloud", is one again.
    "export" writes it there row by row for other programs; "import" makes a state of what was
    exported to --from. A copy lacks cloud.key, without which nobody can open the secrets that are
    sealed in it: keep that file as well, in another place. "dead-letters" prints
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
    Flag("--tokens", "WORD", "How access tokens are signed: hs256, when not told, or rs256."),
    Flag(
      "--token-key", "FILE",
      "With rs256: the private RSA key, in PEM; made and kept in --state when not told."),
    Flag(
      "--password-cost", "PASSES,KIB",
      "How much work a password costs; \(PasswordCost.real.words) when not told."),
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
    try checkWords(arguments)
    let isNew = !Files.exists(state + "/cloud.key")
    try Files.makeDirectory(state)
    let session = try LiveSession(certificates: state + "/certificates")
    let port = try arguments.port("--port") ?? Names.cloudPort
    let address = arguments.text("--address") ?? "127.0.0.1"
    let host = session.world.addHost("cloud", address: address, on: .internet)
    let configuration = try configuration(arguments, state, port: port, host)
    let storage = try CloudStorage.directory(state + "/cloud", at: host.wallMilliseconds)
    if isNew { try Files.keepNames(in: state) }
    let site = CloudSite(host: host, storage: storage, configuration: configuration)
    try opening("port \(port)", hint: "try --port") { try site.start() }
    if arguments.has("--log") { site.server?.onRequest = { Console.out($0.json.text) } }
    if arguments.has("--seed-data") { try site.server?.seedDemonstration() }
    var trust = ""
    if configuration.identity != nil {
      let authority = try session.world.certificates.authorityPath(Names.authority)
      trust = "  (trust \(Files.absolute(authority)))"
    }
    Console.out("\(configuration.publicURL)/health\(trust)")
    return session.run(close: site.shutDown)
  })

/// What can be said wrongly is, before anything is made.
private func checkWords(_ arguments: Arguments) throws(UsageError) {
  for (flag, words) in [
    ("--log", ["json"]), ("--seed-data", ["demo"]), ("--tokens", ["hs256", "rs256"]),
  ] {
    guard let word = arguments.text(flag), !words.contains(word) else { continue }
    throw UsageError("expected \(words.joined(separator: " or ")) after \(flag), found \"\(word)\"")
  }
  guard !arguments.has("--plain") || !arguments.has("--tls") else {
    throw UsageError("--plain and --tls contradict each other")
  }
  guard !arguments.has("--token-key") || arguments.text("--tokens") == "rs256" else {
    throw UsageError("--token-key takes --tokens rs256")
  }
}

private func configuration(
  _ arguments: Arguments, _ state: String, port: UInt16, _ host: any Host
) throws -> CloudServer.Configuration {
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
    factoryKey: factoryKey, passwordCost: try passwordCost(arguments), secretKey: secret)
  if let mail = arguments.text("--operator") { configuration.operatorMail = mail }
  configuration.tokenAlgorithm = try tokenAlgorithm(arguments, state)
  configuration.limitsRates = !arguments.has("--no-rate-limits")
  configuration.sendsFilesInPieces = arguments.has("--files-in-pieces")
  configuration.firmware = try firmwareTrust(arguments)
  if let origin = arguments.text("--trust-origin") { configuration.trustedOrigins = [origin] }
  return configuration
}

private func passwordCost(_ arguments: Arguments) throws(UsageError) -> PasswordCost {
  guard let words = arguments.text("--password-cost") else { return .real }
  guard let cost = PasswordCost(words) else {
    throw UsageError(
      "expected passes and KiB of memory after --password-cost, such as \(PasswordCost.real.words), "
        + "with \(PasswordCost.passLimits) passes and \(PasswordCost.memoryLimits) KiB; "
        + "found \"\(words)\"")
  }
  return cost
}

/// How access tokens are signed, with the key that was named, or one of the state's own.
private func tokenAlgorithm(
  _ arguments: Arguments, _ state: String
) throws -> TokenAlgorithm {
  guard arguments.text("--tokens") == "rs256" else { return .hs256 }
  let path = arguments.text("--token-key") ?? state + "/tokens.key"
  let text: [UInt8]
  if arguments.has("--token-key") {
    text = try Files.read(path)
  } else {
    text = try kept(path) { RSAKey.make() }
  }
  let algorithm = TokenAlgorithm.rs256(privateKey: String(decoding: text, as: UTF8.self))
  guard algorithm.isUsable else {
    throw UsageError("\(path) is no private RSA key in PEM of at least 2,048 bits")
  }
  return algorithm
}

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
  case "reset":
    try CloudStorage.reset(cloud)
  case "backup":
    let target = try arguments.text(required: "--to")
    try CloudStorage.backUp(cloud, to: target)
    Console.out("\(target) is a copy of \(cloud); keep \(state)/cloud.key as well")
  case "export":
    let target = try arguments.text(required: "--to")
    try CloudStorage.export(cloud, to: target)
    Console.out("\(target) holds every row and object; keep \(state)/cloud.key as well")
  case "import":
    let source = try arguments.text(required: "--from")
    let isNew = !Files.exists(state)
    try Files.makeDirectory(state)
    do {
      try CloudStorage.importing(source, to: cloud, at: Int64(time(nil)) * 1000)
    } catch {
      if isNew { rmdir(state) }
      throw error
    }
    let key = state + "/cloud.key"
    Console.out(
      Files.exists(key)
        ? "\(cloud) is there again"
        : "\(cloud) is there again; put the cloud.key that belongs to it to \(key)")
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
