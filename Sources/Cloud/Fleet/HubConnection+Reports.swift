// What the hub says over its socket, and what the cloud makes of it.

import World

extension HubConnection {
  /// Takes one message; throws for what ends the socket.
  func take(_ bytes: [UInt8], on link: HubLink) throws {
    let message = try read(bytes)
    guard let sequence = message.sequence else { return try act(on: message, bytes) }
    if platform.has(.acknowledgesEarly) {
      link.send(["type": "event_ack", "seq": .integer(Int64(sequence))])
      platform.host.after(.seconds(3)) { [weak self] in try? self?.act(on: message, bytes) }
      return
    }
    try platform.database.transaction {
      // Word of it may have come before, over a connection that broke before our answer was heard.
      if events.takes(sequence) || platform.has(.countsRepeats) {
        try store(events.stored, as: EventLog.key)
        if !isOfEarlierOwner(message) { try act(on: message, bytes) }
      }
      let answer: JSON = ["type": "event_ack", "seq": .integer(Int64(sequence))]
      platform.database.onCommit { [weak link] in link?.send(answer) }
    }
  }

  /// Whether it tells of a time when the hub was somebody else's. Its firmware is nobody's.
  private func isOfEarlierOwner(_ message: HubMessage) -> Bool {
    guard message.kind != .updateProgress, let releasedAt, let ago = message.secondsAgo else {
      return false
    }
    return platform.now - Int64(max(0, ago)) * 1000 <= releasedAt
  }

  private func act(on message: HubMessage, _ bytes: [UInt8]) throws {
    switch message.kind {
    case .printerStatus: try takeStatus(message)
    case .jobStatus: try takeJobStatus(message)
    case .fileProgress: takeProgress(message)
    case .commandAck: try takeAnswer(message)
    case .health, .crash, .diagnostics: try takeCondition(message.kind, bytes)
    case .fileURLRequest: try answerLinkRequest(message)
    case .fileRequest: try sendPiece(message)
    case .discoveredPrinters: try takeDiscovered(bytes)
    case .updateProgress: try takeUpdateProgress(bytes)
    case .hello: platform.badInput(from: source, "hub.second-hello")
    case .unknown: platform.badInput(from: source, "hub.unknown-type")
    }
  }

  func read(_ bytes: [UInt8]) throws(HubFarewell) -> HubMessage {
    do {
      return try reader.read(bytes)
    } catch {
      platform.badInput(from: source, "\(error.name)")
      throw .broken
    }
  }

  var source: String { "hub \(name)" }

  private func takeStatus(_ message: HubMessage) throws {
    guard let serial = message.printerID, var report = message.report else {
      return platform.badInput(from: source, "hub.incomplete-status")
    }
    // A printer that was just removed may still be spoken of.
    guard let slot = slots[serial], let claim else { return }
    if let live = slot.live, live.says(sameAs: report) { return }
    report.follow(slot.live)
    slot.live = report
    link?.attachment.live[serial] = report
    platform.publish(.printerStatus(printer: slot.printerID, report), in: claim.scope)
    let status = report.state.name
    let isConnected = report.state != .offline
    if slot.status != status || slot.isConnected != isConnected {
      try fleet.printerChanged(
        slot.printerID, status: status, isConnected: isConnected, in: claim.scope)
      slot.status = status
      slot.isConnected = isConnected
    }
    try fleet.listener?.printerReported(report, printer: slot.printerID, in: claim.scope)
  }

  private func takeJobStatus(_ message: HubMessage) throws {
    guard let serial = message.printerID, let job = message.jobID, let phase = message.phase,
      let status = JobStatus(phase: phase)
    else { return platform.badInput(from: source, "hub.incomplete-job-status") }
    guard let claim, let listener = fleet.listener else { return }
    try platform.database.transaction {
      try listener.jobReported(
        JobReport(
          jobID: job, hubID: name, serial: serial, printerID: slots[serial]?.printerID,
          status: status, progress: message.progress, message: message.errorMessage,
          secondsAgo: max(0, message.secondsAgo ?? 0)),
        in: claim.scope)
    }
  }

  private func takeProgress(_ message: HubMessage) {
    guard let job = message.jobID, let sent = message.bytesSent, let total = message.bytesTotal,
      sent >= 0, total >= 0
    else { return platform.badInput(from: source, "hub.incomplete-progress") }
    fleet.listener?.fileProgressed(job, hub: name, sent: sent, total: total)
  }

  /// What a hub says of itself, as a document: it comes once a minute.
  private func takeCondition(_ kind: HubMessage.Kind, _ bytes: [UInt8]) throws {
    guard let claim, var report = try? JSON.parse(bytes) else { return }
    report["type"] = nil
    switch kind {
    case .health: try fleet.hubIsHealthy(name, report, in: claim.scope)
    case .crash:
      guard try fleet.hubCrashed(name, report, in: claim.scope) else { return }
      let task = report["task"]?.string.map { " in its task \($0)" } ?? ""
      platform.note("hub \(label) had crashed\(task): \(report["reason"]?.string ?? "")")
    case .diagnostics: try fleet.hubExaminedItself(name, report, in: claim.scope)
    default: break
    }
  }

  /// How far an update is, or what came of it.
  private func takeUpdateProgress(_ bytes: [UInt8]) throws {
    guard let report = try? JSON.parse(bytes) else { return }
    let needsLink = try platform.database.transaction {
      try fleet.hubUpdates(name, label: label, report)
    }
    if needsLink { offerFirmware() }
  }

  /// A download's link is out of date; a job that is still on its way gets another.
  private func answerLinkRequest(_ message: HubMessage) throws {
    guard let serial = message.printerID, let job = message.jobID else {
      return platform.badInput(from: source, "hub.incomplete-link-request")
    }
    guard let claim, let printer = slots[serial]?.printerID,
      let url = try fleet.listener?.fileURL(job: job, printer: printer, in: claim.scope)
    else { return platform.badInput(from: source, "hub.unknown-job") }
    link?.send(["type": "file_url", "job_id": .string(job), "file_url": .string(url)])
  }

  private func takeAnswer(_ message: HubMessage) throws {
    guard let id = message.commandID, let isSuccess = message.isSuccess, let claim else {
      return platform.badInput(from: source, "hub.incomplete-ack")
    }
    try platform.database.transaction {
      if let serial = link?.attachment.forgetting.removeValue(forKey: id), isSuccess {
        return try hasForgotten(serial)
      }
      // One that was given up meanwhile is not there any more; nothing hangs on it.
      guard let command = try fleet.command(id, of: name, in: claim.scope) else { return }
      let words = message.errorMessage ?? (isSuccess ? "" : "the hub did not say why")
      platform.tell(
        .commandAnswered(command: id, hub: name, isSuccess: isSuccess, message: words))
      try settle(command, isSuccess ? .accepted : .refused(words), in: claim.scope)
      try setNextAlarm()
    }
  }
}
