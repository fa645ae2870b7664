import World

/// The Durable Object of a tenant's dashboards: whoever watches, and nobody else's news.
final class DashboardBroadcast: DurableObject {
  static let className = "DashboardBroadcast"
  /// How often it is looked whether those who watch may still.
  private static let checkMilliseconds: Int64 = 60_000

  /// Set before anything else is called.
  unowned var dashboards: Dashboards!
  private(set) var clients: [DashboardClient] = []

  func join(_ client: DashboardClient) throws {
    clients.append(client)
    if !hasAlarm { try setAlarm(at: platform.now + Self.checkMilliseconds) }
  }

  /// Answers whether nobody is left.
  func leave(_ client: DashboardClient) -> Bool {
    clients.removeAll { $0 === client }
    return clients.isEmpty
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

  /// Sends those away who have signed out or lost their place.
  func recheck(_ some: [DashboardClient]) {
    for client in some {
      if let farewell = dashboards.objection(to: client) { client.leave(farewell) }
    }
  }
}
