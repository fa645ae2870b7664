// The language is data: sections of words, each with a sentence and the form of what stands behind
// it. Reading, error messages, the guide that `hubrig scenario explain` prints, and later a JSON
// Schema all come from these tables, so that none of them can forget a word.

/// What may stand behind a word.
public indirect enum Form {
  case text
  /// A name that is given here for the first time.
  case newName
  /// A name that was given elsewhere.
  case name(Subject)
  case count(ClosedRange<Int>)
  case duration
  case size
  case rate
  case share
  /// One word out of a fixed set.
  case choice(Vocabulary)
  case condition
  case section(Section)
  case list(Form)
  /// A list of steps; they have their own shape, see ``Verb``.
  case steps
  /// A time of the run, or a condition.
  case moment
  /// Free names, each with a text, or with a list of texts.
  case table(ofLists: Bool)

  /// For "expected … after "word"".
  public var expectation: String {
    switch self {
    case .text: "a text"
    case .newName: "a name of letters, digits, dots and dashes"
    case .name(let subject): "the name of a \(subject.rawValue)"
    case .count(let range):
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .duration: "a duration such as 90s, 2m30s or 1h"
    case .size: "a size such as 300 KB, 2 MB or 64 KiB"
    case .rate: "a rate such as 50 KB/s or 4 MB/s"
    case .share: "a share such as 0.1% or 25%"
    case .choice(let vocabulary): "a \(vocabulary.title)"
    case .condition: "a condition such as \"job-1 is printing and p1 progress >= 40%\""
    case .section(let section): "a map with \(section.title)"
    case .list: "a list"
    case .steps: "a list of steps"
    case .moment: "a time of the run such as 10m, or a condition such as \"job-1 is over\""
    case .table(let ofLists):
      ofLists ? "a map of names to lists of values" : "a map of names to values"
    }
  }
}

/// One word of the language.
public struct Word {
  public let name: String
  public let meaning: String
  public let form: Form
  public let isRequired: Bool

  public init(_ name: String, _ form: Form, required: Bool = false, _ meaning: String) {
    self.name = name
    self.form = form
    self.isRequired = required
    self.meaning = meaning
  }
}

/// The words of one kind of map.
public struct Section {
  /// As in "unknown word in a printer".
  public let title: String
  public let words: [Word]

  public init(_ title: String, _ words: [Word]) {
    self.title = title
    self.words = words
  }

  public subscript(name: String) -> Word? { words.first { $0.name == name } }
}

/// A fixed set of words, each with its meaning.
public struct Vocabulary {
  /// As in "unknown fault".
  public let title: String
  public let entries: [(name: String, meaning: String)]

  public var names: [String] { entries.map(\.name) }
}

/// A closed set of words that is an enum in the program.
public protocol VocabularyWord: RawRepresentable<String>, CaseIterable, Sendable {
  static var title: String { get }
  var meaning: String { get }
}

extension VocabularyWord {
  /// The set as a table.
  public static var vocabulary: Vocabulary {
    Vocabulary(title: title, entries: allCases.map { ($0.rawValue, $0.meaning) })
  }
}

/// The kinds of thing that a scenario can name.
public enum Subject: String, CaseIterable, Sendable {
  case job, printer, hub, farm, file, cloud, phone
}
