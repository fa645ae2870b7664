import Foundation
import Testing
import World

@testable import Cloud

@Suite("Copies of a cloud")
struct CopyTests {
  @Test("a backup taken while the cloud runs, and an export, hold everything that it holds")
  func copies() throws {
    let directory = try TemporaryDirectory()
    let state = directory.path + "/state"
    let rig = try CloudRig(storage: .directory(state))
    let ada = try rig.signUp()
    let file = try rig.file(bytes: SlicedRig.bambu(), by: ada)
    rig.wait(.seconds(1))
    try CloudStorage.backUp(state, to: directory.path + "/backup")
    try CloudStorage.export(state, to: directory.path + "/export")
    #expect(throws: CloudStorage.CopyFailure.self) {
      try CloudStorage.backUp(state, to: directory.path + "/backup")
    }
    try CloudStorage.importing(
      directory.path + "/export", to: directory.path + "/imported", at: 1)
    for copy in ["backup", "imported"] {
      let other = try CloudRig(seed: 2, storage: .directory("\(directory.path)/\(copy)"))
      let answer = try other.json(
        "POST", "/auth/login", ["email": "ada@example.com", "password": "correct horse"])
      var user = RigUser(token: try #require(answer["token"]?.string))
      user.tenant = ada.tenant
      #expect(
        try other.json("GET", "/api/v1/files/\(file)", as: user)["print_time_seconds"] == 1833)
      let bytes = try other.call("GET", other.downloadURL(of: file, by: user)).body
      #expect(bytes == SlicedRig.bambu())
    }
    #expect(throws: DatabaseError.self) { try CloudStorage.reset(state) }
    let again = directory.path + "/again"
    try CloudStorage.importing(directory.path + "/export", to: again, at: 1)
    try CloudStorage.reset(again)
    #expect(Self.children(named: "rm") == [], "what deletes in the background is nobody's child")
    let empty = try CloudRig(seed: 3, storage: .directory(again))
    try empty.json(
      "POST", "/auth/login", ["email": "ada@example.com", "password": "correct horse"],
      expecting: 401)
  }

  /// The processes of this name that wait for us to hear of their end, or work yet.
  private static func children(named name: String) -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { process in
      guard Int(process) != nil,
        let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      else { return false }
      let parts = line.split(separator: " ")
      return parts[1] == "(\(name))" && parts[3] == "\(getpid())"
    }
  }

  /// What a copy that cannot be made says.
  private func complaint(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing"
    } catch {
      return "\(error)"
    }
  }

  @Test("a copy that cannot be made says why and leaves nothing behind")
  func refusals() throws {
    let directory = try TemporaryDirectory()
    let (state, place) = (directory.path + "/state", directory.path + "/copy")
    for copy in [CloudStorage.backUp, CloudStorage.export] {
      #expect(complaint { try copy(state, place) } == "there is no cloud in \(state)")
    }
    do { _ = try CloudRig(storage: .directory(state)) }
    for copy in [CloudStorage.backUp, CloudStorage.export] {
      let deep = directory.path + "/no/copy"
      #expect(complaint { try copy(state, deep) } == "there is no directory \(directory.path)/no")
      #expect(complaint { try copy(state, state) } == "\(state) is there already")
    }
    #expect(!FileManager.default.fileExists(atPath: place))
  }

  @Test("what is no export is refused with the place, and the state is not begun")
  func badImports() throws {
    let directory = try TemporaryDirectory()
    let (state, source) = (directory.path + "/state", directory.path + "/export")
    let table = source + "/tables.jsonl"
    func taken(_ lines: String) throws -> String {
      try? FileManager.default.createDirectory(
        atPath: source, withIntermediateDirectories: true)
      try Data(lines.utf8).write(to: URL(filePath: table))
      return complaint { try CloudStorage.importing(source, to: state, at: 1) }
    }
    #expect(
      complaint { try CloudStorage.importing(source, to: state, at: 1) }
        == "there is no export in \(source)")
    #expect(try taken("hello") == "\(table) is no export of ours: line 1 is no row")
    let good = #"{"table":"users","row":{"id":"u","email":"a@b","created_at":1,"updated_at":1}}"#
    #expect(
      try taken(good + "\n" + #"{"table":"nothing","row":{}}"#)
        == "\(table), line 2: there is no table \"nothing\"")
    #expect(try taken(#"{"table":"users","row":{"no":1}}"#).contains("line 1: "))
    #expect(
      try taken(#"{"table":"schema_migrations","row":{"number":9000}}"#).contains("newer hubrig"))
    let member = #"{"table":"tenant_members","row":{"tenant_id":"t","user_id":"u","created_at":1}}"#
    #expect(try taken(good + "\n" + member).contains("is not whole"))
    let object =
      #"{"table":"objects","row":{"key":"t/print-files/f.3mf","size_bytes":9000,"sha256":"","created_at":1}}"#
    #expect(try taken(good + "\n" + object).contains("t/print-files/f.3mf is missing"))
    #expect(directory.files() == ["export/tables.jsonl"], "nothing of a refused import stays")
    #expect(try taken(good) == "nothing")
    let users = SystemSQL("SELECT id FROM users")
    #expect(try CloudStorage.directory(state).database.all(String.self, users) == ["u"])
    #expect(try taken(good) == "\(state) is in use; reset it first")
  }

  @Test("a backup is no export, which is said")
  func backupAsExport() throws {
    let directory = try TemporaryDirectory()
    let (state, backup) = (directory.path + "/state", directory.path + "/backup")
    do { _ = try CloudRig(storage: .directory(state)) }
    try CloudStorage.backUp(state, to: backup)
    let words = complaint { try CloudStorage.importing(backup, to: state + "2", at: 1) }
    #expect(words == "\(backup) is a backup and no export; copy it to \(state)2 as it is")
  }

  @Test("a copy that lacks the bytes of an object is refused")
  func missingObject() throws {
    let directory = try TemporaryDirectory()
    let (state, copy) = (directory.path + "/state", directory.path + "/copy")
    let rig = try CloudRig(storage: .directory(state))
    let ada = try rig.signUp()
    let file = try rig.file(bytes: [UInt8](repeating: 7, count: 20_000), by: ada)
    try FileManager.default.removeItem(
      atPath: "\(state)/objects/\(ada.tenant ?? "")/print-files/\(file).3mf")
    for make in [CloudStorage.backUp, CloudStorage.export] {
      #expect(complaint { try make(state, copy) }.contains("is missing or not whole"))
      #expect(!FileManager.default.fileExists(atPath: copy))
    }
  }
}
