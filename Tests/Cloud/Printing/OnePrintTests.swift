import Testing
import World

@testable import Cloud

@Suite("One print, as the cloud sees it")
struct OnePrintTests {
  @Test("a job goes from queued to completed by what the hub says")
  func onePrint() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let hub = floor.hub
    let started = try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user)
    #expect(started["status"] == "queued")
    #expect(started["is_starting"] == true)
    rig.wait(for: "the start command") { hub.commands.contains { $0["action"] == "start" } }
    let start = try #require(hub.commands.last)
    #expect(start["job_id"]?.string == floor.job)
    #expect(start["file_name"] == "bracket.3mf")
    #expect(start["printer_id"]?.string == RigHub.serial)
    let url = try #require(start["file_url"]?.string)
    #expect(try rig.call("GET", url).body == Array("a 3MF file".utf8))

    hub.answer(start)
    hub.job(floor.job, "downloading")
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "processing")
    hub.job(floor.job, "uploaded")
    hub.job(floor.job, "starting")
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "uploaded")
    hub.job(floor.job, "printing", progress: 1)
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "printing")
    hub.job(floor.job, "completed", progress: 100, sequence: 6)
    rig.wait(for: "the end to be acknowledged") { hub.acknowledged == [6] }
    let job = try rig.json("GET", "/api/v1/jobs/\(floor.job)", as: floor.user)
    #expect(job["status"] == "completed")
    #expect(job["progress_percentage"] == 100)
    let changes = rig.events.compactMap { event -> JobStatus? in
      if case .jobChanged(floor.job, _, let next, _) = event { next } else { nil }
    }
    #expect(changes == [.processing, .uploaded, .printing, .completed])
  }
}
