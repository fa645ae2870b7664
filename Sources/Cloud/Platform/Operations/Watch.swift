// What somebody should know of before it is complained about. Every minute the conditions are looked
// at; each is told of once when it begins, and once when it is over.

import World

/// Something that needs somebody's attention.
public enum Alert: String, Sendable, CaseIterable {
  case hubOffline = "hub-offline"
  case printFailures = "print-failure-rate"
  case requestErrors = "api-error-rate"
  case queueDepth = "queue-depth"
  case slowDatabase = "d1-latency"

  /// How grave it is.
  public var severity: String { self == .requestErrors ? "critical" : "warning" }
}

/// Looks after the cloud.
final class Watch {
  private static let offlineMilliseconds: Int64 = 5 * 60_000
  private static let failureShare = 0.1
  /// Of fewer jobs in a day nothing can be said.
  private static let fewestJobs: Int64 = 10
  private static let errorShare = 0.01
  private static let fewestRequests = 100
  private static let transactionSeconds = 0.1

  private unowned let platform: Platform
  /// What was on when it began to look.
  private var raised: [Raised] = []

  init(platform: Platform) { self.platform = platform }

  private struct SilentHub: Record {
    let id: String
    let name: String
    let tenantID: String

    init(_ row: Row) {
      id = row.text("id")
      name = row.optionalText("name") ?? row.text("id")
      tenantID = row.text("tenant_id")
    }
  }

  private struct Ends: Record {
    let completed: Int64
    let failed: Int64

    init(_ row: Row) {
      completed = row.optionalInteger("completed") ?? 0
      failed = row.optionalInteger("failed") ?? 0
    }
  }

  /// An alert that is on.
  struct Raised: Record {
    let kind: String
    let subject: String
    let raisedAt: Int64

    init(_ row: Row) {
      kind = row.text("kind")
      subject = row.text("subject")
      raisedAt = row.integer("raised_at")
    }
  }

  private static let silentHubs = SystemSQL(
    """
    SELECT id, name, tenant_id FROM hubs
    WHERE tenant_id IS NOT NULL AND is_online = 0 AND last_seen_at IS NOT NULL
      AND last_seen_at <= ?
    ORDER BY id
    """)
  private static let ends = TenantSQL(
    """
    SELECT sum(status = 'completed') AS completed, sum(status = 'failed') AS failed
    FROM print_jobs WHERE tenant_id = :tenant AND time_completed >= ?
    """)
  private static let all = SystemSQL("SELECT * FROM alerts ORDER BY raised_at, kind, subject")
  private static let raise = SystemSQL("INSERT INTO alerts VALUES (?, ?, ?)")
  private static let lower = SystemSQL("DELETE FROM alerts WHERE kind = ? AND subject = ?")

  /// What is on, the oldest first.
  static func raised(in database: Database) throws -> [Raised] {
    try database.all(Raised.self, all)
  }

  /// Looks at everything once.
  func look() throws {
    raised = try Self.raised(in: platform.database)
    try lookAtHubs()
    for scope in try TenantScope.all(in: platform.database) {
      let day = platform.now - 24 * 3600 * 1000
      guard let ends = try platform.database.first(Ends.self, Self.ends, in: scope, day) else {
        continue
      }
      let judged = ends.completed + ends.failed
      try set(
        .printFailures, of: scope.tenantID,
        judged >= Self.fewestJobs && Double(ends.failed) > Double(judged) * Self.failureShare,
        .tenant(scope.tenantID), "More than a tenth of the prints fail",
        "\(ends.failed) of \(judged) prints of the last day have failed.")
    }
    let recent = platform.metrics.takeRecent()
    try set(
      .requestErrors, of: "",
      recent.requests >= Self.fewestRequests
        && Double(recent.failures) > Double(recent.requests) * Self.errorShare,
      .operator, "More than one request in a hundred fails",
      "\(recent.failures) of \(recent.requests) requests of the last minute have failed by the "
        + "cloud's fault.")
    try set(
      .slowDatabase, of: "", recent.slowestTransaction > Self.transactionSeconds, .operator,
      "The database is slow",
      "A transaction has taken \(Int(recent.slowestTransaction * 1000)) ms.")
    for (queue, waiting) in try platform.queues.waiting() {
      try set(
        .queueDepth, of: queue.name, waiting > QueueConfiguration.depthLimit, .operator,
        "The queue \(queue.name) is long", "\(waiting) messages wait in it.")
    }
  }

  private func lookAtHubs() throws {
    let hubs = try platform.database.all(
      SilentHub.self, Self.silentHubs, platform.now - Self.offlineMilliseconds)
    for hub in hubs {
      try set(
        .hubOffline, of: hub.id, true, .tenant(hub.tenantID), "The hub \(hub.name) is offline",
        "Nothing was heard of the hub \(hub.name) for five minutes.")
    }
    let silent = Set(hubs.map(\.id))
    for alert in raised where alert.kind == Alert.hubOffline.rawValue {
      if !silent.contains(alert.subject) { try lower(.hubOffline, of: alert.subject) }
    }
  }

  /// Who has to know.
  private enum Audience {
    case tenant(String)
    /// Whoever runs this cloud.
    case `operator`
  }

  /// Notes that an alert is on or not; what has just begun is told of, also by mail.
  private func set(
    _ alert: Alert, of subject: String, _ isOn: Bool, _ audience: Audience, _ title: String,
    _ body: String
  ) throws {
    let wasOn = raised.contains { $0.kind == alert.rawValue && $0.subject == subject }
    guard isOn != wasOn else { return }
    guard isOn else { return try lower(alert, of: subject) }
    try platform.database.change(Self.raise, alert.rawValue, subject, platform.now)
    tell(alert, subject, isOn: true)
    var message: JSON = ["subject": .string(title), "body": .string(body + "\n")]
    switch audience {
    case .tenant(let tenant): message["tenant_id"] = .string(tenant)
    case .operator: message["recipient"] = .string(platform.configuration.operatorMail)
    }
    try platform.queues.send(message, to: .notifications)
  }

  private func lower(_ alert: Alert, of subject: String) throws {
    try platform.database.change(Self.lower, alert.rawValue, subject)
    tell(alert, subject, isOn: false)
  }

  private func tell(_ alert: Alert, _ subject: String, isOn: Bool) {
    platform.tell(.alert(alert, subject: subject, isRaised: isOn))
    let place = subject.isEmpty ? "" : " " + subject
    platform.note("alert \(alert.rawValue)\(place): \(isOn ? "raised" : "over")")
  }
}
