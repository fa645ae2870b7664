// What the cloud is told of an update.

import Wire

extension Update {
  /// Where an update stands, or how it ended.
  struct Report {
    enum Word: UInt8 {
      case waiting, downloading, installing, linkExpired, succeeded, rolledBack, failed

      var name: StaticString {
        switch self {
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

    var word: Word
    var percent = 0
    var error: StaticString?
    /// It is not taken again by itself.
    var isRefusal = false

    /// Why it ended, in words.
    var reason: StaticString {
      error ?? (word == .rolledBack ? "the new firmware did not prove itself" : "")
    }
  }

  /// Whether there is something to tell, be it how far an update is or what became of it.
  var hasReport: Bool { outcome != nil || progress != nil }

  /// Writes how far the update is, and forgets that there is something to tell.
  mutating func writeProgress(into json: inout JSONWriter) {
    guard let report = progress else { return }
    progress = nil
    json.beginObject()
    json.key("type")
    json.string("update_progress")
    Self.write(report.word, version.span, percent: report.percent, into: &json)
    json.endObject()
  }

  /// Makes an event of what became of an update, which is told until the cloud knows; what finds no
  /// room stays here.
  mutating func record(in outbox: inout Outbox, leaving reserve: Int, now: Uptime) {
    guard let report = outcome else { return }
    var reason = LogLine()
    reason.write { $0.put(report.reason) }
    let isAdded = outbox.add(
      .update, phase: report.word.rawValue, code: report.isRefusal ? 1 : 0, Span(),
      outcomeVersion.span, reason.span, leaving: reserve, now: now)
    if isAdded { outcome = nil }
  }

  /// Writes such an event.
  static func write(
    _ event: Outbox.Event, of outbox: borrowing Outbox, into json: inout JSONWriter, now: Uptime
  ) {
    guard let word = Report.Word(rawValue: event.phase) else { return }
    json.beginObject()
    json.key("type")
    json.string("update_progress")
    outbox.writeSequence(event, into: &json, now: now)
    write(
      word, outbox.text(1, of: event), percent: word == .succeeded ? 100 : 0, into: &json)
    let reason = outbox.text(2, of: event)
    if !reason.isEmpty {
      json.key("error")
      json.string(reason)
    }
    if event.code != 0 {
      json.key("refused")
      json.bool(true)
    }
    json.endObject()
  }

  private static func write(
    _ word: Report.Word, _ version: Span<UInt8>, percent: Int, into json: inout JSONWriter
  ) {
    json.key("version")
    json.string(version)
    json.key("phase")
    json.string(word.name)
    json.key("percent")
    json.integer(percent)
  }

  /// The cloud knows what became of a version; it need not be kept any longer.
  mutating func outcomeIsKnown(of version: Span<UInt8>, _ store: inout Store) {
    var note = Text<32>()
    guard store.read(.update, into: &note).isFound, equals(note.span, version) else { return }
    try? store.remove(.update)
    if !isActive { try? store.remove(.updateProgress) }
  }
}
