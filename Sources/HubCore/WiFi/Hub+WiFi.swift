// The hub's WiFi: the network that is kept, and one that somebody has just named.
//
// A new network is kept once it was joined, not before: a slip of the finger must not cost the old
// one. What cannot be joined is given up after a few attempts, with the reason for a person to read.

import Wire

extension Hub {
  /// Runs the connection to the network.
  mutating func stepWiFi(_ now: Uptime) -> Turn {
    let event =
      if hasCandidate {
        wifi.step(board, candidate, now: now)
      } else {
        wifi.step(board, settings.wifi, now: now)
      }
    switch event {
    case .none: break
    case .joined:
      keepCandidate()
      onboarding.trouble = nil
      change(.radioJoined, now)
      networkChanged(isThere: true, now)
    case .lost:
      change(.radioLost, now)
      networkChanged(isThere: false, now)
    case .failed(let trouble):
      onboarding.trouble = trouble
      let isHopeless = trouble == .wrongKey || wifi.failures >= Limits.newNetworkAttempts
      if hasCandidate, isHopeless { giveUpCandidate(now) }
    }
    if event != .none { scheduler.wake(.onboarding, at: now) }
    return wifi.turn
  }

  /// Tries the network in `candidate`, which somebody has named.
  mutating func tryCandidate(_ now: Uptime) {
    board.log(.information) {
      $0.put("wifi: told to join ")
      $0.put(candidate.name.span)
    }
    hasCandidate = true
    onboarding.trouble = nil
    onboarding.network = candidate.name
    if state.hasNetwork {
      change(.radioLost, now)
      networkChanged(isThere: false, now)
    }
    change(.settingsComplete, now)
    wifi.begin(board, candidate, now: now)
    scheduler.wake(.wifi, at: now)
  }

  private mutating func keepCandidate() {
    guard hasCandidate else { return }
    hasCandidate = false
    settings.keep(wifi: candidate, board, &store)
    candidate.removeAll()
  }

  private mutating func giveUpCandidate(_ now: Uptime) {
    hasCandidate = false
    candidate.removeAll()
    guard settings.wifi.name.isEmpty else {
      board.log(.warning) { $0.put("wifi: back to the network from before") }
      wifi.begin(board, settings.wifi, now: now)
      return
    }
    wifi.end()
    change(.settingMissing(.wifiName, askAgain: .never), now)
  }
}
