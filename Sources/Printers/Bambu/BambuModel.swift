import World

/// A kind of Bambu Lab printer, and how it differs from the others.
public enum BambuModel: String, CaseIterable, Sendable {
  case X1C, X1, X1E, P1P, P1S
  case A1mini = "A1 mini"
  case A1, H2D, P2S

  /// Sends what changed (`msg` 1); the others send everything each time.
  public var isDelta: Bool {
    switch self {
    case .P1P, .P1S, .A1mini, .A1, .P2S: true
    case .X1C, .X1, .X1E, .H2D: false
    }
  }

  /// How the model calls itself in announcements and in sliced files.
  public var identifier: String {
    switch self {
    case .X1C: "BL-P001"
    case .X1: "BL-P002"
    case .X1E: "C13"
    case .P1P: "C11"
    case .P1S: "C12"
    case .A1mini: "N1"
    case .A1: "N2S"
    case .H2D: "O1D"
    case .P2S: "N7"
    }
  }

  public var serialPrefix: String {
    switch self {
    case .X1C: "00M"
    case .X1: "00W"
    case .X1E: "03W"
    case .P1P: "01S"
    case .P1S: "01P"
    case .A1mini: "030"
    case .A1: "039"
    case .H2D: "094"
    case .P2S: "22E"
    }
  }

  /// Where its camera is to be seen.
  public enum Camera: Equatable, Sendable {
    /// Pictures one after another on a port of their own.
    case pictures
    /// A video stream, RTSP inside TLS; the port of the pictures is closed.
    case video
  }

  public var camera: Camera {
    switch self {
    case .P1P, .P1S, .A1mini, .A1: .pictures
    case .X1C, .X1, .X1E, .H2D, .P2S: .video
    }
  }

  /// How many AMS units it comes with here.
  var filamentUnitCount: Int { self == .H2D ? 2 : 1 }

  /// Whether its unit is the small one that stands open beside it.
  var hasLiteUnit: Bool { self == .A1 || self == .A1mini }

  /// How many filament units it takes.
  public var filamentUnitLimit: Int { hasLiteUnit ? 1 : 4 }

  /// Whether it tells beforehand that commands must be signed.
  var tellsAbilities: Bool {
    switch self {
    case .X1C, .X1, .X1E, .H2D, .P2S: true
    case .P1P, .P1S, .A1mini, .A1: false
    }
  }

  /// Whether there is a door whose opening it notices.
  var hasDoor: Bool { reportsChamber || self == .P1S }

  /// How long the card needs at the end of an upload for each megabyte, before 226 is said.
  var settlingTime: Interval { self == .H2D ? .milliseconds(700) : .zero }

  /// Whether its file server tells how much room there is.
  var tellsRoom: Bool { !hasLiteUnit }

  /// Firmware that is so new that it wants signed commands.
  var authorisingVersion: String {
    switch self {
    case .X1C, .X1, .X1E: "01.08.05.00"
    case .P1P, .P1S: "01.08.00.00"
    case .A1mini, .A1: "01.05.00.00"
    case .H2D: "01.02.01.00"
    case .P2S: "01.02.00.00"
    }
  }

  /// Whether its box is closed and has a thermometer.
  var reportsChamber: Bool {
    switch self {
    case .X1C, .X1, .X1E, .H2D, .P2S: true
    case .P1P, .P1S, .A1mini, .A1: false
    }
  }

  /// `stg_cur` when there is nothing to do.
  var idleStage: Int { isDelta ? 255 : -1 }

  /// Newer firmware says how the card is in words.
  var saysCardInWords: Bool {
    switch self {
    case .A1mini, .A1, .H2D, .P2S: true
    case .X1C, .X1, .X1E, .P1P, .P1S: false
    }
  }

  /// A data connection must take up the control connection's TLS session.
  var demandsSessionReuse: Bool {
    switch self {
    case .X1C, .X1, .X1E, .P1P, .P1S: true
    case .A1mini, .A1, .H2D, .P2S: false
    }
  }

  /// Whether its file server knows EPSV; a client must fall back to PASV where it does not.
  var knowsExtendedPassive: Bool {
    switch self {
    case .X1C, .X1, .X1E, .H2D: true
    case .P1P, .P1S, .A1mini, .A1, .P2S: false
    }
  }

  /// What a client that is one too many gets: an answer, or nothing but a closed connection.
  var answersSurplusClients: Bool { !isDelta }

  /// How fast the card takes an upload; the WiFi of the smaller models makes it slower still.
  var uploadBytesPerSecond: Int {
    switch self {
    case .X1C, .X1, .X1E, .H2D: 3 << 20
    case .P1P, .P1S, .P2S: 2 << 20
    case .A1mini, .A1: 1 << 20
    }
  }

  /// Version of the firmware as a whole.
  var firmwareVersion: String {
    switch self {
    case .X1C, .X1, .X1E: "01.08.02.00"
    case .P1P, .P1S: "01.07.00.00"
    case .A1mini, .A1: "01.04.00.00"
    case .H2D: "01.02.00.00"
    case .P2S: "01.01.00.00"
    }
  }

  /// The directories that its card has from the start.
  var cardDirectories: [String] { ["cache", "image", "ipcam", "logger", "model", "timelapse"] }
}
