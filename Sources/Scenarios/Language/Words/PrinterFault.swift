import Printers
import World

/// Something that goes wrong with a printer in a story.
public struct PrinterFault {
  public var fault: FieldFault
  public var printer: String
  public var amount: FaultAmount?
  /// Nil: until it is mended.
  public var duration: Interval?

  public init(
    _ fault: FieldFault, printer: String, amount: FaultAmount? = nil,
    duration: Interval? = nil
  ) {
    self.fault = fault
    self.printer = printer
    self.amount = amount
    self.duration = duration
  }
}

/// Everything that can stand behind `fault` and `mend`.
public enum FaultWords {
  public static var vocabulary: Vocabulary {
    Vocabulary(
      title: FaultKind.title, entries: FaultKind.vocabulary.entries + ofPrinters.entries)
  }

  /// The faults that printers have of their own. What printers of several kinds have by one name is
  /// explained once.
  public static var ofPrinters: Vocabulary {
    var entries: [(String, String)] = []
    for fault in FieldFault.all where !entries.contains(where: { $0.0 == fault.name }) {
      entries.append((fault.name, fault.meaning + kinds(of: fault.name) + measure(of: fault)))
    }
    return Vocabulary(title: "fault of a printer", entries: entries)
  }

  /// Whose fault it is, where that is not Bambu Lab's printers alone.
  private static func kinds(of name: String) -> String {
    let kinds = FieldFault.kinds(with: name)
    guard kinds != [.bambu] else { return "" }
    return " (\(kinds.map(\.rawValue).joined(separator: ", ")))"
  }

  /// A sentence on `to`, or nothing.
  public static func measure(of fault: FieldFault) -> String {
    switch fault.measure {
    case nil: ""
    case .word(let words): " `to` is one of \(words.joined(separator: ", "))."
    case .some(let measure):
      " `to` is \(form(of: measure).expectation); \(text(of: measure.ordinary)) when not told."
    }
  }

  /// What a person who types reads of a fault: the amount stands behind its name.
  public static func typed(meaning fault: FieldFault) -> String {
    (fault.meaning + measure(of: fault)).replacing("`to`", with: "VALUE")
  }

  /// What is wrong with a value that a person typed behind a fault's name.
  public static func typed(wrongValue value: String, of fault: FieldFault) -> String {
    guard let measure = fault.measure else { return "\(fault.name) has no value" }
    let expected =
      if case .word(let words) = measure {
        "one of \(words.joined(separator: ", "))"
      } else {
        form(of: measure).expectation
      }
    return "expected \(expected) after \(fault.name), found \"\(value)\""
  }

  /// What is wrong with a name that none of these faults has.
  public static func typed(unknown name: String, among faults: [FieldFault]) -> String {
    let kinds = FieldFault.kinds(with: name).map(\.rawValue)
    if !kinds.isEmpty { return "\(name) goes wrong with \(kinds.joined(separator: " and ")) alone" }
    let near = nearest(to: name, among: faults.map(\.name))
    return "unknown fault \"\(name)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "")
  }

  /// The form in which an amount is written.
  public static func form(of measure: FaultMeasure) -> Form {
    switch measure {
    case .duration: .duration
    case .size: .size
    case .rate: .rate
    case .word(let words):
      .choice(Vocabulary(title: "way", entries: words.map { ($0, "") }))
    }
  }

  public static func text(of amount: FaultAmount) -> String {
    switch amount {
    case .duration(let length): Quantity.describe(length)
    case .size(let count): Quantity.describe(bytes: count)
    case .rate(let count): Quantity.describe(bytes: count) + "/s"
    case .word(let word): word
    }
  }

  /// Reads an amount from a text; nil when it has another form.
  public static func amount(_ text: String, of measure: FaultMeasure) -> FaultAmount? {
    switch measure {
    case .duration: Quantity.duration(text).map { .duration($0) }
    case .size: Quantity.size(text).map { .size($0) }
    case .rate: Quantity.rate(text).flatMap { $0 > 0 ? .rate($0) : nil }
    case .word(let words): words.contains(text) ? .word(text) : nil
    }
  }
}
