import World

/// The description of every route as OpenAPI 3.1, made of the same table that requests are checked
/// against.
struct OpenAPI {
  let routes: [Route]
  let publicURL: String

  var document: JSON {
    var paths = JSONObject()
    for route in routes {
      let path = Self.template(route.path)
      var item = paths[path] ?? [:]
      item[route.method.rawValue.lowercased()] = operation(route)
      paths[path] = item
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Hubrig cloud", "version": "1",
        "description": "The emulated backend of a print farm.",
      ],
      "servers": [["url": .string(publicURL)]],
      "paths": .object(paths),
      "components": [
        "securitySchemes": [
          "bearer": ["type": "http", "scheme": "bearer"],
          "cookie": ["type": "apiKey", "in": "cookie", "name": .string(SessionCookie.name)],
          "factory": ["type": "apiKey", "in": "header", "name": "X-Factory-Key"],
        ],
        "schemas": .object(schemas),
        "responses": [
          "Refusal": [
            "description": "the request was refused; nothing was changed",
            "content": [
              "application/json": ["schema": ["$ref": "#/components/schemas/Refusal"]]
            ],
          ]
        ],
      ],
    ]
  }

  private static func template(_ path: String) -> String {
    path.split(separator: "/").map { part in
      "/" + (part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part))
    }.joined()
  }

  private var schemas: JSONObject {
    var schemas = JSONObject()
    for route in routes {
      for (name, schema) in route.answer.named { schemas[name] = schema }
    }
    for (name, schema) in Page.shape.named + Self.refusal.named { schemas[name] = schema }
    return schemas
  }

  private static let refusal = Shape.named(
    "Refusal",
    [("error", .object([("code", .text), ("message", .text), ("request_id", .text)]))])

  // MARK: one route

  private func operation(_ route: Route) -> JSON {
    let words = route.path.split(separator: "/").filter { $0 != "api" && $0 != "v1" }
    let path = route.path.split(separator: "/").filter { $0 != "api" }
    let name = ([route.method.rawValue.lowercased()] + path.map(String.init))
      .joined(separator: "_").filter { $0 != ":" && $0 != "." }
    var operation: JSON = [
      "operationId": .string(name), "tags": [.string(words.first.map(String.init) ?? "root")],
      "summary": .string(route.summary), "parameters": .array(parameters(route)),
      "responses": responses(route), "security": security(route),
      "x-rate-limit": .string(route.rate.rawValue),
    ]
    if let role = route.role { operation["x-role"] = .string(role.rawValue) }
    if route.takesBytes {
      operation["requestBody"] = [
        "required": true,
        "content": [
          "application/octet-stream": ["schema": ["type": "string", "format": "binary"]]
        ],
      ]
    } else if !route.fields.isEmpty {
      operation["requestBody"] = [
        "required": .bool(route.fields.contains(where: \.isRequired)),
        "content": ["application/json": ["schema": Field.schema(of: route.fields)]],
      ]
    }
    return operation
  }

  private func parameters(_ route: Route) -> [JSON] {
    var list: [JSON] = route.pathParameters.map {
      [
        "name": .string($0), "in": "path", "required": true,
        "schema": ["type": "string", "minLength": 1],
      ]
    }
    for field in route.parameters ?? [] {
      list.append([
        "name": .string(field.name), "in": "query", "required": .bool(field.isRequired),
        "schema": field.kind.schema,
      ])
    }
    if route.isOfSomeTenant {
      list.append([
        "name": "X-Tenant-ID", "in": "header", "required": false,
        "description": "which tenant; needed by whoever belongs to several",
        "schema": ["type": "string", "format": "uuid"],
      ])
    }
    return list
  }

  private func security(_ route: Route) -> JSON {
    switch route.handler {
    case .open, .upload, .socket: []
    case .factory: [["factory": []]]
    case .user, .member, .tenant, .memberUpload: [["bearer": []], ["cookie": []]]
    }
  }

  private func responses(_ route: Route) -> JSON {
    var responses: JSON = [
      "4XX": ["$ref": "#/components/responses/Refusal"],
      "5XX": ["$ref": "#/components/responses/Refusal"],
    ]
    let status = "\(route.status)"
    switch (route.handler, route.answer) {
    case (.socket, _):
      responses["101"] = ["description": "becomes a WebSocket"]
    case (_, .bytes(let type)):
      let content: JSON = .object(JSONObject([(type, ["schema": route.answer.schema])]))
      responses[status] = ["description": "the bytes", "content": content]
      responses["206"] = ["description": "a part of the bytes", "content": content]
      responses["304"] = ["description": "what the client has is still right"]
    default:
      var members: [(String, Shape)] = [("data", route.answer)]
      if route.isPaged { members.append(("page", Page.shape)) }
      responses[status] = [
        "description": .string(route.summary.isEmpty ? "done" : route.summary),
        "content": ["application/json": ["schema": Shape.object(members).schema]],
      ]
      if route.method == .get {
        responses["304"] = ["description": "what the client has is still right"]
      }
    }
    return responses
  }
}
