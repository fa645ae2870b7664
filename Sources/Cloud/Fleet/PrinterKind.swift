/// How the certificate of a printer is judged by its hub.
enum CertificateRule: String, CaseIterable {
  /// The one that it shows first, whoever signed it, it must show ever after.
  case firstUse = "first-use"
  /// Its maker must have signed it, in the name of its serial number.
  case maker

  static let field = Field.optional(.oneOf("certificate", allCases.map(\.rawValue)))
}

/// How a hub talks to a printer, and with that, what the printer prints.
enum PrinterKind: String, CaseIterable {
  case bambu, octoprint, prusalink, moonraker

  static let field = Field.optional(.oneOf("kind", allCases.map(\.rawValue)))

  var manufacturer: String {
    switch self {
    case .bambu: "Bambu Lab"
    case .octoprint: "OctoPrint"
    case .prusalink: "Prusa"
    case .moonraker: "Klipper"
    }
  }

  /// The endings of files that it prints.
  var endings: [String] {
    switch self {
    case .bambu: [".3mf"]
    case .octoprint, .moonraker: [".gcode"]
    case .prusalink: [".gcode", ".bgcode"]
    }
  }

  /// Every ending that some printer prints.
  static let allEndings = [".3mf", ".gcode", ".bgcode"]

  func prints(_ fileName: String) -> Bool {
    let name = fileName.lowercased()
    return endings.contains { name.hasSuffix($0) }
  }

  /// Refuses what means nothing to this kind.
  func check(_ input: Input) throws {
    let strangers =
      self == .bambu
      ? ["port", "secure", "user_name"]
      : ["mqtt_port", "ftps_port", "certificate"] + (self == .prusalink ? [] : ["user_name"])
    for name in strangers where input.has(name) {
      throw APIError.badRequest("\(name): a printer of the kind \(rawValue) has none")
    }
  }

  /// Only a Moonraker may trust everybody on its network.
  func checkCode(_ code: String?) throws {
    guard code != nil || self == .moonraker else {
      throw APIError.invalidField(
        "access_code", expected: self == .bambu ? "the access code" : "the API key or password")
    }
  }
}
