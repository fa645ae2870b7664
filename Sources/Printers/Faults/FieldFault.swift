/// Something that can go wrong with a printer, whatever kind it is of.
public enum FieldFault: Hashable, Sendable {
  case bambu(BambuFault)
  case web(WebFault)

  /// Every fault of one kind of printer.
  public static func all(of kind: PrinterKind) -> [FieldFault] {
    kind == .bambu
      ? BambuFault.allCases.map { .bambu($0) }
      : WebFault.allCases.filter { $0.kinds.contains(kind) }.map { .web($0) }
  }

  /// Every fault of every kind. What several kinds have by one name stands here once for those of
  /// Bambu Lab and once for the others.
  public static var all: [FieldFault] {
    BambuFault.allCases.map { .bambu($0) } + WebFault.allCases.map { .web($0) }
  }

  /// The fault of this name that a kind of printer can have.
  public init?(_ name: String, of kind: PrinterKind) {
    guard let fault = Self.all(of: kind).first(where: { $0.name == name }) else { return nil }
    self = fault
  }

  /// The kinds of printers that can have a fault of this name.
  public static func kinds(with name: String) -> [PrinterKind] {
    PrinterKind.allCases.filter { FieldFault(name, of: $0) != nil }
  }

  public var name: String {
    switch self {
    case .bambu(let fault): fault.name
    case .web(let fault): fault.name
    }
  }

  public var meaning: String {
    switch self {
    case .bambu(let fault): fault.meaning
    case .web(let fault): fault.meaning
    }
  }

  public var isMomentary: Bool {
    switch self {
    case .bambu(let fault): fault.isMomentary
    case .web(let fault): fault.isMomentary
    }
  }

  public var measure: FaultMeasure? {
    switch self {
    case .bambu(let fault): fault.measure
    case .web(let fault): fault.measure
    }
  }
}
