// How hubs are, and what a tenant may tell them to do about it.

import World

extension Fleet {
  private static let setHealth = TenantSQL(
    """
    INSERT INTO hub_health (hub_id, tenant_id, report, reported_at) VALUES (?, :tenant, ?, ?)
    ON CONFLICT (hub_id) DO UPDATE SET tenant_id = excluded.tenant_id, report = excluded.report,
      reported_at = excluded.reported_at
    """)
  private static let healthOfHub = TenantSQL(
    "SELECT * FROM hub_health WHERE tenant_id = :tenant AND hub_id = ?")
  private static let addCrash = TenantSQL(
    """
    INSERT OR IGNORE INTO hub_crashes
      (tenant_id, hub_id, crash_id, error_code, reason, task, uptime_seconds, boot_count,
       firmware_version, trace, reported_at)
    VALUES (:tenant, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """)
  private static let crashesOfHub = TenantSQL(
    """
    SELECT * FROM hub_crashes WHERE tenant_id = :tenant AND hub_id = ?
    ORDER BY sequence DESC LIMIT 100
    """)
  // The hub says which command it answers: it may be no other hub's.
  private static let setDiagnostics = TenantSQL(
    """
    INSERT INTO hub_diagnostics (command_id, tenant_id, hub_id, checks, reported_at)
    VALUES (?, :tenant, ?, ?, ?)
    ON CONFLICT (command_id) DO UPDATE SET checks = excluded.checks,
      reported_at = excluded.reported_at
    WHERE tenant_id = excluded.tenant_id AND hub_id = excluded.hub_id
    """)
  private static let diagnosticsOfHub = TenantSQL(
    """
    SELECT * FROM hub_diagnostics WHERE tenant_id = :tenant AND hub_id = ?
    ORDER BY reported_at DESC LIMIT 10
    """)

  /// What there is under `/api/v1/hubs/:id` beside the hub itself.
  var healthRoutes: [Route] {
    [
      Route(
        .get, "/api/v1/hubs/:id/health",
        .member(.viewer) { [self] call, member in
          let hub = try hub(call.parameter("id"), in: member.scope)
          let report = try platform.database.first(
            HubHealthReport.self, Self.healthOfHub, in: member.scope, hub.id)
          return .data(report?.json ?? .null)
        }
      ).described("What a hub said last of how it is"),
      Route(
        .get, "/api/v1/hubs/:id/crashes",
        .member(.viewer) { [self] call, member in
          let hub = try hub(call.parameter("id"), in: member.scope)
          return .data(
            .array(
              try platform.database.all(
                HubCrash.self, Self.crashesOfHub, in: member.scope, hub.id
              ).map(\.json)))
        }
      ).described("Restarts of a hub that nobody wanted, the newest first"),
      Route(
        .get, "/api/v1/hubs/:id/diagnostics",
        .member(.viewer) { [self] call, member in
          let hub = try hub(call.parameter("id"), in: member.scope)
          return .data(
            .array(
              try platform.database.all(
                HubDiagnostics.self, Self.diagnosticsOfHub, in: member.scope, hub.id
              ).map(\.json)))
        }
      ).described("What a hub found when it examined itself"),
      Route(
        .post, "/api/v1/hubs/:id/reboot", [.optional(.bool("force"))],
        .member(.operator) { [self] call, member in
          let isForced = call.input.optionalBool("force") == true
          return try tell(.reboot, isForced ? "force" : "", call, member.scope)
        }
      ).described("Restart a hub"),
      Route(
        .post, "/api/v1/hubs/:id/log-level",
        [.oneOf("level", ["debug", "information", "warning", "error"])],
        .member(.admin) { [self] call, member in
          try tell(.setLogLevel, call.input.text("level"), call, member.scope)
        }
      ).described("Set how much a hub logs"),
      Route(
        .post, "/api/v1/hubs/:id/factory-reset",
        .member(.owner) { [self] call, member in try tell(.factoryReset, "", call, member.scope) }
      ).described("Make a hub forget everything that was set"),
      Route(
        .post, "/api/v1/hubs/:id/diagnostics",
        .member(.operator) { [self] call, member in
          try tell(.runDiagnostics, "", call, member.scope)
        }
      ).described("Have a hub examine itself"),
    ]
  }

  /// Gives a hub of the tenant's a command; answers its id.
  private func tell(
    _ kind: HubCommand.Kind, _ action: String, _ call: Call, _ scope: TenantScope
  ) throws -> Answer {
    let hub = try hub(call.parameter("id"), in: scope)
    guard isOnline(hub.id) else { throw APIError.conflict("the hub is offline") }
    let command = try hubs.object(hub.id).give(
      NewCommand(kind: kind, action: action, serial: ""), in: scope)
    return .data(["command_id": .string(command)])
  }

  // MARK: what hubs say

  func hubIsHealthy(_ hub: String, _ report: JSON, in scope: TenantScope) throws {
    try platform.database.change(Self.setHealth, in: scope, hub, report.text, platform.now)
    platform.tell(.hubHealthy(hub: hub, report: report))
  }

  /// Keeps a crash; false when it is known.
  func hubCrashed(_ hub: String, _ report: JSON, in scope: TenantScope) throws -> Bool {
    guard let id = report["crash_id"]?.string, let code = report["error_code"]?.int64,
      let reason = report["reason"]?.string
    else {
      platform.badInput(from: "hub \(hub)", "hub.incomplete-crash")
      return false
    }
    let lines = (report["trace"]?.array ?? []).prefix(16).compactMap(\.string)
    let isNew =
      try platform.database.change(
        Self.addCrash, in: scope, hub, id, code, reason, report["task"]?.string,
        report["uptime_seconds"]?.int64, report["boot_count"]?.int64,
        report["firmware_version"]?.string, JSON.array(lines.map { .string($0) }).text,
        platform.now) == 1
    if isNew { platform.tell(.hubCrashed(hub: hub, reason: reason)) }
    return isNew
  }

  func hubExaminedItself(_ hub: String, _ report: JSON, in scope: TenantScope) throws {
    guard let command = report["command_id"]?.string, let checks = report["checks"],
      checks.array != nil
    else { return platform.badInput(from: "hub \(hub)", "hub.incomplete-diagnostics") }
    guard
      try platform.database.change(
        Self.setDiagnostics, in: scope, command, hub, checks.text, platform.now) == 1
    else { return platform.badInput(from: "hub \(hub)", "hub.foreign-diagnostics") }
    platform.tell(.hubExamined(hub: hub))
  }
}
