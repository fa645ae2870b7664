import Testing
import World

@testable import Cloud

@Suite("Numbered events of hubs")
struct HubEventTests {
  private func started() throws -> (CloudRig, CloudRig.Floor) {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user, [:])
    rig.wait(for: "the start") { floor.hub.commands.last?["action"] == "start" }
    floor.hub.answerAll()
    return (rig, floor)
  }

  private func steps(_ rig: CloudRig, _ job: String) -> [JobStatus] {
    rig.events.compactMap { if case .jobChanged(job, _, let next, _) = $0 { next } else { nil } }
  }

  @Test("an event that comes twice is acknowledged twice and counts once")
  func twice() throws {
    let (rig, floor) = try started()
    floor.hub.job(floor.job, "printing", sequence: 1)
    floor.hub.job(floor.job, "paused", sequence: 2)
    // What comes again would be a step back, and legal: only its number tells.
    floor.hub.job(floor.job, "printing", sequence: 1)
    rig.wait(for: "three answers") { floor.hub.acknowledged == [1, 2, 1] }
    #expect(try rig.status(of: floor.job, by: floor.user) == "paused")
    #expect(steps(rig, floor.job).last == .paused)
  }

  @Test("what was taken is known over a lost connection and over a crash of the cloud")
  func remembered() throws {
    let (rig, floor) = try started()
    floor.hub.job(floor.job, "printing", sequence: 1)
    floor.hub.job(floor.job, "paused", sequence: 2)
    rig.wait(for: "the answers") { floor.hub.acknowledged == [1, 2] }
    try rig.restart()
    floor.hub.connect()
    rig.wait(for: "a welcome") { floor.hub.isWelcome }
    floor.hub.job(floor.job, "printing", sequence: 1)
    rig.wait(for: "the answer") { floor.hub.acknowledged == [1] }
    #expect(try rig.status(of: floor.job, by: floor.user) == "paused")
  }

  @Test("a hub that booted begins at one again, and is heard")
  func anotherBoot() throws {
    let (rig, floor) = try started()
    floor.hub.job(floor.job, "printing", sequence: 7)
    rig.wait(for: "the answer") { floor.hub.acknowledged == [7] }
    floor.hub.breakOff()
    rig.wait(.seconds(1))
    floor.hub.eventEpoch = 2
    floor.hub.connect()
    rig.wait(for: "a welcome") { floor.hub.isWelcome }
    floor.hub.job(floor.job, "completed", sequence: 1)
    rig.wait(for: "the answer") { floor.hub.acknowledged == [1] }
    #expect(try rig.status(of: floor.job, by: floor.user) == "completed")
  }

  @Test("an end that is told an hour late is on record with the time at which it happened")
  func late() throws {
    let (rig, floor) = try started()
    floor.hub.job(floor.job, "printing", sequence: 1)
    rig.wait(for: "the answer") { floor.hub.acknowledged == [1] }
    rig.wait(.seconds(600))
    let before = rig.cloudHost.wallMilliseconds
    floor.hub.connect()
    rig.wait(for: "a welcome") { floor.hub.isWelcome }
    rig.wait(.seconds(3_600))
    floor.hub.connect()
    rig.wait(for: "a welcome") { floor.hub.isWelcome }
    floor.hub.job(floor.job, "completed", sequence: 2, secondsAgo: 3_600)
    rig.wait(for: "the answer") { floor.hub.acknowledged == [2] }
    let job = try rig.json("GET", "/api/v1/jobs/\(floor.job)", as: floor.user)
    let completed = try #require(job["time_completed"]?.int64)
    #expect(abs(completed - before) < 10_000)
    #expect(job["actual_print_time_minutes"]?.int == 10)
  }

  @Test("an event that makes no sense is acknowledged, or it would be told for ever")
  func nonsense() throws {
    let (rig, floor) = try started()
    floor.hub.job("no such job", "printing", sequence: 1)
    floor.hub.say(["type": "job_status", "seq": 2])
    floor.hub.say(["type": "something new", "seq": 3])
    rig.wait(for: "the answers") { floor.hub.acknowledged == [1, 2, 3] }
  }

  @Test("a hub cannot answer a command of another's hub in its place")
  func foreignDiagnostics() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.claimedHub("bobs-hub", by: bob)
    let database = rig.storage.database
    let bobs = try #require(try TenantScope.find(bob.tenant ?? "", in: database))
    let report: JSON = ["type": "diagnostics", "command_id": "d-1", "checks": [["name": "flash"]]]
    floor.hub.say(report)
    rig.wait(.seconds(1))
    let path = "/api/v1/hubs/\(RigHub.standardID)/diagnostics"
    let before = try rig.json("GET", path, as: floor.user)
    #expect(before.array?.count == 1)
    try rig.cloud.fleet.hubExaminedItself(
      "bobs-hub", ["command_id": "d-1", "checks": []], in: bobs)
    #expect(try rig.json("GET", path, as: floor.user) == before)
    #expect(rig.cloud.badInputCounts.map(\.reason).contains("hub.foreign-diagnostics"))
    // Its own it may tell again, with more.
    floor.hub.say(["type": "diagnostics", "command_id": "d-1", "checks": []])
    rig.wait(.seconds(1))
    #expect(try rig.json("GET", path, as: floor.user)[0]?["checks"] == [])
  }
}
