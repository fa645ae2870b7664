import Wire

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
    /// The part of the path that leads here.
    let part: String
    /// The last of the places behind this one, and the one that stands beside it there.
    var child: Int?
    let sibling: Int?
    /// The place behind a part of any content; nil when no route has one here.
    var parameter: Int?
    /// The routes that end here, by their places in the table.
    var routes: [Int] = []
  }

  // A cloud in a virtual world starts by the thousand: the tree is one flat table, quickly made and
  // quickly gone. It begins at the first node.
  private var nodes = [Node(part: "", sibling: nil)]
  /// The whole table, in the order in which it was given.
  let routes: [Route]

  init(_ routes: [Route]) {
    self.routes = routes
    nodes.reserveCapacity(2 * routes.count)
    for index in routes.indices {
      let end = add(routes[index].path.utf8.span)
      precondition(
        !nodes[end].routes.contains { routes[$0].method == routes[index].method },
        "two routes \(routes[index].path)")
      nodes[end].routes.append(index)
    }
  }

  /// The place where a path ends.
  private func add(_ path: Span<UInt8>) -> Int {
    var node = 0
    var start = 0
    while start < path.count {
      var end = start
      while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
      if end > start {
        node =
          path[start] == UInt8(ascii: ":")
          ? parameter(of: node) : child(path.extracting(start..<end), of: node)
      }
      start = end + 1
    }
    return node
  }

  private func parameter(of node: Int) -> Int {
    if let known = nodes[node].parameter { return known }
    nodes[node].parameter = nodes.count
    nodes.append(Node(part: ":", sibling: nil))
    return nodes.count - 1
  }

  private func child(_ part: Span<UInt8>, of node: Int) -> Int {
    if let known = find(part, behind: node) { return known }
    let name = part.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    nodes.append(Node(part: name, sibling: nodes[node].child))
    nodes[node].child = nodes.count - 1
    return nodes.count - 1
  }

  private func find(_ part: Span<UInt8>, behind node: Int) -> Int? {
    // The table stands in families: what was added last is what comes next.
    var next = nodes[node].child
    while let place = next {
      if equals(nodes[place].part.utf8.span, part) { return place }
      next = nodes[place].sibling
    }
    return nil
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
      if let next = find(part.utf8.span, behind: node) {
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
