import Testing
import World

@testable import Cloud

/// What must hold of every route, made out of its description: nobody has to remember to test a new
/// one.
@Suite("Every route")
struct RouteWalkTests {
  /// A path with something that exists nowhere in each place, or with `tenant` for the tenant.
  private func path(_ route: Route, tenant: String = "none") -> String {
    route.path.split(separator: "/").map { part in
      guard part.hasPrefix(":") else { return "/" + part }
      let isTenant = part == ":id" && route.isOfTenant
      return "/" + (isTenant ? tenant : "0b7a1c4e-1111-4222-8333-944455556666")
    }.joined()
  }

  /// A body that the description allows.
  private func body(_ route: Route) -> JSON {
    .object(JSONObject(route.fields.filter(\.isRequired).map { ($0.name, $0.kind.example) }))
  }

  /// How much there is in the database.
  private func rowCount(_ rig: CloudRig) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    // Time goes by meanwhile, and a hub that says nothing any more goes offline.
    let moving = ["actor_alarms", "hub_commands", "queue_messages", "mails"]
    for table in try rig.storage.database.tableNames() where !moving.contains(table) {
      var count = 0
      try rig.storage.database.eachRow(of: table) { _ in count += 1 }
      counts[table] = count
    }
    return counts
  }

  @Test("without a token, or with one that means nothing, nobody comes in and nothing changes")
  func strangers() throws {
    let rig = try CloudRig()
    _ = try rig.floor()
    let before = try rowCount(rig)
    let forged =
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9."
    for route in rig.cloud.routes where route.needsSession {
      for token in [nil, "", "00", forged] as [String?] {
        let answer = try rig.call(
          route.method.rawValue, path(route),
          headers: token.map { [("Authorization", "Bearer \($0)")] } ?? [],
          body: route.fields.isEmpty ? [] : body(route).bytes)
        #expect(answer.status == 401, "\(route.method) \(route.path) \(token ?? "-")")
        #expect(try JSON.parse(answer.body)["error"]?["code"] == "unauthorized")
      }
    }
    #expect(try rowCount(rig) == before)
  }

  @Test("each role gets as far as the description says, and no further")
  func roles() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let tenant = ada.tenant ?? ""
    for role in Role.allCases where role != .owner {
      var user = try rig.signUp("\(role)@example.com", tenant: nil)
      user.tenant = tenant
      try rig.join(user, "\(role)@example.com", as: role.rawValue, tenantOf: ada)
      for route in rig.cloud.routes {
        guard let needed = route.role else { continue }
        let answer = try rig.call(
          route.method.rawValue, path(route, tenant: tenant), headers: user.headers,
          body: route.fields.isEmpty ? [] : body(route).bytes)
        if needed > role {
          #expect(answer.status == 403, "\(role): \(route.method) \(route.path)")
        } else {
          #expect(answer.status != 401, "\(role): \(route.method) \(route.path)")
          #expect(
            answer.status != 403 || route.takesPresignedToken,
            "\(role): \(route.method) \(route.path)")
          #expect(answer.status < 500, "\(role): \(route.method) \(route.path)")
        }
      }
    }
  }

  @Test("what belongs to another tenant is not there, whatever is asked of it")
  func otherTenant() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    let before = try rowCount(rig)
    for route in rig.cloud.routes where route.role != nil {
      let parameters = route.pathParameters
      guard parameters.contains("id") else { continue }
      var path = route.path
      let id: String
      if route.isOfTenant {
        id = floor.user.tenant ?? ""
      } else if path.contains("/hubs/") {
        id = RigHub.standardID
      } else if path.contains("/printers/") {
        id = floor.printer
      } else if path.contains("/files/") {
        id = floor.file
      } else if path.contains("/jobs/") {
        id = floor.job
      } else {
        continue
      }
      path = path.split(separator: "/").map { part in
        part == ":id" ? "/" + id : part.hasPrefix(":") ? "/1" : "/" + part
      }.joined()
      let answer = try rig.call(
        route.method.rawValue, path, headers: bob.headers,
        body: route.fields.isEmpty ? [] : body(route).bytes)
      #expect(answer.status == 404, "\(route.method) \(path)")
      #expect(!String(decoding: answer.body, as: UTF8.self).contains("bracket"))
    }
    #expect(try rowCount(rig) == before)
  }

  @Test("a body that is no JSON, or has what is not described, is a 400 and changes nothing")
  func malformed() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let tenant = ada.tenant ?? ""
    let before = try rowCount(rig)
    let deep = String(repeating: "[", count: 200)
    for route in rig.cloud.routes where !route.fields.isEmpty {
      var bodies: [[UInt8]] = [
        Array("{".utf8), Array(deep.utf8), Array("[]".utf8), Array("\"text\"".utf8),
        Array(#"{"no_such_field":1}"#.utf8), [0xFF, 0xFE, 0x00], Array("{\"a\":\"\u{0}\"}".utf8),
      ]
      for field in route.fields {
        for wrong in field.kind.wrong {
          var json = body(route)
          json[field.name] = wrong
          bodies.append(json.bytes)
        }
        guard field.isRequired else { continue }
        var json = body(route)
        json[field.name] = nil
        bodies.append(json.bytes)
      }
      var headers = ada.headers + [("Content-Type", "application/json")]
      if case .factory = route.handler {
        headers = [("X-Factory-Key", CloudRig.factoryKey)]
      }
      for bytes in bodies {
        let answer = try rig.call(
          route.method.rawValue, path(route, tenant: tenant), headers: headers, body: bytes)
        let what = String(decoding: bytes.prefix(80), as: UTF8.self)
        #expect(answer.status == 400, "\(route.method) \(route.path) \(what)")
        #expect(try JSON.parse(answer.body)["error"]?["request_id"] != nil)
      }
    }
    #expect(try rowCount(rig) == before)
  }

  @Test("what is too large is refused at its head, whatever the route, and nothing of it is held")
  func huge() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let before = try rowCount(rig)
    let bytes = [UInt8](repeating: 0x20, count: HTTPConnection.bodyLimit + 1)
    for route in rig.cloud.routes where !route.takesBytes && route.method != .get {
      let answer = try rig.call(
        route.method.rawValue, path(route, tenant: ada.tenant ?? ""), headers: ada.headers,
        body: bytes)
      #expect(answer.status == 413, "\(route.method) \(route.path)")
    }
    #expect(try rowCount(rig) == before)
  }

  @Test("SQL, markup and paths in the place of an id or a text lead nowhere and break nothing")
  func tricks() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let tables = try rig.storage.database.tableNames()
    let tricks = [
      "'; DROP TABLE printers; --", "1 OR 1=1", "../../../etc/passwd", "..%2f..%2fcloud.sqlite",
      "%00", "\u{202E}", "$(reboot)", "<script>",
    ]
    for route in rig.cloud.routes where route.role != nil {
      for (number, trick) in tricks.enumerated() {
        let coded = trick.utf8.map { "%" + hexString([$0]) }.joined()
        let path = route.path.split(separator: "/").map { part in
          part.hasPrefix(":") ? "/" + coded : "/" + part
        }.joined()
        var json = body(route)
        for field in route.fields {
          guard case .text(let length) = field.kind, length.contains(trick.utf8.count) else {
            continue
          }
          json[field.name] = .string(trick)
        }
        guard !route.pathParameters.isEmpty || number == 0 else { continue }
        let answer = try rig.call(
          route.method.rawValue, path, headers: floor.user.headers,
          body: route.fields.isEmpty ? [] : json.bytes)
        #expect(answer.status < 500, "\(route.method) \(path): \(answer.status)")
        if !route.pathParameters.isEmpty {
          #expect(400..<500 ~= answer.status, "\(route.method) \(path): \(answer.status)")
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(!text.lowercased().contains("sqlite"), "\(text)")
      }
    }
    #expect(try rig.storage.database.tableNames() == tables)
    #expect(try rig.status(of: floor.job, by: floor.user) == "queued")
  }

  @Test("a token that has run out, was forged or is another cloud's opens nothing")
  func oldTokens() throws {
    let rig = try CloudRig()
    _ = try rig.signUp()
    let signed = try rig.json(
      "POST", "/auth/login", ["email": "ada@example.com", "password": "correct horse"])
    let access = try #require(signed["access_token"]?.string)
    let other = try CloudRig(seed: 2) { $0.secretKey = [UInt8](repeating: 7, count: 32) }
    _ = try other.signUp()
    let foreign = try #require(
      try other.json(
        "POST", "/auth/login", ["email": "ada@example.com", "password": "correct horse"]
      )["access_token"]?.string)
    var parts = access.split(separator: ".").map(String.init)
    parts[2] = String(parts[2].reversed())
    let forged = parts.joined(separator: ".")
    rig.wait(.seconds(16 * 60))
    for route in rig.cloud.routes where route.needsSession {
      for token in [access, foreign, forged] {
        let answer = try rig.call(
          route.method.rawValue, path(route), headers: [("Authorization", "Bearer \(token)")],
          body: route.fields.isEmpty ? [] : body(route).bytes)
        #expect(answer.status == 401, "\(route.method) \(route.path)")
      }
    }
  }

  @Test("every answer has the members that its description promises")
  func shapes() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    rig.wait(.seconds(1))
    for route in rig.cloud.routes where route.method == .get && route.role != nil {
      var path = route.path
      let ids = [
        ("/tenants/:id", floor.user.tenant ?? ""), ("/organizations/:id", floor.user.tenant ?? ""),
        ("/hubs/:id", RigHub.standardID), ("/printers/:id", floor.printer),
        ("/files/:id", floor.file), ("/jobs/:id", floor.job),
      ]
      for (place, id) in ids where path.contains(place) {
        path = path.replacing(":id", with: id)
      }
      guard !path.contains(":") else { continue }
      let answer = try rig.call("GET", path, headers: floor.user.headers)
      guard answer.status == 200, let json = try? JSON.parse(answer.body) else { continue }
      #expect(
        route.answer.isMatched(by: json["data"] ?? .null), "\(path) \(json["data"]?.text ?? "")")
      #expect((json["page"] != nil) == route.isPaged)
    }
  }
}

