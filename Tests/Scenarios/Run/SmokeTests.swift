import Foundation
import Testing
import World

@testable import Scenarios

/// The scenarios of this repository.
enum Library {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func files(in folder: String) -> [String] {
    let directory = root.appendingPathComponent(folder)
    let found = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String }
    return (found ?? []).filter { name in
      // What begins with an underscore is a part of others.
      name.hasSuffix(".yaml") && !(name.split(separator: "/").last ?? "").hasPrefix("_")
    }.sorted().map { folder + "/" + $0 }
  }

  /// Every story of a file.
  static func readAll(_ file: String) throws -> [Scenario] {
    func bytes(_ path: String) throws -> [UInt8] {
      Array(try Data(contentsOf: root.appendingPathComponent(path)))
    }
    return try ScenarioReader.readAll(bytes(file), file: file, load: bytes)
  }

  static func read(_ file: String) throws -> Scenario {
    let bytes = try Data(contentsOf: root.appendingPathComponent(file))
    return try ScenarioReader.read(Array(bytes), file: file)
  }
}

@Suite("The scenarios of this repository")
struct SmokeTests {
  // The others are run optimised, by `make test`: all of them take minutes in a debug build.
  @Test("the shortest scenarios pass", arguments: Library.files(in: "scenarios/smoke"))
  func passes(file: String) throws {
    for scenario in try Library.readAll(file) {
      let result = ScenarioRun(scenario).run()
      #expect(result.breaches == [], "\(scenario.file)")
      for expectation in result.expectations {
        #expect(expectation.isMet, "\(expectation.expectation.text): \(expectation.found)")
      }
    }
  }

  @Test(
    "a scenario gives the same hash twice, and another with another seed",
    arguments: Library.files(in: "scenarios/smoke"))
  func sameHash(file: String) throws {
    let scenario = try Library.read(file)
    let first = ScenarioRun(scenario).run()
    let second = ScenarioRun(scenario).run()
    #expect(first.hash == second.hash)
    #expect(first.eventCount == second.eventCount)
    #expect(ScenarioRun(scenario, seed: 424_242).run().hash != first.hash)
  }

  @Test("whoever listens to the timeline does not change the run")
  func listening() throws {
    let scenario = try Library.read("scenarios/smoke/one-print.yaml")
    let silent = ScenarioRun(scenario).run()
    let told = ScenarioRun(scenario)
    var lines = 0
    told.onEntry { _ in lines += 1 }
    #expect(told.run().hash == silent.hash)
    #expect(lines > 20)
  }

  @Test("the smoke scenarios hold with other luck too", arguments: [100, 101, 102])
  func otherSeeds(seed: Int) throws {
    for file in Library.files(in: "scenarios/smoke") {
      let result = ScenarioRun(try Library.read(file), seed: UInt64(seed)).run()
      let unmet = result.expectations.filter { !$0.isMet }.map { $0.expectation.text + $0.found }
      #expect(unmet == [], "\(file)")
      #expect(result.breaches == [], "\(file)")
    }
  }

  @Test("the library holds what was promised")
  func complete() {
    let smoke = Library.files(in: "scenarios/smoke").map { ($0 as NSString).lastPathComponent }
    for name in [
      "one-print", "pause-and-resume", "wifi-drop-in-upload", "cloud-restart-in-print",
      "five-printers",
    ] {
      #expect(smoke.contains(name + ".yaml"))
    }
  }
}
