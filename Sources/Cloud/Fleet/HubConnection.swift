// The Durable Object of one hub: its socket, what its printers said last, the commands it still has
// to answer. Sockets come and go; here is who is let in, when a hub is offline, and what happens as
// time passes.
//
//     socket opened ──hello, HMAC right, claimed──> current ──silent for 60 s, or ended──> offline
//           │                                          │
//           └── wrong, late: 4401, unclaimed: 4403     └── a newer one of this hub: 4409

import World

/// One hub, as the cloud talks to it.
final class HubConnection: DurableObject {
  static let className = "HubConnection"
  /// A hub that was silent for so long is offline.
  static let silenceMilliseconds: Int64 = 60_000
  static let heartbeatSeconds = 25
  static let messageLimit = 16 << 10

  /// The fleet that this hub belongs to; set before anything else is called.
  unowned var fleet: Fleet! {
    didSet { wake() }
  }

  /// The socket that has said hello.
  private(set) var link: HubLink?
  /// What people call it.
  private(set) lazy var label = name
  var claim: HubClaim?
  /// Its printers, by serial number.
  var slots: [String: Slot] = [:]
  /// Which of the hub's events were taken.
  var events = EventLog()
  let reader = HubMessageReader()
  /// When the last owner gave the hub up; nil when nobody had it before.
  private(set) var releasedAt: Int64?
  /// A camera's picture that is on its way.
  var picture = PictureInPieces()

  var isOnline: Bool { link != nil }

  // MARK: sockets

  /// Comes back to memory: what it had there is with its socket and in its storage.
  private func wake() {
    guard let link = fleet.links.all(name).last(where: \.isWelcome) else { return }
    self.link = link
    // Nothing but reads: it wakes also while the database takes no changes.
    do {
      claim = try HubClaim.find(hub: name, in: platform.database)
      try recall(link)
      label = try fleet.hub(name)?.name ?? name
    } catch {
      platform.host.note(.problem, "hub \(name) does not wake up: \(error)")
    }
  }

  private func recall(_ link: HubLink) throws {
    try loadSlots()
    events = EventLog(try stored(EventLog.key), epoch: link.attachment.eventEpoch)
    releasedAt = try stored(Self.releasedKey).flatMap { Int64($0) }
  }

  /// Checks a hello; throws the farewell for one that is not to be let in.
  func welcome(_ hello: HubMessage, on newcomer: HubLink) throws {
    // Its socket was opened before this object was given up; it comes again and finds the new one.
    guard !hasVanished else { throw HubFarewell.evicted }
    let hub = try fleet.hub(name)
    guard let hub, hello.kind == .hello, hello.hubID == name,
      let version = hello.firmwareVersion, let signature = hello.signature,
      let secret = platform.secretBox.open(hub.secretSealed, of: Hub.secretOwner(name)),
      let given = hexBytes(signature),
      Digest.areEqual(
        given,
        Digest.hmacSHA256(
          key: [UInt8](secret.utf8),
          [UInt8]("\(name)\n\(newcomer.challenge)\n\(version)".utf8)))
    else { throw HubFarewell.notRecognised }
    if let token = hello.claimToken { try fleet.claim(hub, by: token) }
    guard let claim = try HubClaim.find(hub: name, in: platform.database) else {
      throw HubFarewell.notClaimed
    }
    let previous = link
    link = newcomer
    newcomer.isWelcome = true
    self.claim = claim
    newcomer.attachment.lastHeardAt = platform.now
    previous?.leave(.replaced)
    do {
      try admit(hello, newcomer)
    } catch {
      link = nil
      newcomer.isWelcome = false
      throw error
    }
    platform.tell(.hubOnline(hub: name))
    publishStatus()
    label = hub.name ?? name
    platform.note("hub \(label) is online (firmware \(version))")
  }

