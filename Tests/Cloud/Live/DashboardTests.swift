import Testing
import World

@testable import Cloud

@Suite("Dashboards")
struct DashboardTests {
  @Test("whoever says no right token at once is sent away, and told nothing before")
  func strangers() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let first: [(JSON?, UInt16)] = [
      (nil, 4401), (["type": "auth", "token": "guess"], 4401), (["type": "auth"], 4401),
      (["type": "subscribe", "printers": []], 4401), (["nonsense"], 1007),
      (
        [
          "type": "auth", "token": .string(floor.user.token),
          "tenant_id": "0f6f5c1d-63a1-4c43-b8a1-5b0d9a342e3f",
        ], 4403
      ),
    ]
    for (message, code) in first {
      let dashboard = RigDashboard(rig, saying: message)
      rig.wait(for: "the end of \(message?.text ?? "silence")") { dashboard.closeCode == code }
      #expect(dashboard.messages.map { $0["type"] } == ["auth_error"])
    }
  }

  @Test("what happens on the floor is told as it happens, to every dashboard of the tenant")
  func news() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let one = RigDashboard(rig, as: floor.user)
    let two = RigDashboard(rig, as: floor.user)
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    rig.wait(for: "the order") { floor.hub.commands.count == 2 }
    floor.hub.answerAll()
    floor.hub.job(floor.job, "printing", progress: 1)
    floor.hub.status("printing", progress: 40)
    rig.wait(.seconds(1))
    floor.hub.job(floor.job, "completed", progress: 100)
    rig.wait(.seconds(1))
    floor.hub.breakOff()
    rig.wait(.seconds(1))
    for dashboard in [one, two] {
      #expect(
        dashboard.all("job_update").compactMap { $0["status"]?.string }
          == ["processing", "uploaded", "printing", "completed"])
      let status = try #require(dashboard.all("printer_status").last)
      #expect(status["printer_id"]?.string == floor.printer)
      #expect(status["progress"] == 40)
      #expect(dashboard.all("hub_status").last?["is_online"] == false)
      #expect(dashboard.all("hub_status").last?["printer_count"] == 1)
    }
  }

  @Test("nothing crosses to another tenant's dashboards")
  func isolation() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    let dashboard = RigDashboard(rig, as: bob)
    dashboard.say(["type": "subscribe", "printers": [.string(floor.printer)]])
    floor.hub.status("printing", progress: 40)
    floor.hub.breakOff()
    rig.wait(.seconds(5))
    #expect(dashboard.messages.map { $0["type"] } == ["auth_success", "subscribed"])
  }

  @Test("a dashboard that names printers hears of those alone")
  func subscriptions() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let dashboard = RigDashboard(rig, as: floor.user)
    func count(_ progress: Int) -> Int {
      floor.hub.status("printing", progress: progress)
      rig.wait(.seconds(1))
      return dashboard.all("printer_status").count
    }
    #expect(count(1) == 1)
    dashboard.say(["type": "subscribe", "printers": ["another"]])
    rig.wait(for: "the answer") { dashboard.has("subscribed") }
    #expect(count(2) == 1)
    dashboard.say(["type": "subscribe", "printers": [.string(floor.printer)]])
    rig.wait(.seconds(1))
    #expect(count(3) == 2)
    dashboard.say(["type": "unsubscribe", "printers": [.string(floor.printer)]])
    rig.wait(.seconds(1))
    #expect(count(4) == 2)
    dashboard.say(["type": "ping"])
    rig.wait(for: "the pong") { dashboard.has("pong") }
  }

  @Test("who is signed out, or no member any more, watches no longer")
  func ended() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    var bob = try rig.signUp("bob@example.com", tenant: nil)
    let path = "/api/v1/tenants/\(ada.tenant ?? "")/members"
    let bobID = try rig.join(bob, "bob@example.com", as: "viewer", tenantOf: ada)
    bob.tenant = ada.tenant
    let dashboard = RigDashboard(rig, as: bob)
    try rig.json("DELETE", "\(path)/\(bobID)", as: ada)
    rig.wait(atMost: .seconds(2), for: "the end") { dashboard.closeCode == 4403 }
    let own = RigDashboard(rig, as: ada)
    try rig.json("POST", "/auth/logout", as: ada)
    rig.wait(atMost: .seconds(61), for: "the end") { own.closeCode == 4401 }
  }

  @Test("a role that changes is told at once; a session that ends closes the dashboard at once")
  func places() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let tenant = floor.user.tenant ?? ""
    var bob = try rig.signUp("bob@example.com", tenant: nil)
    bob.tenant = tenant
    let id = try rig.join(bob, "bob@example.com", as: "operator", tenantOf: floor.user)
    let dashboard = RigDashboard(rig, as: bob)
    let path = "/api/v1/tenants/\(tenant)/members/\(id)"
    try rig.json("PUT", path, as: floor.user, ["role": "viewer"])
    rig.wait(for: "the role") { dashboard.all("role_changed").map { $0["role"] } == ["viewer"] }
    // Set to what it is already.
    try rig.json("PUT", path, as: floor.user, ["role": "viewer"])
    try rig.json("POST", "/auth/logout", as: bob)
    rig.wait(atMost: .seconds(2), for: "the end") { dashboard.closeCode == 4401 }
    #expect(dashboard.all("role_changed").count == 1)
  }

  @Test("a dashboard that does not read is dropped, and the others hear on")
  func slowClient() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let quick = RigDashboard(rig, as: floor.user)
    let slow = RigDashboard(rig, as: floor.user)
    slow.hold()
    for round in 0..<6000 where !slow.isGone {
      floor.hub.status("printing", progress: round % 100)
      rig.wait(.milliseconds(5))
    }
    #expect(slow.isGone)
    #expect(!quick.isGone)
    rig.wait(.seconds(1))
    let heard = quick.all("printer_status").count
    floor.hub.status("paused")
    rig.wait(.seconds(1))
    #expect(quick.all("printer_status").count == heard + 1)
  }

  @Test("a user has ten sockets at most")
  func tooMany() throws {
    let rig = try CloudRig { $0.limitsRates = true }
    let ada = try rig.signUp()
    var dashboards = (0..<10).map { _ in RigDashboard(rig, as: ada) }
    let more = RigDashboard(rig, saying: ["type": "auth", "token": .string(ada.token)])
    rig.wait(for: "the refusal") { more.closeCode == 4429 }
    dashboards.removeAll()
  }

  @Test("a cloud that goes down says goodbye to dashboards; its successor takes them again")
  func restart() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let before = RigDashboard(rig, as: floor.user)
    try rig.restart()
    rig.wait(for: "the connection to break") { before.isGone }
    let after = RigDashboard(rig, as: floor.user)
    floor.hub.connect()
    rig.wait(for: "the hub") { after.has("hub_status") }
    #expect(before.has("hub_status") == false)
  }
}
