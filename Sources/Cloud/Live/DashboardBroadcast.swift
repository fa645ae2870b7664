import World

/// The Durable Object of a tenant's dashboards: whoever watches, and nobody else's news.
final class DashboardBroadcast: DurableObject {
  static let className = "DashboardBroadcast"
  /// How often it is looked whether those who watch may still.
  private static let checkMilliseconds: Int64 = 60_000

  /// Set before anything else is called.
  unowned var dashboards: Dashboards!

  /// Those who watch; they stay when this object is dropped from memory.
  private var clients: [DashboardClient] { dashboards.clients.all(name) }

  /// Somebody has come.
  func joined() throws {
    if !hasAlarm { try setAlarm(at: platform.now + Self.checkMilliseconds) }
  }

  func broadcast(_ message: DashboardMessage) {
    let printer = message.printer
    var text: [UInt8]?
    for client in clients where client.wants(printer: printer) {
      let bytes = text ?? message.json.bytes
      text = bytes
      client.send(bytes)
    }
  }

  override func alarm() {
    recheck(clients)
    guard !clients.isEmpty else { return }
    try? setAlarm(at: platform.now + Self.checkMilliseconds)
  }

  /// Sends those away who have signed out or lost their place; tells others of their new role.
  func recheck(_ some: [DashboardClient]) {
    for client in some {
      switch dashboards.standing(of: client) {
      case .failure(let farewell): client.leave(farewell)
      case .success(let member): client.become(member)
      }
    }
  }
}