  private func admit(_ hello: HubMessage, _ newcomer: HubLink) throws {
    try platform.database.transaction {
      try fleet.hubCameOnline(name, hello)
      newcomer.attachment.eventEpoch = hello.eventEpoch
      try recall(newcomer)
      var greeting: JSON = [
        "type": "cloud_hello", "session_id": .string(platform.identifiers.uuid()),
        "server_time": .integer(platform.now),
        "heartbeat_seconds": .integer(Self.heartbeatSeconds), "serves_pieces": true,
      ]
      if let hub = try fleet.hub(name), let version = hello.firmwareVersion,
        let offer = try fleet.firmwareOffer(for: hub, running: version)
      {
        greeting["firmware_update_available"] = fleet.message(of: offer)
      }
      platform.database.onCommit { [greeting] in newcomer.send(greeting) }
      try forgetForeign(newcomer)
      try configureAll()
      // Also what was given before, and not answered.
      sendPendingOnCommit()
      newcomer.attachment.reviewAt = platform.now + OrphanedJob.graceMilliseconds
      if let claim { try fleet.listener?.hubWelcomed(name, in: claim.scope) }
      try setNextAlarm()
    }
  }

  /// The socket is over.
  func ended(_ ended: HubLink, reason: String) {
    if link === ended { goOffline(reason) }
    // Strangers may come in any name; they leave nothing behind.
    if fleet.links.all(name).isEmpty, claim == nil, !hasAlarm { fleet.hubs.putToSleep(name) }
  }

  /// The hub was taken from its tenant, or is no longer to be believed.
  func dismiss(_ farewell: HubFarewell) {
    guard let link else { return }
    goOffline(farewell.reason)
    link.leave(farewell)
  }

  private func goOffline(_ reason: String) {
    let lastHeardAt = link?.attachment.lastHeardAt ?? platform.now
    link?.isWelcome = false
    link = nil
    for slot in slots.values where !platform.has(.keepsStaleStatus) {
      slot.live = nil
      slot.status = "offline"
      slot.isConnected = false
    }
    attempt("going offline") {
      try fleet.hubWentOffline(name, claim, lastHeardAt: lastHeardAt)
      try setNextAlarm()
    }
    platform.tell(.hubOffline(hub: name, reason: reason))
    publishStatus()
    platform.note("hub \(label) is offline: \(reason)")
  }

  private func publishStatus() {
    guard let claim else { return }
    platform.publish(
      .hubStatus(hub: name, isOnline: isOnline, printerCount: slots.count), in: claim.scope)
  }

  override func vanish() {
    super.vanish()
    link = nil
  }

  // MARK: time

  override func alarm() {
    attempt("the alarm") {
      if let link, platform.now - link.attachment.lastHeardAt >= Self.silenceMilliseconds {
        dismiss(.silent)
      }
      if let claim = try claim ?? HubClaim.find(hub: name, in: platform.database) {
        if let due = link?.attachment.reviewAt, due <= platform.now {
          link?.attachment.reviewAt = nil
          try fleet.listener?.hubHadItsSay(name, in: claim.scope)
        }
        for command in try fleet.commands(of: name, in: claim.scope) {
          guard let dueAt = command.dueAt, dueAt <= platform.now else { continue }
          platform.tell(.commandTimedOut(command: command.id, hub: name, what: command.summary))
          platform.note("hub \(label) did not answer: \(command.summary)")
          try settle(command, .timedOut, in: claim.scope)
        }
      }
      try setNextAlarm()
    }
  }

  /// The earlier of: a command's time is over, the hub has been silent for too long.
  func setNextAlarm() throws {
    var next: Int64?
    if let claim = try claim ?? HubClaim.find(hub: name, in: platform.database) {
      next = try fleet.nextDue(of: name, in: claim.scope)
    }
    if let link {
      next = min(next ?? .max, link.attachment.lastHeardAt + Self.silenceMilliseconds)
    }
    if let reviewAt = link?.attachment.reviewAt { next = min(next ?? .max, reviewAt) }
    try setAlarm(at: next)
  }

  /// A failing disk must not take the whole cloud down with it.
  func attempt(_ what: String, _ body: () throws -> Void) {
    do {
      try platform.database.transaction(body)
    } catch {
      platform.host.note(.problem, "hub \(name): \(what) failed: \(error)")
    }
  }
}
