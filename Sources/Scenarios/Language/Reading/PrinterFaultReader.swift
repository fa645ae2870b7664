import Printers
import World

extension ScenarioReader {
  /// Reads a fault that is a printer's own; `name` was told in `argument`.
  func printerFault(
    _ name: String, _ argument: Value, _ fields: Fields
  ) -> PrinterFault? {
    guard let (fault, printer) = fault(name, fields["on"], argument.mark) else { return nil }
    var story = PrinterFault(fault, printer: printer, duration: fields["for"]?.duration)
    if fault.isMomentary, let extra = fields["for"] {
      checker.complain(
        extra.mark, "the fault \"\(fault.name)\" happens in a moment; there is nothing to end")
      return nil
    }
    guard let word = fields["to"] else { return story }
    guard let measure = fault.measure else {
      checker.complain(word.mark, "the fault \"\(fault.name)\" has nothing to measure")
      return nil
    }
    guard let value = checker.value(word.node, as: FaultWords.form(of: measure), after: "to"),
      case .text(let text, _) = value.node.content,
      let amount = FaultWords.amount(text, of: measure)
    else {
      if checker.problems.isEmpty { checker.complain(word.mark, "expected more than 0 B/s") }
      return nil
    }
    story.amount = amount
    return story
  }

  /// Reads what puts a printer's own fault right.
  func printerMend(_ name: String, _ argument: Value, _ fields: Fields) -> Action? {
    guard let (fault, printer) = fault(name, fields["on"], argument.mark) else { return nil }
    guard !fault.isMomentary else {
      checker.complain(
        argument.mark, "the fault \"\(fault.name)\" happens in a moment; there is nothing to mend")
      return nil
    }
    return .printerMend(fault, printer: printer)
  }

  /// Which of the faults of that name a printer can have depends on its kind.
  private func fault(
    _ fault: String, _ value: Value?, _ mark: Mark
  ) -> (FieldFault, printer: String)? {
    guard let value, let name = value.text else {
      checker.complain(mark, "the fault \"\(fault)\" needs \"on\" with the name of a printer")
      return nil
    }
    guard names[name] == .printer else {
      checker.complain(
        value.mark,
        "the fault \"\(fault)\" is for a printer, not for \"\(name)\""
          + hint(for: name, among: names.names(of: .printer)))
      return nil
    }
    let kind = printerKinds.first { $0.printer == name }?.kind ?? .bambu
    guard let found = FieldFault(fault, of: kind) else {
      let kinds = FieldFault.kinds(with: fault).map(\.rawValue).joined(separator: ", ")
      checker.complain(
        mark,
        "the fault \"\(fault)\" is one of \(kinds); \(name) is of the kind \(kind.rawValue)")
      return nil
    }
    return (found, name)
  }
}
