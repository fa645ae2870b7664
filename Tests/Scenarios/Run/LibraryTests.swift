import Printers
import Testing

@testable import Scenarios

@Suite("The library of stories")
struct LibraryTests {
  /// Every story of every file.
  private static func all() throws -> [Scenario] {
    try Library.files(in: "scenarios").flatMap { try Library.readAll($0) }
  }

  @Test("every fault has a sentence of help, an example, and a story that shows it")
  func faults() throws {
    var shown: Set<String> = []
    for scenario in try Self.all() {
      for planned in scenario.faults { shown.insert(planned.fault.name) }
      Self.each(of: scenario.steps) { action in
        switch action {
        case .fault(let fault): shown.insert(fault.kind.rawValue)
        case .printerFault(let fault): shown.insert(fault.fault.name)
        default: break
        }
      }
    }
    for entry in FaultWords.vocabulary.entries {
      #expect(!entry.meaning.isEmpty && Examples.fault(entry.name) != nil)
      // Faults of printers that are reached over HTTP have stories where those printers are.
      #expect(shown.contains(entry.name), "no story shows \(entry.name)")
    }
  }

  private static func each(of steps: [Step], _ body: (Action) -> Void) {
    for step in steps {
      switch step.action {
      case .together(let rows), .turns(let rows, _, _): for row in rows { each(of: row, body) }
      default: body(step.action)
      }
    }
  }

  /// What was seen in the field, by the numbers of the list that the folder goes by.
  static let incidentCount = 32

  @Test("every incident of the list has its story, which names where it was seen")
  func incidents() throws {
    let files = Library.files(in: "scenarios/incidents")
    var numbers: [Int] = []
    for file in files {
      let name = file.split(separator: "/").last ?? ""
      numbers.append(try #require(Int(name.prefix(2)), "\(file) has no number"))
      let source = try #require(try Library.readAll(file).first?.source, "\(file) has no source")
      #expect(source.split(separator: " ").allSatisfy { $0.hasPrefix("https://") })
    }
    #expect(numbers == Array(1...Self.incidentCount))
  }
}
