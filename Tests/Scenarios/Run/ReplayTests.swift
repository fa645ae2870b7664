import Testing
import World

@testable import Scenarios

@Suite("Running up to a moment")
struct ReplayTests {
  private func run() throws -> ScenarioRun {
    ScenarioRun(
      try story(
        "  - { print: part.3mf, on: p1, as: job-1 }",
        expect: "  - { that: job-1 is completed, within: 20m }",
        extra: "faults:\n  - { at: 60s, fault: wifi-down, on: hub-1, for: 20s }"))
  }

  @Test("a run in pieces is the same run")
  func pieces() throws {
    let whole = try run().run()
    let run = try run()
    run.open()
    var moment = Instant.start
    repeat { moment = moment + .seconds(7) } while run.advance(to: moment)
    let pieces = run.finish()
    #expect(pieces.hash == whole.hash)
    #expect(pieces.isPass)
  }

  @Test("the state tells what everybody is at, what is broken and what is waited for")
  func state() throws {
    let run = try run()
    run.open()
    let goesOn = run.advance(to: .start + .seconds(70))
    #expect(goesOn)
    #expect(run.state.contains("hub-1: wifi-down goes on"))
    #expect(run.state.contains { $0.hasPrefix("hub-1: wifi-connect, cloud away") })
    #expect(run.state.contains { $0.hasPrefix("p1: PREPARE") || $0.hasPrefix("p1: RUNNING") })
    #expect(run.state.contains { $0.hasPrefix("job-1: printing") })
    #expect(run.state.contains { $0.hasPrefix("story: still open: job-1 is completed") })
  }

  @Test("from line to line every line is met")
  func lines() throws {
    let run = try run()
    var lines = 0
    run.onEntry { _ in lines += 1 }
    run.open()
    var stops = 0
    while stops < 20, run.advanceToNextEntry() { stops += 1 }
    #expect(stops == 20)
    #expect(lines >= 20)
  }

  @Test("two timelines differ from their first different line on")
  func difference() throws {
    func lines(_ texts: [String]) -> [UInt8] {
      texts.enumerated().flatMap { number, text in
        Array("{\"at\":\(number)000000000,\"actor\":\"p1\",\"text\":\"\(text)\"}\n".utf8)
      }
    }
    let first = lines(["on", "heats", "prints", "ends"])
    #expect(TraceDifference(first, first) == nil)
    let other = try #require(TraceDifference(first, lines(["on", "heats", "fails", "ends"])))
    #expect(other.number == 3)
    #expect(other.first?.hasSuffix("p1  prints") == true)
    #expect(other.second?.hasSuffix("p1  fails") == true)
    #expect(other.before.count == 2)
    let shorter = try #require(TraceDifference(first, lines(["on"])))
    #expect(shorter.number == 2)
    #expect(shorter.second == nil)
    // That it was another seed is known; what happened differently is asked for.
    let head = Array("{\"scenario\":\"a.yaml\",\"seed\":1}\n".utf8)
    let otherHead = Array("{\"scenario\":\"a.yaml\",\"seed\":2}\n".utf8)
    let late = try #require(
      TraceDifference(head + first, otherHead + lines(["on", "heats", "fails", "ends"])))
    #expect(late.number == 4)
    #expect(late.first?.hasSuffix("p1  prints") == true)
  }

  @Test("messages are drawn with what they carry, and no secret is among it")
  func messages() throws {
    let run = try run()
    let page = Page(run.scenario, seed: run.seed)
    var carried: [String] = []
    run.onMessage { message in
      page.hear(message)
      carried.append(String(decoding: message.payload, as: UTF8.self))
    }
    run.onEntry { [unowned run] in page.measure(run.gauges, at: $0.at) }
    let hash = run.run().hash
    let html = String(decoding: page.html(try self.run().run()), as: UTF8.self)
    #expect(html.contains("\"w\":\"print_command\"") && html.contains("\"w\":\"report\""))
    #expect(html.contains("memory in bytes"))
    let code = run.farms[0].printers[0].printer.accessCode
    #expect(!carried.contains { $0.contains(code) })
    #expect(carried.contains { $0.contains("access_code") && $0.contains("•••") })
    // To look on changes nothing.
    #expect(try self.run().run().hash == hash)
  }

  @Test("the page holds lanes, faults and verdicts, and nothing that ends its script early")
  func page() throws {
    let run = try run()
    let page = Page(run.scenario, seed: run.seed)
    run.onEntry { page.hear($0) }
    run.onFact = { page.hear($0, at: run.world.now) }
    page.hear(TraceEntry(at: .start, actor: "p1", kind: .printer, text: "</script><b>"))
    let result = run.run()
    let html = String(decoding: page.html(result), as: UTF8.self)
    #expect(html.contains("wifi-down"))
    #expect(html.contains("\"lanes\":[\"story\",\"ada\",\"cloud\",\"hub-1\",\"p1\""))
    #expect(html.contains("✓ job-1 is completed within 20 m"))
    #expect(html.components(of: "</script>") == 1)
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let found = rest.firstRange(of: text) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
