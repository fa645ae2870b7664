import World

/// Why a dashboard's socket is closed by the cloud.
enum DashboardFarewell: Error {
  case noToken
  case badToken
  case notAMember
  case tooMany
  case broken(String)

  var code: UInt16 {
    switch self {
    case .noToken, .badToken: 4401
    case .notAMember: 4403
    case .tooMany: 4429
    case .broken: 1007
    }
  }

  var reason: String {
    switch self {
    case .noToken: "no token within 10 s"
    case .badToken: "the token is unknown or out of date"
    case .notAMember: "you are no member of this tenant"
    case .tooMany: "too many connections of this user"
    case .broken(let what): what
    }
  }
}

/// One browser's socket: until its token has come it is told nothing.
final class DashboardClient {
  private static let tokenPatience = Interval.seconds(10)
  /// The most printers that one socket can watch by name.
  private static let watchLimit = 1000

  let serial: Int
  private(set) var member: Member?
  private(set) var sessionID = ""
  private let session: WebSocketSession
  private unowned let dashboards: Dashboards
  /// The printers it wants to hear of; nil for all.
  private var watched: Set<String>?
  private var timer: (any Timer)?

  init(_ session: WebSocketSession, serial: Int, dashboards: Dashboards) {
    self.session = session
    self.serial = serial
    self.dashboards = dashboards
    // The session holds its client, and is held by the server while it is open.
    session.onText = { [self] in take($0) }
    session.onClosed = { [self] _ in
      timer?.cancel()
      dashboards.left(self)
    }
    timer = dashboards.platform.host.after(Self.tokenPatience) { [weak self] in
      self?.leave(.noToken)
    }
  }

  func send(_ text: [UInt8]) { session.send(text: text) }

  func wants(printer: String?) -> Bool {
    guard let printer, let watched else { return true }
    return watched.contains(printer)
  }

  /// Its place in the tenant is this now; one that has changed is told.
  func become(_ now: Member) {
    guard let before = member, before.role != now.role else { return }
    member = now
    session.send(["type": "role_changed", "role": .string(now.role.rawValue)])
  }

  func leave(_ farewell: DashboardFarewell) {
    guard session.isOpen else { return }
    timer?.cancel()
    session.send(["type": "auth_error", "message": .string(farewell.reason)])
    session.close(code: farewell.code, reason: farewell.reason)
  }

  private func take(_ bytes: [UInt8]) {
    do {
      let message = try read(bytes)
      switch (message["type"]?.string, member) {
      case ("auth", nil): try admit(message)
      case ("ping", _): session.send(["type": "pong"])
      case ("subscribe", .some): try watch(message)
      case ("unsubscribe", .some): try unwatch(message)
      case (_, nil): throw DashboardFarewell.badToken
      default: throw DashboardFarewell.broken("a message of unknown type")
      }
    } catch let farewell as DashboardFarewell {
      dashboards.platform.badInput(from: session.peerAddress, "dashboard: \(farewell.reason)")
      leave(farewell)
    } catch {
      dashboards.platform.host.note(.problem, "a dashboard's message failed: \(error)")
      session.close(code: 1011, reason: "something went wrong here")
    }
  }

  private func read(_ bytes: [UInt8]) throws(DashboardFarewell) -> JSON {
    guard let message = try? JSON.parse(bytes, maximumStringLength: 4096),
      case .object = message
    else { throw .broken("a message is a JSON object") }
    return message
  }

  private func admit(_ message: JSON) throws {
    guard let token = message["token"]?.string else { throw DashboardFarewell.badToken }
    let (session, member) = try dashboards.admit(
      self, token: token, tenant: message["tenant_id"]?.string)
    timer?.cancel()
    self.member = member
    sessionID = session.id
    self.session.send([
      "type": "auth_success", "user_id": .string(member.userID),
      "tenant_id": .string(member.scope.tenantID), "role": .string(member.role.rawValue),
    ])
    dashboards.joined(self)
  }

  private func printers(_ message: JSON) throws -> [String] {
    guard let list = message["printers"]?.array, list.count <= Self.watchLimit,
      list.allSatisfy({ $0.string.map { $0.utf8.count <= 64 } == true })
    else { throw DashboardFarewell.broken("printers is a list of at most 1000 ids") }
    return list.compactMap(\.string)
  }

  private func watch(_ message: JSON) throws {
    let all = (watched ?? []).union(try printers(message))
    guard all.count <= Self.watchLimit else {
      throw DashboardFarewell.broken("at most 1000 printers can be watched by name")
    }
    watched = all
    tellWatched("subscribed")
  }

  private func unwatch(_ message: JSON) throws {
    watched = (watched ?? []).subtracting(try printers(message))
    tellWatched("unsubscribed")
  }

  private func tellWatched(_ type: String) {
    let names = (watched ?? []).sorted()
    session.send(["type": .string(type), "printers": .array(names.map { .string($0) })])
  }
}
