// Hubs and their printers: what is known of them, and how they are told something.

import World

/// What a hub said about a job.
struct JobReport {
  let jobID: String
  let hubID: String
  let serial: String
  /// Nil when the hub has no such printer.
  let printerID: String?
  let status: JobStatus
  let progress: Int?
  let message: String?
  /// How long ago it happened, for what was told late.
  let secondsAgo: Int
}

/// Who makes something of what hubs say: printing.
protocol FleetListener: AnyObject {
  func jobReported(_ report: JobReport, in scope: TenantScope) throws
  /// A hub has said hello; it is about to tell of its jobs.
  func hubWelcomed(_ hub: String, in scope: TenantScope) throws
  /// It had its time to tell of them.
  func hubHadItsSay(_ hub: String, in scope: TenantScope) throws
  func printerReported(_ report: PrinterReport, printer: String, in scope: TenantScope) throws
  /// Whether a job is under way, or being started, on the printer.
  func isBusy(printer: String, in scope: TenantScope) throws -> Bool
  func fileProgressed(_ job: String, hub: String, sent: Int, total: Int)
  /// A `print_command` was answered or not.
  func printCommandSettled(
    _ command: HubCommand, _ outcome: CommandOutcome, in scope: TenantScope) throws
  /// A fresh link to the file of a job that is on its way to this printer; nil when it is not.
  func fileURL(job: String, printer: String, in scope: TenantScope) throws -> String?
  /// A part of the file of a job that is on its way to this printer; nil when there is none such.
  func filePiece(
    job: String, printer: String, offset: Int, count: Int, in scope: TenantScope
  ) throws -> [UInt8]?
  /// What a start command carries, made now; nil when there is nothing to start any more.
  func startOrder(job: String, in scope: TenantScope) throws -> [(String, JSON)]?
}

/// All hubs and printers.
final class Fleet {
  let platform: Platform
  let hubs: ObjectNamespace<HubConnection>
  /// The sockets of hubs, also of those whose object sleeps.
  let links = ActorSockets<HubLink>()
  weak var listener: (any FleetListener)?
  /// The latest order to each printer, by the printer's id.
  var lastOrders: [String: OrderState] = [:]

  init(platform: Platform) {
    self.platform = platform
    var fleet: () -> Fleet = { preconditionFailure("the fleet is being made") }
    hubs = ObjectNamespace(HubConnection.className, platform: platform) { $0.fleet = fleet() }
    fleet = { [unowned self] in self }
  }

  private static let allOffline = SystemSQL("UPDATE hubs SET is_online = 0 WHERE is_online = 1")

  /// Nobody is connected to a cloud that has just come up; alarms from before go on.
  func start() throws {
    try platform.database.change(Self.allOffline)
    if platform.has(.forgetsAlarms) { return }
    try hubs.start()
  }

  // MARK: hubs

  private static let hubByID = SystemSQL("SELECT * FROM hubs WHERE id = ?")
  private static let addHub = SystemSQL(
    """
    INSERT INTO hubs (id, secret_sealed, claim_code_digest, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?)
    """)
  private static let claimHub = SystemSQL(
    """
    UPDATE hubs SET tenant_id = ?, name = ?, updated_at = ? WHERE id = ? AND tenant_id IS NULL
    """)
  private static let hubsOfTenant = TenantSQL(
    "SELECT * FROM hubs WHERE tenant_id = :tenant ORDER BY created_at, id")
  private static let hubOfTenant = TenantSQL(
    "SELECT * FROM hubs WHERE tenant_id = :tenant AND id = ?")
  private static let online = SystemSQL(
    """
    UPDATE hubs SET is_online = 1, firmware_version = ?, hardware_revision = ?,
      wifi_signal_strength = ?, local_ip_address = ?, last_seen_at = ?, updated_at = ?
    WHERE id = ?
    """)
  private static let offline = SystemSQL(
    "UPDATE hubs SET is_online = 0, last_seen_at = ?, updated_at = ? WHERE id = ?")
  private static let printersOffline = TenantSQL(
    """
    UPDATE printers SET status = 'offline', is_connected = 0, updated_at = ?
    WHERE tenant_id = :tenant AND hub_id = ? AND (status <> 'offline' OR is_connected <> 0)
    """)

  func hub(_ id: String) throws -> Hub? { try platform.database.first(Hub.self, Self.hubByID, id) }

  func hub(_ id: String, in scope: TenantScope) throws -> Hub {
    guard let hub = try platform.database.first(Hub.self, Self.hubOfTenant, in: scope, id) else {
      throw APIError.notFound("hub")
    }
    return hub
  }

  func hubs(in scope: TenantScope) throws -> [Hub] {
    try platform.database.all(Hub.self, Self.hubsOfTenant, in: scope)
  }

