extension Job {
  /// A job as answers hold it.
  static let shape = Shape.named(
    "Job",
    [
      ("id", .uuid), ("print_file_id", .uuid), ("printer_id", .optional(.uuid)),
      ("file_name", .text), ("status", .oneOf(JobStatus.allCases.map(\.rawValue))),
      ("is_starting", .bool), ("color", .text), ("filament_type", .text),
      ("number_of_units", .integer), ("plate", .integer), ("use_ams", .bool),
      ("progress_percentage", .integer), ("priority", .integer),
      ("failure_reason", .optional(.text)), ("time_submitted", .optional(.time)),
      ("time_started", .optional(.time)), ("time_completed", .optional(.time)),
      ("created_at", .time), ("updated_at", .time),
    ])
}
