/// Finds the route of a request.
final class Router {
  /// What a path leads to.
  enum Found {
    case route(Route, parameters: [(name: String, value: String)])
    /// The path is known, but not with this method.
    case otherMethods([HTTPMethod])
    case nothing
  }

  /// One place in the tree of all paths.
  private struct Node {
    /// The place behind a part of any content; nil when no route has one here.
    var parameter: Int?
    /// The routes that end here, by their places in the table.
    var routes: [Int] = []
  }

  /// A part of a path, behind one place in the tree.
  private struct Step: Hashable {
    let node: Int
    let part: Substring
  }

  // A cloud in a virtual world starts by the thousand: the tree is two flat tables, quickly made and
  // quickly gone. It begins at the first node.
  private var nodes = [Node()]
  private var steps: [Step: Int] = [:]
  /// The whole table, in the order in which it was given.
  let routes: [Route]

  init(_ routes: [Route]) {
    self.routes = routes
    nodes.reserveCapacity(2 * routes.count)
    steps.reserveCapacity(2 * routes.count)
    for (index, route) in routes.enumerated() {
      let end = route.pathParts.reduce(0) { node, bytes in
        bytes.first == UInt8(ascii: ":")
          ? parameter(of: node) : next(Step(node: node, part: Substring(bytes)))
      }
      precondition(
        !nodes[end].routes.contains { routes[$0].method == route.method },
        "two routes \(route.path)")
      nodes[end].routes.append(index)
    }
  }

  private func parameter(of node: Int) -> Int {
    if let known = nodes[node].parameter { return known }
    nodes[node].parameter = nodes.count
    return add()
  }

  private func next(_ step: Step) -> Int {
    if let known = steps[step] { return known }
    steps[step] = nodes.count
    return add()
  }

  private func add() -> Int {
    nodes.append(Node())
    return nodes.count - 1
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
    var node = 0
    var values: [String] = []
    for part in parts {
      if let next = steps[Step(node: node, part: part[...])] {
        node = next
      } else if let next = nodes[node].parameter, !part.isEmpty {
        values.append(part)
        node = next
      } else {
        return .nothing
      }
    }
    let ending = nodes[node].routes
    guard !ending.isEmpty else { return .nothing }
    let wanted =
      ending.first { routes[$0].method == method }
      ?? (method == .head ? ending.first { routes[$0].method == .get } : nil)
    guard let wanted else { return .otherMethods(ending.map { routes[$0].method }) }
    guard !values.isEmpty else { return .route(routes[wanted], parameters: []) }
    let parameters = zip(routes[wanted].pathParameters, values)
    return .route(routes[wanted], parameters: parameters.map { (name: $0.0, value: $0.1) })
  }
}
