import Testing
import World

@testable import Cloud

@Suite("Looking after a cloud")
struct OperationTests {
  @Test("/metrics counts requests by route, and says how the farm is")
  func metrics() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("GET", "/api/v1/jobs/\(floor.job)", as: floor.user)
    try rig.json("GET", "/api/v1/jobs/none", as: floor.user, expecting: 404)
    let answer = try rig.call("GET", "/metrics")
    let text = String(decoding: answer.body, as: UTF8.self)
    for line in [
      "hubrig_http_requests_total{method=\"GET\",route=\"/api/v1/jobs/:id\",status=\"200\"} 1",
      "hubrig_http_requests_total{method=\"GET\",route=\"/api/v1/jobs/:id\",status=\"404\"} 1",
      "hubrig_hubs_connected 1.0", "hubrig_printers_online_ratio 1.0",
      "hubrig_queue_depth{queue=\"notifications\",state=\"waiting\"} 0.0",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
    // What stands in a path may be a secret; nobody's names either.
    #expect(!text.contains(floor.job) && !text.contains("Ada"))
  }

  @Test("each request leaves one line for programs, without what stands in its path")
  func log() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    var lines: [JSON] = []
    rig.cloud.onRequest = { lines.append($0.json) }
    _ = try rig.call(
      "GET", rig.downloadURL(of: floor.file, by: floor.user), headers: [("X-Request-ID", "mine")])
    _ = try rig.call("GET", "/nothing")
    #expect(lines.compactMap { $0["status"]?.int } == [200, 200, 404])
    #expect(lines[1]["request_id"] == "mine")
    #expect(lines[1]["route"] == "/api/v1/files/download/:token")
    #expect(lines[2]["route"] == "none")
  }

  @Test(
    "a hub that is away for five minutes is told of once, also by mail, and once when it is back")
  func hubOffline() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    floor.hub.breakOff()
    rig.wait(.seconds(4 * 60))
    func alerts() -> [Bool] {
      rig.events.compactMap { event in
        guard case .alert(.hubOffline, RigHub.standardID, let isRaised) = event else { return nil }
        return isRaised
      }
    }
    #expect(alerts().isEmpty)
    rig.wait(.seconds(10 * 60))
    #expect(alerts() == [true])
    let mails = try rig.mails("ada@example.com")
    #expect(mails.map { $0["subject"] } == ["The hub Desk hub is offline"])
    floor.hub.connect()
    rig.wait(.seconds(2 * 60))
    #expect(alerts() == [true, false])
  }

  @Test("an alert outlives a restart of the cloud without being told of again")
  func alertsStay() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    floor.hub.breakOff()
    rig.wait(.seconds(8 * 60))
    try rig.restart()
    rig.wait(.seconds(8 * 60))
    #expect(try rig.mails("ada@example.com").count == 1)
    let raised = try rig.json(
      "GET", "/api/v1/factory/alerts", headers: [("X-Factory-Key", CloudRig.factoryKey)])
    #expect(raised.array?.map { $0["alert"] } == ["hub-offline"])
    floor.hub.connect()
    rig.wait(.seconds(2 * 60))
    #expect(
      try rig.json(
        "GET", "/api/v1/factory/alerts", headers: [("X-Factory-Key", CloudRig.factoryKey)]
      ).array == [])
  }

  @Test("a disk that is too slow is told to whoever runs the cloud, once")
  func slowDisk() throws {
    let rig = try CloudRig { $0.operatorMail = "desk@example.com" }
    let ada = try rig.signUp()
    rig.storage.trouble.commitDelay = .milliseconds(300)
    for _ in 0..<3 {
      try rig.json("POST", "/api/v1/tenants", as: ada, ["name": "Another"], expecting: 201)
      rig.wait(.seconds(60))
    }
    rig.wait(.seconds(10))
    let mails = try rig.mails("desk@example.com")
    #expect(mails.map { $0["subject"] } == ["The database is slow"])
  }

  @Test("what a queue has given up can be read, and tried anew")
  func deadLetters() throws {
    let rig = try CloudRig()
    let key = [("X-Factory-Key", CloudRig.factoryKey)]
    let path = "/api/v1/factory/dead-letters"
    let queues = QueueTests.platform(of: rig.cloud).queues
    var isBroken = true
    queues.consume(.shopifySync) { _ in if isBroken { throw APIError.busy } }
    try queues.send(["order": 7], to: .shopifySync)
    rig.wait(.seconds(180))
    let letters = try rig.json("GET", path, headers: key)
    #expect(letters.array?.map { $0["body"]?["order"] } == [7])
    #expect(letters[0]?["attempts"] == 5)
    #expect(letters[0]?["last_error"]?.string?.isEmpty == false)
    #expect(try rig.json("GET", path + "?queue=notifications", headers: key).array == [])
    isBroken = false
    let answer = try rig.json(
      "POST", path + "/retry", ["queue": "shopify-sync"], headers: key)
    #expect(answer["retried"] == 1)
    rig.wait(.seconds(10))
    #expect(try rig.json("GET", path, headers: key).array == [])
    #expect(try queues.depth(.shopifySync) == (waiting: 0, dead: 0))
  }

  @Test("the demonstration can be looked at, and is made once")
  func demonstration() throws {
    let rig = try CloudRig()
    try rig.cloud.seedDemonstration()
    try rig.cloud.seedDemonstration()
    let answer = try rig.json(
      "POST", "/auth/login", ["email": "demo@hubrig.test", "password": "demo-password"])
    let user = RigUser(token: try #require(answer["token"]?.string))
    #expect(try rig.json("GET", "/api/v1/printers", as: user).array?.count == 4)
    let jobs = try rig.json("GET", "/api/v1/queue", as: user)
    #expect(jobs.array?.compactMap { $0["priority"]?.int } == [5, 1, 0])
    rig.wait(.seconds(5))
    let file = try rig.json("GET", "/api/v1/files", as: user)[0]
    #expect(file?["print_time_seconds"] == 2520)
    #expect(try rig.json("GET", "/api/v1/tenants", as: user).array?.count == 1)
  }
}