extension Route {
  fileprivate var needsSession: Bool {
    switch handler {
    case .user, .member, .tenant, .memberUpload: true
    case .open, .factory, .upload, .socket: false
    }
  }

  /// Refuses a token in the body that was not signed here, whoever sends it.
  fileprivate var takesPresignedToken: Bool {
    path.hasPrefix("/api/v1/files") && fields.contains { $0.name == "token" }
  }

  fileprivate var isOfTenant: Bool {
    if case .tenant = handler { true } else { false }
  }
}

extension Field.Kind {
  /// A value that is taken.
  fileprivate var example: JSON {
    switch self {
    case .text(let length): .string(String(repeating: "a", count: max(1, length.lowerBound)))
    case .email: "somebody@example.com"
    case .integer(let bounds): .integer(bounds.lowerBound)
    case .number(let bounds): .double(bounds.lowerBound)
    case .bool: true
    case .oneOf(let words): .string(words[0])
    case .uuid: "0b7a1c4e-1111-4222-8333-944455556666"
    case .host: "10.0.0.1"
    case .color: "#A0B1C2"
    case .list(let kind, let count):
      .array([JSON](repeating: kind.example, count: max(1, count.lowerBound)))
    case .object: [:]
    case .records(let fields, _):
      [.object(JSONObject(fields.map { ($0.name, $0.kind.example) }))]
    }
  }

