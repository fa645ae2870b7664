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

  func vanish() { broadcasts.vanish() }

  /// How many sockets have said who they are.
  var clientCount: Int { broadcasts.awake.reduce(0) { $0 + $1.clients.count } }

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
      let count = broadcasts.awake.reduce(0) { sum, object in
        sum + object.clients.count { $0.member?.userID == session.userID }
      }
      guard count < Self.userLimit else { throw DashboardFarewell.tooMany }
    }
    return (session, member)
  }

  func joined(_ client: DashboardClient) {
    guard let member = client.member else { return }
    do {
      try broadcasts.object(member.scope.tenantID).join(client)
    } catch {
      platform.host.note(.problem, "a dashboard could not join: \(error)")
    }
  }

  func left(_ client: DashboardClient) {
    guard let member = client.member else { return }
    let tenant = member.scope.tenantID
    let object = broadcasts.object(tenant)
    guard object.leave(client) else { return }
    try? object.setAlarm(at: nil)
    broadcasts.putToSleep(tenant)
  }

  /// Why a client may not watch any longer.
  func objection(to client: DashboardClient) -> DashboardFarewell? {
    guard let member = client.member else { return nil }
    guard identity.lives(session: client.sessionID) else { return .badToken }
    let tenant = member.scope.tenantID
    let found = try? Member.find(user: member.userID, tenant: tenant, in: platform.database)
    return found == nil ? .notAMember : nil
  }

  /// Somebody's place in a tenant has changed.
  func recheck(user: String, tenant: String) {
    guard let object = broadcasts.awake(tenant) else { return }
    object.recheck(object.clients.filter { $0.member?.userID == user })
  }

  // MARK: news

  func broadcast(_ message: DashboardMessage, to tenant: String) {
    broadcasts.awake(tenant)?.broadcast(message)
  }
}
