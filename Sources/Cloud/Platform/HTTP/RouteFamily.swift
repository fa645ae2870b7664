// The route table, told to people: which families of routes there are, and what stands in each.

/// The routes whose paths begin alike.
struct RouteFamily {
  let path: String
  let routes: [Route]

  /// In the order of their paths.
  static func all(of routes: [Route]) -> [RouteFamily] {
    var families: [String: [Route]] = [:]
    for route in routes { families[front(of: route.path), default: []].append(route) }
    return families.sorted { $0.key < $1.key }.map { RouteFamily(path: $0.key, routes: $0.value) }
  }

  /// The path up to the word that says what it is about.
  private static func front(of path: String) -> String {
    var front = ""
    for part in path.split(separator: "/") {
      front += "/" + part
      if part != "api", part != "v1" { break }
    }
    return front
  }

  /// What it is for.
  var meaning: String? {
    switch path {
    case "/api/organizations": "tenants under their older name"
    case "/api/v1/auth": "accounts, sessions and their tokens, under both of the documents' names"
    case "/api/v1/factory": "what the factory and the operator do: hubs, firmware, mails, alerts"
    case "/api/v1/files": "print files: bytes in and out, versions, pictures"
    case "/api/v1/hubs": "claiming hubs, looking after them, their firmware and health"
    case "/api/v1/invitations": "becoming a member"
    case "/api/v1/jobs": "print jobs, their history and statistics"
    case "/api/v1/openapi.json": "every route, as clients' tools read them"
    case "/api/v1/printers": "printers, their orders and upkeep, cameras"
    case "/api/v1/queue": "jobs that wait, their order, giving them to printers"
    case "/api/v1/tenants": "tenants, members, invitations"
    case "/auth": "the same as `/api/v1/auth`, where the older documents have it"
    case "/health": "whether the cloud and its parts are well"
    case "/metrics": "numbers for Prometheus"
    case "/ws": "the sockets of hubs and dashboards"
    default: nil
    }
  }

  /// Who may come, from those who may least.
  var audience: String {
    var words: [String] = []
    let roles = Role.allCases.filter { role in routes.contains { $0.role == role } }
    for route in routes {
      let word: String
      switch route.handler {
      case .open: word = "anybody"
      case .factory: word = "factory's key"
      case .user: word = "who is signed in"
      case .upload: word = "who has a signed URL"
      case .socket: word = "proof in the first message"
      case .member, .tenant, .memberUpload: continue
      }
      if !words.contains(word) { words.append(word) }
    }
    if let least = roles.first, let most = roles.last {
      words.append(least == most ? least.rawValue : "\(least.rawValue) to \(most.rawValue)")
    }
    return words.joined(separator: ", ")
  }

  var row: String {
    "| `\(path)` | \(routes.count) | \(meaning ?? "") | \(audience) |"
  }
}

extension CloudServer {
  /// The families of routes as a table in Markdown.
  public var routeFamilies: String {
    (["| routes under | | what for | who |", "| --- | --- | --- | --- |"]
      + RouteFamily.all(of: routes).map(\.row)).joined(separator: "\n")
  }

  /// Every route: method, path, who may come, what it does.
  public var routeList: String {
    let lines = RouteFamily.all(of: routes).flatMap(\.routes).map { route in
      [
        pad(route.method.rawValue, 7), pad(route.path, 56), pad(Self.who(route), 9), route.summary,
      ].joined(separator: " ")
    }
    return lines.joined(separator: "\n")
  }

  private static func who(_ route: Route) -> String {
    if let role = route.role { return role.rawValue }
    switch route.handler {
    case .factory: return "factory"
    case .user: return "signed in"
    case .upload: return "token"
    case .open, .socket, .member, .tenant, .memberUpload: return "-"
    }
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
}