  /// Values that are not.
  fileprivate var wrong: [JSON] {
    switch self {
    case .text(let length):
      [1, true, [], [:], .string(String(repeating: "a", count: length.upperBound + 1)), "a\u{7}b"]
    case .email: [1, "", "nobody", "a@b@c", "a b@example.com", "@example.com"]
    case .integer(let bounds):
      ["1", 1.5, .integer(bounds.upperBound &+ 1), .double(1e300), []]
    case .number(let bounds): ["1", .double(bounds.upperBound + 1), []]
    case .bool: ["true", 1, []]
    case .oneOf: ["", "no such word", 1]
    case .uuid: ["", "0B7A1C4E-1111-4222-8333-944455556666", "' OR 1=1 --", 1]
    case .host: ["", "a b", "http://evil", "a/../b", 1]
    case .color: ["red", "#12345", "#GGGGGG", 1]
    case .list(let kind, let count):
      [
        "x", [:], .array([JSON](repeating: kind.example, count: count.upperBound + 1)),
        .array(kind.wrong.prefix(1).map { $0 }),
      ]
    case .object(let limit): ["x", [], ["a": .string(String(repeating: "a", count: limit))]]
    case .records: ["x", [:], [[:]], [["no_such": 1]]]
    }
  }
}

extension Shape {
  fileprivate func isMatched(by json: JSON) -> Bool {
    switch self {
    case .anything: true
    case .text, .uuid: json.string != nil
    case .integer, .time: json.int64 != nil
    case .number: json.double != nil
    case .bool: json.bool != nil
    case .oneOf(let words): json.string.map { words.contains($0) } ?? false
    case .optional(let shape): json == .null || shape.isMatched(by: json)
    case .list(let shape): json.array.map { $0.allSatisfy { shape.isMatched(by: $0) } } ?? false
    case .object(let members), .named(_, let members):
      members.allSatisfy { name, shape in json[name].map { shape.isMatched(by: $0) } ?? false }
    case .bytes: false
    }
  }
}
