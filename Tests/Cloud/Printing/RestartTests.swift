import Testing
import World

@testable import Cloud

@Suite("A cloud that dies and comes back")
struct RestartTests {
  /// Where the cloud dies, and what the hub says once it is back.
  @Test(
    "a job survives a restart at any point, and is started once",
    arguments: [
      "before the start", "start not sent", "start not answered", "start answered", "downloading",
      "printing",
    ])
  func restart(point: String) throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let hub = floor.hub
    var startIDs: Set<String> = []
    func noteStarts() {
      for command in hub.commands where command["action"] == "start" {
        startIDs.insert(command["command_id"]?.string ?? "")
      }
    }
    if point != "before the start" {
      try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    }
    if ["start not answered", "start answered", "downloading", "printing"].contains(point) {
      rig.wait(for: "the start") { hub.commands.last?["action"] == "start" }
      noteStarts()
    }
    if ["start answered", "downloading", "printing"].contains(point) {
      hub.answerAll()
      rig.wait(.seconds(1))
    }
    if ["downloading", "printing"].contains(point) { hub.job(floor.job, point) }
    if point != "start not sent" { rig.wait(.seconds(1)) }
    try rig.restart()
    #expect(hub.isGone || point == "start not sent")
    hub.connect()
    rig.wait(for: "the welcome") { hub.isWelcome }
    rig.wait(.seconds(1))
    noteStarts()
    if point == "before the start" {
      try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
      rig.wait(.seconds(1))
      noteStarts()
    }
    hub.answerAll()
    hub.job(floor.job, "printing")
    hub.job(floor.job, "completed")
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "completed")
    #expect(startIDs.count == 1)
    #expect(hub.commands.filter { $0["action"] == "start" }.count <= 1)
  }

  @Test("a command whose time ended while the cloud was away is given up when it is back")
  func timeoutWhileAway() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    rig.cloud.crash()
    rig.wait(.seconds(60))
    try rig.restart()
    rig.wait(.seconds(1))
    let job = try rig.json("GET", "/api/v1/jobs/\(floor.job)", as: floor.user)
    #expect(job["status"] == "queued")
    #expect(job["is_starting"] == false)
    floor.hub.connect()
    rig.wait(for: "the welcome") { floor.hub.isWelcome }
    rig.wait(.seconds(2))
    #expect(floor.hub.commands.map { $0["type"] } == ["configure_printer"])
  }

  @Test("nobody is online in a cloud that has just come up")
  func offline() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.restart()
    let hub = try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)
    #expect(hub["is_online"] == false)
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user, expecting: 409)
  }

  @Test("what was acknowledged is on disk at once: a copy of the files has it, bytes and all")
  func onDisk() throws {
    let directory = try TemporaryDirectory()
    let dead = try CloudRig(storage: .directory(directory.path))
    let floor = try dead.floor()
    // Nothing was closed or flushed: this is what a killed process leaves.
    let copy = try directory.copy()
    let rig = try CloudRig(storage: .directory(copy.path))
    #expect(try rig.status(of: floor.job, by: floor.user) == "queued")
    let link = try rig.json("GET", "/api/v1/files/\(floor.file)/download-url", as: floor.user)
    #expect(
      try rig.call("GET", try #require(link["download_url"]?.string)).body
        == Array("a 3MF file".utf8))
  }

  @Test("a directory is taken up by the next cloud when the one before is gone")
  func handedOver() throws {
    let directory = try TemporaryDirectory()
    var user: RigUser?
    do {
      let rig = try CloudRig(storage: .directory(directory.path))
      user = try rig.floor().user
      rig.cloud.crash()
    }
    let rig = try CloudRig(storage: .directory(directory.path))
    #expect(try rig.json("GET", "/api/v1/jobs", as: user).array?.count == 1)
  }

  @Test("a cloud that crashed says and does nothing more")
  func crashed() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    rig.cloud.crash()
    let events = rig.events.count
    let notes = rig.notes.count
    rig.wait(.seconds(300))
    #expect(rig.events.count == events)
    #expect(rig.notes.count == notes)
  }

  @Test("a whole run gives the same trace twice, and another with another seed")
  func determinism() throws {
    func hash(_ seed: UInt64) throws -> UInt64 {
      let rig = try CloudRig(seed: seed)
      let floor = try rig.floor()
      try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
      rig.wait(.seconds(1))
      floor.hub.answerAll()
      floor.hub.job(floor.job, "completed")
      rig.wait(.seconds(100))
      try rig.restart()
      rig.wait(.seconds(100))
      return rig.world.trace.hash
    }
    let first = try hash(3)
    #expect(try hash(3) == first)
    #expect(try hash(4) != first)
  }
}
