// Jobs: made by people, told by hubs how they go. A job is started at most once: while a start is on
// its way to the hub no second one is given, a start that was not answered is repeated under the
// job's own id, and the hub starts no job twice.

import World

/// The jobs of all tenants.
final class Jobs {
  let platform: Platform
  let fleet: Fleet
  let files: Files
  /// How far jobs are, by what was heard last; the rows follow in larger steps.
  var progress: [String: Int] = [:]
  var transfers: [String: (sent: Int, total: Int)] = [:]
  /// What each printer is at, by the printer's id, once its hub has said hello.
  var active: [String: ActiveJob] = [:]

  struct ActiveJob {
    let jobID: String
    let hubID: String
    var storedProgress: Int
    /// The hub has spoken of it since its hello.
    var isConfirmed: Bool
    /// The hub has had its time to speak of it.
    var isOverdue = false
    /// As what the printer shows it.
    var fileShown: String?
  }

  /// The rows' progress moves by so many percent.
  static let storedStep = 5

  init(platform: Platform, fleet: Fleet, files: Files) {
    self.platform = platform
    self.fleet = fleet
    self.files = files
    fleet.listener = self
  }

  private static let addJob = TenantSQL(
    """
    INSERT INTO print_jobs
      (id, tenant_id, printer_id, print_file_id, submitted_by, file_name, status, color,
       filament_type, material_type, number_of_units, plate, use_ams, print_options, priority,
       printer_name, printer_model, printer_numeric_id, estimated_print_time_minutes,
       filament_needed_grams, time_submitted, created_at, updated_at)
    VALUES (?, :tenant, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """)
  private static let jobOfTenant = TenantSQL(
    "SELECT * FROM print_jobs WHERE tenant_id = :tenant AND id = ?")
  static let underWayOnPrinter = TenantSQL(
    """
    SELECT *, MAX(updated_at) FROM print_jobs
    WHERE tenant_id = :tenant AND printer_id = ?
      AND status IN ('processing', 'uploaded', 'printing', 'paused')
    GROUP BY printer_id
    """)
  static let startingOnPrinter = TenantSQL(
    """
    SELECT job_id FROM hub_commands
    WHERE tenant_id = :tenant AND printer_id = ? AND type = 'print_command' AND action = 'start'
    LIMIT 1
    """)
  private static let setStatus = TenantSQL(
    """
    UPDATE print_jobs SET status = ?, failure_reason = ?, progress_percentage = ?,
      time_started = ?, time_completed = ?, actual_print_time_minutes = ?, last_sync_time = ?,
      updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let setProgress = TenantSQL(
    """
    UPDATE print_jobs SET progress_percentage = ?, last_sync_time = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  static let setReason = TenantSQL(
    """
    UPDATE print_jobs SET failure_reason = ?, updated_at = ? WHERE tenant_id = :tenant AND id = ?
    """)

  // MARK: reading

  func find(_ id: String, in scope: TenantScope) throws -> Job? {
    try platform.database.first(Job.self, Self.jobOfTenant, in: scope, id)
  }

  func job(_ id: String, in scope: TenantScope) throws -> Job {
    guard let job = try find(id, in: scope) else { throw APIError.notFound("job") }
    return job
  }

  func json(_ job: Job, in scope: TenantScope) throws -> JSON {
    let start = job.status == .queued ? try startCommand(of: job.id, in: scope) : nil
    return job.json(
      isStarting: start != nil, progress: progress[job.id], transfer: transfers[job.id])
  }

  func startCommand(of job: String, in scope: TenantScope) throws -> HubCommand? {
    try fleet.commands(ofJob: job, in: scope).first { $0.action == "start" }
  }

  // MARK: what people do

  func make(_ input: Input, by user: String, in scope: TenantScope) throws -> Job {
    let file = try files.file(input.text("print_file_id"), in: scope)
    let printer = try input.optionalText("printer_id").map { try fleet.printer($0, in: scope) }
    if let printer { try check(file.name, on: printer) }
    let id = platform.identifiers.uuid()
    let now = platform.now
    let filament = input.optionalText("filament_type") ?? file.filamentType ?? "PLA"
    try platform.database.change(
      Self.addJob, in: scope, id, printer?.id, file.id, user, file.name,
      input.optionalText("color") ?? "any", filament,
      input.optionalText("material_type") ?? filament,
      input.optionalInteger("number_of_units") ?? file.units, input.optionalInteger("plate") ?? 1,
      input.optionalBool("use_ams") ?? false, PrintChoices.choices(of: input),
      input.optionalInteger("priority") ?? 0, printer?.name,
      printer?.model, printer?.displayNumber, file.seconds.map { ($0 + 59) / 60 },
      file.weightGrams.map { Int64(($0 * 100).rounded()) }, now, now, now)
    platform.tell(.jobCreated(job: id))
    platform.note("job for \(file.name) on \(printer?.name ?? "any printer") is queued")
    return try job(id, in: scope)
  }

  /// Refuses a file that this kind of printer cannot print.
  func check(_ fileName: String, on printer: Printer) throws {
    guard printer.kind.prints(fileName) else {
      throw APIError(
        status: 422, code: "wrong_file_type",
        message: "\(printer.name) is of the kind \(printer.kind.rawValue) and prints "
          + "\(printer.kind.endings.joined(separator: ", ")); \(fileName) is none of these")
    }
  }

  func start(_ id: String, in scope: TenantScope) throws {
    var job = try job(id, in: scope)
    guard job.status == .queued else {
      throw APIError.conflict("the job is \(job.status.rawValue); only a queued job can be started")
    }
    guard try startCommand(of: id, in: scope) == nil else {
      throw APIError.conflict("the job is being started already")
    }
    if job.printerID == nil { job = try assign(id, to: nil, in: scope) }
    let (printer, hub) = try connectedPrinter(of: job, in: scope)
    guard !printer.isInMaintenance else {
      throw APIError.conflict("the printer \(printer.name) is in maintenance")
    }
    if let other = try platform.database.first(
      Job.self, Self.underWayOnPrinter, in: scope, printer.id)
    {
      throw APIError.conflict(
        "the printer \(printer.name) has another job under way (\(other.status.rawValue))")
    }
    guard
      try platform.database.first(String.self, Self.startingOnPrinter, in: scope, printer.id) == nil
    else { throw APIError.conflict("another job of the printer \(printer.name) is being started") }
    guard printer.status != "printing", printer.status != "paused" else {
      throw APIError.conflict("the printer \(printer.name) is busy (\(printer.status))")
    }
    // Whoever starts it says with that that the bed is clear.
    if !printer.isCleared { try fleet.setCleared(true, of: printer.id, in: scope) }
    try give("start", for: job, printer, hub, in: scope)
    platform.note("job \(job.fileName) is being started on \(printer.name)")
  }

  func pause(_ id: String, in scope: TenantScope) throws {
    try tell("pause", of: try job(id, in: scope), when: [.printing], in: scope)
  }

  func resume(_ id: String, in scope: TenantScope) throws {
    try tell("resume", of: try job(id, in: scope), when: [.paused], in: scope)
  }

  /// A job that no hub has heard of is cancelled here and now; of others the hub must say so.
  func cancel(_ id: String, in scope: TenantScope) throws {
    let job = try job(id, in: scope)
    guard !job.status.isFinal else {
      throw APIError.conflict("the job is \(job.status.rawValue) already")
    }
    if job.status == .queued, try startCommand(of: id, in: scope) == nil {
      return try step(job, to: .cancelled, reason: "cancelled before it was started", in: scope)
    }
    try tell(
      "stop", of: job, when: [.queued, .processing, .uploaded, .printing, .paused], in: scope)
  }

  private func tell(
    _ action: String, of job: Job, when allowed: [JobStatus], in scope: TenantScope
  ) throws {
    guard allowed.contains(job.status) else {
      let wanted = allowed.map(\.rawValue).joined(separator: ", ")
      throw APIError.conflict("the job is \(job.status.rawValue); this takes one that is \(wanted)")
    }
    let (printer, hub) = try connectedPrinter(of: job, in: scope)
    if action == "stop", platform.has(.cancelsOnPaper) {
      return try step(job, to: .cancelled, reason: "cancelled", in: scope)
    }
    try give(action, for: job, printer, hub, in: scope)
  }

  private func connectedPrinter(of job: Job, in scope: TenantScope) throws -> (Printer, String) {
    guard let id = job.printerID, let printer = try fleet.findPrinter(id, in: scope) else {
      throw APIError.conflict("the job's printer is gone")
    }
    guard let hub = printer.hubID else {
      throw APIError.conflict("the printer \(printer.name) has no hub")
    }
    guard fleet.isOnline(hub) else {
      throw APIError.conflict("the hub of the printer \(printer.name) is offline")
    }
    return (printer, hub)
  }

  private func give(
    _ action: String, for job: Job, _ printer: Printer, _ hub: String, in scope: TenantScope
  ) throws {
    let any = fleet.onlineHubs.map(\.name).min()
    try fleet.hubs.object(platform.has(.givesToAnyHub) ? any ?? hub : hub).give(
      NewCommand(
        kind: .printCommand, action: action, printerID: printer.id, serial: printer.serial,
        jobID: job.id), in: scope)
  }

  // MARK: steps

  /// Takes the job along the legal way to `goal`; each step is told of.
  func walk(
    _ job: Job, to goal: JobStatus, reason: String, secondsAgo: Int = 0, in scope: TenantScope
  ) throws {
    var current = job
    for next in job.status.steps(to: goal) ?? [] {
      try step(current, to: next, reason: reason, secondsAgo: secondsAgo, in: scope)
      current = try self.job(job.id, in: scope)
    }
  }

  func step(
    _ job: Job, to next: JobStatus, reason: String, secondsAgo: Int = 0, in scope: TenantScope
  ) throws {
    precondition(
      job.status.canBecome(next) || platform.has(.countsRepeats),
      "\(job.status) cannot become \(next)")
    let now = platform.now
    // Told late is not done late: but never before the job was made.
    let then = max(now - Int64(secondsAgo) * 1_000, job.startedAt ?? job.createdAt)
    let startedAt = job.startedAt ?? (next == .printing ? then : nil)
    let minutes = next == .completed ? try minutes(of: job, from: startedAt, to: then, scope) : nil
    let completedAt = next.isFinal ? end(startedAt, minutes, notAfter: then) : nil
    let percent = next == .completed ? 100 : max(progress[job.id] ?? 0, Int(job.progress))
    let explanation = next == .failed || next == .cancelled ? reason : ""
    try platform.database.change(
      Self.setStatus, in: scope, next.rawValue, explanation.isEmpty ? nil : explanation, percent,
      startedAt, completedAt, minutes, now, now, job.id)
    if next.isFinal || next == .printing { transfers[job.id] = nil }
    if next.isFinal {
      try platform.queues.send(
        ["job_id": .string(job.id), "tenant_id": .string(scope.tenantID)], to: .printEvents)
      if next == .completed, let printer = job.printerID {
        try fleet.printed(printer, minutes: minutes ?? 0, in: scope)
      }
      progress[job.id] = nil
      if let printer = job.printerID, active[printer]?.jobID == job.id { active[printer] = nil }
    }
    platform.tell(.jobChanged(job: job.id, from: job.status, to: next, reason: explanation))
    platform.publish(
      .jobUpdate(
        job: job.id, printer: job.printerID, status: next, progress: percent, minutes: minutes,
        reason: explanation.isEmpty ? nil : explanation), in: scope)
    if let minutes { platform.tell(.jobBooked(job: job.id, minutes: Int(minutes))) }
    let why = explanation.isEmpty ? "" : " (\(explanation))"
    platform.note("job \(job.fileName): \(job.status.rawValue) -> \(next.rawValue)\(why)")
  }

  /// How long a print took; its file's estimate may have come after the job was made.
  private func minutes(
    of job: Job, from start: Int64?, to end: Int64, _ scope: TenantScope
  ) throws -> Int64? {
    guard let start else { return nil }
    let slicer = try files.find(job.fileID, in: scope)?.seconds.map { ($0 + 59) / 60 }
    return job.minutes(from: start, to: end, estimate: job.estimatedMinutes ?? slicer)
  }

  /// When a print that took so long was over.
  private func end(_ startedAt: Int64?, _ minutes: Int64?, notAfter then: Int64) -> Int64 {
    guard let startedAt, let minutes else { return then }
    return min(then, startedAt + (minutes + 1) * 60_000)
  }

  func storeProgress(_ job: String, _ percent: Int, in scope: TenantScope) throws {
    let now = platform.now
    try platform.database.change(Self.setProgress, in: scope, percent, now, now, job)
  }
}
