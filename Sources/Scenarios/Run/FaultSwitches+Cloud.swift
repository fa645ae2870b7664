import Cloud
import World

/// What breaks in the cloud's own machine, and a hub that is there twice.
extension FaultSwitches {
  func setCloud(_ kind: FaultKind, at place: String) {
    let storage = stage.stage.cloud.storage
    let measure = duration(of: kind, at: place)
    switch kind {
    case .diskFull: storage.trouble.isDiskFull = true
    case .diskSlow: storage.trouble.commitDelay = measure
    case .databaseBusy: storage.trouble.isDatabaseBusy = true
    case .queuesRepeat: storage.trouble.repeatsMessages = true
    case .shortLinks: storage.trouble.linkLife = measure
    case .downloadCut:
      if case .loss(let share)? = newest(kind, at: place)?.amount {
        storage.trouble.cutsDownloadsAt = share
      }
    case .anyFirmware: storage.trouble.publishesAnything = true
    case .wholeFiles: storage.trouble.ignoresRanges = true
    case .commandsRepeat: storage.trouble.commandsAgainAfter = measure
    case .eviction: stage.stage.cloud.server?.evictHubs()
    case .twin: stage.twin(ofHub: place)?.powerOn()
    case .actorEvicted:
      if let hub = stage.stage.hub(place) { stage.stage.cloud.server?.evictActors(ofHub: hub.id) }
    default: break
    }
  }

  func clearCloud(_ kind: FaultKind, at place: String) {
    let storage = stage.stage.cloud.storage
    switch kind {
    case .diskFull: storage.trouble.isDiskFull = false
    case .diskSlow: storage.trouble.commitDelay = nil
    case .databaseBusy: storage.trouble.isDatabaseBusy = false
    case .queuesRepeat: storage.trouble.repeatsMessages = false
    case .shortLinks: storage.trouble.linkLife = nil
    case .downloadCut: storage.trouble.cutsDownloadsAt = nil
    case .anyFirmware: storage.trouble.publishesAnything = false
    case .wholeFiles: storage.trouble.ignoresRanges = false
    case .commandsRepeat: storage.trouble.commandsAgainAfter = nil
    case .twin: stage.twin(ofHub: place)?.powerOff()
    default: break
    }
  }
}
