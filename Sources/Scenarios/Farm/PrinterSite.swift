import Printers
import World

/// A printer where it stands.
public final class PrinterSite {
  /// What a printer is, by its kind.
  public enum Configuration {
    case bambu(BambuPrinter.Configuration)
    case web(WebPrinter.Configuration)

    public var kind: PrinterKind {
      switch self {
      case .bambu: .bambu
      case .web(let configuration): configuration.kind
      }
    }

    public var model: String {
      switch self {
      case .bambu(let configuration): configuration.model.rawValue
      case .web(let configuration): configuration.model
      }
    }
  }

  public let name: String
  public let farm: String
  public let host: any Host
  public let configuration: Configuration
  public let printer: any SimulatedPrinter
  /// What its owner types first, when that is not the right access code.
  public let typedCode: String?
  /// Whether its owner enters a name and a password instead of a key.
  public let usesDigest: Bool
  /// Whether its owner wants its maker's signature on its certificate.
  public let isKnownByMaker: Bool
  public var isOn: Bool { printer.isOn }
  public var onChange: (() -> Void)?

  public init(
    name: String, farm: String, host: any Host, configuration: Configuration,
    typedCode: String? = nil, usesDigest: Bool = false, isKnownByMaker: Bool = false
  ) {
    self.name = name
    self.farm = farm
    self.host = host
    self.configuration = configuration
    self.typedCode = typedCode
    self.usesDigest = usesDigest
    self.isKnownByMaker = isKnownByMaker
    printer =
      switch configuration {
      case .bambu(let configuration): BambuPrinter(host: host, configuration: configuration)
      case .web(let configuration): WebPrinter(host: host, configuration: configuration)
      }
    printer.onChange = { [weak self] in self?.onChange?() }
  }

  public func powerOn() throws(NetworkFailure) {
    guard !isOn else { return }
    try printer.start()
  }

  public func powerOff() {
    guard isOn else { return }
    printer.stop()
  }
}
