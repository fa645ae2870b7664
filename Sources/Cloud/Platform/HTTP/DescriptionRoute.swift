import World

/// `GET /api/v1/openapi.json`: every route, as clients' tools read them.
struct DescriptionRoute {
  let platform: Platform

  /// The route that describes these and itself.
  func routes(of others: [Route]) -> [Route] {
    let own = Route(.get, "/api/v1/openapi.json", .open { _ in Answer(status: 204, body: .none) })
      .described("This description", .bytes("application/json"))
    let bytes = OpenAPI(routes: others + [own], publicURL: platform.configuration.publicURL)
      .document.bytes
    return [
      Route(
        .get, own.path,
        .open { _ in
          Answer(
            status: 200, headers: [("Content-Type", "application/json")], body: .bytes(bytes))
        }
      ).described(own.summary, own.answer)
    ]
  }
}
