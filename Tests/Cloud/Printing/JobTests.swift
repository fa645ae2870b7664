import Testing
import World

@testable import Cloud

@Suite("Jobs")
struct JobTests {
  private func message(_ error: JSON) -> String { error["message"]?.string ?? "" }

  private func start(_ rig: CloudRig, _ floor: CloudRig.Floor, expecting status: Int = 200) throws
    -> JSON
  {
    try rig.json(
      "POST", "/api/v1/jobs/\(floor.job)/start", as: floor.user, expecting: status)
  }

  /// Takes the floor's job to a phase, as its hub would.
  private func lead(_ rig: CloudRig, _ floor: CloudRig.Floor, to phase: String) throws {
    _ = try start(rig, floor)
    rig.wait(for: "the start") { floor.hub.commands.last?["action"] == "start" }
    floor.hub.answerAll()
    floor.hub.job(floor.job, phase)
    rig.wait(.seconds(1))
  }

  private func path(_ floor: CloudRig.Floor, _ action: String = "") -> String {
    "/api/v1/jobs/\(floor.job)\(action.isEmpty ? "" : "/" + action)"
  }

  @Test("a job is made of a file and a printer of the same tenant")
  func make() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["status"] == "queued")
    #expect(job["file_name"] == "bracket.3mf")
    #expect(job["printer_name"] == "p1")
    #expect(job["plate"] == 1)
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    let body: JSON = ["print_file_id": .string(floor.file), "printer_id": .string(floor.printer)]
    try rig.json("POST", "/api/v1/jobs", as: bob, body, expecting: 404)
    var other = body
    other["printer_id"] = .string(floor.file)
    try rig.json("POST", "/api/v1/jobs", as: floor.user, other, expecting: 404)
    other["printer_id"] = "p1"
    try rig.json("POST", "/api/v1/jobs", as: floor.user, other, expecting: 400)
  }

  @Test("nothing of one tenant's jobs is another's")
  func foreign() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    try rig.json("GET", path(floor), as: bob, expecting: 404)
    for action in ["start", "pause", "resume", "cancel"] {
      try rig.json("POST", path(floor, action), as: bob, expecting: 404)
    }
    #expect(try rig.json("GET", "/api/v1/jobs", as: bob).array?.count == 0)
    #expect(try rig.status(of: floor.job, by: floor.user) == "queued")
  }

  @Test("jobs are listed by status and printer, the newest first")
  func list() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let second = try rig.job(file: floor.file, printer: floor.printer, by: floor.user)
    func ids(_ query: String) throws -> [String?] {
      try #require(try rig.json("GET", "/api/v1/jobs\(query)", as: floor.user).array)
        .map { $0["id"]?.string }
    }
    #expect(try ids("") == [second, floor.job])
    #expect(try ids("?limit=1") == [second])
    #expect(try ids("?status=queued&printer_id=\(floor.printer)").count == 2)
    #expect(try ids("?status=printing").isEmpty)
    #expect(try ids("?printer_id=none").isEmpty)
    try rig.json("GET", "/api/v1/jobs?status=dancing", as: floor.user, expecting: 400)
    try rig.json("GET", "/api/v1/jobs?limit=0", as: floor.user, expecting: 400)
  }

  @Test("a start is refused while the hub is offline")
  func offline() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    floor.hub.breakOff()
    rig.wait(.seconds(2))
    #expect(message(try start(rig, floor, expecting: 409)).contains("offline"))
    #expect(try rig.status(of: floor.job, by: floor.user) == "queued")
  }

  @Test("a start is refused while the printer is busy with something else")
  func busy() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    for state in ["printing", "paused"] {
      floor.hub.status(state)
      rig.wait(.seconds(1))
      #expect(message(try start(rig, floor, expecting: 409)).contains("busy (\(state))"))
    }
    floor.hub.status("idle")
    rig.wait(.seconds(1))
    _ = try start(rig, floor)
  }

  @Test("of two starts at once one is given")
  func twice() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    var statuses: [Int] = []
    for _ in 0..<2 {
      HTTPCall.perform(
        on: rig.userHost, method: "POST", url: CloudRig.url + path(floor, "start"),
        headers: floor.user.headers
      ) { result in
        if case .success(let answer) = result { statuses.append(answer.status) }
      }
    }
    rig.wait(for: "both answers") { statuses.count == 2 }
    rig.wait(.seconds(2))
    #expect(statuses.sorted() == [200, 409])
    #expect(floor.hub.commands.filter { $0["action"] == "start" }.count == 1)
    floor.hub.answerAll()
    rig.wait(.seconds(1))
    #expect(message(try start(rig, floor, expecting: 409)).contains("processing"))
  }

  @Test("a second job waits for its printer, from the start of the first to its end")
  func otherJob() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let second = try rig.job(file: floor.file, printer: floor.printer, by: floor.user)
    let path = "/api/v1/jobs/\(second)/start"
    _ = try start(rig, floor)
    let starting = try rig.json("POST", path, as: floor.user, expecting: 409)
    #expect(message(starting).contains("being started"))
    floor.hub.answerAll()
    floor.hub.job(floor.job, "downloading")
    rig.wait(.seconds(1))
    let underWay = try rig.json("POST", path, as: floor.user, expecting: 409)
    #expect(message(underWay).contains("under way"))
    floor.hub.job(floor.job, "completed")
    rig.wait(.seconds(1))
    try rig.json("POST", path, as: floor.user)
  }

  @Test("a start that the hub refuses ends the job with the hub's reason")
  func refused() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    _ = try start(rig, floor)
    rig.wait(for: "the start") { floor.hub.commands.last?["action"] == "start" }
    floor.hub.answer(
      try #require(floor.hub.commands.last), success: false, error: "printer is not connected")
    rig.wait(.seconds(1))
    let job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["status"] == "failed")
    #expect(job["failure_reason"] == "printer is not connected")
  }

  /// A job whose start the hub has not answered in time.
  private func startedInVain() throws -> (CloudRig, CloudRig.Floor) {
    let rig = try CloudRig()
    let floor = try rig.floor()
    _ = try start(rig, floor)
    rig.wait(.seconds(20))
    floor.hub.ping()
    rig.wait(.seconds(15))
    return (rig, floor)
  }

  @Test("a start that is not answered leaves the job queued, to be started again under its id")
  func unanswered() throws {
    let (rig, floor) = try startedInVain()
    let job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["status"] == "queued")
    #expect(job["is_starting"] == false)
    #expect(job["failure_reason"] == "the hub did not answer the start within 30 s")
    _ = try start(rig, floor)
    rig.wait(for: "the second start") {
      floor.hub.commands.filter { $0["action"] == "start" }.count == 2
    }
    let starts = floor.hub.commands.filter { $0["action"] == "start" }
    #expect(starts[0]["job_id"] == starts[1]["job_id"])
    #expect(starts[0]["command_id"] != starts[1]["command_id"])
  }

  @Test("pause, resume and cancel go to the hub, and the job follows its word")
  func control() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: "printing")
    for (action, command, phase) in [
      ("pause", "pause", "paused"), ("resume", "resume", "printing"),
      ("cancel", "stop", "cancelled"),
    ] {
      try rig.json("POST", path(floor, action), as: floor.user)
      rig.wait(for: "the command") { floor.hub.commands.last?["action"]?.string == command }
      #expect(floor.hub.commands.last?["type"] == "print_command")
      floor.hub.answerAll()
      floor.hub.job(floor.job, phase)
      rig.wait(.seconds(1))
      #expect(try rig.status(of: floor.job, by: floor.user) == phase)
    }
  }

  /// What people may ask of a job in each state: start, pause, resume, cancel.
  @Test(
    "what is asked of a job must fit its state",
    arguments: [
      ("downloading", [409, 409, 409, 200]), ("uploaded", [409, 409, 409, 200]),
      ("printing", [409, 200, 409, 200]), ("paused", [409, 409, 200, 200]),
      ("completed", [409, 409, 409, 409]), ("failed", [409, 409, 409, 409]),
      ("cancelled", [409, 409, 409, 409]),
    ])
  func fits(phase: String, statuses: [Int]) throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: phase)
    for (action, status) in zip(["start", "pause", "resume", "cancel"], statuses) {
      try rig.json("POST", path(floor, action), as: floor.user, expecting: status)
    }
  }

  @Test("a queued job is cancelled at once, without the hub")
  func cancelQueued() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let count = floor.hub.commands.count
    let job = try rig.json("POST", path(floor, "cancel"), as: floor.user)
    #expect(job["status"] == "cancelled")
    rig.wait(.seconds(1))
    #expect(floor.hub.commands.count == count)
    for action in ["pause", "resume", "cancel", "start"] {
      try rig.json("POST", path(floor, action), as: floor.user, expecting: 409)
    }
  }

  @Test("a job that is being started is cancelled through the hub")
  func cancelStarting() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    _ = try start(rig, floor)
    try rig.json("POST", path(floor, "cancel"), as: floor.user)
    rig.wait(for: "the stop") { floor.hub.commands.last?["action"] == "stop" }
    floor.hub.answerAll()
    floor.hub.job(floor.job, "cancelled")
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "cancelled")
  }

  @Test("a cancelled job that a hub has under way after all is stopped there")
  func cancelledButUnderWay() throws {
    let (rig, floor) = try startedInVain()
    try rig.json("POST", path(floor, "cancel"), as: floor.user)
    #expect(try rig.status(of: floor.job, by: floor.user) == "cancelled")
    floor.hub.job(floor.job, "printing")
    floor.hub.job(floor.job, "printing")
    rig.wait(for: "the stop") { floor.hub.commands.last?["action"] == "stop" }
    rig.wait(.seconds(1))
    #expect(floor.hub.commands.filter { $0["action"] == "stop" }.count == 1)
    #expect(try rig.status(of: floor.job, by: floor.user) == "cancelled")
  }

  @Test("a hub that speaks before it answers is believed, and the answer changes nothing")
  func wordBeforeAnswer() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    _ = try start(rig, floor)
    rig.wait(for: "the start") { floor.hub.commands.last?["action"] == "start" }
    floor.hub.job(floor.job, "downloading")
    floor.hub.job(floor.job, "printing")
    floor.hub.answer(try #require(floor.hub.commands.last))
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "printing")
    rig.wait(.seconds(35))
    #expect(!rig.events.contains { if case .commandTimedOut = $0 { true } else { false } })
  }

  @Test("a phase that is behind the job changes nothing, and is counted")
  func backwards() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: "printing")
    floor.hub.job(floor.job, "downloading")
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "printing")
    #expect(rig.cloud.badInputCounts.map(\.reason) == ["hub.illegal-job-status"])
  }

  @Test("an end that is told again changes nothing")
  func endAgain() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: "completed")
    floor.hub.job(floor.job, "completed")
    floor.hub.job(floor.job, "failed")
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "completed")
    #expect(rig.cloud.badInputCounts.isEmpty)
  }

  @Test("progress comes from the printer's reports, the transfer's from the hub")
  func progress() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: "downloading")
    floor.hub.say([
      "type": "file_progress", "transfer_id": .string(floor.job), "job_id": .string(floor.job),
      "bytes_sent": 4, "bytes_total": 9,
    ])
    rig.wait(.seconds(1))
    var job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["bytes_sent"] == 4)
    #expect(job["bytes_total"] == 9)
    floor.hub.job(floor.job, "printing")
    floor.hub.status("printing", progress: 37)
    rig.wait(.seconds(1))
    job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["progress_percentage"] == 37)
    #expect(job["bytes_sent"] == .null)
    try rig.restart()
    job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["progress_percentage"] == 37)
  }

  @Test("times are kept: submitted, started, ended, and how long it took")
  func times() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: "printing")
    for _ in 0..<6 {
      rig.wait(.seconds(30))
      floor.hub.ping()
    }
    floor.hub.job(floor.job, "completed")
    rig.wait(.seconds(1))
    let job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["actual_print_time_minutes"] == 3)
    let submitted = try #require(job["time_submitted"]?.int64)
    let started = try #require(job["time_started"]?.int64)
    let ended = try #require(job["time_completed"]?.int64)
    #expect(submitted < started && started + 180_000 <= ended)
  }

  @Test("a job that the hub has forgotten is ended by what the printer shows, after a minute")
  func forgotten() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try lead(rig, floor, to: "printing")
    floor.hub.breakOff()
    rig.wait(.seconds(5))
    floor.hub.connect()
    rig.wait(for: "the welcome") { floor.hub.isWelcome }
    floor.hub.status("printing", progress: 50)
    rig.wait(.seconds(50))
    floor.hub.ping()
    rig.wait(.seconds(20))
    #expect(try rig.status(of: floor.job, by: floor.user) == "printing")
    floor.hub.status("printing", progress: 80)
    rig.wait(.seconds(1))
    let job = try rig.json("GET", path(floor), as: floor.user)
    #expect(job["progress_percentage"] == 80)
    floor.hub.status("idle", more: ["gcode_state": "FINISH"])
    rig.wait(.seconds(1))
    #expect(try rig.status(of: floor.job, by: floor.user) == "completed")
  }
}
