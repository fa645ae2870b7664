import Cloud

/// What the cloud has heard of updates, and which rollouts are paused.
struct UpdateRecord {
  private var latest: [(hub: String, word: UpdateWord, percent: Int)] = []
  private var succeeded: Set<String> = []
  private var rolledBack: Set<String> = []
  private var paused: Set<String> = []

  /// `name` tells what the story calls a hub.
  mutating func hear(_ event: CloudEvent, name: (_ id: String) -> String?) {
    switch event {
    case .hubUpdate(let hub, _, let phase, let percent):
      guard let hub = name(hub), let word = Self.word(phase) else { return }
      latest.removeAll { $0.hub == hub }
      latest.append((hub, word, percent))
      if word == .succeeded { succeeded.insert(hub) }
      if word == .rolledBack { rolledBack.insert(hub) }
    case .rolloutPaused(let version): paused.insert(version)
    case .rolloutResumed(let version): paused.remove(version)
    default: break
    }
  }

  private static func word(_ phase: String) -> UpdateWord? {
    phase == "rolled_back" ? .rolledBack : UpdateWord(rawValue: phase)
  }

  func word(of hub: String) -> UpdateWord { latest.first { $0.hub == hub }?.word ?? .none }

  func share(of hub: String) -> Double {
    Double(latest.first { $0.hub == hub }?.percent ?? 0) / 100
  }

  /// Nil for what is not about updates.
  func count(_ measure: Measure) -> Double? {
    switch measure {
    case .updated: Double(succeeded.count)
    case .rolledBack: Double(rolledBack.count)
    case .paused: Double(paused.count)
    default: nil
    }
  }
}
