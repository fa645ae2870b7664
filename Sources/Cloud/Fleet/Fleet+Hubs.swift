import World

extension Fleet {
  private static let renameHub = TenantSQL(
    "UPDATE hubs SET name = ?, updated_at = ? WHERE tenant_id = :tenant AND id = ?")
  private static let releaseHub = TenantSQL(
    """
    UPDATE hubs SET tenant_id = NULL, name = NULL, is_online = 0, last_seen_at = NULL,
      wifi_signal_strength = NULL, local_ip_address = NULL, updated_at = ?
    WHERE tenant_id = :tenant AND id = ?
    """)
  private static let printersLetGo = TenantSQL(
    """
    UPDATE printers SET hub_id = NULL, status = 'offline', is_connected = 0, updated_at = ?
    WHERE tenant_id = :tenant AND hub_id = ?
    """)

  func rename(hub id: String, to name: String, in scope: TenantScope) throws -> Hub {
    _ = try hub(id, in: scope)
    try platform.database.change(Self.renameHub, in: scope, name, platform.now, id)
    return try hub(id, in: scope)
  }

  /// Gives a hub up: whoever has its claim code may claim it. Its printers stay with the tenant,
  /// without a hub.
  func release(hub id: String, in scope: TenantScope) throws {
    let hub = try hub(id, in: scope)
    for printer in try printers(of: id, in: scope) {
      guard try listener?.isBusy(printer: printer.id, in: scope) != true else {
        throw APIError.conflict("a job is under way on the printer \(printer.name)")
      }
    }
    try letGo(hub, in: scope)
  }

  /// The tenant is being deleted: all of its hubs belong to nobody again.
  func releaseAll(in scope: TenantScope) throws {
    for hub in try hubs(in: scope) { try letGo(hub, in: scope) }
  }

  private func letGo(_ hub: Hub, in scope: TenantScope) throws {
    let now = platform.now
    let serials = try printers(of: hub.id, in: scope).map(\.serial)
    try hubs.object(hub.id).letGo(serials)
    for command in try commands(of: hub.id, in: scope) { try withdraw(command, in: scope) }
    try platform.database.change(Self.printersLetGo, in: scope, now, hub.id)
    try platform.database.change(Self.releaseHub, in: scope, now, hub.id)
    platform.note("hub \(hub.name ?? hub.id) was released")
    platform.database.onCommit { [weak self] in
      self?.hubs.object(hub.id).release(forgetting: serials)
    }
  }
}
