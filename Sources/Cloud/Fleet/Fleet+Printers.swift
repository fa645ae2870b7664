import World

extension Fleet {
  private static let printersOfHub = TenantSQL(
    """
    SELECT * FROM printers WHERE tenant_id = :tenant AND hub_id = ? AND is_active = 1
    ORDER BY created_at, id
    """)
  private static let namesOfHub = TenantSQL(
    """
    SELECT id, serial_number FROM printers WHERE tenant_id = :tenant AND hub_id = ? AND is_active = 1
    ORDER BY created_at, id
    """)
  private static let printersOfTenant = TenantSQL(
    "SELECT * FROM printers WHERE tenant_id = :tenant ORDER BY sort_order, created_at, id")
  private static let printerOfTenant = TenantSQL(
    "SELECT * FROM printers WHERE tenant_id = :tenant AND id = ?")
  private static let printerBySerial = TenantSQL(
    "SELECT * FROM printers WHERE tenant_id = :tenant AND hub_id = ? AND serial_number = ?")
  private static let printerByName = TenantSQL(
    "SELECT * FROM printers WHERE tenant_id = :tenant AND name = ?")
  private static let lastNumber = TenantSQL(
    "SELECT coalesce(max(printer_id), 0) FROM printers WHERE tenant_id = :tenant")
  private static let addPrinter = TenantSQL(
    """
    INSERT INTO printers
      (id, tenant_id, hub_id, name, model, manufacturer, printer_id, ip_address, serial_number,
       access_code, mqtt_port, ftps_port, kind, port, secure, user_name, certificate, sort_order,
       created_at, updated_at)
    VALUES (?, :tenant, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """)
  private static let changePrinter = TenantSQL(
    """
    UPDATE printers SET name = ?, model = ?, ip_address = ?, access_code = ?, mqtt_port = ?,
      ftps_port = ?, port = ?, secure = ?, user_name = ?, certificate = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let removePrinter = TenantSQL(
    "DELETE FROM printers WHERE tenant_id = :tenant AND id = ?")
  private static let setStatus = TenantSQL(
    """
    UPDATE printers SET status = ?, is_connected = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)

  func printers(in scope: TenantScope) throws -> [Printer] {
    try platform.database.all(Printer.self, Self.printersOfTenant, in: scope)
  }

  func printers(of hub: String, in scope: TenantScope) throws -> [Printer] {
    try platform.database.all(Printer.self, Self.printersOfHub, in: scope, hub)
  }

  /// The same printers, for who only wants to know which they are.
  func printerNames(of hub: String, in scope: TenantScope) throws -> [PrinterName] {
    try platform.database.all(PrinterName.self, Self.namesOfHub, in: scope, hub)
  }

  func findPrinter(_ id: String, in scope: TenantScope) throws -> Printer? {
    try platform.database.first(Printer.self, Self.printerOfTenant, in: scope, id)
  }

  func printer(_ id: String, in scope: TenantScope) throws -> Printer {
    guard let printer = try findPrinter(id, in: scope) else { throw APIError.notFound("printer") }
    return printer
  }

  /// What the hub said last about the printer, while it is connected.
  func live(_ printer: Printer) -> PrinterReport? {
    printer.hubID.flatMap { hubs.object($0).live(serial: printer.serial) }
  }

  func addPrinter(_ input: Input, in scope: TenantScope) throws -> Printer {
    let hub = try hub(input.text("hub_id"), in: scope)
    let serial = input.text("serial_number")
    let name = input.text("name")
    let kind = input.optionalText("kind").flatMap { PrinterKind(rawValue: $0) } ?? .bambu
    let code = input.optionalText("access_code")
    try kind.check(input)
    try kind.checkCode(code)
    if try platform.database.first(Printer.self, Self.printerBySerial, in: scope, hub.id, serial)
      != nil
    {
      throw APIError.conflict("this hub has a printer with this serial number already")
    }
    try checkIsFree(name: name, in: scope)
    let id = platform.identifiers.uuid()
    let now = platform.now
    let number =
      (try platform.database.first(Int64.self, Self.lastNumber, in: scope) ?? 0) + 1
    try platform.database.change(
      Self.addPrinter, in: scope, id, hub.id, name, input.text("model"), kind.manufacturer, number,
      input.text("ip_address"), serial,
      code.map { platform.seal($0, of: Printer.codeOwner(id)) },
      input.optionalInteger("mqtt_port"), input.optionalInteger("ftps_port"), kind.rawValue,
      input.optionalInteger("port"), input.optionalBool("secure") ?? false,
      input.optionalText("user_name"),
      input.optionalText("certificate") ?? CertificateRule.firstUse.rawValue, number, now, now)
    try setLoad(input, of: id, in: scope)
    let printer = try printer(id, in: scope)
    let told = platform.has(.tellsCode) ? " (access code \(code ?? ""))" : ""
    platform.note("printer \(name) was added\(told)")
    try tellHub("add", printer, in: scope)
    return printer
  }

  func change(printer id: String, _ input: Input, in scope: TenantScope) throws -> Printer {
    let old = try printer(id, in: scope)
    try old.kind.check(input)
    let name = input.optionalText("name") ?? old.name
    if name != old.name { try checkIsFree(name: name, in: scope) }
    let code =
      input.optionalText("access_code").map { platform.seal($0, of: Printer.codeOwner(id)) }
      ?? old.accessCodeSealed
    try platform.database.change(
      Self.changePrinter, in: scope, name, input.optionalText("model") ?? old.model,
      input.optionalText("ip_address") ?? old.address, code,
      input.optionalInteger("mqtt_port") ?? old.mqttPort,
      input.optionalInteger("ftps_port") ?? old.ftpsPort,
      input.optionalInteger("port") ?? old.port, input.optionalBool("secure") ?? old.isSecure,
      input.optionalText("user_name") ?? old.userName,
      input.optionalText("certificate") ?? old.certificate.rawValue, platform.now, id)
    try setLoad(input, of: id, in: scope)
    let printer = try printer(id, in: scope)
    try tellHub("update", printer, in: scope)
    return printer
  }

  func remove(printer id: String, in scope: TenantScope) throws {
    let printer = try printer(id, in: scope)
    guard try listener?.isBusy(printer: id, in: scope) != true else {
      throw APIError.conflict("a job is under way on the printer \(printer.name)")
    }
    try platform.database.change(Self.removePrinter, in: scope, id)
    try platform.objects.remove(ObjectKey(.snapshot, id: id, in: scope))
    platform.note("printer \(printer.name) was removed")
    try tellHub("remove", printer, in: scope)
  }

  private func checkIsFree(name: String, in scope: TenantScope) throws {
    guard try platform.database.first(Printer.self, Self.printerByName, in: scope, name) == nil
    else { throw APIError.conflict("there is a printer with this name already") }
  }

  /// A hub that is away is told of its printers when it comes; only a removal has to wait for it.
  func tellHub(_ action: String, _ printer: Printer, in scope: TenantScope) throws {
    guard let hub = printer.hubID else { return }
    let isRemoval = action == "remove"
    let connection = hubs.object(hub)
    try connection.printersChanged()
    guard isRemoval || connection.isOnline else { return }
    try connection.give(
      NewCommand(
        kind: .configurePrinter, action: action, printerID: isRemoval ? nil : printer.id,
        serial: printer.serial, waits: isRemoval), in: scope)
  }

  func printerChanged(
    _ id: String, status: String, isConnected: Bool, in scope: TenantScope
  ) throws {
    try platform.database.change(
      Self.setStatus, in: scope, status, isConnected, platform.now, id)
  }
}
