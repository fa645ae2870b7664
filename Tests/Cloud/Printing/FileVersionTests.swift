import Testing
import World

@testable import Cloud

@Suite("Versions and processing of files")
struct FileVersionTests {
  /// Uploads bytes and answers the token.
  private func upload(
    _ bytes: [UInt8], to file: String, _ rig: CloudRig, by user: RigUser
  ) throws -> JSON {
    let place = try rig.json(
      "POST", "/api/v1/files/upload-url", as: user,
      [
        "name": "any.3mf", "size": .integer(Int64(bytes.count)), "file_id": .string(file),
      ])
    let url = try #require(place["upload_url"]?.string)
    #expect(try rig.call("PUT", url, body: bytes).status == 200)
    return try #require(place["token"])
  }

  @Test("what a file tells, and its picture, are there soon after it was recorded")
  func processing() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    let id = try rig.file(bytes: SlicedRig.bambu(), by: ada)
    rig.wait(.seconds(1))
    let file = try rig.json("GET", "/api/v1/files/\(id)", as: ada)
    #expect(file["processing_status"] == "ready")
    #expect(file["print_time_seconds"] == 1833)
    #expect(file["filament_weight_grams"]?.double == 14)
    #expect(file["plates"]?.array?.count == 2)
    let picture = try rig.call("GET", "/api/v1/files/\(id)/thumbnail", headers: ada.headers)
    #expect(picture.status == 200)
    #expect(picture.body == SlicedRig.png)
    #expect(picture.header("content-type") == "image/png")
    try rig.json("GET", "/api/v1/files/\(id)/thumbnail", as: bob, expecting: 404)
  }

  @Test("a file that cannot be looked through says why, and can still be printed")
  func unreadable() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let id = try rig.file(by: ada)
    rig.wait(.seconds(1))
    let file = try rig.json("GET", "/api/v1/files/\(id)", as: ada)
    #expect(file["processing_status"] == "failed")
    #expect(file["processing_error"] == "3mf.not-an-archive")
    try rig.json("GET", "/api/v1/files/\(id)/thumbnail", as: ada, expecting: 404)
    #expect(try rig.call("GET", rig.downloadURL(of: id, by: ada)).status == 200)
  }

  @Test("a file has three versions; the current one is printed, described and cannot be deleted")
  func versions() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let id = try rig.file(by: ada)
    let path = "/api/v1/files/\(id)/versions"
    let second = SlicedRig.bambu()
    try rig.json(
      "POST", path, as: ada,
      ["token": try upload(second, to: id, rig, by: ada), "notes": "with a brim"],
      expecting: 201)
    rig.wait(.seconds(1))
    #expect(try rig.call("GET", rig.downloadURL(of: id, by: ada)).body == second)
    #expect(
      try rig.json("GET", "/api/v1/files/\(id)", as: ada)["processing_status"] == "ready")
    let third = try upload(SlicedRig.orca, to: id, rig, by: ada)
    try rig.json("POST", path, as: ada, ["token": third], expecting: 201)
    try rig.json("POST", path, as: ada, ["token": third], expecting: 409)
    let fourth = try upload([1], to: id, rig, by: ada)
    try rig.json("POST", path, as: ada, ["token": fourth], expecting: 409)

    try rig.json("PUT", path + "/2/current", as: ada)
    #expect(try rig.call("GET", rig.downloadURL(of: id, by: ada)).body == second)
    try rig.json("DELETE", path + "/2", as: ada, expecting: 409)
    try rig.json("DELETE", path + "/1", as: ada)
    try rig.json("DELETE", path + "/1", as: ada, expecting: 404)
    let left = try #require(try rig.json("GET", path, as: ada).array)
    #expect(left.compactMap { $0["version_number"]?.int } == [2, 3])
    #expect(left.compactMap { $0["is_current_version"]?.bool } == [true, false])
    // There is room again; numbers are not given twice.
    let added = try rig.json("POST", path, as: ada, ["token": fourth], expecting: 201)
    #expect(added["version_number"] == 4)
  }

  @Test("a deleted file takes its bytes with it, unless jobs are of it")
  func deletion() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    try rig.json("DELETE", "/api/v1/files/\(floor.file)", as: floor.user, expecting: 409)
    try rig.json("DELETE", "/api/v1/jobs/\(floor.job)", as: floor.user)
    #expect(
      try rig.json("DELETE", "/api/v1/jobs/\(floor.job)", as: floor.user)["deleted"] == true)
    let url = try rig.downloadURL(of: floor.file, by: floor.user)
    try rig.json("DELETE", "/api/v1/files/\(floor.file)", as: floor.user)
    try rig.json("GET", "/api/v1/files/\(floor.file)", as: floor.user, expecting: 404)
    #expect(try rig.call("GET", url).status == 404)
    let objects = SystemSQL("SELECT count(*) FROM objects")
    #expect(try rig.storage.database.first(Int64.self, objects) == 0)
  }

  @Test("files are listed a page at a time, and found by a part of their name")
  func pages() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    for name in ["a.3mf", "Bracket.3mf", "c.3mf"] { _ = try rig.file(name, by: ada) }
    let first = try rig.call("GET", "/api/v1/files?limit=2", headers: ada.headers)
    let page = try #require(try JSON.parse(first.body)["page"])
    #expect(page == ["limit": 2, "offset": 0, "total": 3, "next_offset": 2])
    #expect(
      try rig.json("GET", "/api/v1/files?limit=2&offset=2", as: ada).array?.count == 1)
    let found = try rig.json("GET", "/api/v1/files?search=RACK", as: ada)
    #expect(found.array?.compactMap { $0["name"]?.string } == ["Bracket.3mf"])
  }
}

extension CloudRig {
  func downloadURL(of file: String, by user: RigUser) throws -> String {
    let answer = try json("GET", "/api/v1/files/\(file)/download-url", as: user)
    return try #require(answer["download_url"]?.string)
  }
}
