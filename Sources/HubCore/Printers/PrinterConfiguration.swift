// What the cloud told about a printer.

import Wire

/// How the certificate of a printer is judged; its common name must be the serial number in any case.
enum CertificateRule {
  /// Whoever signed it, the one that is shown at the first meeting must be shown ever after.
  case firstUse
  /// The printer's maker must have signed it. It may be renewed.
  case maker

  init?(name: Span<UInt8>) {
    if equals(name, "first-use") {
      self = .firstUse
    } else if equals(name, "maker") {
      self = .maker
    } else {
      return nil
    }
  }

  /// What the board is asked for.
  var trust: Connection.Trust { self == .maker ? .maker : .commonName }
}

/// How to reach a printer. The access code leaves this struct only towards that printer.
struct PrinterConfiguration: ~Copyable {
  private let pinned = Pinned()
  var kind = PrinterKind.bambu
  var serial = Serial()
  var address = Address()
  var accessCode = AccessCode()
  var name = PrinterName()
  var model = ModelName()
  var mqttPort: UInt16 = 8883
  var ftpsPort: UInt16 = 990
  /// How its certificate is judged.
  var certificate = CertificateRule.firstUse
  /// The certificate that the printer showed when it was first met, and shall show ever after.
  var pin = Fingerprint()
  /// The same of its file server, which may have a certificate of its own.
  var filesPin = Fingerprint()
  /// Of a printer that is reached by HTTP; 0 for where its kind usually listens.
  var givenPort: UInt16 = 0
  var isSecure = false
  /// Who we are to a PrusaLink that wants a name; empty when the access code is an API key.
  var userName = PrinterUser()

  init() {}

  /// Where a printer that is reached by HTTP listens.
  var port: UInt16 { givenPort > 0 ? givenPort : isSecure ? 443 : kind.usualPort }

  mutating func removeAll() {
    kind = .bambu
    serial.removeAll()
    address.removeAll()
    accessCode.removeAll()
    name.removeAll()
    model.removeAll()
    mqttPort = 8883
    ftpsPort = 990
    certificate = .firstUse
    pin.removeAll()
    filesPin.removeAll()
    givenPort = 0
    isSecure = false
    userName.removeAll()
  }

  /// Takes over everything that another one says. The certificate of a printer stays known, as long
  /// as it is judged by the same rule.
  mutating func set(_ other: borrowing PrinterConfiguration) {
    if serial != other.serial || kind != other.kind || certificate != other.certificate
      || !other.pin.isEmpty
    {
      pin = other.pin
      filesPin = other.filesPin
    }
    certificate = other.certificate
    kind = other.kind
    serial = other.serial
    address = other.address
    accessCode = other.accessCode
    name = other.name
    model = other.model
    mqttPort = other.mqttPort
    ftpsPort = other.ftpsPort
    givenPort = other.givenPort
    isSecure = other.isSecure
    userName = other.userName
  }

  /// The first field that must be there and is not.
  var missingField: StaticString? {
    if serial.isEmpty { return "serial_number" }
    if address.isEmpty { return "ip_address" }
    if accessCode.isEmpty, kind.needsAccessCode { return "access_code" }
    return nil
  }

  /// Whether another configuration leads to the same door with the same key.
  func reaches(sameAs other: borrowing PrinterConfiguration) -> Bool {
    address == other.address && accessCode == other.accessCode && mqttPort == other.mqttPort
      && ftpsPort == other.ftpsPort && kind == other.kind && port == other.port
      && isSecure == other.isSecure && userName == other.userName
      && certificate == other.certificate
  }

  /// Whether its file server may want files in clear although the login is in TLS, as that of the A1
  /// family does. No other printer can talk us out of TLS.
  var mayWantClearData: Bool {
    model.count >= 2 && model.span[0] == UInt8(ascii: "A") && model.span[1] == UInt8(ascii: "1")
  }

  /// Whether its camera hands out single pictures; those of the X1 and H2 families and of the P2S
  /// speak RTSP only.
  var hasPictureCamera: Bool {
    guard model.count > 1 else { return true }
    let (first, second) = (model.span[0], model.span[1])
    return first != UInt8(ascii: "X") && first != UInt8(ascii: "H")
      && !(first == UInt8(ascii: "P") && second == UInt8(ascii: "2"))
  }

  /// Whether the printer reports only what has changed and lags when it is asked for everything
  /// often: all but the X1 and H2 families. Unknown models are spared, too.
  var reportsChangesOnly: Bool {
    guard model.count > 0 else { return true }
    let first = model.span[0]
    return first != UInt8(ascii: "X") && first != UInt8(ascii: "H")
  }
}
