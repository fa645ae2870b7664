// The Durable Object of one hub: its socket, what its printers said last, the commands it still has
// to answer. Sockets come and go; commands lie in the database, so that they are sent again under the
// same name after any interruption on either side.
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
  /// The cloud's id of a printer of this hub.
  func printerID(serial: String) -> String? { slots[serial]?.printerID }
  /// What people call it.
  private lazy var label = name
  private(set) var claim: HubClaim?
  private var slots: [String: Slot] = [:]
  /// Which of the hub's events were taken.
  private var events = EventLog()
  private let reader = HubMessageReader()
  /// More than a hub ever tells of.
  private static let foundLimit = 32
  private static let foundKey = "found"
  /// Printers of an earlier owner that the hub may still know.
  private static let foreignKey = "foreign"
  /// When the last owner gave the hub up.
  private static let releasedKey = "released"
  /// What a hub says of the time before; nil when nobody had it before.
  private var releasedAt: Int64?
  /// A camera's picture that is on its way.
  var picture = PictureInPieces()

  /// What is known of a printer without asking the database.
  private final class Slot {
    let printerID: String
    var status: String
    var isConnected: Bool
    var live: PrinterReport?

    init(_ printer: Printer) {
      printerID = printer.id
      status = printer.status
      isConnected = printer.isConnected
    }
  }

  var isOnline: Bool { link != nil }

  /// What the hub said last about a printer.
  func live(serial: String) -> PrinterReport? { slots[serial]?.live }

  // MARK: sockets

  /// Comes back to memory: what it had there is with its socket and in its storage.
  private func wake() {
    guard let link = fleet.links.all(name).last(where: \.isWelcome) else { return }
    self.link = link
    // Nothing but reads: it wakes also while the database takes no changes.
    do {
      claim = try HubClaim.find(hub: name, in: platform.database)
      try loadSlots()
      events = EventLog(try stored(EventLog.key), epoch: link.attachment.eventEpoch)
      releasedAt = try stored(Self.releasedKey).flatMap { Int64($0) }
      label = try fleet.hub(name)?.name ?? name
    } catch {
      platform.host.note(.problem, "hub \(name) does not wake up: \(error)")
    }
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
      let version = try fleet.hub(name)?.firmwareVersion
      if version == hello.firmwareVersion { newcomer.attachment.provingVersion = version }
      try fleet.hubCameOnline(name, hello)
      try loadSlots()
      newcomer.attachment.eventEpoch = hello.eventEpoch
      events = EventLog(try stored(EventLog.key), epoch: hello.eventEpoch)
      releasedAt = try stored(Self.releasedKey).flatMap { Int64($0) }
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

  /// The tenant gives the hub up: nothing of what it knew here is for whoever has it next.
  func letGo(_ serials: [String]) throws {
    let known = try foreignSerials()
    try keepForeign(known + serials.filter { !known.contains($0) })
    try store(nil, as: Self.foundKey)
    try store("\(platform.now)", as: Self.releasedKey)
  }

  /// The hub belongs to nobody any more. It is told to forget the printers of whoever it belonged to;
  /// one that is away hears of it when it comes back.
  func release(forgetting serials: [String]) {
    for serial in serials { link?.send(Self.removal(of: serial, platform.identifiers.uuid())) }
    dismiss(.released)
    claim = nil
    slots = [:]
    picture.forget()
    attempt("its release") { try setAlarm(at: nil) }
  }

  private static func removal(of serial: String, _ command: String) -> JSON {
    [
      "type": "configure_printer", "command_id": .string(command), "action": "remove",
      "printer": ["serial_number": .string(serial)],
    ]
  }

  private func foreignSerials() throws -> [String] {
    let kept = try stored(Self.foreignKey).flatMap { try? JSON.parse([UInt8]($0.utf8)) }
    return kept?.array?.compactMap(\.string) ?? []
  }

  private func keepForeign(_ serials: [String]) throws {
    let list = JSON.array(serials.suffix(Self.foundLimit).map { .string($0) })
    try store(serials.isEmpty ? nil : list.text, as: Self.foreignKey)
  }

  /// Tells the hub to forget what an earlier owner had on it, until it has said that it did.
  private func forgetForeign(_ newcomer: HubLink) throws {
    let all = try foreignSerials()
    guard !all.isEmpty else { return }
    let foreign = all.filter { slots[$0] == nil }
    if foreign.count != all.count { try keepForeign(foreign) }
    for serial in foreign {
      let command = platform.identifiers.uuid()
      newcomer.attachment.forgetting[command] = serial
      platform.database.onCommit { newcomer.send(Self.removal(of: serial, command)) }
    }
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

  // MARK: what the hub says

  /// Takes one message; throws for what ends the socket.
  func take(_ bytes: [UInt8], on link: HubLink) throws {
    let message = try read(bytes)
    if let version = link.attachment.provingVersion {
      link.attachment.provingVersion = nil
      try platform.database.transaction { try fleet.hubRuns(name, label: label, version) }
    }
    guard let sequence = message.sequence else { return try act(on: message, bytes) }
    if platform.has(.acknowledgesEarly) {
      link.send(["type": "event_ack", "seq": .integer(Int64(sequence))])
      platform.host.after(.seconds(3)) { [weak self] in try? self?.act(on: message, bytes) }
      return
    }
    try platform.database.transaction {
      // Word of it may have come before, over a connection that broke before our answer was heard.
      if events.takes(sequence) || platform.has(.countsRepeats) {
        try store(events.stored, as: EventLog.key)
        if !isOfEarlierOwner(message) { try act(on: message, bytes) }
      }
      let answer: JSON = ["type": "event_ack", "seq": .integer(Int64(sequence))]
      platform.database.onCommit { [weak link] in link?.send(answer) }
    }
  }

  /// Whether it tells of a time when the hub was somebody else's.
  private func isOfEarlierOwner(_ message: HubMessage) -> Bool {
    guard let releasedAt, let ago = message.secondsAgo else { return false }
    return platform.now - Int64(max(0, ago)) * 1000 <= releasedAt
  }

  private func act(on message: HubMessage, _ bytes: [UInt8]) throws {
    switch message.kind {
    case .printerStatus: try takeStatus(message)
    case .jobStatus: try takeJobStatus(message)
    case .fileProgress: takeProgress(message)
    case .commandAck: try takeAnswer(message)
    case .health, .crash, .diagnostics: try takeCondition(message.kind, bytes)
    case .fileURLRequest: try answerLinkRequest(message)
    case .fileRequest: try sendPiece(message)
    case .discoveredPrinters: try takeDiscovered(bytes)
    case .updateProgress: try takeUpdateProgress(bytes)
    case .hello: platform.badInput(from: source, "hub.second-hello")
    case .unknown: platform.badInput(from: source, "hub.unknown-type")
    }
  }

  func read(_ bytes: [UInt8]) throws(HubFarewell) -> HubMessage {
    do {
      return try reader.read(bytes)
    } catch {
      platform.badInput(from: source, "\(error.name)")
      throw .broken
    }
  }

  var source: String { "hub \(name)" }

  private func takeStatus(_ message: HubMessage) throws {
    guard let serial = message.printerID, var report = message.report else {
      return platform.badInput(from: source, "hub.incomplete-status")
    }
    // A printer that was just removed may still be spoken of.
    guard let slot = slots[serial], let claim else { return }
    if let live = slot.live, live.says(sameAs: report) { return }
    report.follow(slot.live)
    slot.live = report
    link?.attachment.live[serial] = report
    platform.publish(.printerStatus(printer: slot.printerID, report), in: claim.scope)
    let status = report.state.name
    let isConnected = report.state != .offline
    if slot.status != status || slot.isConnected != isConnected {
      try fleet.printerChanged(
        slot.printerID, status: status, isConnected: isConnected, in: claim.scope)
      slot.status = status
      slot.isConnected = isConnected
    }
    try fleet.listener?.printerReported(report, printer: slot.printerID, in: claim.scope)
  }

  private func takeJobStatus(_ message: HubMessage) throws {
    guard let serial = message.printerID, let job = message.jobID, let phase = message.phase,
      let status = JobStatus(phase: phase)
    else { return platform.badInput(from: source, "hub.incomplete-job-status") }
    guard let claim, let listener = fleet.listener else { return }
    try platform.database.transaction {
      try listener.jobReported(
        JobReport(
          jobID: job, hubID: name, serial: serial, printerID: slots[serial]?.printerID,
          status: status, progress: message.progress, message: message.errorMessage,
          secondsAgo: max(0, message.secondsAgo ?? 0)),
        in: claim.scope)
    }
  }

  private func takeProgress(_ message: HubMessage) {
    guard let job = message.jobID, let sent = message.bytesSent, let total = message.bytesTotal,
      sent >= 0, total >= 0
    else { return platform.badInput(from: source, "hub.incomplete-progress") }
    fleet.listener?.fileProgressed(job, hub: name, sent: sent, total: total)
  }

  /// What a hub says of itself, as a document: it comes once a minute.
  private func takeCondition(_ kind: HubMessage.Kind, _ bytes: [UInt8]) throws {
    guard let claim, var report = try? JSON.parse(bytes) else { return }
    report["type"] = nil
    switch kind {
    case .health: try fleet.hubIsHealthy(name, report, in: claim.scope)
    case .crash:
      guard try fleet.hubCrashed(name, report, in: claim.scope) else { return }
      let task = report["task"]?.string.map { " in its task \($0)" } ?? ""
      platform.note("hub \(label) had crashed\(task): \(report["reason"]?.string ?? "")")
    case .diagnostics: try fleet.hubExaminedItself(name, report, in: claim.scope)
    default: break
    }
  }

  /// The printers that the hub has found on its network.
  func foundPrinters() throws -> [JSON] {
    let kept = try stored(Self.foundKey).flatMap { try? JSON.parse([UInt8]($0.utf8)) }
    return kept?.array ?? []
  }

  /// What is there on the hub's network. A printer of ours that has moved keeps its row, under its
  /// new address.
  private func takeDiscovered(_ bytes: [UInt8]) throws {
    guard let claim, let message = try? JSON.parse(bytes),
      let found = message["printers"]?.array, found.count <= Self.foundLimit
    else { return platform.badInput(from: source, "hub.incomplete-discovery") }
    let printers: [JSON] = found.compactMap { printer in
      guard let serial = printer["serial_number"]?.string,
        let address = printer["ip_address"]?.string
      else { return nil }
      return [
        "serial_number": .string(serial), "ip_address": .string(address),
        "model_id": printer["model_id"] ?? .null, "name": printer["name"] ?? .null,
        "firmware_version": printer["firmware_version"] ?? .null,
        "wifi_signal": printer["wifi_signal"] ?? .null,
        "is_bound": printer["is_bound"] ?? .null,
        "is_known": .bool(slots[serial] != nil),
        "seen_at": .integer(platform.now - Int64(printer["seconds_ago"]?.int ?? 0) * 1_000),
      ]
    }
    try platform.database.transaction {
      try store(JSON.array(printers).text, as: Self.foundKey)
      for printer in printers {
        guard let serial = printer["serial_number"]?.string, let slot = slots[serial],
          let address = printer["ip_address"]?.string
        else { continue }
        try fleet.printerMoved(slot.printerID, to: address, in: claim.scope)
      }
    }
  }

  /// How far an update is, or what came of it.
  private func takeUpdateProgress(_ bytes: [UInt8]) throws {
    guard let report = try? JSON.parse(bytes) else { return }
    let needsLink = try platform.database.transaction {
      try fleet.hubUpdates(name, label: label, report)
    }
    if needsLink { offerFirmware() }
  }

  /// Tells a hub that is there what it should run, if that is something else than it does.
  func offerFirmware() {
    guard isOnline, let claim else { return }
    attempt("offering firmware") {
      guard let hub = try fleet.hub(name), let version = hub.firmwareVersion,
        let offer = try fleet.firmwareOffer(for: hub, running: version)
      else { return }
      try give(
        NewCommand(kind: .firmwareUpdate, action: offer.release.id, serial: ""), in: claim.scope)
    }
  }

  /// A download's link is out of date; a job that is still on its way gets another.
  private func answerLinkRequest(_ message: HubMessage) throws {
    guard let serial = message.printerID, let job = message.jobID else {
      return platform.badInput(from: source, "hub.incomplete-link-request")
    }
    guard let claim, let printer = slots[serial]?.printerID,
      let url = try fleet.listener?.fileURL(job: job, printer: printer, in: claim.scope)
    else { return platform.badInput(from: source, "hub.unknown-job") }
    link?.send(["type": "file_url", "job_id": .string(job), "file_url": .string(url)])
  }

  private func takeAnswer(_ message: HubMessage) throws {
    guard let id = message.commandID, let isSuccess = message.isSuccess, let claim else {
      return platform.badInput(from: source, "hub.incomplete-ack")
    }
    try platform.database.transaction {
      if let serial = link?.attachment.forgetting.removeValue(forKey: id), isSuccess {
        return try keepForeign(foreignSerials().filter { $0 != serial })
      }
      // One that was given up meanwhile is not there any more; nothing hangs on it.
      guard let command = try fleet.command(id, of: name, in: claim.scope) else { return }
      let words = message.errorMessage ?? (isSuccess ? "" : "the hub did not say why")
      platform.tell(
        .commandAnswered(command: id, hub: name, isSuccess: isSuccess, message: words))
      try settle(command, isSuccess ? .accepted : .refused(words), in: claim.scope)
      try setNextAlarm()
    }
  }

  // MARK: commands

  /// Gives the hub a command. It is kept until it is answered or has timed out, and sent when what
  /// gave it is on disk.
  @discardableResult
  func give(_ new: NewCommand, in scope: TenantScope) throws -> String {
    let id = platform.identifiers.uuid()
    let isPatient = new.waits || platform.has(.neverTimesOut)
    let dueAt = isPatient ? nil : platform.now + HubCommand.patienceMilliseconds
    try fleet.keep(new, id: id, hub: name, dueAt: dueAt, in: scope)
    try setNextAlarm()
    sendPendingOnCommit()
    return id
  }

  /// Tells the hub of all its printers. What was told and not answered before is left out: this says
  /// it anew.
  private func configureAll() throws {
    guard let claim else { return }
    try fleet.dropConfigurations(of: name, in: claim.scope)
    for printer in try fleet.printers(of: name, in: claim.scope) {
      try give(
        NewCommand(
          kind: .configurePrinter, action: "add", printerID: printer.id, serial: printer.serial),
        in: claim.scope)
    }
  }

  /// A printer of this hub was added, changed or removed.
  func printersChanged() throws {
    guard claim != nil else { return }
    try loadSlots()
  }

  /// By then another object may stand in this one's place.
  private func sendPendingOnCommit() {
    platform.database.onCommit { [fleet, name] in fleet?.hubs.object(name).sendPending() }
  }

  private func sendPending() {
    guard let link, let claim else { return }
    attempt("sending commands") {
      for command in try fleet.commands(of: name, in: claim.scope)
      where !link.attachment.sent.contains(command.sequence) {
        link.attachment.sent.insert(command.sequence)
        guard let message = try fleet.message(for: command, in: claim.scope) else {
          // What it was about is gone.
          try fleet.drop(command, in: claim.scope)
          continue
        }
        link.send(message)
        if command.kind == .printCommand { sendAgain(message) }
        platform.tell(.commandSent(command: command.id, hub: name, what: command.summary))
      }
    }
  }

  /// What carries commands may hand one over twice, when that is what is wrong with the machine.
  private func sendAgain(_ message: JSON) {
    guard let pause = platform.trouble.commandsAgainAfter else { return }
    platform.host.after(pause) { [weak self] in self?.link?.send(message) }
  }

  private func settle(
    _ command: HubCommand, _ outcome: CommandOutcome, in scope: TenantScope
  ) throws {
    try fleet.drop(command, in: scope)
    link?.attachment.sent.remove(command.sequence)
    try fleet.settled(command, outcome, in: scope)
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
  private func setNextAlarm() throws {
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

  private func loadSlots() throws {
    guard let claim else { return }
    var fresh: [String: Slot] = [:]
    for printer in try fleet.printers(of: name, in: claim.scope) {
      if platform.has(.keepsStaleStatus), let known = slots[printer.serial] {
        fresh[printer.serial] = known
        continue
      }
      let slot = Slot(printer)
      slot.live = slots[printer.serial]?.live ?? link?.attachment.live[printer.serial]
      fresh[printer.serial] = slot
    }
    slots = fresh
    if let link { link.attachment.live = link.attachment.live.filter { slots[$0.key] != nil } }
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
