import Testing
import World

@testable import Cloud

@Suite("The queue of jobs")
struct JobQueueTests {
  private func queued(
    _ rig: CloudRig, _ file: String, _ user: RigUser, _ more: [(String, JSON)] = []
  ) throws -> String {
    var body: JSON = ["print_file_id": .string(file)]
    for (name, value) in more { body[name] = value }
    let job = try rig.json("POST", "/api/v1/jobs", as: user, body, expecting: 201)
    return try #require(job["id"]?.string)
  }

  @Test("jobs wait by priority, then in the order in which people put them")
  func order() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let file = try rig.file(by: ada)
    let first = try queued(rig, file, ada)
    let second = try queued(rig, file, ada)
    let urgent = try queued(rig, file, ada, [("priority", 5)])
    func order() throws -> [String] {
      try #require(try rig.json("GET", "/api/v1/queue", as: ada).array)
        .compactMap { $0["id"]?.string }
    }
    #expect(try order() == [urgent, first, second])
    try rig.json("POST", "/api/queue/reorder", as: ada, ["jobs": [.string(second)]])
    #expect(try order() == [urgent, second, first])
    try rig.json("POST", "/api/v1/jobs/\(second)/cancel", as: ada)
    #expect(try order() == [urgent, first])
    try rig.json(
      "POST", "/api/v1/queue/reorder", as: ada, ["jobs": [.string(first), .string(second)]],
      expecting: 409)
    #expect(try order() == [urgent, first])
  }

  @Test("a job goes to the printer that is free and fits, and to no other")
  func assignment() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let ada = floor.user
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/cancel", as: ada)
    let path = "/api/v1/printers/\(floor.printer)"
    try rig.json(
      "PUT", path, as: ada,
      [
        "model": "A1 mini", "current_filament_type": "PLA", "current_color": "White",
        "current_build_plate": "Textured PEI Plate", "nozzle_size": 0.4,
      ])
    let fits = try rig.file("fits.3mf", bytes: SlicedRig.bambu(), by: ada)
    let other = try rig.file("other.3mf", bytes: SlicedRig.bambu(model: "C12"), by: ada)
    rig.wait(.seconds(1))
    let wrongModel = try queued(rig, other, ada)
    let wrongColor = try queued(rig, fits, ada, [("color", "red")])
    let wrongKind = try queued(rig, fits, ada, [("filament_type", "PETG")])
    for job in [wrongModel, wrongColor, wrongKind] {
      try rig.json("POST", "/api/v1/jobs/\(job)/assign", as: ada, expecting: 409)
    }
    let right = try queued(rig, fits, ada, [("color", "white"), ("priority", -1)])
    for (change, restore) in [
      ("maintenance", true), ("cleared", false),
    ] {
      try rig.json(
        "PUT", "\(path)/\(change)", as: ada,
        [change == "cleared" ? "cleared" : "in_maintenance": .bool(restore)])
      try rig.json("POST", "/api/v1/jobs/\(right)/assign", as: ada, expecting: 409)
      try rig.json(
        "PUT", "\(path)/\(change)", as: ada,
        [change == "cleared" ? "cleared" : "in_maintenance": .bool(!restore)])
    }
    let assigned = try #require(
      try rig.json("POST", "/api/v1/queue/assign", as: ada, [:]).array)
    #expect(assigned.compactMap { $0["id"]?.string } == [right])
    #expect(assigned.first?["printer_id"]?.string == floor.printer)
    // A printer that has a job waiting is not free.
    let late = try queued(rig, fits, ada, [("color", "white")])
    try rig.json("POST", "/api/v1/jobs/\(late)/assign", as: ada, expecting: 409)
    try rig.json(
      "POST", "/api/v1/jobs/\(late)/assign", as: ada, ["printer_id": .string(floor.printer)])
  }

  @Test("starting a job without a printer finds one; a finished print leaves the bed to be cleared")
  func startUnassigned() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/cancel", as: floor.user)
    let file = try rig.file("more.3mf", bytes: SlicedRig.bambu(model: ""), by: floor.user)
    rig.wait(.seconds(1))
    let job = try queued(rig, file, floor.user)
    try rig.json("POST", "/api/v1/jobs/\(job)/start", as: floor.user)
    rig.wait(for: "the order") { floor.hub.commands.count == 2 }
    floor.hub.answerAll()
    floor.hub.job(job, "completed", progress: 100)
    rig.wait(.seconds(3))
    #expect(try rig.status(of: job, by: floor.user) == "completed")
    let printer = try rig.json("GET", "/api/v1/printers/\(floor.printer)", as: floor.user)
    #expect(printer["cleared"] == false)
    let next = try queued(rig, file, floor.user)
    try rig.json("POST", "/api/v1/jobs/\(next)/start", as: floor.user, expecting: 409)
    // What follows from the end was done once.
    let numbers = SystemTables.count
    #expect(try numbers("daily_analytics", rig) == 2)
    #expect(try numbers("worklist_tasks", rig) == 1)
    #expect(try numbers("material_usage_history", rig) == 1)
  }

  @Test("a print that has ended asks for other filament when the next one takes it, and asks once")
  func filamentChange() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json(
      "PUT", "/api/v1/printers/\(floor.printer)", as: floor.user,
      ["current_color": "White", "current_filament_type": "PLA"])
    let scope = try #require(
      try TenantScope.find(floor.user.tenant ?? "", in: rig.storage.database))
    func tasks() throws -> [String] {
      try rig.storage.database.all(
        String.self,
        TenantSQL("SELECT title FROM worklist_tasks WHERE tenant_id = :tenant ORDER BY rowid"),
        in: scope)
    }
    func wait(_ color: String) throws -> String {
      let more: [(String, JSON)] = [
        ("color", .string(color)), ("printer_id", .string(floor.printer)),
      ]
      return try queued(rig, floor.file, floor.user, more)
    }
    func print(_ job: String) throws {
      try rig.json("POST", "/api/v1/jobs/\(job)/start", as: floor.user)
      rig.wait(for: "the order") { floor.hub.commands.last?["job_id"]?.string == job }
      floor.hub.answerAll()
      floor.hub.job(job, "completed", progress: 100)
      rig.wait(.seconds(3))
    }
    let white = try wait("white")
    try print(floor.job)
    #expect(try tasks() == ["Collect bracket.3mf"])
    let red = try wait("red")
    try print(white)
    let wanted = ["Collect bracket.3mf", "Collect bracket.3mf", "Put PLA in red into p1"]
    #expect(try tasks() == wanted)
    _ = try wait("blue")
    try print(red)
    #expect(try tasks() == wanted + ["Collect bracket.3mf"], "somebody is to look at it already")
  }

  @Test("the same request twice makes one job")
  func once() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let file = try rig.file(by: ada)
    func make(_ key: String) throws -> JSON {
      try #require(
        try rig.json(
          "POST", "/api/v1/jobs", as: ada, ["print_file_id": .string(file)],
          headers: [("Idempotency-Key", key)], expecting: 201)["id"])
    }
    let first = try make("one")
    #expect(try make("one") == first)
    #expect(try make("two") != first)
    rig.wait(.seconds(25 * 3600))
    #expect(try make("one") != first)
    try rig.json(
      "POST", "/api/v1/jobs", as: ada, ["print_file_id": .string(file)],
      headers: [("Idempotency-Key", String(repeating: "k", count: 200))], expecting: 400)
  }

  @Test("numbers and history tell what was")
  func records() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let ada = floor.user
    let other = try queued(rig, floor.file, ada)
    try rig.json("POST", "/api/v1/jobs/\(other)/cancel", as: ada)
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/start", as: ada)
    rig.wait(for: "the order") { floor.hub.commands.count == 2 }
    floor.hub.answerAll()
    floor.hub.job(floor.job, "printing")
    rig.wait(.seconds(600))
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/complete", as: ada)
    try rig.json("POST", "/api/v1/jobs/\(floor.job)/complete", as: ada, expecting: 409)
    let stats = try rig.json("GET", "/api/v1/jobs/stats", as: ada)
    #expect(stats["by_status"]?["completed"] == 1)
    #expect(stats["by_status"]?["cancelled"] == 1)
    #expect(stats["success_rate"]?.double == 1)
    let history = try #require(try rig.json("GET", "/api/v1/jobs/history", as: ada).array)
    #expect(history.compactMap { $0["id"]?.string } == [floor.job, other])
    #expect(
      try rig.json("GET", "/api/v1/jobs/history?status=cancelled", as: ada).array?.count == 1)
    #expect(try rig.json("GET", "/api/v1/jobs?status=sending", as: ada).array?.isEmpty == true)
    #expect(try rig.json("GET", "/api/v1/jobs?to=1", as: ada).array?.isEmpty == true)
  }

  @Test("a job that waits can be changed; one that is under way cannot")
  func changes() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    let path = "/api/v1/jobs/\(floor.job)"
    let changed = try rig.json(
      "PUT", path, as: floor.user, ["priority": 7, "color": "red", "plate": 2])
    #expect(changed["priority"] == 7)
    #expect(changed["color"] == "red")
    try rig.json("POST", path + "/start", as: floor.user)
    try rig.json("PUT", path, as: floor.user, ["priority": 1], expecting: 409)
    try rig.json("POST", path + "/assign", as: floor.user, [:], expecting: 409)
  }
}

/// Counts rows of tables that only the printing domain writes.
enum SystemTables {
  private struct Count: Record {
    let value: Int64
    init(_ row: Row) { value = row.integer("n") }
  }

  static func count(_ table: String, _ rig: CloudRig) throws -> Int64 {
    let sql: TenantSQL
    switch table {
    case "daily_analytics":
      sql = TenantSQL(
        """
        SELECT coalesce(sum(jobs_completed + jobs_cancelled), 0) AS n FROM daily_analytics
        WHERE tenant_id = :tenant
        """)
    case "worklist_tasks":
      sql = TenantSQL("SELECT count(*) AS n FROM worklist_tasks WHERE tenant_id = :tenant")
    default:
      sql = TenantSQL("SELECT count(*) AS n FROM material_usage_history WHERE tenant_id = :tenant")
    }
    var sum: Int64 = 0
    for scope in try TenantScope.all(in: rig.storage.database) {
      sum += try rig.storage.database.first(Count.self, sql, in: scope)?.value ?? 0
    }
    return sum
  }
}
