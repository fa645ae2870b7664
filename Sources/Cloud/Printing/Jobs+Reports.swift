// What hubs ask about jobs, and what comes of their word of how jobs go.

import World

extension Jobs: FleetListener {
  func startOrder(job id: String, in scope: TenantScope) throws -> [(String, JSON)]? {
    guard let job = try find(id, in: scope), job.status == .queued,
      let file = try platform.has(.sendsNewestFile)
        ? files.newest(in: scope) : files.find(job.fileID, in: scope)
    else { return nil }
    let source: (String, JSON) =
      platform.configuration.sendsFilesInPieces
      ? ("file_in_pieces", true)
      : ("file_url", .string(files.downloadURL(file, in: scope).url))
    return [
      source,
      ("file_name", .string(file.name)), ("file_size", .integer(file.byteCount)),
      ("plate", .integer(job.plate)), ("use_ams", .bool(job.usesAMS)),
      ("sha256", .optional(file.sha256)),
    ] + PrintChoices.members(job.choices)
  }

  func filePiece(
    job id: String, printer: String, offset: Int, count: Int, in scope: TenantScope
  ) throws -> [UInt8]? {
    guard let job = try find(id, in: scope), job.printerID == printer, !job.status.isFinal,
      let file = try files.find(job.fileID, in: scope)
    else { return nil }
    return try files.piece(of: file, offset: offset, count: count, in: scope)
  }

  func fileURL(job id: String, printer: String, in scope: TenantScope) throws -> String? {
    guard let job = try find(id, in: scope), job.printerID == printer, !job.status.isFinal,
      let file = try files.find(job.fileID, in: scope)
    else { return nil }
    return files.downloadURL(file, in: scope).url
  }

  func jobReported(_ report: JobReport, in scope: TenantScope) throws {
    guard let job = try find(report.jobID, in: scope), let printer = report.printerID,
      job.printerID == printer
    else { return platform.badInput(from: "hub \(report.hubID)", "hub.unknown-job") }
    if job.status == .cancelled, !report.status.isFinal, !platform.has(.cancelsOnPaper) {
      return try stopAgain(job, report, in: scope)
    }
    // Before the print begins a hub speaks of the file's way to the printer.
    if let percent = report.progress, (0...100).contains(percent), !job.status.isFinal,
      [.printing, .paused, .completed].contains(report.status)
    {
      learn(job.id, percent: percent)
    }
    if platform.has(.countsRepeats), job.status != report.status {
      return try step(job, to: report.status, reason: "", in: scope)
    }
    guard let steps = job.status.steps(to: report.status) else {
      // Word of an end that we know, or of a phase that is behind us.
      if !job.status.isFinal {
        platform.badInput(from: "hub \(report.hubID)", "hub.illegal-job-status")
      }
      return
    }
    // The hub's word is as good as the answer that has not come yet.
    if let start = try startCommand(of: job.id, in: scope) {
      try fleet.drop(start, in: scope)
      platform.tell(
        .commandAnswered(
          command: start.id, hub: report.hubID, isSuccess: true, message: "by its deed"))
    }
    if steps.isEmpty {
      if let percent = progress[job.id], abs(percent - Int(job.progress)) >= Self.storedStep {
        try storeProgress(job.id, percent, in: scope)
      }
    } else {
      try walk(
        job, to: report.status, reason: report.message ?? "", secondsAgo: report.secondsAgo,
        in: scope)
    }
    if report.status.isUnderWay {
      active[printer] = ActiveJob(
        jobID: job.id, hubID: report.hubID,
        storedProgress: progress[job.id] ?? Int(job.progress), isConfirmed: true)
    }
  }

  /// A start that was given up came through after all.
  private func stopAgain(_ job: Job, _ report: JobReport, in scope: TenantScope) throws {
    guard try fleet.commands(ofJob: job.id, in: scope).isEmpty else { return }
    try fleet.hubs.object(report.hubID).give(
      NewCommand(
        kind: .printCommand, action: "stop", printerID: report.printerID, serial: report.serial,
        jobID: job.id), in: scope)
  }

