import Foundation
import Testing
import World

@testable import Cloud

/// What the documents name, held against what there is.
@Suite("The routes of the specification")
struct SpecifiedRouteTests {
  /// Phases 3 to 7, 13 and 14 of the cloud's documents: a path, and the methods that it has.
  private static let phases = """
    /health GET
    /health/detailed GET
    /health/ready GET
    /health/live GET
    /api/v1/auth/sign-up/email POST
    /api/v1/auth/sign-in/email POST
    /api/v1/auth/sign-out POST
    /api/v1/auth/get-session GET
    /api/v1/auth/forget-password POST
    /api/v1/auth/reset-password POST
    /api/v1/tenants POST GET
    /api/v1/tenants/:id GET PUT
    /api/v1/tenants/:id/members GET POST
    /api/v1/tenants/:id/members/:userId PUT DELETE
    /api/v1/printers GET POST
    /api/v1/printers/:id GET PUT DELETE
    /api/v1/printers/:id/status PUT
    /api/v1/printers/:id/maintenance PUT
    /api/v1/printers/:id/cleared PUT
    /api/v1/printers/:id/order PUT
    /api/v1/printers/:id/connect POST
    /api/v1/printers/:id/disconnect POST
    /api/v1/printers/:id/control POST
    /api/v1/hubs GET
    /api/v1/hubs/:id GET PUT DELETE
    /api/v1/hubs/claim POST
    /api/v1/files GET POST
    /api/v1/files/:id GET PUT DELETE
    /api/v1/files/upload-url POST
    /api/v1/files/upload/:token PUT
    /api/v1/files/:id/download-url GET
    /api/v1/files/download/:token GET
    /api/v1/files/:id/thumbnail GET
    /api/v1/files/:id/versions GET POST
    /api/v1/files/:id/versions/:versionNumber/current PUT
    /api/v1/files/:id/versions/:versionNumber DELETE
    /api/v1/jobs GET POST
    /api/v1/jobs/:id GET PUT DELETE
    /api/v1/jobs/:id/assign POST
    /api/v1/jobs/:id/start POST
    /api/v1/jobs/:id/pause POST
    /api/v1/jobs/:id/resume POST
    /api/v1/jobs/:id/cancel POST
    /api/v1/jobs/:id/complete POST
    /api/v1/jobs/stats GET
    /api/v1/jobs/history GET
    /ws/hub/:id GET
    /ws/dashboard GET
    """

  /// The architecture's own names, and those of the hub's document, which knows no version.
  private static let olderNames = """
    /api/v1/auth/login POST
    /api/v1/auth/register POST
    /api/v1/auth/logout POST
    /api/v1/auth/refresh POST
    /auth/register POST
    /auth/login POST
    /auth/logout POST
    /auth/refresh POST
    /auth/forgot-password POST
    /auth/reset-password POST
    /api/organizations GET POST
    /api/organizations/:id GET PUT DELETE
    /api/organizations/:id/invite POST
    /api/hubs GET
    /api/hubs/claim POST
    /api/hubs/:id GET PUT DELETE
    /api/hubs/:id/reboot POST
    /api/printers GET POST
    /api/printers/:id GET PUT DELETE
    /api/printers/:id/command POST
    /api/printers/:id/status GET
    /api/printers/discover POST
    /api/jobs GET POST
    /api/jobs/:id GET
    /api/jobs/:id/start POST
    /api/jobs/:id/pause POST
    /api/jobs/:id/resume POST
    /api/jobs/:id/cancel POST
    /api/queue GET
    /api/queue/reorder POST
    /api/queue/assign POST
    /api/files GET
    /api/files/upload POST
    /api/files/:id GET DELETE
    /api/files/:id/download GET
    /ws/hub/:hubId GET
    """

  @Test("all that the documents name is there, in the way that its name says")
  func complete() throws {
    let rig = try CloudRig()
    let router = Router(rig.cloud.routes)
    for line in (Self.phases + "\n" + Self.olderNames).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      let named = words[0].split(separator: "/")
      let parts = named.map { $0.hasPrefix(":") ? "7" : String($0) }
      for word in words.dropFirst() {
        let method = try #require(HTTPMethod(rawValue: word))
        guard case .route(let route, _) = router.find(method, parts) else {
          Issue.record("\(word) \(words[0]) is missing")
          continue
        }
        // A part that the documents fix must not be what another route takes for a name.
        for (place, ours) in zip(named.reversed(), route.path.split(separator: "/").reversed()) {
          #expect(place.hasPrefix(":") == ours.hasPrefix(":"), "\(words[0]) is \(route.path)")
        }
      }
    }
  }

  @Test("every family of routes says what it is for, and the README knows no other")
  func families() throws {
    let rig = try CloudRig()
    for family in RouteFamily.all(of: rig.cloud.routes) {
      #expect(family.meaning != nil, "\(family.path)")
      #expect(!family.audience.isEmpty, "\(family.path)")
    }
    let table = rig.cloud.routeFamilies.split(separator: "\n").map(String.init)
    let readme = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../README.md").standardized, encoding: .utf8
    ).split(separator: "\n").map(String.init)
    let told = readme.filter { line in
      line.hasPrefix("| `/") && line.split(separator: "|").count == 4
    }
    // Whole, or not at all.
    if !told.isEmpty { #expect(told == Array(table.dropFirst(2)), "see `hubrig cloud routes`") }
  }
}
