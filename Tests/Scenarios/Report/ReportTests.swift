import Testing
import World

@testable import Scenarios

private let scenario = Scenario(
  file: "scenarios/a.yaml", title: "A <story>", why: "Because", seed: 7, limit: .minutes(60),
  rest: .seconds(1),
  world: WorldPlan(farms: [
    FarmPlan(
      name: "workshop", owner: "ada", hub: HubPlan(name: "hub-1"),
      printers: [PrinterPlan(name: "p1", model: "P1S")])
  ]), files: [], faults: [], steps: [], expectations: [])

private let expectation = Expectation(
  mark: Mark(line: 9, column: 5), kind: .eventually(within: .seconds(90), trigger: nil),
  condition: Condition(text: "job-1 is completed", clauses: []))

private func result(isMet: Bool, breaches: [Breach] = []) -> RunResult {
  RunResult(
    scenario: scenario, seed: 7,
    expectations: [
      ExpectationResult(
        expectation: expectation, isMet: isMet, at: Instant.start + .milliseconds(62_500),
        found: isMet ? "" : "job-1 is paused")
    ], breaches: breaches, virtualTime: .seconds(1572), eventCount: 41_233, hash: 0x9F3C)
}

@Suite("Reports")
struct ReportTests {
  @Test("a run is told line by line, with times, actors and a verdict")
  func timeline() {
    var lines: [String] = []
    let timeline = Timeline(paint: Paint(isOn: false)) { lines.append($0) }
    timeline.begin(scenario, seed: 7)
    timeline.show(
      TraceEntry(at: Instant.start + .milliseconds(754_500), actor: "p1", kind: .printer, text: "x")
    )
    timeline.show(TraceEntry(at: .start, actor: "p1", kind: .detail, text: "not shown"))
    timeline.show(TraceEntry(at: .start, actor: "cloud", kind: .problem, text: "trouble"))
    timeline.end(result(isMet: true), realSeconds: 0.031)
    #expect(
      lines == [
        "A <story>", "Because", "scenarios/a.yaml, seed 7", "",
        "   12:34.5  p1     x",
        "   00:00.0  cloud  ! trouble",
        "",
        "  ✓ job-1 is completed within 1 m 30 s  at 01:02.5",
        "",
        "PASS  virtual 26 m 12 s in 0.031 s real (50,709 × real time) · 41,233 events"
          + " · trace 0000000000009f3c",
      ])
  }

  @Test("what was expected and did not come is told with its line and what was the case instead")
  func failure() {
    var lines: [String] = []
    let timeline = Timeline(paint: Paint(isOn: false)) { lines.append($0) }
    let breach = Breach(rule: "same-bytes", at: .start, text: "other bytes")
    timeline.brief(result(isMet: false, breaches: [breach]), realSeconds: 1)
    #expect(
      lines == [
        "FAIL  scenarios/a.yaml  26 m 12 s in 1.000 s · trace 0000000000009f3c",
        "        ✗ job-1 is completed within 1 m 30 s  at 01:02.5  line 9\n      job-1 is paused",
        "        ✗ same-bytes: other bytes  at 00:00.0",
      ])
  }

  @Test("colours are only written when they are wanted")
  func colours() {
    #expect(Paint(isOn: false)(.red, "x") == "x")
    #expect(Paint(isOn: true)(.red, "x") == "\u{1B}[31mx\u{1B}[0m")
  }

  @Test("JUnit tells of each failure, with everything escaped")
  func junit() {
    let breach = Breach(rule: "same-bytes", at: .start, text: "a \"b\" & c")
    let text = JUnit.report([(result(isMet: false, breaches: [breach]), 0.5)])
    #expect(text.contains("tests=\"1\" failures=\"1\" time=\"0.500\""))
    #expect(text.contains("name=\"A &lt;story&gt;\""))
    #expect(text.contains("message=\"job-1 is completed within 1 m 30 s: job-1 is paused\""))
    #expect(text.contains("type=\"same-bytes\" message=\"a &quot;b&quot; &amp; c at 00:00.0\""))
  }

  @Test("the timeline as JSON has a head, entries and a result, one a line")
  func traceLines() throws {
    let lines = TraceLines()
    lines.begin(scenario, seed: 7)
    lines.append(TraceEntry(at: .start, actor: "p1", kind: .printer, text: "a\nb"))
    lines.end(result(isMet: true))
    let parts = lines.bytes.split(separator: 0x0A)
    #expect(parts.count == 3)
    let entry = try JSON.parse(Array(parts[1]))
    #expect(entry["text"]?.string == "a\nb")
    #expect(entry["kind"]?.string == "printer")
    #expect(try JSON.parse(Array(parts[2]))["hash"]?.string == "0000000000009f3c")
  }
}
