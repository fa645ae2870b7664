import World

/// Counts requests in windows of time and says when there were too many.
///
///     auth     10 a minute for each address
///     api     100 a minute for each user
///     upload   20 an hour for each tenant
final class RateLimiter {
  private struct Window {
    var endsAt: Int64
    var count: Int
  }

  /// What an answer says of the limit that it fell under.
  struct Standing {
    let limit: Int
    let remaining: Int
    let secondsLeft: Int64

    var headers: [(String, String)] {
      [
        ("X-RateLimit-Limit", "\(limit)"), ("X-RateLimit-Remaining", "\(remaining)"),
        ("X-RateLimit-Reset", "\(secondsLeft)"),
      ]
    }
  }

  /// How many windows are held; beyond, those that are over are forgotten.
  private static let windowLimit = 10_000

  private let platform: Platform
  private var windows: [String: Window] = [:]

  init(platform: Platform) { self.platform = platform }

  /// Counts one more; nil when nothing is limited. Throws when it is one too many.
  func count(_ rate: RateClass, of key: String) throws -> Standing? {
    guard platform.configuration.limitsRates, let (limit, milliseconds) = Self.bound(rate) else {
      return nil
    }
    let now = platform.now
    let name = "\(rate.rawValue) \(key)"
    var window = windows[name] ?? Window(endsAt: 0, count: 0)
    if window.endsAt <= now { window = Window(endsAt: now + milliseconds, count: 0) }
    window.count += 1
    if windows.count >= Self.windowLimit { windows = windows.filter { $0.value.endsAt > now } }
    windows[name] = window
    let seconds = (window.endsAt - now + 999) / 1000
    let standing = Standing(
      limit: limit, remaining: max(0, limit - window.count), secondsLeft: seconds)
    guard window.count <= limit else {
      var headers = ["Retry-After": "\(seconds)"]
      for (name, value) in standing.headers { headers[name] = value }
      throw APIError(
        status: 429, code: "too_many_requests",
        message: "at most \(limit) such requests in this time; try again in \(seconds) s",
        headers: headers)
    }
    return standing
  }

  private static func bound(_ rate: RateClass) -> (Int, Int64)? {
    switch rate {
    case .unlimited: nil
    case .auth: (10, 60_000)
    case .api: (100, 60_000)
    case .upload: (20, 3_600_000)
    }
  }
}