  /// What the factory does: the hub exists and belongs to nobody.
  func makeHub(id: String, secret: String, claimCode: String) throws -> Hub {
    guard try hub(id) == nil else { throw APIError.conflict("there is a hub with this id already") }
    let now = platform.now
    try platform.database.change(
      Self.addHub, id, platform.seal(secret, of: Hub.secretOwner(id)),
      claimDigest(id, claimCode), now, now)
    guard let hub = try hub(id) else { preconditionFailure("a hub that was just made is there") }
    return hub
  }

  func claim(hub id: String, code: String, name: String, for scope: TenantScope) throws -> Hub {
    // One answer for an unknown hub and a wrong code: ids cannot be probed.
    guard let hub = try hub(id),
      Digest.areEqual(secret: hub.claimCodeDigest, claimDigest(id, code))
    else {
      throw APIError(
        status: 404, code: "not_found", message: "there is no hub with this id and claim code")
    }
    guard
      try platform.database.change(Self.claimHub, scope.tenantID, name, platform.now, id) == 1
    else { throw APIError.conflict("this hub has been claimed already") }
    platform.note("hub \(name) was claimed")
    return try self.hub(id, in: scope)
  }

  private func claimDigest(_ hub: String, _ code: String) -> String {
    hexString(Digest.hmacSHA256(key: platform.claimKey, [UInt8]("\(hub)\n\(code)".utf8)))
  }

  func isOnline(_ hub: String) -> Bool { links.all(hub).contains(where: \.isWelcome) }

  /// How many hubs are connected.
  var onlineCount: Int { links.count(where: \.isWelcome) }

  /// The hubs that are connected.
  var onlineHubs: [HubConnection] { links.names.filter { isOnline($0) }.map { hubs.object($0) } }

  /// Nothing more is heard of any hub.
  func vanish() {
    links.vanish()
    hubs.vanish()
  }

  func hubCameOnline(_ id: String, _ hello: HubMessage) throws {
    let now = platform.now
    try platform.database.change(
      Self.online, hello.firmwareVersion, hello.hardwareRevision, hello.wifiSignal,
      localAddress(hello), now, now, id)
  }

  /// Only what is an address is shown to people.
  private func localAddress(_ hello: HubMessage) -> String? {
    guard let address = hello.localAddress, Field.host("ip").accepts(.string(address)) else {
      return nil
    }
    return address
  }

  func hubWentOffline(_ id: String, _ claim: HubClaim?, lastHeardAt: Int64) throws {
    let now = platform.now
    try platform.database.change(Self.offline, lastHeardAt, now, id)
    if let claim {
      try platform.database.change(Self.printersOffline, in: claim.scope, now, id)
    }
  }

  // MARK: commands

  private static let addCommand = TenantSQL(
    """
    INSERT INTO hub_commands
      (id, tenant_id, hub_id, type, action, printer_id, serial_number, job_id, details, due_at,
       created_at)
    VALUES (?, :tenant, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """)
  // Printers first: a job may be for one that the hub does not know yet.
  private static let commandsOfHub = TenantSQL(
    """
    SELECT * FROM hub_commands WHERE tenant_id = :tenant AND hub_id = ?
    ORDER BY type <> 'configure_printer', sequence
    """)
  private static let commandByID = TenantSQL(
    "SELECT * FROM hub_commands WHERE tenant_id = :tenant AND hub_id = ? AND id = ?")
  private static let commandsOfJob = TenantSQL(
    "SELECT * FROM hub_commands WHERE tenant_id = :tenant AND job_id = ? ORDER BY sequence")
  private static let dropCommand = TenantSQL(
    "DELETE FROM hub_commands WHERE tenant_id = :tenant AND sequence = ?")
  // A removal stays: the hub remembers its printers by itself.
  private static let dropConfigurations = TenantSQL(
    """
    DELETE FROM hub_commands
    WHERE tenant_id = :tenant AND hub_id = ? AND type = 'configure_printer' AND action NOT IN ('remove', 'trust')
    """)
  private static let nextDue = TenantSQL(
    """
    SELECT MIN(due_at) FROM hub_commands
    WHERE tenant_id = :tenant AND hub_id = ? AND due_at IS NOT NULL GROUP BY hub_id
    """)

  func keep(
    _ new: NewCommand, id: String, hub: String, dueAt: Int64?, in scope: TenantScope
  ) throws {
    try platform.database.change(
      Self.addCommand, in: scope, id, hub, new.kind.rawValue, new.action, new.printerID, new.serial,
      new.jobID, new.details?.text, dueAt, platform.now)
  }

  func commands(of hub: String, in scope: TenantScope) throws -> [HubCommand] {
    try platform.database.all(HubCommand.self, Self.commandsOfHub, in: scope, hub)
  }

  func commands(ofJob job: String, in scope: TenantScope) throws -> [HubCommand] {
    try platform.database.all(HubCommand.self, Self.commandsOfJob, in: scope, job)
  }

  func command(_ id: String, of hub: String, in scope: TenantScope) throws -> HubCommand? {
    try platform.database.first(HubCommand.self, Self.commandByID, in: scope, hub, id)
  }

  func drop(_ command: HubCommand, in scope: TenantScope) throws {
    try platform.database.change(Self.dropCommand, in: scope, command.sequence)
  }

