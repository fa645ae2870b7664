import World

/// `GET /api/v1/openapi.json`: every route, as clients' tools read them.
struct DescriptionRoute {
  let platform: Platform

  /// The route that describes these and itself.
  func routes(of others: [Route]) -> [Route] {
    let own = Route(.get, "/api/v1/openapi.json", .open { _ in Answer(status: 204, body: .none) })
      .described("This description", .bytes("application/json"))
    // Written when it is first asked for: most clouds of a rig are never asked.
    let document = Document(
      OpenAPI(routes: others + [own], publicURL: platform.configuration.publicURL))
    return [
      Route(
        .get, own.path,
        .open { _ in
          Answer(
            status: 200, headers: [("Content-Type", "application/json")],
            body: .bytes(document.bytes))
        }
      ).described(own.summary, own.answer)
    ]
  }
}

/// The description, once it is written.
private final class Document {
  private let description: OpenAPI
  private(set) lazy var bytes = description.document.bytes

  init(_ description: OpenAPI) { self.description = description }
}
