// What each hub is offered, and what it says came of it.

import World

extension Fleet {
  private static let rolloutsForHub = SystemSQL(
    """
    SELECT r.* FROM firmware_rollouts r JOIN firmware_releases f ON f.id = r.release_id
    WHERE r.status = 'running' AND f.hardware = ?
      AND (r.hub_id = ? OR r.hub_id IS NULL AND (r.channel IS NULL OR r.channel = ?))
    ORDER BY r.sequence DESC LIMIT 50
    """)
  private static let updateOfHub = SystemSQL(
    "SELECT * FROM hub_updates WHERE hub_id = ? AND release_id = ?")
  private static let updatesOfHub = SystemSQL(
    "SELECT * FROM hub_updates WHERE hub_id = ? ORDER BY updated_at DESC, release_id LIMIT 50")
  private static let addOffered = SystemSQL(
    """
    INSERT INTO hub_updates
      (hub_id, release_id, rollout_id, phase, is_forced, created_at, updated_at)
    VALUES (?, ?, ?, 'offered', 0, ?, ?)
    """)
  private static let setOffered = SystemSQL(
    """
    UPDATE hub_updates SET phase = 'offered', updated_at = ?
    WHERE hub_id = ? AND release_id = ? AND phase IN ('planned', 'failed', 'succeeded')
    """)
  private static let setProgress = SystemSQL(
    """
    UPDATE hub_updates SET phase = ?, percent = ?, error = ?, failures = failures + ?,
      updated_at = ?
    WHERE hub_id = ? AND release_id = ?
    """)
  private static let releaseOnHub = SystemSQL(
    """
    SELECT f.* FROM firmware_releases f JOIN hub_updates u ON u.release_id = f.id
    WHERE u.hub_id = ? AND f.version = ?
    """)
  private static let badEnds = SystemSQL(
    """
    SELECT count(*) FROM hub_updates
    WHERE rollout_id = ? AND (phase IN ('rolled_back', 'refused') OR failures >= ?)
    """)
  private static let setChannel = SystemSQL(
    "UPDATE hubs SET firmware_channel = ?, updated_at = ? WHERE id = ?")
  private static let offerAnew = SystemSQL(
    """
    UPDATE hub_updates SET phase = 'planned', percent = 0, error = NULL, failures = 0,
      is_forced = 1, updated_at = ?
    WHERE hub_id = ? AND release_id = ?
    """)
  static let firmwareMilliseconds: Int64 = 3_600_000

  /// What a hub should be told to run, or nil when it runs that already. Asking counts as offering.
  func firmwareOffer(for hub: Hub, running version: String) throws -> FirmwareOffer? {
    let rollouts = try platform.database.all(
      FirmwareRollout.self, Self.rolloutsForHub, hub.hardwareRevision ?? "", hub.id,
      hub.firmwareChannel)
    for rollout in rollouts {
      let release = try release(rollout.releaseID)
      if release.version == version { return nil }
      let update = try platform.database.first(
        HubUpdate.self, Self.updateOfHub, hub.id, release.id)
      guard let update else {
        // A hub that has come since is one of all, and no one's share.
        guard rollout.share == 100, release.isNewer(than: version) else { continue }
        let now = platform.now
        try platform.database.change(Self.addOffered, hub.id, release.id, rollout.id, now, now)
        return FirmwareOffer(release: release, isForced: false)
      }
      guard update.mayBeOffered, update.isForced || release.isNewer(than: version) else { continue }
      try platform.database.change(Self.setOffered, platform.now, hub.id, release.id)
      return FirmwareOffer(release: release, isForced: update.isForced)
    }
    return nil
  }

  /// The members of a message that offer a release; the link is good for an hour.
  func message(of offer: FirmwareOffer) -> JSON {
    let release = offer.release
    let token = platform.signer.text(
      PresignedToken(
        method: .download, key: .firmware(release.id), byteLimit: Int(release.byteCount),
        expiresAt: platform.now + Self.firmwareMilliseconds))
    var json: JSON = [
      "version": .string(release.version),
      "url": .string("\(platform.configuration.publicURL)/api/v1/files/download/\(token)"),
      "checksum": .string(release.checksum), "size": .integer(release.byteCount),
    ]
    if offer.isForced { json["force"] = true }
    return json
  }

