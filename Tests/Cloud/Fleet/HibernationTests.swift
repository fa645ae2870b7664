import Testing
import World

@testable import Cloud

@Suite("Objects that sleep")
struct HibernationTests {
  @Test("an object that nobody asks for goes from memory, and its hub stays online")
  func idle() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    floor.hub.status("printing", progress: 40)
    rig.wait(.seconds(1))
    var fewest = 1
    for _ in 0..<16 {
      rig.wait(.seconds(10))
      floor.hub.ping()
      fewest = min(fewest, rig.cloud.awakeHubCount)
    }
    #expect(fewest == 0)
    #expect(!floor.hub.isGone)
    let printer = try rig.json("GET", "/api/v1/printers/\(floor.printer)", as: floor.user)
    #expect(printer["live"]?["progress_percent"] == 40)
    #expect(printer["status"] == "printing")
    #expect(
      try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)["is_online"] == true)
  }

  @Test("one that is evicted comes back with its commands, its events and its printers")
  func evicted() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let watcher = RigDashboard(rig, as: floor.user)
    func evict() { rig.cloud.evictActors(ofHub: RigHub.standardID) }
    evict()
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    rig.wait(for: "the order") { floor.hub.commands.count == 2 }
    evict()
    // It is not sent again, and its answer is understood.
    rig.wait(.seconds(2))
    #expect(floor.hub.commands.count == 2)
    floor.hub.answerAll()
    floor.hub.job(floor.job, "printing", progress: 1, sequence: 1)
    rig.wait(.seconds(1))
    evict()
    // Word of an event that was taken before the eviction is no news.
    floor.hub.job(floor.job, "printing", progress: 1, sequence: 1)
    floor.hub.status("printing", progress: 50)
    evict()
    rig.wait(.seconds(1))
    #expect(floor.hub.acknowledged == [1, 1])
    #expect(try rig.status(of: floor.job, by: floor.user) == "printing")
    #expect(watcher.all("printer_status").last?["progress"] == 50)
    #expect(!floor.hub.isGone && !watcher.isGone)
    // The same report again is none, although the object has forgotten it.
    let count = watcher.all("printer_status").count
    evict()
    floor.hub.status("printing", progress: 50)
    rig.wait(.seconds(1))
    #expect(watcher.all("printer_status").count == count)
  }

  @Test(
    "alarms ring for one that sleeps: no answer is given up, a silent hub is offline")
  func alarms() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json(
      "POST", "/api/v1/printers/\(floor.printer)/control", as: floor.user, ["action": "pause"])
    rig.wait(.seconds(1))
    rig.cloud.evictActors(ofHub: RigHub.standardID)
    rig.wait(.seconds(31))
    #expect(
      rig.events.contains { if case .commandTimedOut = $0 { true } else { false } })
    rig.cloud.evictActors(ofHub: RigHub.standardID)
    rig.wait(.seconds(40))
    #expect(floor.hub.closeCode == 4408)
    #expect(
      try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)["is_online"] == false
    )
  }

  @Test("one that sleeps is woken to say goodbye when its hub goes, or is given up")
  func goodbye() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    rig.cloud.evictActors(ofHub: RigHub.standardID)
    floor.hub.breakOff()
    rig.wait(.seconds(1))
    #expect(rig.events.contains { if case .hubOffline = $0 { true } else { false } })
    floor.hub.connect()
    rig.wait(for: "the hub to be welcome") { floor.hub.isWelcome }
    rig.cloud.evictActors(ofHub: RigHub.standardID)
    try rig.json("DELETE", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)
    rig.wait(.seconds(1))
    #expect(floor.hub.closeCode == 4403)
  }
}
