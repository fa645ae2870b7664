// Dashboards' sockets. A socket says who it is in its first message; from then on it belongs to one
// tenant's `DashboardBroadcast`, which is the only way by which news reaches it.

import World

/// Everybody who watches.
final class Dashboards {
  /// The most sockets of one user.
  static let userLimit = 10
  private static let messageLimit = 64 << 10

  let platform: Platform
  private let identity: Identity
  private let broadcasts: ObjectNamespace<DashboardBroadcast>
  /// Sockets that have said who they are, by their tenant.
  let clients = ActorSockets<DashboardClient>()
  private var lastSerial = 0

  init(platform: Platform, identity: Identity) {
    self.platform = platform
    self.identity = identity
    var all: () -> Dashboards = { preconditionFailure("the dashboards are being made") }
    broadcasts = ObjectNamespace(DashboardBroadcast.className, platform: platform) {
      $0.dashboards = all()
    }
    all = { [unowned self] in self }
  }

  /// Alarms from before concern sockets that are gone.
  func start() throws {
    try broadcasts.start()
    for object in broadcasts.awake { try object.setAlarm(at: nil) }
  }

  func vanish() {
    clients.vanish()
    broadcasts.vanish()
  }

  /// How many sockets have said who they are.
  var clientCount: Int { clients.count { _ in true } }

  func evictIdle() { broadcasts.evictIdle() }
  func evictAll() { clients.names.forEach(broadcasts.evict) }

  var routes: [Route] {
    [
      Route(
        .get, "/ws/dashboard",
        .socket { [self] _ in
          SocketOffer(headers: [], messageLimit: Self.messageLimit) { [self] session in
            lastSerial += 1
            _ = DashboardClient(session, serial: lastSerial, dashboards: self)
          }
        }
      ).described("The socket of a dashboard", status: 101)
    ]
  }

  // MARK: who may watch

  func admit(
    _ client: DashboardClient, token: String, tenant: String?
  ) throws -> (Session, Member) {
    guard let session = try? identity.session(token: token) else {
      throw DashboardFarewell.badToken
    }
    let found: Member?
    if let tenant {
      found = try Member.find(user: session.userID, tenant: tenant, in: platform.database)
    } else {
      found = try Member.ofOnlyTenant(user: session.userID, in: platform.database)
    }
    guard let member = found else { throw DashboardFarewell.notAMember }
    if platform.configuration.limitsRates {
      let count = clients.count { $0.member?.userID == session.userID }
      guard count < Self.userLimit else { throw DashboardFarewell.tooMany }
    }
    return (session, member)
  }

  func joined(_ client: DashboardClient) {
    guard let tenant = client.member?.scope.tenantID else { return }
    clients.add(client, to: tenant)
    do {
      try broadcasts.object(tenant).joined()
    } catch {
      platform.host.note(.problem, "a dashboard could not join: \(error)")
    }
  }

  func left(_ client: DashboardClient) {
    // Nobody looks after the sockets of a cloud that has died.
    guard let tenant = client.member?.scope.tenantID, clients.remove(client, of: tenant),
      clients.all(tenant).isEmpty
    else { return }
    try? broadcasts.object(tenant).setAlarm(at: nil)
    broadcasts.putToSleep(tenant)
  }

  /// Whether a client may still watch, and as what.
  func standing(of client: DashboardClient) -> Result<Member, DashboardFarewell> {
    guard let member = client.member, identity.lives(session: client.sessionID) else {
      return .failure(.badToken)
    }
    let tenant = member.scope.tenantID
    let found = try? Member.find(user: member.userID, tenant: tenant, in: platform.database)
    return found.map { .success($0) } ?? .failure(.notAMember)
  }

  /// Somebody's place in a tenant has changed.
  func recheck(user: String, tenant: String) {
    let some = clients.all(tenant).filter { $0.member?.userID == user }
    if !some.isEmpty { broadcasts.object(tenant).recheck(some) }
  }

  /// Sessions have ended.
  func recheck(_ isEnded: (_ session: String, _ user: String) -> Bool) {
    for tenant in clients.names {
      let some = clients.all(tenant).filter { isEnded($0.sessionID, $0.member?.userID ?? "") }
      if !some.isEmpty { broadcasts.object(tenant).recheck(some) }
    }
  }

  // MARK: news

  func broadcast(_ message: DashboardMessage, to tenant: String) {
    guard !clients.all(tenant).isEmpty else { return }
    broadcasts.object(tenant).broadcast(message)
  }
}
