import Printers
import VirtualWorld
import World

extension FaultSwitches {
  /// Begins a fault of a printer and plans its end.
  func begin(_ story: PrinterFault) {
    let amount = story.amount.map { " to " + FaultWords.text(of: $0) } ?? ""
    let length = story.duration.map { " for \(Quantity.describe($0))" } ?? ""
    note(story.printer, story.fault.name + amount + length)
    guard let printer = printer(story.printer) else { return }
    printer.clock = host
    printer.begin(story.fault, story.amount)
    let number = count(story)
    guard let duration = story.duration else { return }
    host.after(duration) { [weak self] in
      // One that was begun again meanwhile goes on.
      guard let self, isNewest(number, of: story) else { return }
      _ = mend(story.fault, of: story.printer)
    }
  }

  /// Ends a fault of a printer; false when it is not there.
  func mend(_ fault: FieldFault, of name: String) -> Bool {
    guard let printer = printer(name), printer.has(fault) else { return false }
    note(name, fault.name + " is over")
    printer.end(fault)
    return true
  }

  private func note(_ place: String, _ text: String) {
    host.trace.note(at: host.now, by: place, .fault, text)
  }

  private func printer(_ name: String) -> (any SimulatedPrinter)? {
    stage.stage.farm(ofPrinter: name)?.printer(name)?.printer
  }
}
