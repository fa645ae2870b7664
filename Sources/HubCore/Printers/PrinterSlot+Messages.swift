// What a slot tells the cloud.

import Wire

extension PrinterSlot {
  /// When the slot has something to tell; in the past when it has waited.
  var newsDueAt: Uptime {
    if hasAskedForJob || transfer.wantsLink || transfer.wantedPiece != nil { return .start }
    var due = Uptime.never
    if isTaken { due = earlier(due, news.statusDueAt) }
    if job.phase == .downloading { due = earlier(due, news.bytesDueAt(moved: transfer.moved)) }
    return due
  }

  private var hasAskedForJob: Bool { job.phase != .none && news.jobIsAskedFor }

  /// Makes an event of the phase that the job has come to; without room it stays marked.
  mutating func record(in outbox: inout Outbox, leaving reserve: Int, now: Uptime) {
    if outbox.add(job, leaving: reserve, now: now) { news.jobWasRecorded() }
  }

  /// Writes the most important thing that is due; answers false when nothing is.
  mutating func writeNews(into json: inout JSONWriter, as number: Int, now: Uptime) -> Bool {
    if hasAskedForJob {
      writeJob(into: &json)
      news.jobWasTold()
    } else if transfer.wantsLink {
      writeLinkRequest(into: &json)
      linkWasAskedFor()
    } else if let piece = transfer.wantedPiece {
      tagPiece()
      writePieceRequest(piece, as: number, into: &json)
      pieceWasAskedFor(now: now)
    } else if isTaken, news.statusDueAt <= now {
      writeStatus(into: &json, now: now)
      news.statusWasTold(now: now)
    } else if job.phase == .downloading, news.bytesDueAt(moved: transfer.moved) <= now {
      writeProgress(into: &json)
      news.bytesWereTold(transfer.moved, now: now)
    } else {
      return false
    }
    return true
  }

  private func writeJob(into json: inout JSONWriter) {
    json.beginObject()
    json.key("type")
    json.string("job_status")
    json.key("printer_id")
    json.string(job.printerID.span)
    json.key("job_id")
    json.string(job.id.span)
    json.key("phase")
    json.string(job.phase.name)
    if job.isPercentKnown {
      json.key("progress_percent")
      json.integer(job.percent)
    }
    if let failure = job.failure {
      json.key("error_code")
      json.integer(Int(failure.code.rawValue))
      var reason = LogLine()
      reason.write { failure.write(remark: job.remark, into: &$0) }
      json.key("error_message")
      json.string(reason.span)
    }
    json.endObject()
  }

  private func writeLinkRequest(into json: inout JSONWriter) {
    json.beginObject()
    json.key("type")
    json.string("file_url_request")
    json.key("printer_id")
    json.string(job.printerID.span)
    json.key("job_id")
    json.string(job.id.span)
    json.endObject()
  }

  private func writePieceRequest(
    _ piece: Range<Int>, as number: Int, into json: inout JSONWriter
  ) {
    json.beginObject()
    json.key("type")
    json.string("file_request")
    json.key("printer_id")
    json.string(job.printerID.span)
    json.key("job_id")
    json.string(job.id.span)
    json.key("stream")
    json.integer(number)
    json.key("tag")
    json.integer(Int(transfer.pieceTag))
    json.key("offset")
    json.integer(piece.lowerBound)
    json.key("count")
    json.integer(piece.count)
    json.endObject()
  }

  private func writeProgress(into json: inout JSONWriter) {
    json.beginObject()
    json.key("type")
    json.string("file_progress")
    json.key("transfer_id")
    json.string(job.id.span)
    json.key("job_id")
    json.string(job.id.span)
    json.key("bytes_sent")
    json.integer(transfer.moved)
    json.key("bytes_total")
    json.integer(transfer.total)
    json.endObject()
  }
}
