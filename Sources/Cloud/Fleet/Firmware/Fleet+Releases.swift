// Releases and rollouts: what the factory publishes, and whom it gives it to.

import World

extension Fleet {
  private static let addRelease = SystemSQL(
    """
    INSERT INTO firmware_releases
      (id, version, hardware, security_version, size_bytes, checksum, notes, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    """)
  private static let releaseByID = SystemSQL("SELECT * FROM firmware_releases WHERE id = ?")
  private static let releaseByVersion = SystemSQL(
    "SELECT * FROM firmware_releases WHERE version = ? AND hardware = ?")
  private static let everyRelease = SystemSQL(
    "SELECT * FROM firmware_releases ORDER BY created_at DESC, version, hardware")
  private static let addRollout = SystemSQL(
    """
    INSERT INTO firmware_rollouts
      (id, release_id, hub_id, channel, share, is_forced, pause_after, status, created_at,
       updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)
    """)
  private static let rolloutByID = SystemSQL("SELECT * FROM firmware_rollouts WHERE id = ?")
  private static let everyRollout = SystemSQL(
    "SELECT * FROM firmware_rollouts ORDER BY sequence DESC LIMIT 200")
  private static let setStatus = SystemSQL(
    "UPDATE firmware_rollouts SET status = ?, updated_at = ? WHERE id = ?")
  private static let setShare = SystemSQL(
    "UPDATE firmware_rollouts SET share = ?, updated_at = ? WHERE id = ?")
  private static let updatesOfRollout = SystemSQL(
    "SELECT * FROM hub_updates WHERE rollout_id = ? ORDER BY hub_id LIMIT 10000")
  private static let hubsInReach = SystemSQL(
    """
    SELECT id FROM hubs
    WHERE tenant_id IS NOT NULL AND (? IS NULL OR firmware_channel = ?)
      AND (hardware_revision IS NULL OR hardware_revision = ?)
    """)
  private static let plan = SystemSQL(
    """
    INSERT INTO hub_updates
      (hub_id, release_id, rollout_id, phase, is_forced, created_at, updated_at)
    VALUES (?, ?, ?, 'planned', ?, ?, ?)
    ON CONFLICT (hub_id, release_id) DO NOTHING
    """)
  private static let planAnew = SystemSQL(
    """
    INSERT INTO hub_updates
      (hub_id, release_id, rollout_id, phase, is_forced, created_at, updated_at)
    VALUES (?, ?, ?, 'planned', 1, ?, ?)
    ON CONFLICT (hub_id, release_id) DO UPDATE SET rollout_id = excluded.rollout_id,
      phase = 'planned', percent = 0, error = NULL, failures = 0, is_forced = 1,
      updated_at = excluded.updated_at
    """)

  // MARK: releases

  /// Leave to upload an image.
  func announceFirmware(byteCount: Int64) -> JSON {
    let id = platform.identifiers.uuid()
    let expiresAt = platform.now + Files.uploadMilliseconds
    let token = platform.signer.text(
      PresignedToken(
        method: .upload, key: .firmware(id), byteLimit: Int(byteCount), expiresAt: expiresAt))
    return [
      "method": "PUT", "token": .string(token),
      "upload_url": .string("\(platform.configuration.publicURL)/api/v1/files/upload/\(token)"),
      "expires_at": .integer(expiresAt),
    ]
  }

  /// Makes a release of what was uploaded.
  func publish(token text: String, notes: String?) throws -> FirmwareRelease {
    guard let token = try? platform.signer.check(text, for: .upload, at: platform.now),
      token.key == .firmware(token.key.id)
    else { throw APIError.badRequest("token: expected the one of an upload that is not over") }
    guard let object = try platform.objects.find(token.key) else {
      throw APIError.conflict("nothing was uploaded with this token yet")
    }
    let file = try FirmwareFile(
      platform.objects.open(token.key).read(from: 0, count: object.byteCount))
    if !platform.trouble.publishesAnything { try file.check(platform.configuration.firmware) }
    guard
      try platform.database.first(
        FirmwareRelease.self, Self.releaseByVersion, file.version, file.hardware) == nil
    else { throw APIError.conflict("\(file.version) for \(file.hardware) is out already") }
    try platform.database.change(
      Self.addRelease, token.key.id, file.version, file.hardware, file.securityVersion,
      object.byteCount, file.checksum, notes, platform.now)
    platform.note("firmware \(file.version) for \(file.hardware) is published")
    return try release(token.key.id)
  }

