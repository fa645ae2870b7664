import Cloud
import Glibc
import LiveWorld
import Printers
import Scenarios
import World

let upCommand = Command(
  name: "up",
  summary: "Start a cloud, a hub and printers on this machine, with real sockets and real TLS.",
  details: """
    The cloud listens on localhost, the printers on 127.0.0.11 and following, with their true ports
    8883 and 990 (camera: 6000). It prints curl commands that send a job through all of it. Ctrl-C ends it; what
    the cloud knows, and the hub's flash, stay in the state directory.
    """,
  flags: [
    Flag("--state", "DIR", "Where everything is kept; state when not told."),
    Flag("--printers", "N", "How many printers, up to 5; 2 when not told."),
    Flag("--speed", "N", "How many times faster than real the printers print; 1 when not told."),
    Flag("--cloud-port", "PORT", "The cloud's port; 8787 when not told."),
    Flag(
      "--kinds", "LIST",
      "What the printers are, such as bambu,octoprint,prusalink,moonraker; bambu when not told."),
    Flag("--web-port", "PORT", "The port of printers of other kinds, instead of 80 and 7125."),
    Flag("--mqtt-port", "PORT", "The printers' MQTT port, instead of 8883."),
    Flag("--ftps-port", "PORT", "The printers' FTPS port, instead of 990, for users who may not."),
    Flag("--camera-port", "PORT", "The printers' camera port, instead of 6000."),
    LiveSession.libraryFlag,
    Flag("--files-in-pieces", nil, "The hub gets files over its socket instead of by links."),
    Flag("--seed-demo", nil, "Make an account that has claimed the hub and added the printers."),
  ],
  run: { arguments in
    let state = arguments.text("--state") ?? "state"
    var settings = Desk.Settings()
    settings.printerCount = try arguments.count("--printers", in: 1...Desk.printerLimit) ?? 2
    settings.kinds = try kinds(arguments.text("--kinds"))
    settings.webPort = try arguments.port("--web-port")
    settings.speed = try arguments.count("--speed", in: 1...10_000) ?? 1
    settings.cloudPort = try arguments.port("--cloud-port") ?? settings.cloudPort
    settings.mqttPort = try arguments.port("--mqtt-port") ?? settings.mqttPort
    settings.ftpsPort = try arguments.port("--ftps-port") ?? settings.ftpsPort
    settings.cameraPort = try arguments.port("--camera-port") ?? settings.cameraPort
    settings.sendsFilesInPieces = arguments.has("--files-in-pieces")
    let isNew = !Files.exists(state + "/desk.json")
    try Files.makeDirectory(state)
    let session = try LiveSession(
      certificates: state + "/certificates", clients: LiveSession.library(arguments))
    let authority = try session.world.certificates.authorityPath(Names.authority)
    let identity = try deskIdentity(state, settings, session.world)
    let flashFile = try FlashFile(state + "/hub-flash.bin")
    let storage = try CloudStorage.directory(state + "/cloud", at: Int64(time(nil)) * 1000)
    if isNew { try Files.keepNames(in: state) }
    let desk = Desk(
      world: session.world, settings: settings, identity: identity,
      storage: storage, authority: Names.authority, flash: flashFile.flash)
    defer { withExtendedLifetime(flashFile) {} }
    let isSeeded = arguments.has("--seed-demo")
    try opening("the desk", hint: "try --cloud-port, --mqtt-port, --ftps-port, --web-port") {
      try desk.open(isSeeded: isSeeded) { answer in
        if case .failure(let failure) = answer {
          return session.fail("the desk could not be set up: \(failure)")
        }
        introduce(desk, authority: Files.absolute(authority), isSeeded: isSeeded)
      }
    }
    session.listen(to: PrinterConsole(desk.farm.printers.map { ($0.name, $0.printer) }))
    return session.run(close: desk.close)
  })

/// Reads who is who from the state, or makes it up on the first start.
private func deskIdentity(
  _ state: String, _ settings: Desk.Settings, _ world: LiveWorld
) throws -> DeskIdentity {
  let path = state + "/desk.json"
  let luck = world.addHost("factory", address: nil, on: .internet)
  var identity: DeskIdentity
  if Files.exists(path) {
    guard let json = try? JSON.parse(Files.read(path)), let known = DeskIdentity(json: json) else {
      throw UsageError("\(path) is not what \"hubrig up\" wrote; move it away to begin anew")
    }
    identity = known
    identity.addPrinters(upTo: settings.printerCount, host: luck)
    guard identity != known else { return identity }
  } else {
    identity = DeskIdentity(printerCount: settings.printerCount, host: luck)
  }
  try Files.write(Array(identity.json.prettyText.utf8) + [0x0A], to: path, mode: 0o600)
  return identity
}

/// What a person wants to know once everything is up.
private func introduce(_ desk: Desk, authority: String, isSeeded: Bool) {
  let paint = Paint(isOn: Console.wantsColour)
  var lines = ["", paint(.bold, "Everything is up. Ctrl-C ends it.")]
  lines.append("  cloud    \(desk.cloudURL)/health   (trust \(authority))")
  lines.append("  hub      \(desk.identity.hubID), claim code \(desk.identity.claimCode)")
  for site in desk.farm.printers {
    lines.append("  \(site.name)       \(described(site))")
  }
  if isSeeded {
    lines.append("  account  \(desk.farm.owner.email), password \"\(Owner.password)\"")
  }
  lines += ["", paint(.bold, "Send a job: copy this into another terminal."), ""]
  lines.append(
    DeskGuide.text(
      desk, authorityFile: authority, command: CommandLine.arguments[0], isSeeded: isSeeded))
  Console.out(lines.joined(separator: "\n") + "\n")
}

private func described(_ site: PrinterSite) -> String {
  let printer = site.printer
  switch site.configuration {
  case .bambu(let configuration):
    return "\(configuration.model.rawValue) at \(site.host.address), serial \(printer.serial), "
      + "access code \(printer.accessCode)"
  case .web(let configuration):
    return "\(configuration.kind.title) on a \(configuration.model) at "
      + "http://\(site.host.address):\(configuration.port), key \(printer.accessCode)"
  }
}

/// Kinds of printers with commas between them.
private func kinds(_ text: String?) throws(UsageError) -> [PrinterKind] {
  var kinds: [PrinterKind] = []
  for word in (text ?? "bambu").split(separator: ",") {
    guard let kind = PrinterKind(rawValue: String(word)) else {
      let known = PrinterKind.allCases.map(\.rawValue)
      throw UsageError("unknown kind \"\(word)\"; known: \(known.joined(separator: ", "))")
    }
    kinds.append(kind)
  }
  guard !kinds.isEmpty else { throw UsageError("--kinds needs at least one kind") }
  return kinds
}
