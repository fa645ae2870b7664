import Printers
import Testing
import World

@testable import Scenarios

@Suite("Faults of printers in a scenario")
struct PrinterFaultTests {
  private static func read(_ step: String) throws -> Scenario {
    try story("  - { \(step) }", farm: "\n        - { name: p2, kind: moonraker }")
  }

  @Test("a fault has a printer, perhaps a value of its own form, perhaps an end")
  func read() throws {
    let scenario = try Self.read("fault: ftps-late-226, on: p1, to: 50s, for: 3m")
    guard case .printerFault(let fault)? = scenario.steps.first?.action else {
      Issue.record("another action")
      return
    }
    #expect(fault.fault == .bambu(.ftpsLate226) && fault.printer == "p1")
    #expect(fault.amount == .duration(.seconds(50)) && fault.duration == .minutes(3))
    guard
      case .printerMend(.bambu(.ftpsStall), "p1")? = try Self.read("mend: ftps-stall, on: p1")
        .steps.first?.action
    else {
      Issue.record("another action")
      return
    }
  }

  @Test(
    "mistakes are pointed at",
    arguments: [
      ("fault: ftps-stal, on: p1", "unknown fault \"ftps-stal\"; did you mean \"ftps-stall\"?"),
      (
        "fault: ftps-stall", "the fault \"ftps-stall\" needs \"on\" with the name of a printer"
      ),
      (
        "fault: ftps-stall, on: hub-1",
        "the fault \"ftps-stall\" is for a printer, not for \"hub-1\"; known: p1, p2"
      ),
      (
        "fault: sd-full, on: p1, to: 3s", "the fault \"sd-full\" has nothing to measure"
      ),
      (
        "fault: verify-refused, on: p1, to: hmss", "unknown way \"hmss\"; did you mean \"hms\"?"
      ),
      (
        "fault: power-loss, on: p1, for: 3s",
        "the fault \"power-loss\" happens in a moment; there is nothing to end"
      ),
      (
        "mend: touch-screen, on: p1",
        "the fault \"touch-screen\" happens in a moment; there is nothing to mend"
      ),
    ])
  func mistakes(step: String, message: String) throws {
    do {
      _ = try Self.read(step)
      Issue.record("it was accepted")
    } catch let error as ScenarioError {
      #expect(error.problems.map(\.message) == [message])
    }
  }

  @Test("which fault a name means depends on the printer's kind")
  func kinds() throws {
    guard
      case .printerFault(let fault)? = try Self.read("fault: power-loss, on: p2").steps.first?
        .action
    else {
      Issue.record("another action")
      return
    }
    #expect(fault.fault == .web(.powerLoss))
    #expect(throws: ScenarioError.self) { try Self.read("fault: ftps-stall, on: p2") }
    #expect(throws: ScenarioError.self) { try Self.read("fault: klippy-shutdown, on: p1") }
  }

  @Test("every fault of a printer is explained", arguments: BambuFault.allCases)
  func explained(fault: BambuFault) {
    #expect(Guide.explain(fault.name)?.contains(fault.meaning) == true)
  }

  @Test("so is every fault of printers that are reached over HTTP", arguments: WebFault.allCases)
  func explained(fault: WebFault) {
    let isShared = BambuFault(rawValue: fault.name) != nil
    #expect(!fault.kinds.isEmpty)
    #expect(Guide.explain(fault.name)?.contains(isShared ? fault.name : fault.meaning) == true)
  }
}
