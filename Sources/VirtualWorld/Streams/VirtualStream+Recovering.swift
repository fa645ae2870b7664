// What a sender does when its segments, or the answers to them, get lost for more than a moment: it
// repeats one of them, ever more rarely, and gives up after a minute. One that has nothing to say
// notices nothing.

import World

extension VirtualStream {
  private static let shortestRepetitionInterval: Int64 = 200_000_000
  static let longestRepetitionInterval: Int64 = 8_000_000_000
  private static let patience: Int64 = 60_000_000_000

  /// The first wait before a repetition: twice the way there and back, at least 200 ms.
  var repetitionInterval: Int64 {
    path.update(engine.linkVersion)
    return max(Self.shortestRepetitionInterval, 4 * path.character.greatestLatency)
  }

  private var isUnfinished: Bool { outgoing.isUnfinished || peer?.phase == .accepting }

  /// Our way out broke: what is under way on it is lost, and so are our answers to the far end.
  func pathBroke() {
    outgoing.loseFlight(at: engine.now)
    if let peer, peer.phase == .open {
      peer.takeAcknowledgements()
      peer.outgoing.loseAcknowledgements()
      peer.startRecovery()
    }
    startRecovery()
  }

  func startRecovery() {
    guard phase == .open, !isRecovering, isUnfinished else { return }
    isRecovering = true
    recoveryStart = engine.now
    recoveryTries = 0
    recoveryNumber &+= 1
    engine.plan(
      .retransmit, for: self, at: engine.now + repetitionInterval, recoveryNumber)
    planWake()
  }

  func endRecovery() {
    isRecovering = false
    recoveryNumber &+= 1
  }

  func retransmit(_ number: UInt32) -> Bool {
    guard isRecovering, number == recoveryNumber, phase == .open else { return false }
    engine.mark(.retransmit, identity, recoveryTries)
    takeAcknowledgements()
    guard isRecovering else {
      transmit()
      return true
    }
    if engine.now - recoveryStart >= Self.patience {
      fail(.timedOut)
      return true
    }
    connection?.use()
    if outgoing.flight.isEmpty, pathIsOpen { launchNext() }
    recoveryTries = min(recoveryTries + 1, 16)
    let wait = min(
      repetitionInterval << Int64(recoveryTries),
      max(repetitionInterval, Self.longestRepetitionInterval))
    engine.plan(.retransmit, for: self, at: engine.now + wait, number)
    return true
  }
}
