import Cloud
import HubHost
import World

/// Looks for what must be secret where everybody could read it.
final class SecretWatch {
  private let stage: Stage
  private let factoryKey: [UInt8]
  private var secrets: [(what: String, word: [UInt8])] = []
  private var words = WordSearch([])
  private var reported: Set<String> = []
  var onFound: ((_ what: String, _ place: String) -> Void)?

  init(stage: Stage) {
    self.stage = stage
    factoryKey = Array(stage.factoryKey.utf8)
  }

  /// Collects the secrets of a stage on which everybody stands.
  func learn() {
    secrets = [
      ("the factory's key", factoryKey), ("an owner's password", Array(Owner.password.utf8)),
    ]
    for farm in stage.farms {
      add("the secret of \(farm.hub.name)", farm.hub.secret)
      add("the claim code of \(farm.hub.name)", farm.hub.claimCode)
      add("the WiFi key of \(farm.name)", farm.hub.hub.settings.wifiKey)
      for printer in farm.printers {
        add("the access code of \(printer.name)", printer.printer.accessCode)
      }
    }
    words = WordSearch(secrets.map(\.word))
  }

  private func add(_ what: String, _ secret: String) {
    if secret.utf8.count >= 8 { secrets.append((what, Array(secret.utf8))) }
  }

  /// The same bytes with dots where a secret stands: one that is known, or the value of a field
  /// whose name tells that it holds one.
  func masked(_ payload: [UInt8]) -> [UInt8] {
    var text = String(decoding: payload, as: UTF8.self)
    for (_, word) in secrets {
      text = text.replacing(String(decoding: word, as: UTF8.self), with: Self.dots)
    }
    guard let json = try? JSON.parse(text) else { return Array(text.utf8) }
    return masked(json).bytes
  }

  private static let dots = "•••"
  private static let tellingNames = [
    "token", "secret", "password", "code", "key", "signature", "url", "challenge", "proof",
  ]

  private func masked(_ value: JSON) -> JSON {
    switch value {
    case .object(let object):
      return .object(
        JSONObject(
          object.map { key, value in
            let isSecret = Self.tellingNames.contains { key.hasSuffix($0) }
            if isSecret, case .string = value { return (key, .string(Self.dots)) }
            return (key, masked(value))
          }))
    case .array(let values): return .array(values.map { masked($0) })
    default: return value
    }
  }

  /// Looks at one line of the timeline.
  func look(at entry: TraceEntry) {
    var text = entry.text
    text.withUTF8 { bytes in
      words.search(UnsafeRawBufferPointer(bytes), isStrict: true) {
        found(secrets[$0].what, in: "the timeline")
      }
    }
  }

  /// Looks at what is kept: the cloud's database, and the store of each hub.
  func lookAtWhatIsKept() {
    stage.cloud.storage.search(words) { found(secrets[$0].what, in: "the cloud's database") }
    for farm in stage.farms {
      farm.hub.hub.flash.search(words) {
        found(secrets[$0].what, in: "the flash of \(farm.hub.name)")
      }
    }
  }

  private func found(_ what: String, in place: String) {
    guard reported.insert(what + place).inserted else { return }
    onFound?(what, place)
  }
}
