// What was, and how much of it.

import World

/// Which jobs are asked for.
struct JobFilter {
  let status: JobStatus?
  let printer: String?
  let from: Int64?
  let until: Int64?

  init(_ call: Call) {
    status = call.options.optionalText("status").flatMap(JobStatus.init(word:))
    printer = call.options.optionalText("printer_id")
    from = call.options.optionalInteger("from")
    until = call.options.optionalInteger("to")
  }

  static let fields: [Field] = [
    .optional(.oneOf("status", JobStatus.words)), .optional(.text("printer_id")),
    .optional(.integer("from", 0...(1 << 52))), .optional(.integer("to", 0...(1 << 52))),
  ]
}

extension JobStatus {
  /// What a status may be called: the documents have two words for some.
  static let words = allCases.map(\.rawValue) + ["assigned", "sending"]

  init?(word: String) {
    switch word {
    case "assigned": self = .processing
    case "sending": self = .uploaded
    default: self.init(rawValue: word)
    }
  }
}

extension Jobs {
  private static let someJobs = TenantSQL(
    """
    SELECT * FROM print_jobs
    WHERE tenant_id = :tenant AND (? IS NULL OR status = ?) AND (? IS NULL OR printer_id = ?)
      AND created_at >= ? AND created_at <= ?
    ORDER BY created_at DESC, id LIMIT ? OFFSET ?
    """)
  private static let someCount = TenantSQL(
    """
    SELECT count(*) FROM print_jobs
    WHERE tenant_id = :tenant AND (? IS NULL OR status = ?) AND (? IS NULL OR printer_id = ?)
      AND created_at >= ? AND created_at <= ?
    """)
  private static let ended = TenantSQL(
    """
    SELECT * FROM print_jobs
    WHERE tenant_id = :tenant AND status IN ('completed', 'failed', 'cancelled')
      AND (? IS NULL OR status = ?) AND (? IS NULL OR printer_id = ?)
      AND time_completed >= ? AND time_completed <= ?
    ORDER BY time_completed DESC, id LIMIT ? OFFSET ?
    """)
  private static let endedCount = TenantSQL(
    """
    SELECT count(*) FROM print_jobs
    WHERE tenant_id = :tenant AND status IN ('completed', 'failed', 'cancelled')
      AND (? IS NULL OR status = ?) AND (? IS NULL OR printer_id = ?)
      AND time_completed >= ? AND time_completed <= ?
    """)

  private static let jobsOfAll = TenantSQL(
    """
    SELECT * FROM print_jobs
    WHERE tenant_id <> :tenant || 'x' AND (? IS NULL OR status = ?)
      AND (? IS NULL OR printer_id = ?) AND created_at >= ? AND created_at <= ?
    ORDER BY created_at DESC, id LIMIT ? OFFSET ?
    """)

  /// The newest first.
  func jobs(_ filter: JobFilter, _ page: Page, in scope: TenantScope) throws -> Answer {
    try list(
      platform.has(.readsAllTenants) ? Self.jobsOfAll : Self.someJobs, Self.someCount, filter, page,
      in: scope)
  }

  /// Those that have ended, the last one first.
  func history(_ filter: JobFilter, _ page: Page, in scope: TenantScope) throws -> Answer {
    try list(Self.ended, Self.endedCount, filter, page, in: scope)
  }

  private func list(
    _ rows: TenantSQL, _ count: TenantSQL, _ filter: JobFilter, _ page: Page,
    in scope: TenantScope
  ) throws -> Answer {
    let status = filter.status?.rawValue
    let from = filter.from ?? 0
    let until = filter.until ?? .max
    let jobs = try platform.database.all(
      Job.self, rows, in: scope, status, status, filter.printer, filter.printer, from, until,
      page.limit, page.offset)
    let total = try platform.database.first(
      Int64.self, count, in: scope, status, status, filter.printer, filter.printer, from, until)
    return page.answer(try jobs.map { try json($0, in: scope) }, of: total ?? 0)
  }

  // MARK: numbers

  private struct StatusCount: Record {
    let status: String
    let count: Int64
    let minutes: Int64

    init(_ row: Row) {
      status = row.text("status")
      count = row.integer("n")
      minutes = row.optionalInteger("minutes") ?? 0
    }
  }

  private static let counts = TenantSQL(
    """
    SELECT status, count(*) AS n, sum(actual_print_time_minutes) AS minutes
    FROM print_jobs WHERE tenant_id = :tenant GROUP BY status ORDER BY status
    """)

  static let statsShape = Shape.object([
    ("by_status", .object(JobStatus.allCases.map { ($0.rawValue, .integer) })),
    ("total", .integer), ("success_rate", .optional(.number)), ("print_time_minutes", .integer),
  ])

  func stats(in scope: TenantScope) throws -> JSON {
    let counts = try platform.database.all(StatusCount.self, Self.counts, in: scope)
    func count(_ status: JobStatus) -> Int64 {
      counts.first { $0.status == status.rawValue }?.count ?? 0
    }
    let completed = count(.completed)
    let judged = completed + count(.failed)
    return [
      "by_status": .object(
        JSONObject(JobStatus.allCases.map { ($0.rawValue, .integer(count($0))) })),
      "total": .integer(counts.reduce(0) { $0 + $1.count }),
      "success_rate": judged == 0 ? .null : .double(Double(completed) / Double(judged)),
      "print_time_minutes": .integer(counts.reduce(0) { $0 + $1.minutes }),
    ]
  }

  // MARK: changing and removing

  private static let changeJob = TenantSQL(
    """
    UPDATE print_jobs SET color = ?, filament_type = ?, material_type = ?, number_of_units = ?,
      plate = ?, use_ams = ?, priority = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let removeJob = TenantSQL(
    "DELETE FROM print_jobs WHERE tenant_id = :tenant AND id = ?")

  func change(_ id: String, _ input: Input, in scope: TenantScope) throws -> Job {
    let old = try job(id, in: scope)
    try checkWaits(old, in: scope)
    let filament = input.optionalText("filament_type") ?? old.filamentType
    try platform.database.change(
      Self.changeJob, in: scope, input.optionalText("color") ?? old.color, filament,
      input.optionalText("material_type") ?? filament,
      input.optionalInteger("number_of_units") ?? old.units,
      input.optionalInteger("plate") ?? old.plate, input.optionalBool("use_ams") ?? old.usesAMS,
      input.optionalInteger("priority") ?? old.priority, platform.now, id)
    if let printer = input.optionalText("printer_id") {
      try put(try job(id, in: scope), on: try fleet.printer(printer, in: scope), in: scope)
    }
    return try job(id, in: scope)
  }

  /// Forgets a job that has ended; cancels any other.
  func remove(_ id: String, in scope: TenantScope) throws -> JSON {
    let job = try job(id, in: scope)
    guard job.status.isFinal else {
      try cancel(id, in: scope)
      return ["deleted": false, "status": .string(try self.job(id, in: scope).status.rawValue)]
    }
    try platform.database.change(Self.removeJob, in: scope, id)
    return ["deleted": true, "status": .string(job.status.rawValue)]
  }

  /// A person says that the print is done, whatever was heard of it.
  func complete(_ id: String, in scope: TenantScope) throws {
    let job = try job(id, in: scope)
    guard [.uploaded, .printing, .paused].contains(job.status) else {
      throw APIError.conflict(
        "the job is \(job.status.rawValue); this takes one that is uploaded, printing or paused")
    }
    try walk(job, to: .completed, reason: "", in: scope)
  }
}
