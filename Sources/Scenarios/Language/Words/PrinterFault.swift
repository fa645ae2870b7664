import Printers
import World

/// Something that goes wrong with a printer in a story.
public struct PrinterFault {
  public var fault: BambuFault
  public var printer: String
  public var amount: BambuFault.Amount?
  /// Nil: until it is mended.
  public var duration: Interval?

  public init(
    _ fault: BambuFault, printer: String, amount: BambuFault.Amount? = nil,
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

  /// The faults that printers have of their own.
  public static var ofPrinters: Vocabulary {
    Vocabulary(
      title: "fault of a printer",
      entries: BambuFault.allCases.map { ($0.name, $0.meaning + measure(of: $0)) })
  }

  /// A sentence on `to`, or nothing.
  public static func measure(of fault: BambuFault) -> String {
    switch fault.measure {
    case nil: ""
    case .word(let words): " `to` is one of \(words.joined(separator: ", "))."
    case .some(let measure):
      " `to` is \(form(of: measure).expectation); \(text(of: measure.ordinary)) when not told."
    }
  }

  /// The form in which an amount is written.
  public static func form(of measure: BambuFault.Measure) -> Form {
    switch measure {
    case .duration: .duration
    case .size: .size
    case .rate: .rate
    case .word(let words):
      .choice(Vocabulary(title: "way", entries: words.map { ($0, "") }))
    }
  }

  public static func text(of amount: BambuFault.Amount) -> String {
    switch amount {
    case .duration(let length): Quantity.describe(length)
    case .size(let count): Quantity.describe(bytes: count)
    case .rate(let count): Quantity.describe(bytes: count) + "/s"
    case .word(let word): word
    }
  }

  /// Reads an amount from a text; nil when it has another form.
  public static func amount(_ text: String, of measure: BambuFault.Measure) -> BambuFault.Amount? {
    switch measure {
    case .duration: Quantity.duration(text).map { .duration($0) }
    case .size: Quantity.size(text).map { .size($0) }
    case .rate: Quantity.rate(text).flatMap { $0 > 0 ? .rate($0) : nil }
    case .word(let words): words.contains(text) ? .word(text) : nil
    }
  }
}
