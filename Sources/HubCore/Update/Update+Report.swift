// What the cloud is told of an update.

import Wire

extension Update {
  /// Where an update stands, or how it ended.
  struct Report {
    enum Word { case waiting, downloading, installing, linkExpired, succeeded, rolledBack, failed }

    var word: Word
    var percent = 0
    var error: StaticString?
    /// It is not taken again by itself.
    var isRefusal = false

    var name: StaticString {
      switch word {
      case .waiting: "waiting"
      case .downloading: "downloading"
      case .installing: "installing"
      case .linkExpired: "link_expired"
      case .succeeded: "succeeded"
      case .rolledBack: "rolled_back"
      case .failed: "failed"
      }
    }
  }

  var hasReport: Bool { outcome != nil || progress != nil }

  /// Writes what is to be told, what has ended first, and forgets it.
  mutating func writeReport(into json: inout JSONWriter, _ store: inout Store) {
    if let outcome {
      write(outcome, outcomeVersion, into: &json)
      self.outcome = nil
      if outcome.word != .failed {
        try? store.remove(.update)
        try? store.remove(.updateProgress)
      }
    } else if let progress {
      write(progress, version, into: &json)
      self.progress = nil
    }
  }

  private func write(_ report: Report, _ version: Text<32>, into json: inout JSONWriter) {
    json.beginObject()
    json.key("type")
    json.string("update_progress")
    json.key("version")
    json.string(version.span)
    json.key("phase")
    json.string(report.name)
    json.key("percent")
    json.integer(report.word == .succeeded ? 100 : report.percent)
    if let error = report.error {
      json.key("error")
      json.string(error)
    } else if report.word == .rolledBack {
      json.key("error")
      json.string("the new firmware did not prove itself")
    }
    if report.isRefusal {
      json.key("refused")
      json.bool(true)
    }
    json.endObject()
  }
}
