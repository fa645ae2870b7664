// What people say of a printer beside its settings: in what order it stands, that its bed is clear,
// that it is being maintained, that the hub shall leave it alone.

import World

extension Fleet {
  private static let setState = TenantSQL(
    "UPDATE printers SET status = ?, updated_at = ? WHERE tenant_id = :tenant AND id = ?")
  private static let setMaintenance = TenantSQL(
    """
    UPDATE printers SET in_maintenance = ?, maintenance_type = ?, last_maintenance_date = ?,
      updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let setCleared = TenantSQL(
    "UPDATE printers SET cleared = ?, updated_at = ? WHERE tenant_id = :tenant AND id = ?")
  private static let setOrder = TenantSQL(
    "UPDATE printers SET sort_order = ?, updated_at = ? WHERE tenant_id = :tenant AND id = ?")
  private static let setActive = TenantSQL(
    """
    UPDATE printers SET is_active = ?, last_connection_attempt = ?, connection_error = NULL,
      status = 'offline', is_connected = 0, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let setLoad = TenantSQL(
    """
    UPDATE printers SET current_color = ?, current_color_hex = ?, current_filament_type = ?,
      current_build_plate = ?, filament_level = ?, nozzle_size = ?, location = ?, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let addPrintTime = TenantSQL(
    """
    UPDATE printers SET total_print_time = total_print_time + ?, cleared = 0, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)

  /// What a person says of a printer that no hub speaks for.
  func set(status: String, of id: String, in scope: TenantScope) throws {
    let printer = try printer(id, in: scope)
    guard !printer.isConnected else {
      throw APIError.conflict("the hub says how the printer \(printer.name) is")
    }
    try platform.database.change(Self.setState, in: scope, status, platform.now, id)
  }

  func setMaintenance(
    _ isInMaintenance: Bool, _ kind: String?, of id: String, in scope: TenantScope
  ) throws {
    let printer = try printer(id, in: scope)
    if isInMaintenance, try listener?.isBusy(printer: id, in: scope) == true {
      throw APIError.conflict("a job is under way on the printer \(printer.name)")
    }
    let now = platform.now
    let hasEnded = printer.isInMaintenance && !isInMaintenance
    try platform.database.change(
      Self.setMaintenance, in: scope, isInMaintenance, isInMaintenance ? kind : nil,
      hasEnded ? now : printer.lastMaintenanceAt, now, id)
  }

  func setCleared(_ isCleared: Bool, of id: String, in scope: TenantScope) throws {
    _ = try printer(id, in: scope)
    try platform.database.change(Self.setCleared, in: scope, isCleared, platform.now, id)
  }

  /// Puts printers into places; all or none.
  func order(_ places: [(printer: String, place: Int64)], in scope: TenantScope) throws {
    for (id, place) in places {
      _ = try printer(id, in: scope)
      try platform.database.change(Self.setOrder, in: scope, place, platform.now, id)
    }
  }

  /// What is loaded, as far as it is told.
  func setLoad(_ input: Input, of id: String, in scope: TenantScope) throws {
    guard Self.loadFields.contains(where: { input.has($0.name) }) else { return }
    let old = try printer(id, in: scope)
    func text(_ name: String, _ old: String?) -> String? {
      input.has(name) ? input.optionalText(name) : old
    }
    try platform.database.change(
      Self.setLoad, in: scope, text("current_color", old.color),
      text("current_color_hex", old.colorHex), text("current_filament_type", old.filamentType),
      text("current_build_plate", old.buildPlate),
      input.optionalInteger("filament_level") ?? old.filamentLevel,
      input.has("nozzle_size") ? input.optionalNumber("nozzle_size") : old.nozzleSize,
      text("location", old.location), platform.now, id)
  }

  static let loadFields: [Field] = [
    .optional(.text("current_color", 1...60)), .optional(.color("current_color_hex")),
    .optional(.text("current_filament_type", 1...60)),
    .optional(.text("current_build_plate", 1...60)),
    .optional(.integer("filament_level", 0...100)), .optional(.number("nozzle_size", 0.1...2)),
    .optional(.text("location", 1...120)),
  ]

  /// Lets the hub have the printer, or takes it away from it.
  func setActive(_ isActive: Bool, _ id: String, in scope: TenantScope) throws -> Printer {
    let old = try printer(id, in: scope)
    guard old.hubID != nil else {
      throw APIError.conflict("the printer \(old.name) has no hub")
    }
    if !isActive, try listener?.isBusy(printer: id, in: scope) == true {
      throw APIError.conflict("a job is under way on the printer \(old.name)")
    }
    let now = platform.now
    try platform.database.change(Self.setActive, in: scope, isActive, now, now, id)
    let printer = try printer(id, in: scope)
    try tellHub(isActive ? "add" : "remove", printer, in: scope)
    return printer
  }

  /// A print has ended well: something lies on the bed.
  func printed(_ id: String, minutes: Int64, in scope: TenantScope) throws {
    try platform.database.change(Self.addPrintTime, in: scope, minutes, platform.now, id)
  }
}