  func hubWelcomed(_ hub: String, in scope: TenantScope) throws {
    for printer in try fleet.printerNames(of: hub, in: scope) {
      active[printer.id] = try platform.database.first(
        Job.self, Self.underWayOnPrinter, in: scope, printer.id
      ).map {
        ActiveJob(
          jobID: $0.id, hubID: hub, storedProgress: Int($0.progress), isConfirmed: false)
      }
      if platform.has(.forgetsProgress), let job = active[printer.id] {
        learn(job.jobID, percent: job.storedProgress)
      }
    }
  }

  func hubHadItsSay(_ hub: String, in scope: TenantScope) throws {
    for printer in try fleet.printers(of: hub, in: scope) {
      guard let job = active[printer.id], !job.isConfirmed else { continue }
      active[printer.id]?.isOverdue = true
      try judge(job.jobID, by: fleet.live(printer), in: scope)
    }
  }

  func printerReported(
    _ report: PrinterReport, printer: String, in scope: TenantScope
  ) throws {
    guard let job = active[printer] else { return }
    if !job.isConfirmed {
      guard job.isOverdue else { return }
      try judge(job.jobID, by: report, in: scope)
      guard active[printer] != nil else { return }
    }
    guard report.state == .printing, let percent = report.progress, (0...100).contains(percent)
    else { return }
    // What somebody else has begun in place of our print says nothing of ours.
    if let file = report.currentFile {
      guard file == job.fileShown ?? file else { return }
      active[printer]?.fileShown = file
    }
    learn(job.jobID, percent: percent)
    guard abs(percent - job.storedProgress) >= Self.storedStep else { return }
    active[printer]?.storedProgress = percent
    try storeProgress(job.jobID, percent, in: scope)
  }

  func isBusy(printer: String, in scope: TenantScope) throws -> Bool {
    let database = platform.database
    return try database.first(Job.self, Self.underWayOnPrinter, in: scope, printer) != nil
      || database.first(String.self, Self.startingOnPrinter, in: scope, printer) != nil
  }

  private func judge(_ id: String, by report: PrinterReport?, in scope: TenantScope) throws {
    let job = try job(id, in: scope)
    let verdict = OrphanedJob.verdict(on: job.status, fileName: job.fileName, by: report)
    guard case .becomes(let status, let reason) = verdict else { return }
    try walk(job, to: status, reason: reason, in: scope)
  }

  func fileProgressed(_ job: String, hub: String, sent: Int, total: Int) {
    // Only of what that hub is at: memory is not for whoever makes up names.
    guard active.values.contains(where: { $0.jobID == job && $0.hubID == hub }) else { return }
    transfers[job] = (sent, total)
    platform.tell(.fileProgressed(job: job, sentBytes: sent, totalBytes: total))
  }

  private func learn(_ job: String, percent: Int) {
    guard progress[job] != percent else { return }
    progress[job] = percent
    platform.tell(.jobProgressed(job: job, percent: percent))
  }

  func printCommandSettled(
    _ command: HubCommand, _ outcome: CommandOutcome, in scope: TenantScope
  ) throws {
    guard let id = command.jobID, let job = try find(id, in: scope) else { return }
    switch (command.action, outcome) {
    case ("start", .accepted):
      guard job.status == .queued else { return }
      try step(job, to: .processing, reason: "", in: scope)
      if let printer = job.printerID {
        active[printer] = ActiveJob(
          jobID: id, hubID: command.hubID, storedProgress: 0, isConfirmed: true)
      }
    case ("start", .refused(let reason)):
      if job.status == .queued { try step(job, to: .failed, reason: reason, in: scope) }
    case ("start", .timedOut) where platform.has(.failsUnanswered):
      if job.status == .queued { try step(job, to: .failed, reason: "no answer", in: scope) }
    case ("start", .timedOut):
      // It stays queued and can be started again: should the hub have heard us, it will not start
      // it twice, and will tell us.
      try platform.database.change(
        Self.setReason, in: scope, "the hub did not answer the start within 30 s", platform.now, id)
    case (_, .refused(let reason)):
      try platform.database.change(
        Self.setReason, in: scope, "\(command.action): \(reason)", platform.now, id)
    default: break
    }
  }
}
