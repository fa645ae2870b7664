/// What becomes of a job that is under way but that its hub does not speak of any more: the hub
/// lost its memory. Only what the printer itself shows can tell.
enum OrphanedJob {
  /// How long a hub has, after its hello, to speak of its jobs.
  static let graceMilliseconds: Int64 = 60_000

  enum Verdict: Equatable {
    /// Nothing can be said yet.
    case wait
    case becomes(JobStatus, reason: String)
  }

  static func verdict(
    on status: JobStatus, fileName: String, by report: PrinterReport?
  ) -> Verdict {
    guard let report else { return .wait }
    let lost = Verdict.becomes(.failed, reason: "the hub no longer knows this job")
    let isOurFile = report.currentFile.map { stem($0) == stem(fileName) } ?? true
    switch report.state {
    case .offline: return .wait
    case .printing: return isOurFile ? .becomes(.printing, reason: "") : lost
    case .paused: return isOurFile ? .becomes(.paused, reason: "") : lost
    case .idle, .error:
      switch report.printerState {
      case "FINISH" where isOurFile && (status == .printing || status == .paused):
        return .becomes(.completed, reason: "")
      case "FAILED" where isOurFile:
        return .becomes(.failed, reason: report.errorCode ?? "the printer says that it failed")
      default: return lost
      }
    }
  }

  /// Printers leave out endings and folders.
  private static func stem(_ name: String) -> String {
    var stem = name.split(separator: "/").last.map(String.init)?.lowercased() ?? ""
    for ending in [".3mf", ".gcode", ".bgcode"] where stem.hasSuffix(ending) {
      stem.removeLast(ending.count)
    }
    return stem
  }
}
