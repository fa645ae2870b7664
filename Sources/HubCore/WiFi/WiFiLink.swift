// Keeps the hub on its WiFi network.
//
//     off --begin--> joining --joined--> joined --lost, from there--.
//                     ^   |                                         |
//                     |   '--failed--> waiting                      |
//                     '------time---------'   <------begin----------'
//
// The radio never joins again by itself, and says nothing when it fails: it is looked at.

import Wire

/// The connection to one WiFi network, kept up for ever.
struct WiFiLink {
  /// Where it stands.
  enum State: Equatable {
    case off
    /// The radio was told to join.
    case joining(until: Uptime)
    /// It failed, and is told again later.
    case waiting(until: Uptime)
    case joined
  }

  /// What a step brought about.
  enum Event: Equatable {
    case none
    case joined
    case failed(RadioTrouble)
    /// It was joined, and is not any more.
    case lost
  }

  private(set) var state = State.off
  private var backoff = Backoff(base: Limits.wifiRetryBase, cap: Limits.wifiRetryCap)
  /// Why the last attempt failed; nil once one was good.
  private(set) var trouble: RadioTrouble?
  /// How many attempts have failed since the last good one.
  var failures: Int { backoff.failures }

  init() {}

  var isJoined: Bool { state == .joined }

  var turn: Turn {
    switch state {
    case .off, .joined: .asleep
    case .joining(let until), .waiting(let until): .until(until)
    }
  }

  /// Joins a network, instead of whatever was before.
  mutating func begin(
    _ board: Board, _ credentials: borrowing WiFiCredentials, now: Uptime
  ) {
    backoff.reset()
    trouble = nil
    join(board, credentials, now)
  }

  /// Wants no network any more.
  mutating func end() {
    state = .off
    trouble = nil
    backoff.reset()
  }

  /// Looks at the radio, and tells it what it has to do now.
  mutating func step(
    _ board: Board, _ credentials: borrowing WiFiCredentials, now: Uptime
  ) -> Event {
    switch state {
    case .off:
      return .none
    case .joining(let until):
      return look(board, until, now)
    case .waiting(let until):
      // Some radios get there by themselves after all.
      if board.radioState == .joined { return arrived() }
      if until <= now { join(board, credentials, now) }
      return .none
    case .joined:
      guard board.radioState != .joined else { return .none }
      join(board, credentials, now)
      return .lost
    }
  }

  private mutating func join(
    _ board: Board, _ credentials: borrowing WiFiCredentials, _ now: Uptime
  ) {
    state = .joining(until: now + Limits.wifiJoin)
    if has(.tellsKey) { board.log(.information) { $0.put(credentials.key.span) } }
    board.join(credentials)
  }

  private mutating func look(_ board: Board, _ until: Uptime, _ now: Uptime) -> Event {
    switch board.radioState {
    case .joined: return arrived()
    case .noAccessPoint: return fail(board, .noAccessPoint, now)
    case .wrongKey: return fail(board, .wrongKey, now)
    case .lost: return fail(board, .lost, now)
    case .off, .joining: return until <= now ? fail(board, .timedOut, now) : .none
    }
  }

  private mutating func arrived() -> Event {
    backoff.reset()
    trouble = nil
    state = .joined
    return .joined
  }

  private mutating func fail(_ board: Board, _ trouble: RadioTrouble, _ now: Uptime) -> Event {
    self.trouble = trouble
    // Half of the wait is certain: a radio that is told to join again at once never gets there.
    if has(.givesUpNetwork), backoff.failures >= 2 {
      state = .off
      return .failed(trouble)
    }
    let ceiling = backoff.ceiling
    let pause = ceiling / 2 + backoff.next(on: board) / 2
    board.log(.warning) {
      $0.put("wifi: ")
      $0.put(trouble.name)
      $0.put(", next attempt in ")
      $0.put(decimal64: pause)
      $0.put(" ms")
    }
    state = .waiting(until: now + pause)
    return .failed(trouble)
  }
}

/// Why the radio could not join.
enum RadioTrouble: Equatable {
  case noAccessPoint, wrongKey, lost, timedOut

  var name: StaticString {
    switch self {
    case .noAccessPoint: "no such WiFi network"
    case .wrongKey: "wrong WiFi key"
    case .lost: "WiFi lost"
    case .timedOut: "WiFi did not answer"
    }
  }
}