  /// There is nothing left to be done: nobody waits for the hub's answer.
  func withdraw(_ command: HubCommand, in scope: TenantScope) throws {
    try drop(command, in: scope)
    platform.tell(.commandWithdrawn(command: command.id))
  }

  func dropConfigurations(of hub: String, in scope: TenantScope) throws {
    try platform.database.change(Self.dropConfigurations, in: scope, hub)
  }

  func nextDue(of hub: String, in scope: TenantScope) throws -> Int64? {
    try platform.database.first(Int64.self, Self.nextDue, in: scope, hub)
  }

  /// The command as the hub is told it; nil when what it is about is gone.
  func message(for command: HubCommand, in scope: TenantScope) throws -> JSON? {
    switch command.kind {
    case .reboot:
      return [
        "type": "reboot", "command_id": .string(command.id),
        "force": .bool(command.action == "force"),
      ]
    case .setLogLevel:
      return [
        "type": "set_log_level", "command_id": .string(command.id),
        "level": .string(command.action),
      ]
    case .factoryReset, .runDiagnostics:
      return ["type": .string(command.kind.rawValue), "command_id": .string(command.id)]
    case .configurePrinter:
      guard let printer = try configuration(command, in: scope) else { return nil }
      return [
        "type": "configure_printer", "command_id": .string(command.id),
        "action": .string(command.action), "printer": printer,
      ]
    case .cameraSnapshot:
      return [
        "type": "camera_snapshot", "command_id": .string(command.id),
        "printer_id": .string(command.serial),
      ]
    case .firmwareUpdate:
      guard let hub = try hub(command.hubID), let version = hub.firmwareVersion,
        let offer = try firmwareOffer(for: hub, running: version)
      else { return nil }
      var message = message(of: offer)
      message["type"] = "firmware_update"
      message["command_id"] = .string(command.id)
      return message
    case .discoverPrinters:
      return ["type": "discover_printers", "command_id": .string(command.id)]
    case .printCommand, .printerCommand:
      var message: JSON = [
        "type": .string(command.kind.rawValue), "command_id": .string(command.id),
        "printer_id": .string(command.serial), "action": .string(command.action),
      ]
      if let details = command.details.flatMap({ try? JSON.parse([UInt8]($0.utf8)) })?.object {
        for (name, value) in details.entries { message[name] = value }
      }
      if let job = command.jobID {
        message["job_id"] = .string(job)
        if command.action == "start" {
          guard let order = try listener?.startOrder(job: job, in: scope) else { return nil }
          for (name, value) in order { message[name] = value }
        }
      }
      return message
    }
  }

  private func configuration(_ command: HubCommand, in scope: TenantScope) throws -> JSON? {
    guard command.action != "remove" else { return ["serial_number": .string(command.serial)] }
    guard let id = command.printerID, let printer = try findPrinter(id, in: scope) else {
      return nil
    }
    let code = printer.accessCodeSealed.flatMap {
      platform.secretBox.open($0, of: Printer.codeOwner(printer.id))
    }
    var json: JSON = [
      "serial_number": .string(printer.serial), "ip_address": .string(printer.address ?? ""),
      "access_code": .string(code ?? ""), "name": .string(printer.name),
      "model": .string(printer.model),
    ]
    if printer.kind != .bambu {
      json["kind"] = .string(printer.kind.rawValue)
      json["secure"] = .bool(printer.isSecure)
      if let port = printer.port { json["port"] = .integer(port) }
      if let user = printer.userName { json["user_name"] = .string(user) }
    }
    if printer.certificate != .firstUse {
      json["certificate"] = .string(printer.certificate.rawValue)
    }
    if let port = printer.mqttPort { json["mqtt_port"] = .integer(port) }
    if let port = printer.ftpsPort { json["ftps_port"] = .integer(port) }
    return json
  }

  private static let setConnectionError = TenantSQL(
    """
    UPDATE printers SET connection_error = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ? AND connection_error IS NOT ?
    """)

  func settled(_ command: HubCommand, _ outcome: CommandOutcome, in scope: TenantScope) throws {
    switch command.kind {
    case .configurePrinter:
      if command.action == "remove", outcome != .accepted {
        platform.note("hub \(command.hubID) could not remove \(command.serial)")
      }
      guard let printer = command.printerID else { return }
      var problem: String?
      if case .refused(let reason) = outcome { problem = reason }
      if outcome == .timedOut { return }
      try platform.database.change(
        Self.setConnectionError, in: scope, problem, platform.now, printer, problem)
    case .printCommand: try listener?.printCommandSettled(command, outcome, in: scope)
    case .printerCommand, .cameraSnapshot: settledOrder(command, outcome)
    case .firmwareUpdate:
      guard case .refused(let reason) = outcome else { return }
      try updateWasRefused(command.hubID, release: command.action, reason: reason)
    case .reboot, .setLogLevel, .factoryReset, .runDiagnostics, .discoverPrinters: break
    }
  }
}
