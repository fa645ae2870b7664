import World

/// A job as its row has it.
struct Job: Record {
  let id: String
  let printerID: String?
  let fileID: String
  let submittedBy: String?
  let fileName: String
  let status: JobStatus
  let color: String
  let filamentType: String
  let units: Int64
  let plate: Int64
  let usesAMS: Bool
  /// What was chosen for the print, as a JSON object.
  let choices: String?
  let progress: Int64
  let priority: Int64
  let failureReason: String?
  let printerName: String?
  let printerModel: String?
  let estimatedMinutes: Int64?
  let actualMinutes: Int64?
  let submittedAt: Int64?
  let startedAt: Int64?
  let completedAt: Int64?
  let createdAt: Int64
  let updatedAt: Int64

  init(_ row: Row) {
    id = row.text("id")
    printerID = row.optionalText("printer_id")
    fileID = row.text("print_file_id")
    submittedBy = row.optionalText("submitted_by")
    fileName = row.text("file_name")
    guard let status = JobStatus(rawValue: row.text("status")) else {
      preconditionFailure("print_jobs holds a status that we never write")
    }
    self.status = status
    color = row.text("color")
    filamentType = row.text("filament_type")
    units = row.optionalInteger("number_of_units") ?? 1
    plate = row.integer("plate")
    usesAMS = row.bool("use_ams")
    choices = row.optionalText("print_options")
    progress = row.optionalInteger("progress_percentage") ?? 0
    priority = row.optionalInteger("priority") ?? 0
    failureReason = row.optionalText("failure_reason")
    printerName = row.optionalText("printer_name")
    printerModel = row.optionalText("printer_model")
    estimatedMinutes = row.optionalInteger("estimated_print_time_minutes")
    actualMinutes = row.optionalInteger("actual_print_time_minutes")
    submittedAt = row.optionalInteger("time_submitted")
    startedAt = row.optionalInteger("time_started")
    completedAt = row.optionalInteger("time_completed")
    createdAt = row.integer("created_at")
    updatedAt = row.integer("updated_at")
  }

  /// How long its print took that is told to be over at `end`. When nobody has heard of it for long
  /// before, `end` is when somebody looked again and not when it ended: then it took as long as the
  /// slicer says, and no less than was seen.
  func minutes(from start: Int64, to end: Int64, estimate: Int64?) -> Int64 {
    let whole = (end - start) / 60_000
    guard let estimate, end - updatedAt > Self.longSilence else { return whole }
    return min(whole, max((updatedAt - start) / 60_000, estimate))
  }

  private static let longSilence: Int64 = 3_600_000

  /// What the tenant sees. `transfer` is how far the file is on its way to the printer.
  func json(isStarting: Bool, progress live: Int?, transfer: (sent: Int, total: Int)?) -> JSON {
    [
      "id": .string(id), "print_file_id": .string(fileID), "printer_id": .optional(printerID),
      "file_name": .string(fileName), "status": .string(status.rawValue),
      "is_starting": .bool(isStarting), "color": .string(color),
      "filament_type": .string(filamentType), "number_of_units": .integer(units),
      "plate": .integer(plate), "use_ams": .bool(usesAMS),
      "progress_percentage": .integer(max(progress, Int64(live ?? 0))),
      "bytes_sent": .optional(transfer.map { Int64($0.sent) }),
      "bytes_total": .optional(transfer.map { Int64($0.total) }),
      "priority": .integer(priority), "failure_reason": .optional(failureReason),
      "printer_name": .optional(printerName), "printer_model": .optional(printerModel),
      "estimated_print_time_minutes": .optional(estimatedMinutes),
      "actual_print_time_minutes": .optional(actualMinutes),
      "submitted_by": .optional(submittedBy), "time_submitted": .optional(submittedAt),
      "time_started": .optional(startedAt), "time_completed": .optional(completedAt),
      "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
    ]
  }
}
