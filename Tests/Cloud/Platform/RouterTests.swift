import Testing

@testable import Cloud

@Suite("Finding a route")
struct RouterTests {
  private static let paths: [(method: HTTPMethod, path: String)] = [
    (.get, "/api/v1/files"), (.post, "/api/v1/files"), (.get, "/api/v1/files/:id"),
    (.delete, "/api/v1/files/:file"), (.get, "/api/v1/files/latest"),
    (.put, "/api/v1/files/:id/parts/:number"), (.get, "/health"),
  ]
  private static let router = Router(
    paths.map { entry in
      Route(entry.method, entry.path, .open { _ in Answer(status: 204, body: .none) })
    })

  private func found(_ method: HTTPMethod, _ path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    switch Self.router.find(method, parts) {
    case .route(let route, let parameters):
      return ([route.path] + parameters.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    case .otherMethods(let methods): return "only \(methods.map(\.rawValue))"
    case .nothing: return "nothing"
    }
  }

  @Test("what a path fixes goes before what may be anything, which each route names by itself")
  func parts() {
    #expect(found(.get, "api/v1/files") == "/api/v1/files")
    #expect(found(.get, "api/v1/files/7") == "/api/v1/files/:id id=7")
    #expect(found(.delete, "api/v1/files/7") == "/api/v1/files/:file file=7")
    #expect(found(.get, "api/v1/files/latest") == "/api/v1/files/latest")
    #expect(
      found(.put, "api/v1/files/a/parts/b") == "/api/v1/files/:id/parts/:number id=a number=b")
    #expect(found(.get, "api/files/7") == "/api/v1/files/:id id=7")
  }

  @Test("other methods of a path are told; a head is answered as a get")
  func methods() {
    #expect(found(.put, "api/v1/files") == "only [\"GET\", \"POST\"]")
    #expect(found(.put, "api/v1/files/7") == "only [\"GET\", \"DELETE\"]")
    #expect(found(.head, "health") == "/health")
  }

  @Test(
    "what is no route's path leads nowhere",
    arguments: [
      "", "api", "api/v1/files/", "api/v1/files/7/parts", "api/v1/files/7/parts/b/c", "healthy",
      "api/v1/Files",
    ])
  func nothing(path: String) { #expect(found(.get, path) == "nothing") }
}
