// The queue: who waits, in what order, and for which printer.

import World

extension Jobs {
  private static let waiting = TenantSQL(
    """
    SELECT * FROM print_jobs WHERE tenant_id = :tenant AND status = 'queued'
    ORDER BY priority DESC, queue_position, created_at, id LIMIT ? OFFSET ?
    """)
  private static let waitingCount = TenantSQL(
    "SELECT count(*) FROM print_jobs WHERE tenant_id = :tenant AND status = 'queued'")
  private static let unassigned = TenantSQL(
    """
    SELECT * FROM print_jobs
    WHERE tenant_id = :tenant AND status = 'queued' AND printer_id IS NULL
    ORDER BY priority DESC, queue_position, created_at, id LIMIT 500
    """)
  private static let takenPrinters = TenantSQL(
    """
    SELECT DISTINCT printer_id FROM print_jobs
    WHERE tenant_id = :tenant AND printer_id IS NOT NULL
      AND status IN ('queued', 'processing', 'uploaded', 'printing', 'paused')
    """)
  private static let setPrinter = TenantSQL(
    """
    UPDATE print_jobs SET printer_id = ?, printer_name = ?, printer_model = ?,
      printer_numeric_id = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let setPosition = TenantSQL(
    """
    UPDATE print_jobs SET queue_position = ?, updated_at = ? WHERE tenant_id = :tenant AND id = ?
    """)

  /// Clears away what waits: a mistake for rigs to find.
  func clearQueue() throws {
    try platform.database.execute("DELETE FROM print_jobs WHERE status = 'queued'")
  }

  func queue(_ page: Page, in scope: TenantScope) throws -> Answer {
    let database = platform.database
    let jobs = try database.all(Job.self, Self.waiting, in: scope, page.limit, page.offset)
    return page.answer(
      try jobs.map { try json($0, in: scope) },
      of: try database.first(Int64.self, Self.waitingCount, in: scope) ?? 0)
  }

  /// Puts the named jobs into this order, before others of their priority.
  func reorder(_ ids: [String], in scope: TenantScope) throws {
    for (place, id) in ids.enumerated() {
      let job = try job(id, in: scope)
      guard job.status == .queued else {
        throw APIError.conflict("the job \(id) is \(job.status.rawValue); it waits no longer")
      }
      try platform.database.change(
        Self.setPosition, in: scope, place - ids.count, platform.now, id)
    }
  }

  /// Gives a waiting job to a printer; to the fittest that is free when none is named.
  func assign(_ id: String, to printer: String?, in scope: TenantScope) throws -> Job {
    let job = try job(id, in: scope)
    try checkWaits(job, in: scope)
    if let printer {
      try put(job, on: try fleet.printer(printer, in: scope), in: scope)
    } else {
      guard let fittest = try fittest(for: job, among: try freePrinters(in: scope), in: scope)
      else { throw APIError.conflict("no free printer is fit for this job") }
      try put(job, on: fittest, in: scope)
    }
    return try self.job(id, in: scope)
  }

  /// Gives waiting jobs to free printers, as far as they fit, the most urgent first.
  func assignAll(in scope: TenantScope) throws -> [Job] {
    var free = try freePrinters(in: scope)
    var assigned: [Job] = []
    for job in try platform.database.all(Job.self, Self.unassigned, in: scope) {
      guard let printer = try fittest(for: job, among: free, in: scope) else { continue }
      try put(job, on: printer, in: scope)
      free.removeAll { $0.id == printer.id }
      assigned.append(try self.job(job.id, in: scope))
    }
    return assigned
  }

  /// Throws unless the job waits and is not being started.
  func checkWaits(_ job: Job, in scope: TenantScope) throws {
    guard job.status == .queued else {
      throw APIError.conflict("the job is \(job.status.rawValue); it waits no longer")
    }
    guard try startCommand(of: job.id, in: scope) == nil else {
      throw APIError.conflict("the job is being started already")
    }
  }

  func put(_ job: Job, on printer: Printer, in scope: TenantScope) throws {
    guard !printer.isInMaintenance else {
      throw APIError.conflict("the printer \(printer.name) is in maintenance")
    }
    try check(job.fileName, on: printer)
    try platform.database.change(
      Self.setPrinter, in: scope, printer.id, printer.name, printer.model, printer.displayNumber,
      platform.now, job.id)
    platform.note("job for \(job.fileName) was given to \(printer.name)")
  }

  /// Connected, idle, clear, and nobody else's.
  private func freePrinters(in scope: TenantScope) throws -> [Printer] {
    let taken = Set(
      try platform.database.all(String.self, Self.takenPrinters, in: scope))
    return try fleet.printers(in: scope).filter { printer in
      printer.isConnected && printer.isActive && !printer.isInMaintenance && printer.isCleared
        && printer.status == "idle" && !taken.contains(printer.id)
        && printer.hubID.map { fleet.isOnline($0) } == true
    }
  }

  private func fittest(
    for job: Job, among printers: [Printer], in scope: TenantScope
  ) throws -> Printer? {
    let file = try files.find(job.fileID, in: scope)
    var best: (printer: Printer, score: Int)?
    for printer in printers {
      guard let score = Match.score(job, file, on: printer) else { continue }
      if score > best?.score ?? -1 { best = (printer, score) }
    }
    return best?.printer
  }
}
