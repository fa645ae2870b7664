import Cloud
import Glibc
import HubHost
import LiveWorld
import Printers
import Scenarios
import World

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