  func release(_ id: String) throws -> FirmwareRelease {
    guard
      let release = try platform.database.first(FirmwareRelease.self, Self.releaseByID, id)
    else { throw APIError.notFound("firmware") }
    return release
  }

  func releases() throws -> [FirmwareRelease] {
    try platform.database.all(FirmwareRelease.self, Self.everyRelease)
  }

  // MARK: rollouts

  func rollOut(_ input: Input) throws -> FirmwareRollout {
    let release = try release(input.text("release_id"))
    let hub = input.optionalText("hub_id")
    if let hub, try self.hub(hub) == nil { throw APIError.notFound("hub") }
    let id = platform.identifiers.uuid()
    let now = platform.now
    try platform.database.change(
      Self.addRollout, id, release.id, hub, input.optionalText("channel"),
      input.optionalInteger("share") ?? 100, input.optionalBool("force") ?? false,
      input.optionalInteger("pause_after") ?? 1, now, now)
    let rollout = try rollout(id)
    platform.note("firmware \(release.version) is rolled out")
    try spread(rollout, release)
    return rollout
  }

  func rollout(_ id: String) throws -> FirmwareRollout {
    guard
      let rollout = try platform.database.first(FirmwareRollout.self, Self.rolloutByID, id)
    else { throw APIError.notFound("rollout") }
    return rollout
  }

  func rollouts() throws -> [FirmwareRollout] {
    try platform.database.all(FirmwareRollout.self, Self.everyRollout)
  }

  /// A rollout, with what became of it on each hub.
  func detailed(_ rollout: FirmwareRollout) throws -> JSON {
    var json = rollout.json
    json["hubs"] = .array(
      try platform.database.all(HubUpdate.self, Self.updatesOfRollout, rollout.id).map(\.json))
    return json
  }

  func pause(_ rollout: FirmwareRollout, because reason: String) throws {
    guard rollout.isRunning else { return }
    try platform.database.change(Self.setStatus, "paused", platform.now, rollout.id)
    let version = try release(rollout.releaseID).version
    platform.note("the rollout of firmware \(version) is paused: \(reason)")
    platform.tell(.rolloutPaused(version: version))
  }

  func resume(_ id: String) throws -> FirmwareRollout {
    try platform.database.change(Self.setStatus, "running", platform.now, try rollout(id).id)
    let rollout = try rollout(id)
    let release = try release(rollout.releaseID)
    platform.note("the rollout of firmware \(release.version) goes on")
    platform.tell(.rolloutResumed(version: release.version))
    try spread(rollout, release)
    return rollout
  }

  func widen(_ id: String, to share: Int64) throws -> FirmwareRollout {
    let old = try rollout(id)
    guard share >= old.share else {
      throw APIError.conflict("\(old.share) of 100 hubs have it already; pause it instead")
    }
    try platform.database.change(Self.setShare, share, platform.now, id)
    let rollout = try rollout(id)
    try spread(rollout, try release(rollout.releaseID))
    return rollout
  }

  /// Notes for whom the rollout is, and tells those who are there.
  private func spread(_ rollout: FirmwareRollout, _ release: FirmwareRelease) throws {
    guard rollout.isRunning else { return }
    let now = platform.now
    for hub in try chosen(by: rollout, release) {
      if rollout.isForced {
        try platform.database.change(Self.planAnew, hub, release.id, rollout.id, now, now)
      } else {
        try platform.database.change(
          Self.plan, hub, release.id, rollout.id, false, now, now)
      }
    }
    platform.database.onCommit { [weak self] in
      guard let self else { return }
      for hub in onlineHubs { hub.offerFirmware() }
    }
  }

  /// The hubs of a rollout: the first of a row that is another for each release, so that it is not
  /// always the same who go first.
  private func chosen(by rollout: FirmwareRollout, _ release: FirmwareRelease) throws -> [String] {
    if let hub = rollout.hubID { return [hub] }
    let hubs = try platform.database.all(
      String.self, Self.hubsInReach, rollout.channel, rollout.channel, release.hardware)
    let row = hubs.map { (Digest.sha256Hex(Array("\(release.id) \($0)".utf8)), $0) }
      .sorted { $0.0 < $1.0 }
    let count = (row.count * Int(rollout.share) + 99) / 100
    return row.prefix(count).map(\.1)
  }
}