  /// A hub says how far an update is, or what came of it. Answers whether it needs another link.
  func hubUpdates(_ hub: String, label: String, _ report: JSON) throws -> Bool {
    guard let version = report["version"]?.string, let word = report["phase"]?.string else {
      platform.badInput(from: "hub \(hub)", "hub.incomplete-update-progress")
      return false
    }
    guard
      let release = try platform.database.first(
        FirmwareRelease.self, Self.releaseOnHub, hub, version)
    else {
      platform.badInput(from: "hub \(hub)", "hub.unknown-update")
      return false
    }
    if word == "link_expired" { return true }
    let isRefused = word == "failed" && report["refused"]?.bool == true
    guard let phase = HubUpdate.Phase(rawValue: isRefused ? "refused" : word) else {
      platform.badInput(from: "hub \(hub)", "hub.unknown-update-phase")
      return false
    }
    let percent = min(max(report["percent"]?.int64 ?? 0, 0), 100)
    let error = report["error"]?.string
    try platform.database.change(
      Self.setProgress, phase.rawValue, percent, error, phase == .failed ? 1 : 0, platform.now,
      hub, release.id)
    if percent == 0 || phase != .downloading {
      let words = phase.rawValue.replacing("_", with: " ")
      platform.note(
        "hub \(label): update to \(version) \(words)" + (error.map { ": \($0)" } ?? ""))
    }
    platform.tell(
      .hubUpdate(
        hub: hub, version: version, phase: phase.rawValue, percent: Int(percent)))
    if !phase.isOpen, phase != .succeeded { try pauseIfBad(hub, release) }
    return false
  }

  /// A hub that did not take its command.
  func updateWasRefused(_ hub: String, release id: String, reason: String) throws {
    guard
      let update = try platform.database.first(HubUpdate.self, Self.updateOfHub, hub, id),
      update.phase == .offered
    else { return }
    let release = try release(id)
    try platform.database.change(
      Self.setProgress, HubUpdate.Phase.failed.rawValue, 0, reason, 1, platform.now, hub, id)
    platform.tell(
      .hubUpdate(hub: hub, version: release.version, phase: "failed", percent: 0))
  }

  private func pauseIfBad(_ hub: String, _ release: FirmwareRelease) throws {
    guard
      let update = try platform.database.first(
        HubUpdate.self, Self.updateOfHub, hub, release.id)
    else { return }
    let rollout = try rollout(update.rolloutID)
    let count =
      try platform.database.first(
        Int64.self, Self.badEnds, rollout.id, HubUpdate.failureLimit) ?? 0
    guard rollout.isRunning, count >= rollout.pauseAfter else { return }
    try pause(
      rollout, because: count == 1 ? "a hub did not take it" : "\(count) hubs did not take it")
  }

  // MARK: what a tenant sees and does

  func firmware(of hub: Hub) throws -> JSON {
    let updates = try platform.database.all(HubUpdate.self, Self.updatesOfHub, hub.id)
    return [
      "firmware_version": .optional(hub.firmwareVersion), "channel": .string(hub.firmwareChannel),
      "updates": .array(
        try updates.filter { $0.phase != .planned }.map { update in
          [
            "version": .string(try release(update.releaseID).version),
            "phase": .string(update.phase.rawValue), "percent": .integer(update.percent),
            "error": .optional(update.error), "updated_at": .integer(update.updatedAt),
          ]
        }),
    ]
  }

  func setChannel(_ channel: String, of hub: Hub) throws {
    try platform.database.change(Self.setChannel, channel, platform.now, hub.id)
    platform.database.onCommit { [weak self] in self?.hubs.object(hub.id).offerFirmware() }
  }

  /// Offers a hub once more what it has not taken last.
  func retryUpdate(of hub: Hub) throws {
    let updates = try platform.database.all(HubUpdate.self, Self.updatesOfHub, hub.id)
    guard let update = updates.first(where: { !$0.phase.isOpen && $0.phase != .succeeded }) else {
      throw APIError.conflict("no update of this hub has failed")
    }
    guard try rollout(update.rolloutID).isRunning else {
      throw APIError.conflict("the rollout of this update is paused")
    }
    try platform.database.change(Self.offerAnew, platform.now, hub.id, update.releaseID)
    platform.database.onCommit { [weak self] in self?.hubs.object(hub.id).offerFirmware() }
  }
}

/// What a hub is told to run.
struct FirmwareOffer {
  let release: FirmwareRelease
  /// A person wants it, whatever the hub thinks of it.
  let isForced: Bool
}
