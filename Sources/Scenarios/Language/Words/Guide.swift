/// What `hubrig scenario explain` prints: the whole language, or one word of it.
public enum Guide {
  /// All words, by where they stand.
  public static func all() -> String {
    var parts: [String] = []
    for section in sections { parts.append(text(of: section)) }
    var verbs = ["A step is a map with one of these verbs:", ""]
    for verb in Verb.allCases { verbs += lines(of: verb) }
    verbs += ["", "and, if it shall not happen at once, with:", ""]
    verbs += Verb.times.map { line($0.name, $0.form, $0.meaning) }
    parts.append(verbs.joined(separator: "\n"))
    for vocabulary in vocabularies { parts.append(text(of: vocabulary)) }
    parts.append(conditions)
    return parts.joined(separator: "\n\n")
  }

  /// Every place where a word has a meaning; nil when it has none.
  public static func explain(_ word: String) -> String? {
    if let chapter = topic(word) { return chapter }
    var found: [String] = []
    for section in sections {
      guard let entry = section[word] else { continue }
      found.append("in \(section.title):\n" + line(word, entry.form, entry.meaning))
    }
    if let verb = Verb(rawValue: word) {
      found.append(
        "a step:\n" + lines(of: verb).joined(separator: "\n") + example(Examples.step(verb)))
    }
    for entry in Verb.times where entry.name == word {
      found.append("in any step:\n" + line(word, entry.form, entry.meaning))
    }
    for verb in Verb.allCases {
      for option in verb.options where option.name == word {
        found.append("with \"\(verb.rawValue)\":\n" + line(word, option.form, option.meaning))
      }
    }
    for vocabulary in vocabularies {
      for entry in vocabulary.entries where entry.name == word {
        let isFault = vocabulary.title.hasPrefix(FaultKind.title)
        let shown = isFault ? Examples.fault(word).map { example($0) } : nil
        found.append(
          "a \(vocabulary.title):\n  \(entry.name)\n      \(entry.meaning)" + (shown ?? ""))
      }
    }
    return found.isEmpty ? nil : found.joined(separator: "\n\n")
  }

  /// Every word there is, for suggestions.
  public static var allWords: [String] {
    var words = sections.flatMap { $0.words.map(\.name) }
    words += Verb.vocabulary.names + Verb.times.map(\.name)
    words += Verb.allCases.flatMap { $0.options.map(\.name) }
    words += vocabularies.flatMap(\.names)
    var known: Set<String> = []
    return words.filter { known.insert($0).inserted }
  }

  private static var sections: [Section] {
    [
      ScenarioWords.scenario, ScenarioWords.world, ScenarioWords.cloud, ScenarioWords.farm,
      ScenarioWords.hub, ScenarioWords.printer, ScenarioWords.file, ScenarioWords.plannedFault,
      ScenarioWords.expectation,
    ]
  }

  private static var vocabularies: [Vocabulary] {
    [
      FaultKind.vocabulary, FaultWords.ofPrinters, PrinterButton.vocabulary, JobWord.vocabulary,
      PrinterWord.vocabulary,
      HubWord.vocabulary, CloudWord.vocabulary,
      UpdateWord.vocabulary, BehaviourWord.vocabulary, FlawWord.vocabulary, FlashThing.vocabulary,
      PhoneDeed.vocabulary, PhoneWord.vocabulary, TokenWord.vocabulary, HubOrigin.vocabulary,
      NetworkGuard.vocabulary, Measure.vocabulary, ScenarioWords.kinds,
      ScenarioWords.accesses,
    ]
  }

  private static func example(_ text: String) -> String {
    "\n\n  for example:\n"
      + text.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
  }

  static let conditions = """
    A condition says of somebody that it is, or is not, in a state, or compares a measure:

      job-1 is printing
      hub-1 is not online
      p1 progress >= 40% and p1 nozzle > 200
      hub-1 firmware = 1.3.0 and hub-1 update is succeeded
    """

  private static func text(of section: Section) -> String {
    let words = section.words.map { line($0.name, $0.form, $0.meaning, isRequired: $0.isRequired) }
    return (["The words of \(section.title):", ""] + words).joined(separator: "\n")
  }

  private static func text(of vocabulary: Vocabulary) -> String {
    let rows = vocabulary.entries.map { "  \($0.name)\n      \($0.meaning)" }
    return (["Every \(vocabulary.title):", ""] + rows).joined(separator: "\n")
  }

  private static func lines(of verb: Verb) -> [String] {
    [line(verb.rawValue, verb.argument, verb.meaning)]
      + verb.options.map { option in
        line(
          option.name, option.form, option.meaning, isRequired: option.isRequired, indent: "      ")
      }
  }

  private static func line(
    _ name: String, _ form: Form, _ meaning: String, isRequired: Bool = false, indent: String = "  "
  ) -> String {
    let need = isRequired ? ", needed" : ""
    return "\(indent)\(name): \(form.expectation)\(need)\n\(indent)    \(meaning)"
  }
}
