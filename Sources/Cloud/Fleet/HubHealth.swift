import World

/// What a hub said last of how it is.
struct HubHealthReport: Record {
  let report: String
  let reportedAt: Int64

  init(_ row: Row) {
    report = row.text("report")
    reportedAt = row.integer("reported_at")
  }

  var json: JSON {
    var json = (try? JSON.parse([UInt8](report.utf8))) ?? [:]
    json["reported_at"] = .integer(reportedAt)
    return json
  }
}

/// A restart of a hub that nobody wanted.
struct HubCrash: Record {
  let crashID: String
  let errorCode: Int64
  let reason: String
  let task: String?
  let uptimeSeconds: Int64?
  let bootCount: Int64?
  let firmwareVersion: String?
  let trace: String
  let reportedAt: Int64

  init(_ row: Row) {
    crashID = row.text("crash_id")
    errorCode = row.integer("error_code")
    reason = row.text("reason")
    task = row.optionalText("task")
    uptimeSeconds = row.optionalInteger("uptime_seconds")
    bootCount = row.optionalInteger("boot_count")
    firmwareVersion = row.optionalText("firmware_version")
    trace = row.text("trace")
    reportedAt = row.integer("reported_at")
  }

  var json: JSON {
    [
      "id": .string(crashID), "error_code": .integer(errorCode), "reason": .string(reason),
      "task": .optional(task), "uptime_seconds": .optional(uptimeSeconds),
      "boot_count": .optional(bootCount), "firmware_version": .optional(firmwareVersion),
      "trace": (try? JSON.parse([UInt8](trace.utf8))) ?? [], "reported_at": .integer(reportedAt),
    ]
  }
}

/// What a hub found when it was told to examine itself.
struct HubDiagnostics: Record {
  let commandID: String
  let checks: String
  let reportedAt: Int64

  init(_ row: Row) {
    commandID = row.text("command_id")
    checks = row.text("checks")
    reportedAt = row.integer("reported_at")
  }

  var json: JSON {
    [
      "command_id": .string(commandID), "checks": (try? JSON.parse([UInt8](checks.utf8))) ?? [],
      "reported_at": .integer(reportedAt),
    ]
  }
}
