import World

/// `GET /metrics`.
struct OperationRoutes {
  let platform: Platform
  let fleet: Fleet
  let dashboards: Dashboards

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
      ).described("Numbers about the cloud, for Prometheus", .bytes("text/plain"))
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
        [("", Double(fleet.hubs.awake.count { $0.isOnline }))]
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
