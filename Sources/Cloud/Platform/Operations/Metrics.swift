// Numbers about the cloud itself, in the text form that Prometheus reads.

import World

/// How often something took how long.
struct Histogram {
  static let bounds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
  private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  private(set) var sum = 0.0

  var total: Int { counts.reduce(0, +) }

  mutating func add(_ seconds: Double) {
    sum += seconds
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
  }

  /// The lines of a metric of this name; `labels` stand in each.
  func lines(_ name: String, _ labels: String) -> [String] {
    var lines: [String] = []
    var running = 0
    let front = labels.isEmpty ? "" : labels + ","
    for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], counts) {
      running += count
      lines.append("\(name)_bucket{\(front)le=\"\(bound)\"} \(running)")
    }
    let own = labels.isEmpty ? "" : "{\(labels)}"
    lines.append("\(name)_sum\(own) \(sum)")
    lines.append("\(name)_count\(own) \(running)")
    return lines
  }
}

/// What is counted while the cloud runs.
final class Metrics {
  private struct Key: Hashable {
    let method: String
    let path: String
    let status: Int
  }

  private var requests: [Key: Int] = [:]
  private(set) var latency = Histogram()
  private(set) var transactions = Histogram()
  /// Requests and those that failed by our fault, since the watch looked last.
  private(set) var recent = (requests: 0, failures: 0)
  private(set) var slowestTransaction = 0.0

  func request(_ method: String, _ path: String, _ status: Int, seconds: Double) {
    requests[Key(method: method, path: path, status: status), default: 0] += 1
    latency.add(seconds)
    recent.requests += 1
    if status >= 500 { recent.failures += 1 }
  }

  func transaction(seconds: Double) {
    transactions.add(seconds)
    slowestTransaction = max(slowestTransaction, seconds)
  }

  /// What has come since it was asked last.
  func takeRecent() -> (requests: Int, failures: Int, slowestTransaction: Double) {
    defer {
      recent = (0, 0)
      slowestTransaction = 0
    }
    return (recent.requests, recent.failures, slowestTransaction)
  }

  /// `gauges` are what is so right now: name, meaning, value.
  func text(_ gauges: [(name: String, help: String, lines: [(labels: String, value: Double)])])
    -> String
  {
    var lines = [
      "# HELP hubrig_http_requests_total Requests by route and status.",
      "# TYPE hubrig_http_requests_total counter",
    ]
    let sorted = requests.sorted {
      ($0.key.path, $0.key.method, $0.key.status) < ($1.key.path, $1.key.method, $1.key.status)
    }
    for (key, count) in sorted {
      lines.append(
        "hubrig_http_requests_total{method=\"\(key.method)\",route=\"\(key.path)\","
          + "status=\"\(key.status)\"} \(count)")
    }
    lines += [
      "# HELP hubrig_http_request_seconds How long requests took.",
      "# TYPE hubrig_http_request_seconds histogram",
    ]
    lines += latency.lines("hubrig_http_request_seconds", "")
    lines += [
      "# HELP hubrig_d1_transaction_seconds How long transactions took, until they were on disk.",
      "# TYPE hubrig_d1_transaction_seconds histogram",
    ]
    lines += transactions.lines("hubrig_d1_transaction_seconds", "")
    for gauge in gauges {
      lines += ["# HELP \(gauge.name) \(gauge.help)", "# TYPE \(gauge.name) gauge"]
      for line in gauge.lines {
        let labels = line.labels.isEmpty ? "" : "{\(line.labels)}"
        lines.append("\(gauge.name)\(labels) \(line.value)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
