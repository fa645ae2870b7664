// Whole chapters of the guide, for those who do not know the word that they look for.

import Printers

extension Guide {
  /// What can be explained as a whole.
  public static let topics = ["faults", "steps", "conditions", "times"]

  /// A chapter; nil when there is none of that name.
  public static func topic(_ name: String) -> String? {
    switch name {
    case "faults": faults
    case "steps":
      "A step is a map with one of these words; \"hubrig scenario explain WORD\" tells more.\n\n"
        + table(Verb.vocabulary.entries)
    case "times":
      "When a step happens; all of these may be combined, in this order.\n\n"
        + table(Verb.times.map { ($0.name, $0.meaning) })
        + "\n\nHow a fault comes again and ends:\n\n"
        + table(
          Verb.fault.options.filter { ["for", "at-least", "every", "until"].contains($0.name) }
            .map { ($0.name, $0.meaning) })
    case "conditions": conditions
    default: nil
    }
  }

  /// Every fault by where it happens, with a sentence each.
  private static var faults: String {
    var parts = [
      "All faults: everything that can break; \"hubrig scenario explain FAULT\" shows how to say it."
    ]
    for chapter in FaultChapter.allCases {
      let kinds = FaultKind.allCases.filter { $0.chapter == chapter }
      parts.append(chapter.title + "\n\n" + table(kinds.map { ($0.rawValue, $0.meaning) }))
    }
    parts.append("Printers\n\n" + table(FaultWords.ofPrinters.entries))
    return parts.joined(separator: "\n\n")
  }

  private static func table(_ rows: [(name: String, meaning: String)]) -> String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      "  " + row.name + String(repeating: " ", count: width - row.name.count + 2) + row.meaning
    }.joined(separator: "\n")
  }
}

/// Where faults happen, as the guide puts them in order.
enum FaultChapter: String, CaseIterable {
  case network, wifi, device, cloud, printer

  var title: String {
    switch self {
    case .network: "Networks"
    case .wifi: "The hub's radio"
    case .device: "The hub itself"
    case .cloud: "The cloud"
    case .printer: "A printer's plug"
    }
  }
}

extension FaultKind {
  var chapter: FaultChapter {
    switch self {
    case .wifiDown, .wifiKeyChanged, .weakSignal, .deauthentication, .newAddress, .slowDHCP: .wifi
    case .printerOff: .printer
    default:
      if self == .clockJump {
        .device
      } else if places == [.cloud] {
        .cloud
      } else if places == [.hub] {
        .device
      } else {
        .network
      }
    }
  }
}
