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
    case .objectsMove: stage.stage.cloud.server?.evictHubs()
    case .twin: stage.twin(ofHub: place)?.powerOn()
    case .objectsSleep:
      if let hub = stage.stage.hub(place) { stage.stage.cloud.server?.evictActors(ofHub: hub.id) }
    case .memoryShort:
      stage.stage.hub(place)?.hub.connectionLimit = count(of: kind, at: place)
    case .cloudErrors: storage.trouble.refusal = count(of: kind, at: place)
    case .tooManyRequests: storage.trouble.refusal = 429
    case .objectCorrupt: storage.trouble.objectHarm = .corrupt
    case .objectTruncated: storage.trouble.objectHarm = .truncated
    case .queuesLate:
      storage.trouble.queueDelay = measure
      queueDelay = max(queueDelay, measure ?? .zero)
    case .cloudCertificateExpired, .cloudCertificateOther: showCertificate(kind)
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
    case .memoryShort: stage.stage.hub(place)?.hub.connectionLimit = nil
    case .cloudErrors, .tooManyRequests: storage.trouble.refusal = nil
    case .objectCorrupt, .objectTruncated: storage.trouble.objectHarm = nil
    case .queuesLate: storage.trouble.queueDelay = nil
    case .cloudCertificateExpired, .cloudCertificateOther:
      stage.cloudHost.shownCertificate = nil
    default: break
    }
  }

  /// Who is connected already does not look at it again.
  private func showCertificate(_ kind: FaultKind) {
    guard var shown = stage.stage.cloud.configuration.identity else { return }
    if kind == .cloudCertificateExpired {
      shown.validUntil = stage.cloudHost.wallMilliseconds - 86_400_000
    } else {
      shown.commonName = "other." + shown.commonName
      shown.alternativeNames = []
    }
    stage.cloudHost.shownCertificate = shown
  }
}
