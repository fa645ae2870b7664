/// Finds the route of a request.
final class Router {
  /// What a path leads to.
  enum Found {
    case route(Route, parameters: [(name: String, value: String)])
    /// The path is known, but not with this method.
    case otherMethods([HTTPMethod])
    case nothing
  }

  private final class Node {
    var children: [String: Node] = [:]
    var parameter: Node?
    var routes: [Route] = []
    /// What the parameters of each route are called.
    var names: [[String]] = []
  }

  private let root = Node()
  /// The whole table, in the order in which it was given.
  let routes: [Route]

  init(_ routes: [Route]) {
    self.routes = routes
    for route in routes {
      var node = root
      var names: [String] = []
      // A cloud in a virtual world starts by the thousand; bytes are split faster than characters.
      for bytes in route.path.utf8.split(separator: UInt8(ascii: "/")) {
        let part = Substring(bytes)
        if bytes.first == UInt8(ascii: ":") {
          names.append(String(part.dropFirst()))
          let next = node.parameter ?? Node()
          node.parameter = next
          node = next
        } else {
          let part = String(part)
          let next = node.children[part] ?? Node()
          node.children[part] = next
          node = next
        }
      }
      precondition(
        !node.routes.contains { $0.method == route.method }, "two routes \(route.path)")
      node.routes.append(route)
      node.names.append(names)
    }
  }

  /// `parts` is the path, split at its slashes and decoded. What is not found under `/api` is looked
  /// for under `/api/v1`: the older documents know no version.
  func find(_ method: HTTPMethod, _ parts: [String]) -> Found {
    let found = walk(method, parts)
    guard case .nothing = found, parts.first == "api", parts.dropFirst().first != "v1" else {
      return found
    }
    return walk(method, ["api", "v1"] + parts.dropFirst())
  }

  private func walk(_ method: HTTPMethod, _ parts: [String]) -> Found {
    var node = root
    var values: [String] = []
    for part in parts {
      if let next = node.children[part] {
        node = next
      } else if let next = node.parameter, !part.isEmpty {
        values.append(part)
        node = next
      } else {
        return .nothing
      }
    }
    guard !node.routes.isEmpty else { return .nothing }
    let wanted =
      node.routes.firstIndex { $0.method == method }
      ?? (method == .head ? node.routes.firstIndex { $0.method == .get } : nil)
    guard let wanted else { return .otherMethods(node.routes.map(\.method)) }
    let parameters = zip(node.names[wanted], values).map { (name: $0.0, value: $0.1) }
    return .route(node.routes[wanted], parameters: parameters)
  }
}
