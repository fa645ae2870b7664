import Testing
import World

@testable import Cloud

/// What is changed in one turn of the loop is kept together, and nothing that tells of it leaves
/// before.
@Suite("Group commit")
struct GroupCommitTests {
  struct Stop: Error {}

  private static let users = SystemSQL("SELECT count(*) FROM users")
  private static let addUser = SystemSQL(
    "INSERT INTO users (id, email, created_at, updated_at) VALUES (?, ?, 1, 1)")

  /// A database whose turns end when the test says so.
  private final class Turns {
    let database: Database
    private var ends: [() -> Void] = []

    init() throws {
      database = try Database(path: nil)
      try MigrationRunner(database: database).run(at: 1)
      database.endOfTurn = { [unowned self] in
        ends.append($0)
        return NoTimer()
      }
    }

    var openTurns: Int { ends.count }

    func end() {
      let due = ends
      ends = []
      for end in due { end() }
    }

    func add(_ name: String) throws {
      _ = try database.transaction { try database.change(GroupCommitTests.addUser, name, name) }
    }

    var count: Int64? { try? database.first(Int64.self, GroupCommitTests.users) }
  }

  private final class NoTimer: Timer {
    func cancel() {}
  }

  @Test("transactions of one turn are one commit, after which all who waited hear in order")
  func together() throws {
    let turns = try Turns()
    var heard: [String] = []
    try turns.add("a")
    turns.database.onCommit { heard.append("a is kept") }
    turns.database.whenSettled { heard.append("answer \($0)") }
    try turns.add("b")
    turns.database.onCommit { heard.append("b is kept") }
    #expect(heard == [])
    #expect(turns.openTurns == 1)
    turns.end()
    #expect(heard == ["a is kept", "answer true", "b is kept"])
    turns.database.whenSettled { _ in heard.append("at once") }
    #expect(heard.last == "at once")
  }

  @Test("one that throws undoes itself alone, and is told to whoever waits for an answer only")
  func alone() throws {
    let turns = try Turns()
    var heard: [String] = []
    try turns.add("a")
    #expect(throws: Stop.self) {
      try turns.database.transaction {
        try turns.database.change(Self.addUser, "b", "b")
        turns.database.onCommit { heard.append("never") }
        turns.database.whenSettled { heard.append("answer \($0)") }
        throw Stop()
      }
    }
    try turns.add("c")
    turns.end()
    #expect(heard == ["answer true"])
    #expect(turns.count == 2)
  }

  @Test("a change outside of any transaction waits for the end of the turn, too")
  func single() throws {
    let turns = try Turns()
    var isKept = false
    try turns.database.change(Self.addUser, "a", "a")
    turns.database.onCommit { isKept = true }
    #expect(!isKept)
    turns.end()
    #expect(isKept)
  }

  @Test("a commit that fails has kept nothing, and tells everybody")
  func failing() throws {
    let turns = try Turns()
    var heard: [String] = []
    turns.database.onFailedCommit = { heard.append("failed") }
    turns.database.trouble.isDiskFull = true
    try turns.add("a")
    turns.database.onCommit { heard.append("never") }
    turns.database.whenSettled { heard.append("answer \($0)") }
    turns.end()
    #expect(heard == ["answer false", "failed"])
    #expect(turns.count == 0)
    turns.database.trouble.isDiskFull = false
    try turns.add("a")
    turns.end()
    #expect(turns.count == 1)
  }

  @Test("a death before the commit loses all of it, and nobody hears")
  func death() throws {
    let turns = try Turns()
    var heard: [Bool] = []
    try turns.add("a")
    turns.database.whenSettled { heard.append($0) }
    turns.database.rollBack()
    turns.end()
    #expect(heard == [])
    #expect(turns.count == 0)
  }

  @Test("who hears of a commit can bring the cloud down: the others are not told")
  func deathByNews() throws {
    let turns = try Turns()
    var heard: [String] = []
    try turns.add("a")
    turns.database.onCommit { [database = turns.database] in
      heard.append("first")
      database.rollBack()
    }
    turns.database.onCommit { heard.append("second") }
    turns.end()
    #expect(heard == ["first"])
    #expect(turns.count == 1)
  }

  // MARK: through the whole cloud

  @Test(
    "an answer leaves when what it tells of is kept, and a reader of the same turn waits with it")
  func answers() throws {
    let rig = try CloudRig { $0.commitDelay = .milliseconds(300) }
    let user = try rig.signUp()
    let begin = rig.cloudHost.now
    try rig.json("POST", "/api/v1/tenants", as: user, ["name": "Second"], expecting: 201)
    #expect(rig.cloudHost.now - begin >= .milliseconds(300))
    let quick = rig.cloudHost.now
    try rig.json("GET", "/api/v1/tenants", as: user)
    #expect(rig.cloudHost.now - quick < .milliseconds(300))
  }

  @Test("what was not answered before a crash is gone; what was answered is there")
  func crash() throws {
    let rig = try CloudRig { $0.commitDelay = .milliseconds(300) }
    let user = try rig.signUp()
    var answer: Result<HTTPAnswer, HTTPCallFailure>?
    HTTPCall.perform(
      on: rig.userHost, method: "POST", url: CloudRig.url + "/api/v1/tenants",
      headers: [("Authorization", "Bearer \(user.token)"), ("Content-Type", "application/json")],
      body: Array(#"{"name": "Never"}"#.utf8), timeout: .seconds(5)
    ) { answer = $0 }
    rig.wait(.milliseconds(250))
    #expect(try rig.storage.database.first(Int64.self, Self.tenants) == 2)
    #expect(answer == nil)
    try rig.restart()
    rig.wait(.seconds(6))
    #expect((try? answer?.get())?.status == nil)
    #expect(try rig.json("GET", "/api/v1/tenants", as: user).array?.count == 1)
  }

  private static let tenants = SystemSQL("SELECT count(*) FROM tenants")

  @Test(
    "when the disk is full the caller is told so, the hub tells again, and all goes on after it")
  func fullDisk() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    rig.storage.trouble.isDiskFull = true
    let refused = try rig.json(
      "POST", "/api/v1/tenants", as: floor.user, ["name": "Third"], expecting: 503)
    #expect(refused["code"] == "not_kept")
    floor.hub.job(floor.job, "printing", sequence: 1)
    rig.wait(for: "the hub to be sent away") {
      floor.hub.closeCode != nil || floor.hub.isGone
    }
    #expect(floor.hub.acknowledged == [])
    rig.storage.trouble.isDiskFull = false
    rig.wait(.seconds(3))
    try rig.json("POST", "/api/v1/tenants", as: floor.user, ["name": "Third"], expecting: 201)
    floor.hub.connect()
    rig.wait(for: "the hub to be welcome again") { floor.hub.isWelcome }
  }
}
