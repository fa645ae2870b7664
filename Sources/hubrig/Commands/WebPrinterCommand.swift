import LiveWorld
import Printers
import Scenarios
import World

/// The command that starts one printer of a kind that is reached over HTTP.
func webPrinterCommand(_ kind: PrinterKind) -> Command {
  let port = kind.port ?? 80
  return Command(
    name: kind.rawValue,
    summary: "Start a simulated \(kind.title) with its printer for any client.",
    details: """
      It answers on port \(port) as the real one does: its interface, uploads, \
      \(kind == .prusalink ? "digest access" : "a socket for news"). Ctrl-C ends it.

      While it runs it understands lines on standard input: "faults" lists everything that can go
      wrong, "fault key-revoked on" breaks it, "fault upload-slow 20 KB/s" says how badly, "fault
      key-revoked off" puts it right.
      """,
    flags: [
      Flag("--key", "TEXT", keyMeaning(kind)),
      Flag("--name", "TEXT", "What it calls itself; its model when not told."),
      Flag("--model", "TEXT", "The machine, such as \(kind.models[0]), which it is when not told."),
      Flag("--serial", "TEXT", "Its serial number, where it has one."),
      Flag("--address", "ADDRESS", "The address to listen on; 127.0.0.11 when not told."),
      Flag("--port", "PORT", "Instead of \(port)."),
      Flag("--tls", nil, "Speak HTTPS with a certificate of its own."),
      Flag("--speed", "N", "How many times faster than real it prints; 1 when not told."),
      Flag("--storage", "SIZE", "How much it can store; 16 GB when not told."),
      Flag(
        "--upload-rate", "RATE", "How fast it takes files; as such a machine does when not told."),
      Flag(
        "--fault", "NAME",
        "Something that is wrong from the start, such as slow-answers or \"upload-slow 20 KB/s\"; may be "
          + "given again."),
      Flag("--state", "DIR", "Where its certificate is kept; state when not told."),
    ],
    run: { arguments in
      let faults = try faults(arguments.texts("--fault"), of: kind)
      let configuration = try configuration(of: kind, arguments)
      let session = try LiveSession(
        certificates: (arguments.text("--state") ?? "state") + "/certificates")
      let host = session.world.addHost(
        "printer", address: arguments.text("--address") ?? "127.0.0.11", on: .farm("desk"))
      let site = PrinterSite(
        name: "printer", farm: "desk", host: host, configuration: .web(configuration))
      let scheme = configuration.identity == nil ? "http" : "https"
      return try run(
        site, faults, in: session, hint: "try --address and --port",
        place: "\(scheme)://\(host.address):\(configuration.port)")
    })
}

private func keyMeaning(_ kind: PrinterKind) -> String {
  switch kind {
  case .prusalink: "Its API key, which is the password of \"maker\" for digest access, too; needed."
  case .moonraker: "Its API key; without one it trusts everybody."
  case .octoprint, .bambu: "Its API key; needed."
  }
}

private func configuration(
  of kind: PrinterKind, _ arguments: Arguments
) throws(UsageError) -> WebPrinter.Configuration {
  let key =
    kind == .moonraker ? arguments.text("--key") ?? "" : try arguments.text(required: "--key")
  let model = arguments.text("--model") ?? kind.models[0]
  var configuration = WebPrinter.Configuration(
    name: arguments.text("--name") ?? model, kind: kind, model: model,
    serial: arguments.text("--serial") ?? "\(kind.rawValue)-1", key: key)
  configuration.port = try arguments.port("--port") ?? configuration.port
  configuration.speedFactor = try arguments.count("--speed", in: 1...10_000) ?? 1
  configuration.storageBytes = try arguments.size("--storage") ?? configuration.storageBytes
  configuration.uploadBytesPerSecond = try arguments.rate("--upload-rate")
  if arguments.has("--tls") {
    configuration.identity = ServerIdentity(commonName: configuration.serial)
  }
  return configuration
}
