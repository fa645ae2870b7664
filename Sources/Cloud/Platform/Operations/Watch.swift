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
  private static let depthLimit: Int64 = 1000
  private static let transactionSeconds = 0.1

  private unowned let platform: Platform
  private var raised: Set<String> = []

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

  /// Looks at everything once.
  func look() throws {
    try lookAtHubs()
    for scope in try TenantScope.all(in: platform.database) {
      let day = platform.now - 24 * 3600 * 1000
      guard let ends = try platform.database.first(Ends.self, Self.ends, in: scope, day) else {
        continue
      }
      let judged = ends.completed + ends.failed
      set(
        .printFailures, of: scope.tenantID,
        judged >= Self.fewestJobs && Double(ends.failed) > Double(judged) * Self.failureShare)
    }
    let recent = platform.metrics.takeRecent()
    set(
      .requestErrors, of: "",
      recent.requests >= Self.fewestRequests
        && Double(recent.failures) > Double(recent.requests) * Self.errorShare)
    set(.slowDatabase, of: "", recent.slowestTransaction > Self.transactionSeconds)
    for queue in QueueConfiguration.all {
      set(
        .queueDepth, of: queue.name, try platform.queues.depth(queue).waiting > Self.depthLimit)
    }
  }

  private func lookAtHubs() throws {
    let hubs = try platform.database.all(
      SilentHub.self, Self.silentHubs, platform.now - Self.offlineMilliseconds)
    for hub in hubs where set(.hubOffline, of: hub.id, true) {
      try platform.queues.send(
        [
          "tenant_id": .string(hub.tenantID), "subject": "The hub \(hub.name) is offline",
          "body": "Nothing was heard of the hub \(hub.name) for five minutes.\n",
        ], to: .notifications)
    }
    let silent = Set(hubs.map { Self.key(.hubOffline, $0.id) })
    let prefix = Self.key(.hubOffline, "")
    for key in raised.sorted() where key.hasPrefix(prefix) && !silent.contains(key) {
      set(.hubOffline, of: String(key.dropFirst(prefix.count)), false)
    }
  }

  private static func key(_ alert: Alert, _ subject: String) -> String {
    "\(alert.rawValue) \(subject)"
  }

  /// Answers whether it has just begun.
  @discardableResult
  private func set(_ alert: Alert, of subject: String, _ isOn: Bool) -> Bool {
    let key = Self.key(alert, subject)
    guard isOn != raised.contains(key) else { return false }
    if isOn { raised.insert(key) } else { raised.remove(key) }
    platform.tell(.alert(alert, subject: subject, isRaised: isOn))
    platform.note("alert \(key): \(isOn ? "raised" : "over")")
    return isOn
  }
}
