/// How a printer's server is behind HTTPS.
public enum DoorWord: String, VocabularyWord {
  case no, yes, redirected

  public static var title: String { "security of a printer" }

  public var meaning: String {
    switch self {
    case .no: "It speaks plain HTTP."
    case .yes: "It speaks HTTPS alone, with a certificate that it has signed itself."
    case .redirected: "It speaks HTTPS, and sends there whoever comes to its plain port."
    }
  }
}
