import Testing

@testable import Cloud

@Suite("Steps of a job")
struct JobStatusTests {
  /// Every pair that is legal, and no other.
  static let legal: [JobStatus: [JobStatus]] = [
    .queued: [.processing, .failed, .cancelled],
    .processing: [.uploaded, .failed, .cancelled],
    .uploaded: [.printing, .failed, .cancelled],
    .printing: [.paused, .completed, .failed, .cancelled],
    .paused: [.printing, .failed, .cancelled],
    .completed: [], .failed: [], .cancelled: [],
  ]

  @Test("of all pairs of states, the legal ones are legal", arguments: JobStatus.allCases)
  func pairs(from: JobStatus) {
    for next in JobStatus.allCases {
      #expect(
        from.canBecome(next) == (Self.legal[from]?.contains(next) ?? false), "\(from) -> \(next)")
    }
  }

  /// What a hub may say of a job in some state, and the steps that follow.
  static let words: [(JobStatus, String, [JobStatus]?)] = [
    (.queued, "downloading", [.processing]), (.queued, "uploaded", [.processing, .uploaded]),
    (.queued, "starting", [.processing, .uploaded]),
    (.queued, "printing", [.processing, .uploaded, .printing]),
    (.queued, "paused", [.processing, .uploaded, .printing, .paused]),
    (.queued, "completed", [.processing, .uploaded, .printing, .completed]),
    (.queued, "failed", [.failed]), (.queued, "cancelled", [.cancelled]),
    (.processing, "downloading", []), (.processing, "uploaded", [.uploaded]),
    (.processing, "starting", [.uploaded]), (.processing, "printing", [.uploaded, .printing]),
    (.processing, "paused", [.uploaded, .printing, .paused]),
    (.processing, "completed", [.uploaded, .printing, .completed]),
    (.processing, "failed", [.failed]), (.processing, "cancelled", [.cancelled]),
    (.uploaded, "downloading", nil), (.uploaded, "uploaded", []), (.uploaded, "starting", []),
    (.uploaded, "printing", [.printing]), (.uploaded, "paused", [.printing, .paused]),
    (.uploaded, "completed", [.printing, .completed]), (.uploaded, "failed", [.failed]),
    (.uploaded, "cancelled", [.cancelled]),
    (.printing, "downloading", nil), (.printing, "uploaded", nil), (.printing, "starting", nil),
    (.printing, "printing", []), (.printing, "paused", [.paused]),
    (.printing, "completed", [.completed]), (.printing, "failed", [.failed]),
    (.printing, "cancelled", [.cancelled]),
    (.paused, "downloading", nil), (.paused, "uploaded", nil), (.paused, "starting", nil),
    (.paused, "printing", [.printing]), (.paused, "paused", []),
    (.paused, "completed", [.printing, .completed]), (.paused, "failed", [.failed]),
    (.paused, "cancelled", [.cancelled]),
  ]

  @Test("a hub's word leads along legal steps, or nowhere", arguments: words)
  func word(from: JobStatus, phase: String, expected: [JobStatus]?) throws {
    let goal = try #require(JobStatus(phase: phase))
    #expect(from.steps(to: goal) == expected)
  }

  @Test("nothing follows an end", arguments: JobStatus.allCases.filter(\.isFinal))
  func ends(end: JobStatus) {
    for next in JobStatus.allCases where next != end { #expect(end.steps(to: next) == nil) }
  }

  @Test("a word that hubs do not have means nothing")
  func unknown() { #expect(JobStatus(phase: "queued") == nil) }

  private func report(
    _ state: PrinterReport.State, _ printerState: String? = nil, file: String? = "bracket"
  ) -> PrinterReport {
    var report = PrinterReport()
    report.state = state
    report.printerState = printerState
    report.currentFile = file
    return report
  }

  @Test("a job that its hub has forgotten is judged by what the printer shows")
  func orphans() {
    func verdict(_ status: JobStatus, _ report: PrinterReport?) -> OrphanedJob.Verdict {
      OrphanedJob.verdict(on: status, fileName: "Bracket.gcode.3mf", by: report)
    }
    let lost = OrphanedJob.Verdict.becomes(.failed, reason: "the hub no longer knows this job")
    #expect(verdict(.printing, nil) == .wait)
    #expect(verdict(.printing, report(.offline)) == .wait)
    #expect(
      verdict(.uploaded, report(.printing, file: "/cache/bracket.3mf"))
        == .becomes(.printing, reason: ""))
    #expect(verdict(.printing, report(.paused)) == .becomes(.paused, reason: ""))
    #expect(verdict(.printing, report(.printing, file: "other.3mf")) == lost)
    #expect(verdict(.printing, report(.idle, "FINISH")) == .becomes(.completed, reason: ""))
    #expect(verdict(.processing, report(.idle, "FINISH")) == lost)
    #expect(verdict(.printing, report(.idle, "FINISH", file: "other")) == lost)
    #expect(verdict(.processing, report(.idle, "IDLE", file: nil)) == lost)
    #expect(
      verdict(.printing, report(.error, "FAILED"))
        == .becomes(.failed, reason: "the printer says that it failed"))
  }
}
