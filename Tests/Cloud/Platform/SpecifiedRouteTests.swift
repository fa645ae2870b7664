import Foundation
import Testing
import World

@testable import Cloud

/// What the documents name, held against what there is.
@Suite("The routes of the specification")
struct SpecifiedRouteTests {
  /// Phases 3 to 7, 13 and 14 of the cloud's documents.
  private static let phases = """
    GET /health
    GET /health/detailed
    GET /health/ready
    GET /health/live
    POST /api/v1/auth/sign-up/email
    POST /api/v1/auth/sign-in/email
    POST /api/v1/auth/sign-out
    GET /api/v1/auth/get-session
    POST /api/v1/auth/forget-password
    POST /api/v1/auth/reset-password
    POST /api/v1/tenants
    GET /api/v1/tenants
    GET /api/v1/tenants/:id
    PUT /api/v1/tenants/:id
    GET /api/v1/tenants/:id/members
    POST /api/v1/tenants/:id/members
    PUT /api/v1/tenants/:id/members/:userId
    DELETE /api/v1/tenants/:id/members/:userId
    GET /api/v1/printers
    GET /api/v1/printers/:id
    POST /api/v1/printers
    PUT /api/v1/printers/:id
    DELETE /api/v1/printers/:id
    PUT /api/v1/printers/:id/status
    PUT /api/v1/printers/:id/maintenance
    PUT /api/v1/printers/:id/cleared
    PUT /api/v1/printers/:id/order
    POST /api/v1/printers/:id/connect
    POST /api/v1/printers/:id/disconnect
    POST /api/v1/printers/:id/control
    GET /api/v1/hubs
    GET /api/v1/hubs/:id
    POST /api/v1/hubs/claim
    PUT /api/v1/hubs/:id
    DELETE /api/v1/hubs/:id
    GET /api/v1/files
    GET /api/v1/files/:id
    POST /api/v1/files/upload-url
    PUT /api/v1/files/upload/:token
    POST /api/v1/files
    PUT /api/v1/files/:id
    DELETE /api/v1/files/:id
    GET /api/v1/files/:id/download-url
    GET /api/v1/files/download/:token
    GET /api/v1/files/:id/thumbnail
    GET /api/v1/files/:id/versions
    POST /api/v1/files/:id/versions
    PUT /api/v1/files/:id/versions/:versionNumber/current
    DELETE /api/v1/files/:id/versions/:versionNumber
    GET /api/v1/jobs
    GET /api/v1/jobs/:id
    POST /api/v1/jobs
    PUT /api/v1/jobs/:id
    DELETE /api/v1/jobs/:id
    POST /api/v1/jobs/:id/assign
    POST /api/v1/jobs/:id/start
    POST /api/v1/jobs/:id/pause
    POST /api/v1/jobs/:id/resume
    POST /api/v1/jobs/:id/cancel
    POST /api/v1/jobs/:id/complete
    GET /api/v1/jobs/stats
    GET /api/v1/jobs/history
    GET /ws/hub/:id
    GET /ws/dashboard
    """

  /// The architecture's own names, and those of the hub's document, which knows no version.
  private static let olderNames = """
    POST /api/v1/auth/login
    POST /api/v1/auth/register
    POST /api/v1/auth/logout
    POST /api/v1/auth/refresh
    POST /auth/register
    POST /auth/login
    POST /auth/logout
    POST /auth/refresh
    POST /auth/forgot-password
    POST /auth/reset-password
    GET /api/organizations
    POST /api/organizations
    GET /api/organizations/:id
    PUT /api/organizations/:id
    DELETE /api/organizations/:id
    POST /api/organizations/:id/invite
    GET /api/hubs
    POST /api/hubs/claim
    GET /api/hubs/:id
    PUT /api/hubs/:id
    DELETE /api/hubs/:id
    POST /api/hubs/:id/reboot
    GET /api/printers
    POST /api/printers
    GET /api/printers/:id
    PUT /api/printers/:id
    DELETE /api/printers/:id
    POST /api/printers/:id/command
    GET /api/printers/:id/status
    POST /api/printers/discover
    GET /api/jobs
    POST /api/jobs
    GET /api/jobs/:id
    POST /api/jobs/:id/start
    POST /api/jobs/:id/pause
    POST /api/jobs/:id/resume
    POST /api/jobs/:id/cancel
    GET /api/queue
    POST /api/queue/reorder
    POST /api/queue/assign
    GET /api/files
    POST /api/files/upload
    GET /api/files/:id
    GET /api/files/:id/download
    DELETE /api/files/:id
    GET /ws/hub/:hubId
    """

  @Test("all that the documents name is there, in the way that its name says")
  func complete() throws {
    let rig = try CloudRig()
    let router = Router(rig.cloud.routes)
    for line in (Self.phases + "\n" + Self.olderNames).split(separator: "\n") {
      let words = line.split(separator: " ")
      let method = try #require(HTTPMethod(rawValue: String(words[0])))
      let named = words[1].split(separator: "/").map(String.init)
      let parts = named.map { $0.hasPrefix(":") ? "7" : $0 }
      guard case .route(let route, _) = router.find(method, parts) else {
        Issue.record("\(line) is missing")
        continue
      }
      // A part that the documents fix must not be what another route takes for a name.
      for (place, ours) in zip(named.reversed(), route.path.split(separator: "/").reversed()) {
        #expect(place.hasPrefix(":") == ours.hasPrefix(":"), "\(line) is \(route.path)")
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
