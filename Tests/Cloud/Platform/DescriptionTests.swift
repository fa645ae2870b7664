import Testing
import World

@testable import Cloud

@Suite("The description of the routes")
struct DescriptionTests {
  private func document(_ rig: CloudRig) throws -> JSON {
    let answer = try rig.call("GET", "/api/v1/openapi.json")
    #expect(answer.status == 200)
    return try JSON.parse(answer.body)
  }

  @Test("every route stands in openapi.json, with what it does and who may come")
  func complete() throws {
    let rig = try CloudRig()
    let document = try document(rig)
    for route in rig.cloud.routes {
      let path = route.path.split(separator: "/")
        .map { "/" + ($0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0)) }.joined()
      let operation = try #require(
        document["paths"]?[path]?[route.method.rawValue.lowercased()], "\(route.path)")
      #expect(operation["summary"]?.string?.isEmpty == false, "\(route.method) \(route.path)")
      #expect(route.parameters != nil, "\(route.method) \(route.path)")
      #expect(operation["x-role"]?.string == route.role?.rawValue)
      let parameters = operation["parameters"]?.array ?? []
      #expect(
        parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
          == route.pathParameters)
      #expect((operation["requestBody"] != nil) == (!route.fields.isEmpty || route.takesBytes))
    }
  }

  @Test("no two operations have one id, and every reference leads somewhere")
  func references() throws {
    let rig = try CloudRig()
    let document = try document(rig)
    var ids: [String] = []
    var references: [String] = []
    func walk(_ json: JSON) {
      switch json {
      case .object(let object):
        for (key, value) in object.entries {
          if key == "operationId", let id = value.string { ids.append(id) }
          if key == "$ref", let target = value.string { references.append(target) }
          walk(value)
        }
      case .array(let elements): elements.forEach(walk)
      default: break
      }
    }
    walk(document)
    #expect(ids.count == rig.cloud.routes.count)
    #expect(Set(ids).count == ids.count)
    for reference in references {
      var place = document
      for part in reference.split(separator: "/").dropFirst() {
        place = try #require(place[String(part)], "\(reference)")
      }
    }
  }

  @Test("what stands behind the ? is checked against the description")
  func parameters() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    for query in ["limit=0", "limit=x", "status=lost", "colour=red", "limit=1&limit=2"] {
      try rig.json("GET", "/api/v1/jobs?\(query)", as: ada, expecting: 400)
    }
    try rig.json("GET", "/api/v1/jobs?limit=3&status=queued", as: ada)
  }
}
