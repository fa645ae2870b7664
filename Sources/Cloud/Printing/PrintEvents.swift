// What follows from the end of a job, done by the queue `print-events`: numbers of the day, material
// that was used, a failure on the printer's record, somebody to collect the print, and to change the
// filament when what waits next takes another.

import World

/// Does what jobs' ends give rise to.
struct PrintEvents {
  let platform: Platform
  let jobs: Jobs
  let files: Files

  private static let addUsage = TenantSQL(
    """
    INSERT INTO material_usage_history
      (id, tenant_id, print_job_id, printer_id, filament_type, color, grams_used, created_at)
    VALUES (?, :tenant, ?, ?, ?, ?, ?, ?)
    """)
  private static let addFailure = TenantSQL(
    """
    INSERT INTO printer_failures
      (id, tenant_id, printer_id, print_job_id, error_message, failure_type, progress_percentage,
       created_at)
    VALUES (?, :tenant, ?, ?, ?, 'unknown', ?, ?)
    """)
  private static let addTask = TenantSQL(
    """
    INSERT INTO worklist_tasks
      (id, tenant_id, printer_id, title, subtitle, task_type, priority, status, created_at,
       updated_at)
    VALUES (?, :tenant, ?, ?, ?, ?, 'medium', 'pending', ?, ?)
    """)
  private static let nextOnPrinter = TenantSQL(
    """
    SELECT * FROM print_jobs WHERE tenant_id = :tenant AND printer_id = ? AND status = 'queued'
    ORDER BY priority DESC, queue_position, created_at, id LIMIT 1
    """)
  private static let waitingChanges = TenantSQL(
    """
    SELECT count(*) FROM worklist_tasks
    WHERE tenant_id = :tenant AND printer_id = ? AND task_type = 'filament_change'
      AND status = 'pending'
    """)
  private static let countDay = TenantSQL(
    """
    INSERT INTO daily_analytics
      (tenant_id, day, jobs_completed, jobs_failed, jobs_cancelled, print_minutes, units_printed,
       filament_grams, updated_at)
    VALUES (:tenant, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, day) DO UPDATE SET
      jobs_completed = jobs_completed + excluded.jobs_completed,
      jobs_failed = jobs_failed + excluded.jobs_failed,
      jobs_cancelled = jobs_cancelled + excluded.jobs_cancelled,
      print_minutes = print_minutes + excluded.print_minutes,
      units_printed = units_printed + excluded.units_printed,
      filament_grams = filament_grams + excluded.filament_grams,
      updated_at = excluded.updated_at
    """)

  /// Takes one message of the queue.
  func take(_ message: JSON) throws {
    guard let id = message["job_id"]?.string, let tenant = message["tenant_id"]?.string,
      let scope = try TenantScope.find(tenant, in: platform.database),
      let job = try jobs.find(id, in: scope), job.status.isFinal
    else { return }
    let now = platform.now
    let isCompleted = job.status == .completed
    let grams = isCompleted ? try grams(of: job, in: scope) : 0
    try platform.database.change(
      Self.countDay, in: scope, (job.completedAt ?? now) / 86_400_000, isCompleted,
      job.status == .failed, job.status == .cancelled, job.actualMinutes ?? 0,
      isCompleted ? job.units : 0, grams, now)
    if isCompleted {
      if grams > 0 {
        try platform.database.change(
          Self.addUsage, in: scope, platform.identifiers.uuid(), job.id, job.printerID,
          job.filamentType, job.color, grams, now)
      }
      try addTask("collection", "Collect \(job.fileName)", for: job, in: scope)
      try prepareNext(after: job, in: scope)
    }
    if job.status == .failed, let printer = job.printerID {
      try platform.database.change(
        Self.addFailure, in: scope, platform.identifiers.uuid(), printer, job.id,
        job.failureReason, job.progress, now)
    }
  }

  private func addTask(
    _ type: String, _ title: String, for job: Job, in scope: TenantScope
  ) throws {
    let now = platform.now
    try platform.database.change(
      Self.addTask, in: scope, platform.identifiers.uuid(), job.printerID, title, job.printerName,
      type, now, now)
  }

  /// What waits for the same printer next may take other filament than is in it.
  private func prepareNext(after job: Job, in scope: TenantScope) throws {
    guard let id = job.printerID, let printer = try jobs.fleet.findPrinter(id, in: scope),
      let next = try platform.database.first(Job.self, Self.nextOnPrinter, in: scope, id),
      Match.needsFilament(next, on: printer),
      try platform.database.first(Int64.self, Self.waitingChanges, in: scope, id) == 0
    else { return }
    let color = next.color == "any" ? "" : " in \(next.color)"
    try addTask(
      "filament_change", "Put \(next.filamentType)\(color) into \(printer.name)", for: job,
      in: scope)
  }

  private func grams(of job: Job, in scope: TenantScope) throws -> Double {
    guard let file = try files.find(job.fileID, in: scope) else { return 0 }
    let plates = file.plates.flatMap { try? JSON.parse($0) }?.array ?? []
    let plate = plates.first { $0["index"]?.int64 == job.plate }
    return plate?["filament_weight_grams"]?.double ?? file.weightGrams ?? 0
  }
}
