import Printers
import World

/// A printer where it stands.
public final class PrinterSite {
  public let name: String
  public let farm: String
  public let host: any Host
  public let configuration: BambuPrinter.Configuration
  public let printer: BambuPrinter
  /// What its owner types first, when that is not the right access code.
  public let typedCode: String?
  public var isOn: Bool { printer.isOn }
  public var onChange: (() -> Void)?

  public init(
    name: String, farm: String, host: any Host, configuration: BambuPrinter.Configuration,
    typedCode: String? = nil
  ) {
    self.name = name
    self.farm = farm
    self.host = host
    self.configuration = configuration
    self.typedCode = typedCode
    printer = BambuPrinter(host: host, configuration: configuration)
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
