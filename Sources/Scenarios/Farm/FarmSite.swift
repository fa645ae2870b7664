import World

/// A farm as it stands: its owner, its hub, its printers.
public final class FarmSite {
  public let name: String
  public let owner: Owner
  public let hub: HubSite
  public let printers: [PrinterSite]
  /// Who works there beside the owner.
  var people: [Person] = []

  public init(name: String, owner: Owner, hub: HubSite, printers: [PrinterSite]) {
    self.name = name
    self.owner = owner
    self.hub = hub
    self.printers = printers
  }

  public func printer(_ name: String) -> PrinterSite? { printers.first { $0.name == name } }

  /// What the owner reads off a printer's screen; `isCorrected` uses the right code in any case.
  public func entry(of site: PrinterSite, isCorrected: Bool = false) -> Owner.PrinterEntry {
    let configuration = site.configuration
    let code = isCorrected ? nil : site.typedCode
    var entry = Owner.PrinterEntry(
      name: site.name, model: configuration.model, hubID: hub.id,
      serial: site.printer.serial, address: site.host.address,
      accessCode: code ?? site.printer.accessCode)
    switch configuration {
    case .bambu(let configuration):
      entry.mqttPort = configuration.mqttPort
      entry.ftpsPort = configuration.ftpsPort
      entry.isKnownByMaker = site.isKnownByMaker
    case .web(let configuration):
      entry.kind = configuration.kind
      entry.port = configuration.redirectPort ?? configuration.port
      entry.isSecure = configuration.identity != nil && configuration.redirectPort == nil
      if site.usesDigest { entry.userName = configuration.userName }
    }
    return entry
  }
}
