import World

/// What whoever runs the cloud looks at: numbers, alerts, dead letters.
struct OperationRoutes {
  let platform: Platform
  let fleet: Fleet
  let dashboards: Dashboards

  private static let queue = Field.optional(
    .oneOf("queue", QueueConfiguration.all.map(\.name)))

  private struct Numbers: Record {
    let all: Int64
    let good: Int64

    init(_ row: Row) {
      all = row.optionalInteger("n") ?? 0
      good = row.optionalInteger("good") ?? 0
    }
  }

  private static let printers = TenantSQL(
    "SELECT count(*) AS n, sum(is_connected) AS good FROM printers WHERE tenant_id = :tenant")
  private static let ends = TenantSQL(
    """
    SELECT count(*) AS n, sum(status = 'completed') AS good FROM print_jobs
    WHERE tenant_id = :tenant AND status IN ('completed', 'failed')
    """)

  var routes: [Route] {
    [
      Route(
        .get, "/metrics",
        .open { _ in
          Answer(
            status: 200, headers: [("Content-Type", "text/plain; version=0.0.4")],
            body: .bytes([UInt8](try text().utf8)))
        }
      ).described("Numbers about the cloud, for Prometheus", .bytes("text/plain")),
      Route(
        .get, "/api/v1/factory/alerts",
        .factory { [platform] _ in
          .data(
            .array(
              try Watch.raised(in: platform.database).map { alert in
                [
                  "alert": .string(alert.kind), "subject": .string(alert.subject),
                  "severity": .string(Alert(rawValue: alert.kind)?.severity ?? "warning"),
                  "raised_at": .integer(alert.raisedAt),
                ]
              }))
        }
      ).described(
        "What needs attention right now, the oldest first",
        .list(
          .object([
            ("alert", .text), ("subject", .text), ("severity", .text), ("raised_at", .time),
          ]))),
      Route(
        .get, "/api/v1/factory/dead-letters",
        .factory { [platform] call in
          .data(
            .array(
              try Queues.deadLetters(
                of: call.options.optionalText("queue"),
                limit: call.options.optionalInteger("limit") ?? 100, in: platform.database
              ).map(\.json)))
        }
      ).described(
        "Messages that the queues have given up, the oldest first", .list(DeadLetter.shape),
        [Self.queue, .optional(.integer("limit", 1...1_000))]),
      Route(
        .post, "/api/v1/factory/dead-letters/retry",
        [Self.queue, .optional(.integer("sequence", 1...Int64.max))],
        .factory { [platform] call in
          let count = try Queues.revive(
            queue: call.input.optionalText("queue"),
            sequence: call.input.optionalInteger("sequence"), at: platform.now,
            in: platform.database)
          platform.database.onCommit { platform.queues.start() }
          return .data(["retried": .integer(count)])
        }
      ).described(
        "Try messages anew that were given up: one, those of a queue, or all",
        .object([("retried", .integer)])),
    ]
  }

  private func text() throws -> String {
    var printers = (all: Int64(0), good: Int64(0))
    var ends = (all: Int64(0), good: Int64(0))
    for scope in try TenantScope.all(in: platform.database) {
      if let some = try platform.database.first(Numbers.self, Self.printers, in: scope) {
        printers = (printers.all + some.all, printers.good + some.good)
      }
      if let some = try platform.database.first(Numbers.self, Self.ends, in: scope) {
        ends = (ends.all + some.all, ends.good + some.good)
      }
    }
    func share(_ numbers: (all: Int64, good: Int64)) -> Double {
      numbers.all == 0 ? 1 : Double(numbers.good) / Double(numbers.all)
    }
    let depths = try QueueConfiguration.all.flatMap { queue in
      let depth = try platform.queues.depth(queue)
      return [
        ("queue=\"\(queue.name)\",state=\"waiting\"", Double(depth.waiting)),
        ("queue=\"\(queue.name)\",state=\"dead\"", Double(depth.dead)),
      ]
    }
    return platform.metrics.text([
      (
        "hubrig_hubs_connected", "Hubs that are connected.",
        [("", Double(fleet.onlineCount))]
      ),
      (
        "hubrig_dashboards_connected", "Dashboards that watch.",
        [("", Double(dashboards.clientCount))]
      ),
      ("hubrig_printers_online_ratio", "Printers that are online.", [("", share(printers))]),
      ("hubrig_print_success_ratio", "Prints that ended well.", [("", share(ends))]),
      ("hubrig_queue_depth", "Messages in the queues.", depths),
      (
        "hubrig_bad_input_total", "What peers should not have sent.",
        [("", Double(platform.badInputCounts.values.reduce(0, +)))]
      ),
    ])
  }
}
