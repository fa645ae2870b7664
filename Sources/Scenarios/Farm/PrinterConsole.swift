// What a person types beside running printers, to break them and to put them right:
//
//     faults                          every fault, with those that are on marked
//     fault ftps-stall on             the printer's name comes first where there are several:
//     fault p2 ftps-slow 20 KB/s      on is meant when nothing is said
//     fault p2 ftps-slow off

import Printers
import World

/// Understands lines and answers with lines.
public final class PrinterConsole {
  private let printers: [(name: String, printer: any SimulatedPrinter)]

  public init(_ printers: [(name: String, printer: any SimulatedPrinter)]) {
    self.printers = printers
  }

  /// Does what a line says; answers what is to be shown, which is empty when all is said.
  public func hear(_ line: String) -> String {
    var words = line.split(separator: " ").map(String.init)
    guard !words.isEmpty else { return "" }
    switch words.removeFirst() {
    case "faults": return list
    case "fault": return fault(words)
    case "help", "?": return Self.help
    case let word:
      let near = nearest(to: word, among: ["fault", "faults", "help"])
      return "unknown word \"\(word)\"" + (near.map { "; did you mean \"\($0)\"?" } ?? "")
    }
  }

  public static let help = """
    faults                        every fault; those that are on are marked with *
    fault [PRINTER] NAME [VALUE]  something goes wrong from now on
    fault [PRINTER] NAME off      it is put right
    """

  /// What can go wrong with the printers that are here.
  private func known(of printers: [(name: String, printer: any SimulatedPrinter)]) -> [FieldFault] {
    PrinterKind.allCases.filter { kind in printers.contains { $0.printer.kind == kind } }
      .flatMap { FieldFault.all(of: $0) }
      .reduce(into: []) { known, fault in if !known.contains(fault) { known.append(fault) } }
  }

  private var list: String {
    let faults = known(of: printers)
    let width = faults.map(\.name.count).max() ?? 0
    return faults.map { fault in
      let holders = printers.filter { $0.printer.has(fault) }.map(\.name)
      let mark = holders.isEmpty ? " " : "*"
      let name = fault.name + String(repeating: " ", count: width - fault.name.count)
      let who =
        holders.isEmpty || printers.count == 1 ? "" : " (\(holders.joined(separator: ", ")))"
      return "\(mark) \(name)  \(FaultWords.typed(meaning: fault))\(who)"
    }.joined(separator: "\n")
  }

  private func fault(_ words: [String]) -> String {
    var words = words
    guard let first = words.first else { return Self.help }
    var chosen = printers
    if let named = printers.first(where: { $0.name == first }) {
      chosen = [named]
      words.removeFirst()
    } else if printers.count > 1 {
      let names = printers.map(\.name).joined(separator: ", ")
      return "which printer? Say \"fault PRINTER NAME\" with one of \(names)"
    }
    guard let name = words.first else { return Self.help }
    guard let fault = known(of: chosen).first(where: { $0.name == name }) else {
      return FaultWords.typed(unknown: name, among: known(of: chosen))
    }
    return change(fault, words.dropFirst().joined(separator: " "), chosen.map(\.printer))
  }

  private func change(
    _ fault: FieldFault, _ value: String, _ printers: [any SimulatedPrinter]
  ) -> String {
    if value == "off" {
      guard printers.contains(where: { $0.has(fault) }) else {
        return "\(fault.name) is not on"
      }
      for printer in printers { printer.end(fault) }
      return "\(fault.name) is over"
    }
    var amount: FaultAmount?
    if !value.isEmpty, value != "on" {
      guard let measure = fault.measure else {
        return "\(fault.name) has no value; \"on\" and \"off\" are all that can be said"
      }
      amount = FaultWords.amount(value, of: measure)
      guard amount != nil else { return FaultWords.typed(wrongValue: value, of: fault) }
    }
    for printer in printers { printer.begin(fault, amount) }
    return fault.isMomentary ? "\(fault.name): done" : "\(fault.name) is on"
  }
}
