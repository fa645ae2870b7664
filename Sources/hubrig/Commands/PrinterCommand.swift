import LiveWorld
import Printers
import Scenarios
import World

let printerCommand = Command(
  name: "printer", summary: "Start simulated printers alone.",
  subcommands: [bambuCommand] + [.octoprint, .prusalink, .moonraker].map(webPrinterCommand))

private let bambuCommand = Command(
  name: "bambu",
  summary: "Start a simulated Bambu Lab printer for any client: reports, files, camera.",
  details: """
    It listens with real TLS for MQTT (8883) and FTPS (990), shows its camera (6000, the smaller
    models) and announces itself by SSDP. Ctrl-C ends it.

    While it runs it understands lines on standard input: "faults" lists everything that can go
    wrong, "fault ftps-stall on" breaks it, "fault ftps-slow 20 KB/s" says how badly, "fault
    ftps-stall off" puts it right.
    """,
  flags: [
    Flag("--serial", "TEXT", "Its serial number, which its certificate carries; needed."),
    Flag("--code", "TEXT", "Its access code, at most 8 characters; needed."),
    Flag("--model", "NAME", "\(modelNames); P1S when not told."),
    Flag("--name", "TEXT", "What it calls itself in announcements; its model when not told."),
    Flag("--address", "ADDRESS", "The address to listen on; 127.0.0.11 when not told."),
    Flag("--mqtt-port", "PORT", "Instead of 8883."),
    Flag("--ftps-port", "PORT", "Instead of 990."),
    Flag("--camera-port", "PORT", "Instead of 6000."),
    Flag("--speed", "N", "How many times faster than real it prints; 1 when not told."),
    Flag("--card-size", "SIZE", "How much its card holds; 8 GB when not told."),
    Flag(
      "--upload-rate", "RATE", "How fast its card takes files; as its model does when not told."),
    Flag(
      "--fault", "NAME",
      "Something that is wrong from the start, such as ftps-stall or"
        + " \"ftps-slow 20 KB/s\"; may be given again."),
    Flag("--signed", nil, "Newer firmware with developer mode off: unsigned commands are refused."),
    Flag("--mdns", nil, "Answer multicast DNS too, which real printers do not."),
    Flag("--no-announcements", nil, "Keep silent on the network."),
    Flag("--state", "DIR", "Where its certificate is kept; state when not told."),
  ],
  run: { arguments in
    let configuration = try bambuConfiguration(arguments)
    let faults = try faults(arguments.texts("--fault"), of: .bambu)
    let session = try LiveSession(
      certificates: (arguments.text("--state") ?? "state") + "/certificates")
    let host = session.world.addHost(
      "printer", address: arguments.text("--address") ?? "127.0.0.11", on: .farm("desk"))
    let site = PrinterSite(
      name: "printer", farm: "desk", host: host, configuration: .bambu(configuration))
    let maker = try session.world.certificates.authorityPath(configuration.maker)
    Console.out("its maker's certificate, which has signed its own: \(Files.absolute(maker))")
    var doors = "MQTT \(configuration.mqttPort), FTPS \(configuration.ftpsPort)"
    if configuration.model.camera == .pictures { doors += ", camera \(configuration.cameraPort)" }
    return try run(
      site, faults, in: session, hint: "try --address, --mqtt-port and --ftps-port",
      place: "\(host.address), \(doors)")
  })

/// Lets one printer, which listens on `place`, live with somebody who types, until a signal comes.
func run(
  _ site: PrinterSite, _ faults: [(fault: FieldFault, amount: FaultAmount?)],
  in session: LiveSession, hint: String, place: String
) throws -> Int32 {
  let console = PrinterConsole([("printer", site.printer)])
  for (fault, amount) in faults { site.printer.begin(fault, amount) }
  try opening("the printer's ports", hint: hint) { try site.powerOn() }
  Console.out("it listens on \(place); type \"help\" to learn how to break it, Ctrl-C ends it")
  session.listen(to: console)
  return session.run { done in
    site.powerOff()
    done()
  }
}

private let modelNames = BambuModel.allCases.map {
  $0.rawValue.contains(" ") ? "\"\($0.rawValue)\"" : $0.rawValue
}.joined(separator: ", ")

private func bambuConfiguration(
  _ arguments: Arguments
) throws(UsageError) -> BambuPrinter.Configuration {
  let modelName = arguments.text("--model") ?? "P1S"
  guard let model = BambuModel(rawValue: modelName) else {
    let near = nearest(to: modelName, among: BambuModel.allCases.map(\.rawValue))
    throw UsageError(
      "unknown model \"\(modelName)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
  }
  let code = try arguments.text(required: "--code")
  guard (1...8).contains(code.utf8.count) else {
    throw UsageError("an access code has at most 8 characters")
  }
  var configuration = BambuPrinter.Configuration(
    name: arguments.text("--name") ?? model.rawValue, model: model,
    serial: try arguments.text(required: "--serial"), accessCode: code)
  configuration.mqttPort = try arguments.port("--mqtt-port") ?? configuration.mqttPort
  configuration.ftpsPort = try arguments.port("--ftps-port") ?? configuration.ftpsPort
  configuration.cameraPort = try arguments.port("--camera-port") ?? configuration.cameraPort
  configuration.speedFactor = try arguments.count("--speed", in: 1...10_000) ?? 1
  configuration.cardBytes = try arguments.size("--card-size") ?? configuration.cardBytes
  configuration.uploadBytesPerSecond = try arguments.rate("--upload-rate")
  configuration.demandsSignatures = arguments.has("--signed")
  configuration.answersServiceQuestions = arguments.has("--mdns")
  configuration.announces = !arguments.has("--no-announcements")
  return configuration
}

/// Faults from the command line, such as "ftps-slow 20 KB/s".
func faults(
  _ texts: [String], of kind: PrinterKind
) throws(UsageError) -> [(fault: FieldFault, amount: FaultAmount?)] {
  var faults: [(fault: FieldFault, amount: FaultAmount?)] = []
  for text in texts {
    let name = String(text.prefix { $0 != " " })
    guard let fault = FieldFault(name, of: kind) else {
      throw UsageError(FaultWords.typed(unknown: name, among: FieldFault.all(of: kind)))
    }
    guard !fault.isMomentary else {
      throw UsageError(
        "\(name) happens in a moment; type \"fault \(name)\" while the printer runs")
    }
    guard text != name else {
      faults.append((fault, nil))
      continue
    }
    let value = String(text.dropFirst(name.count + 1))
    guard let measure = fault.measure, let amount = FaultWords.amount(value, of: measure) else {
      throw UsageError(FaultWords.typed(wrongValue: value, of: fault))
    }
    faults.append((fault, amount))
  }
  return faults
}
