import World

/// Somebody who works on a farm beside its owner, with a browser of their own.
final class Person {
  let name: String
  let farm: String
  /// What the owner has given them first.
  let role: RoleWord
  let client: CloudClient
  private let owner: Owner
  private var userID = ""
  private var refreshToken = ""
  /// A thief's copy.
  private var stolenToken: String?
  private var socket: DashboardSocket?

  /// Something that a condition can speak of has changed.
  var onChange: (() -> Void)?
  /// The dashboard has shown something.
  var onNews: ((JSON) -> Void)?
  /// What the cloud has said at the end of the dashboard's socket.
  private(set) var farewell: UInt16?
  private(set) var isWatching = false
  /// What the dashboard shows as the person's role.
  private(set) var shownRole: String?
  private(set) var newsCount = 0

  init(name: String, farm: String, role: RoleWord, client: CloudClient, owner: Owner) {
    self.name = name
    self.farm = farm
    self.role = role
    self.client = client
    self.owner = owner
  }

  var email: String { name.lowercased() + "@example.com" }

  // MARK: belonging to the farm

  /// Makes an account; the owner invites it.
  func signUp(_ completion: @escaping (Answer<Void>) -> Void) {
    let body: JSON = [
      "email": .string(email), "password": .string(Owner.password), "name": .string(name),
    ]
    client.call("POST", "/auth/sign-up/email", body: body) { [self] answer in
      guard keep(answer, completion) else { return }
      let member: JSON = ["email": .string(email), "role": .string(role.rawValue)]
      owner.client.call("POST", membersPath, body: member) { completion($0.map { _ in }) }
    }
  }

  /// Becomes a member with what stood in the mail.
  func accept(token: String, _ completion: @escaping (Answer<Void>) -> Void) {
    let body: JSON = ["token": .string(token)]
    client.call("POST", "/invitations/accept", body: body) { [self] answer in
      if case .success = answer {
        client.tenant = owner.client.tenant
        client.host.note(.user, "works on \(farm) as its \(role.rawValue)")
      }
      completion(answer.map { _ in })
    }
  }

  private var membersPath: String { "/tenants/\(owner.client.tenant ?? "")/members" }

  /// Keeps the tokens of an answer; tells `completion` when there are none.
  private func keep(
    _ answer: Answer<JSON>, _ completion: (Answer<Void>) -> Void
  ) -> Bool {
    switch answer {
    case .failure(let failure):
      completion(.failure(failure))
      return false
    case .success(let data):
      client.token = data["token"]?.string
      refreshToken = data["refresh_token"]?.string ?? ""
      userID = data["user"]?["id"]?.string ?? ""
      return true
    }
  }

  // MARK: deeds

  /// Does what a step says. `jobID` is the cloud's id of the job that it speaks of.
  func carryOut(
    _ step: PersonStep, jobID: String?, _ completion: @escaping (Answer<Void>) -> Void
  ) {
    let simple: (Answer<JSON>) -> Void = { completion($0.map { _ in }) }
    switch step.deed {
    case .signsIn:
      let body: JSON = ["email": .string(email), "password": .string(Owner.password)]
      client.token = nil
      client.call("POST", "/auth/sign-in/email", body: body) { [self] answer in
        if keep(answer, completion) { completion(.success(())) }
      }
    case .signsOut: client.call("POST", "/auth/sign-out", completion: simple)
    case .watches:
      watch()
      completion(.success(()))
    case .leaves:
      socket?.close()
      socket = nil
      isWatching = false
      onChange?()
      completion(.success(()))
    case .looks: client.call("GET", "/printers", completion: simple)
    case .pauses, .resumes, .cancels:
      guard let jobID, let action = step.deed.action else {
        return completion(.failure(.unexpected("the job \(step.job ?? "")")))
      }
      client.call("POST", "/jobs/\(jobID)/\(action.rawValue)", body: [:], completion: simple)
    case .renews:
      renew(refreshToken) { [self] answer in
        if keep(answer, completion) { completion(.success(())) }
      }
    case .losesToken:
      stolenToken = refreshToken
      client.host.note(.user, "does not see that a thief copies a token")
      completion(.success(()))
    case .thiefRenews: renew(stolenToken ?? "", simple)
    case .becomes:
      owner.client.call(
        "PUT", membersPath + "/" + userID, body: ["role": .string(step.role?.rawValue ?? "")],
        completion: simple)
    case .isRemoved:
      owner.client.call("DELETE", membersPath + "/" + userID, completion: simple)
    }
  }

  private func renew(_ token: String, _ completion: @escaping (Answer<JSON>) -> Void) {
    client.call(
      "POST", "/auth/refresh", body: ["refresh_token": .string(token)], completion: completion)
  }

  // MARK: the dashboard

  private func watch() {
    socket?.close()
    isWatching = false
    farewell = nil
    let socket = client.openDashboard()
    self.socket = socket
    socket.onMessage = { [weak self] in self?.hear($0) }
    socket.onEnd = { [weak self] code in
      guard let self else { return }
      isWatching = false
      farewell = code
      self.socket = nil
      client.host.note(.user, "the dashboard is closed" + (code.map { " with \($0)" } ?? ""))
      onChange?()
    }
  }

  private func hear(_ message: JSON) {
    switch message["type"]?.string {
    case "auth_success":
      isWatching = true
      shownRole = message["role"]?.string
      client.host.note(.user, "watches the dashboard as \(shownRole ?? "nobody")")
    case "role_changed":
      shownRole = message["role"]?.string
      client.host.note(.user, "sees that the role is \(shownRole ?? "none") now")
    case "auth_error": break
    default:
      newsCount += 1
      onNews?(message)
    }
    onChange?()
  }
}

extension CloudClient {
  /// A dashboard of whoever is signed in.
  func openDashboard() -> DashboardSocket {
    DashboardSocket(
      on: host, baseURL: baseURL, trust: trust, token: token ?? "", tenant: tenant ?? "")
  }
}
