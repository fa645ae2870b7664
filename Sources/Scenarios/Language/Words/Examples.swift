// An example of every step and every fault, made from the tables, so that none can be out of date.

import Printers

/// Shows how a word is used.
public enum Examples {
  /// The world that the examples are about.
  static let world = """
    world:
      farms:
        - name: workshop
          people: [{ name: ben, role: viewer }]
          hub: { name: hub-1 }
          phones: [anna]
          printers:
            - { name: p1, model: P1S }
            - { name: o1, kind: octoprint }
            - { name: l1, kind: prusalink }
            - { name: m1, kind: moonraker }
    files:
      - { name: part.3mf }
      - { name: part.gcode }
    """

  /// A step with this verb, as it stands in a file.
  public static func step(_ verb: Verb) -> String {
    switch verb {
    case .fault: return lines(["fault: loss", "on: hub-1", "to: 5%", "every: 1m", "for: 10s"])
    case .mend: return lines(["mend: wifi-down", "on: hub-1"])
    case .phone: return lines(["phone: anna", "does: \(PhoneDeed.allCases[0].rawValue)"])
    case .releaseFirmware: return lines(["release-firmware: 1.3.0", "behaviour: good"])
    case .rollOut: return lines(["roll-out: 1.3.0", "share: 50%"])
    case .pauseRollout, .resumeRollout: return lines(["\(verb.rawValue): 1.3.0"])
    case .expect: return lines(["expect: job-1 is printing", "within: 5m"])
    case .say: return lines(["say: the night begins"])
    case .repeat:
      return lines([
        "repeat: 3", "as: n", "every: 10m", "steps:", "  - print: part.3mf", "    on: p1",
        "    as: job-${n}",
      ])
    case .together:
      return lines(["together:", "  - start: job-1", "  - { pause: job-1, after: 2s }"])
    case .inOrder:
      return lines(["in-order:", "  - start: job-1", "  - { pause: job-1, after: 2s }"])
    default:
      let words = [Word(verb.rawValue, verb.argument, required: true, "")] + verb.options
      return lines(words.filter(\.isRequired).map { "\($0.name): \(value(of: $0.form))" })
    }
  }

  /// A step that begins a fault; nil when there is none of that name.
  public static func fault(_ name: String) -> String? {
    if let kind = FaultKind(rawValue: name) {
      var words = ["fault: \(name)"]
      if kind.places != [.cloud] { words.append("on: \(self.name(of: kind.places[0]))") }
      if let form = kind.measure { words.append("to: \(value(of: form))") }
      if kind == .flippedBits { words.append("in: \(FlashThing.wifi.rawValue)") }
      return lines(words)
    }
    guard let kind = FieldFault.kinds(with: name).first, let fault = FieldFault(name, of: kind)
    else { return nil }
    let printer =
      switch kind {
      case .bambu: "p1"
      case .octoprint: "o1"
      case .prusalink: "l1"
      case .moonraker: "m1"
      }
    var words = ["fault: \(name)", "on: \(printer)"]
    if let measure = fault.measure {
      let form = FaultWords.form(of: measure)
      words.append("to: \(value(of: form))")
    }
    return lines(words)
  }

  private static func lines(_ words: [String]) -> String {
    (["- " + words[0]] + words.dropFirst().map { "  " + $0 }).joined(separator: "\n")
  }

  private static func value(of form: Form) -> String {
    switch form {
    case .text: "some words"
    case .newName: "job-2"
    case .name(let subject): name(of: subject)
    case .count(let range): "\(max(1, range.lowerBound))"
    case .duration: "30s"
    case .size: "300 KB"
    case .rate: "50 KB/s"
    case .share: "5%"
    case .choice(let vocabulary): vocabulary.names[0]
    case .condition, .moment: "job-1 is printing"
    case .section, .list, .steps, .table: ""
    }
  }

  private static func name(of subject: Subject) -> String {
    switch subject {
    case .job: "job-1"
    case .printer: "p1"
    case .hub: "hub-1"
    case .farm: "workshop"
    case .file: "part.3mf"
    case .cloud: "cloud"
    case .phone: "anna"
    case .person: "ben"
    }
  }
}
