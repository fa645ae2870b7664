import Printers
import Testing
import VirtualWorld
import World

@testable import Scenarios

@Suite("What is typed beside running printers")
struct PrinterConsoleTests {
  private let world = VirtualWorld(seed: 1)

  private func printer(_ name: String) -> (name: String, printer: BambuPrinter) {
    let host = world.addHost(name, address: nil, on: .farm("desk"))
    let configuration = BambuPrinter.Configuration(
      name: name, model: .P1S, serial: "01P00A00000000\(name.suffix(1))", accessCode: "12345678")
    return (name, BambuPrinter(host: host, configuration: configuration))
  }

  @Test("a fault is switched on with and without a value, listed, and switched off")
  func oneprinter() {
    let only = printer("p1")
    let console = PrinterConsole([("p1", only.printer)])
    #expect(console.hear("fault ftps-slow 5 KB/s") == "ftps-slow is on")
    #expect(only.printer.troubles.has(.ftpsSlow))
    #expect(console.hear("fault sd-missing") == "sd-missing is on")
    #expect(!only.printer.card.isInserted)
    let lines = console.hear("faults").split(separator: "\n")
    #expect(lines.count == BambuFault.allCases.count)
    #expect(lines.filter { $0.hasPrefix("*") }.count == 2)
    #expect(console.hear("fault sd-missing off") == "sd-missing is over")
    #expect(only.printer.card.isInserted)
    #expect(console.hear("fault sd-missing off") == "sd-missing is not on")
    #expect(console.hear("") == "")
  }

  @Test("of several printers the one that is meant must be named")
  func several() {
    let (first, second) = (printer("p1"), printer("p2"))
    let console = PrinterConsole([("p1", first.printer), ("p2", second.printer)])
    #expect(console.hear("fault sd-full").hasPrefix("which printer?"))
    #expect(console.hear("fault p2 sd-full on") == "sd-full is on")
    #expect(!first.printer.troubles.has(.cardFull) && second.printer.troubles.has(.cardFull))
    #expect(console.hear("faults").contains("(p2)"))
  }

  @Test(
    "what is not understood says what would be",
    arguments: [
      ("falut sd-full", "unknown word \"falut\"; did you mean \"fault\"?"),
      ("fault digest-stale", "digest-stale goes wrong with prusalink alone"),
      ("fault sd-ful", "unknown fault \"sd-ful\"; did you mean \"sd-full\"?"),
      (
        "fault sd-full 3s", "sd-full has no value; \"on\" and \"off\" are all that can be said"
      ),
      (
        "fault ack-late soon",
        "expected a duration such as 90s, 2m30s or 1h after ack-late, found \"soon\""
      ),
      ("fault", PrinterConsole.help), ("help", PrinterConsole.help),
    ])
  func misunderstood(line: String, answer: String) {
    #expect(PrinterConsole([("p1", printer("p1").printer)]).hear(line) == answer)
  }
}
