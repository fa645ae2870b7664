import Testing
import World

@testable import Cloud

@Suite("Print files")
struct FileTests {
  private func place(
    _ rig: CloudRig, _ user: RigUser, name: String = "a.3mf", size: Int = 1000
  ) throws -> (url: String, token: JSON) {
    let place = try rig.json(
      "POST", "/api/v1/files/upload-url", as: user,
      ["name": .string(name), "size": .integer(Int64(size))])
    return (try #require(place["upload_url"]?.string), try #require(place["token"]))
  }

  private func link(_ rig: CloudRig, _ file: String, _ user: RigUser) throws -> String {
    let answer = try rig.json("GET", "/api/v1/files/\(file)/download-url", as: user)
    return try #require(answer["download_url"]?.string)
  }

  @Test("what is uploaded is recorded with size and digest, and downloaded as it was")
  func roundTrip() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let file = try rig.file(bytes: bytes, by: user)
    let record = try rig.json("GET", "/api/v1/files/\(file)", as: user)
    #expect(record["file_size_bytes"] == 300_000)
    #expect(record["sha256"]?.string == Digest.sha256Hex(bytes))
    let answer = try rig.call("GET", try link(rig, file, user))
    #expect(answer.status == 200)
    #expect(answer.body == bytes)
    #expect(answer.header("ETag") == "\"\(Digest.sha256Hex(bytes))\"")
    #expect(answer.header("Content-Type") == "model/3mf")
    #expect(try rig.json("GET", "/api/v1/files", as: user).array?.count == 1)
  }

  @Test("a file comes in one request too, and goes out to whoever may read it")
  func direct() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let eve = try rig.signUp("eve@example.com", tenant: "Eve's")
    let bytes = SlicedRig.bambu()
    let path = "/api/v1/files/upload?name=direct.3mf"
    let answer = try rig.call("POST", path, headers: ada.headers, body: bytes)
    #expect(answer.status == 201)
    let id = try #require(try JSON.parse(answer.body)["data"]?["id"]?.string)
    #expect(try rig.call("POST", path, headers: ada.headers, body: bytes).status == 409)
    #expect(try rig.call("POST", path, headers: eve.headers, body: []).status == 400)
    #expect(try rig.call("POST", "/api/v1/files/upload", headers: eve.headers).status == 400)
    #expect(
      try rig.call("POST", path + "&x=1", headers: eve.headers, body: bytes).status == 400)
    #expect(try rig.call("POST", path, body: bytes).status == 401)
    #expect(
      try rig.call(
        "POST", "/api/v1/files/upload?name=..%2Fa.3mf", headers: ada.headers, body: bytes
      ).status == 400)
    let place = "/api/v1/files/\(id)/download"
    #expect(try rig.call("GET", place, headers: ada.headers).body == bytes)
    let part = try rig.call("GET", place, headers: ada.headers + [("Range", "bytes=2-5")])
    #expect(part.status == 206)
    #expect(part.body == Array(bytes[2...5]))
    #expect(try rig.call("GET", place, headers: eve.headers).status == 404)
    #expect(try rig.json("GET", "/api/v1/files", as: eve).array == [])
  }

  @Test("an upload may come in chunks, without its length being told")
  func chunked() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let (url, token) = try place(rig, user, size: 11)
    let client = RawClient(rig)
    let path = url.dropFirst(CloudRig.url.count)
    client.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    rig.wait(for: "the answer") { client.statuses == [200] }
    let file = try rig.json(
      "POST", "/api/v1/files", as: user, ["name": "a.3mf", "token": token], expecting: 201)
    #expect(file["file_size_bytes"] == 11)
  }

  @Test("an upload may be slow, as long as it goes on")
  func slow() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let (url, _) = try place(rig, user, size: 10)
    let client = RawClient(rig)
    let path = url.dropFirst(CloudRig.url.count)
    client.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
    for byte in "0123456789".utf8 {
      rig.wait(.seconds(40))
      client.send([byte])
    }
    rig.wait(for: "the answer") { client.statuses == [200] }
    let stuck = RawClient(rig)
    stuck.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n012")
    rig.wait(.seconds(80))
    #expect(stuck.isOver)
  }

  @Test("more than was announced is refused, told before or not, and leaves no trace")
  func tooLarge() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let user = try rig.signUp()
    let (url, token) = try place(rig, user, size: 10)
    let path = url.dropFirst(CloudRig.url.count)
    let told = RawClient(rig)
    told.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world")
    rig.wait(for: "the answer") { told.statuses == [413] && told.isOver }
    let untold = RawClient(rig)
    untold.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    untold.send("b\r\nhello world\r\n")
    rig.wait(for: "the answer") { untold.statuses == [413] && untold.isOver }
    #expect(directory.files(below: "objects") == [])
    try rig.json(
      "POST", "/api/v1/files", as: user, ["name": "a.3mf", "token": token], expecting: 409)
  }

  @Test("an upload that breaks off leaves no trace, and can be done again")
  func brokenOff() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let user = try rig.signUp()
    let (url, token) = try place(rig, user, size: 100_000)
    let path = url.dropFirst(CloudRig.url.count)
    let half = String(repeating: "half of it", count: 1_000)
    for ends in [true, false] {
      let client = RawClient(rig)
      client.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(half)")
      rig.wait(.seconds(1))
      #expect(directory.files(below: "objects").count == 1)
      if ends { client.finish() } else { client.reset() }
      rig.wait(.seconds(1))
      #expect(directory.files(below: "objects") == [])
    }
    #expect(try rig.call("PUT", url, body: Array("whole".utf8)).status == 200)
    try rig.json(
      "POST", "/api/v1/files", as: user, ["name": "a.3mf", "token": token], expecting: 201)
    // From now on the bytes are the file's.
    #expect(try rig.call("PUT", url, body: Array("other".utf8)).status == 409)
  }

  @Test("an upload URL that is altered, out of date or empty-handed is refused")
  func uploadURL() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let (url, token) = try place(rig, user)
    #expect(try rig.call("PUT", url.dropLast() + "!", body: [1]).status == 403)
    #expect(try rig.call("PUT", url).status == 400)
    #expect(
      try rig.call("GET", url.replacing("/upload/", with: "/download/")).status == 403)
    rig.wait(.seconds(3601))
    #expect(try rig.call("PUT", url, body: [1]).status == 403)
    try rig.json(
      "POST", "/api/v1/files", as: user, ["name": "a.3mf", "token": token], expecting: 403)
  }

  @Test("a download URL serves for an hour, whole only as it was signed")
  func downloadURL() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let url = try link(rig, try rig.file(by: user), user)
    let ending = url.hasSuffix("AA") ? "BB" : "AA"
    #expect(try rig.call("GET", url.dropLast(2) + ending).status == 403)
    #expect(try rig.call("GET", url + "A").status == 403)
    #expect(try rig.call("PUT", url, body: [1]).status == 405)
    #expect(try rig.call("GET", url).status == 200)
    rig.wait(.seconds(3601))
    #expect(try rig.call("GET", url).status == 403)
  }

  @Test(
    "parts are served",
    arguments: [
      ("bytes=0-3", 206, "a 3M", "bytes 0-3/9"), ("bytes=6-", 206, "ile", "bytes 6-8/9"),
      ("bytes=-2", 206, "le", "bytes 7-8/9"), ("bytes=9-", 416, nil, "bytes */9"),
      ("bytes=1-2,4-5", 200, "a 3MF file", nil),
    ] as [(String, Int, String?, String?)])
  func ranges(range: String, status: Int, body: String?, contentRange: String?) throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let text = status == 200 ? "a 3MF file" : "a 3MFfile"
    let url = try link(rig, try rig.file(bytes: Array(text.utf8), by: user), user)
    let answer = try rig.call("GET", url, headers: [("Range", range)])
    #expect(answer.status == status)
    if let body { #expect(String(decoding: answer.body, as: UTF8.self) == body) }
    #expect(answer.header("Content-Range") == contentRange)
  }

  @Test("a part is served only of what has not changed, and what is known is not sent again")
  func conditions() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let url = try link(rig, try rig.file(by: user), user)
    let tag = try #require(try rig.call("HEAD", url).header("ETag"))
    func status(_ headers: [(String, String)]) throws -> Int {
      try rig.call("GET", url, headers: headers).status
    }
    #expect(try status([("Range", "bytes=0-1"), ("If-Range", tag)]) == 206)
    #expect(try status([("Range", "bytes=0-1"), ("If-Range", "\"other\"")]) == 200)
    #expect(try status([("If-None-Match", tag)]) == 304)
    #expect(try status([("If-None-Match", "\"other\"")]) == 200)
  }

  @Test("HEAD tells the length, and sends nothing")
  func head() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let url = try link(rig, try rig.file(by: user), user)
    let answer = try rig.call("HEAD", url)
    #expect(answer.status == 200)
    #expect(answer.header("Content-Length") == "10")
    #expect(answer.body.isEmpty)
  }

  @Test("a client that does not read holds a window of a large file, no more")
  func backPressure() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let bytes = [UInt8](repeating: 7, count: 4 << 20)
    let url = try link(rig, try rig.file(bytes: bytes, by: user), user)
    let client = RawClient(rig)
    client.isHolding = true
    client.send("GET \(url.dropFirst(CloudRig.url.count)) HTTP/1.1\r\nHost: a\r\n\r\n")
    rig.wait(.seconds(30))
    #expect(client.stream?.unreadCount ?? 0 < 1 << 20)
    client.isHolding = false
    client.read()
    rig.wait(atMost: .seconds(60), for: "the rest") { client.received.count > bytes.count }
    #expect(client.received.suffix(bytes.count).elementsEqual(bytes))
  }

  @Test("a file has a name of its own, that ends in .3mf and leads nowhere")
  func names() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    _ = try rig.file("a.3mf", by: user)
    for name in ["a.3mf", "b.stl", "../b.3mf", "b\\c.3mf", "", "b\u{0}.3mf"] {
      try rig.json(
        "POST", "/api/v1/files/upload-url", as: user, ["name": .string(name), "size": 1],
        expecting: name == "a.3mf" ? 409 : 400)
    }
    for size in [0, -1, 3 << 30] as [Int64] {
      try rig.json(
        "POST", "/api/v1/files/upload-url", as: user, ["name": "b.3mf", "size": .integer(size)],
        expecting: 400)
    }
  }

  @Test("nothing of one tenant's files is another's")
  func foreign() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: "Bob's")
    let file = try rig.file(by: ada)
    try rig.json("GET", "/api/v1/files/\(file)", as: bob, expecting: 404)
    try rig.json("GET", "/api/v1/files/\(file)/download-url", as: bob, expecting: 404)
    #expect(try rig.json("GET", "/api/v1/files", as: bob).array?.count == 0)
    let (url, token) = try place(rig, ada)
    #expect(try rig.call("PUT", url, body: [1]).status == 200)
    try rig.json(
      "POST", "/api/v1/files", as: bob, ["name": "a.3mf", "token": token], expecting: 404)
    try rig.json(
      "POST", "/api/v1/files", as: ada, ["name": "a.3mf", "token": token], expecting: 201)
    try rig.json(
      "POST", "/api/v1/files", as: ada, ["name": "b.3mf", "token": token], expecting: 409)
    // The same name may be used by both.
    _ = try rig.file("a.3mf", by: bob)
  }

  /// Sends bytes through a sink, in two halves, with something in between.
  private func send(
    _ bytes: [UInt8], to sink: any BodySink, meanwhile: () throws -> Void
  ) throws -> Int {
    try bytes[..<(bytes.count / 2)].withUnsafeBytes { try sink.take($0) }
    try meanwhile()
    try bytes[(bytes.count / 2)...].withUnsafeBytes { try sink.take($0) }
    do {
      return try sink.finish().status
    } catch let error as APIError {
      return error.status
    }
  }

  @Test("bytes that come while the same upload is made into a file do not take its bytes' place")
  func slowSecond() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let (url, token) = try place(rig, ada, size: 20_000)
    let first = [UInt8](repeating: 1, count: 20_000)
    let second = try rig.cloud.files.upload(token: try #require(token.string))
    var file = ""
    let status = try send([UInt8](repeating: 2, count: 20_000), to: second) {
      #expect(try rig.call("PUT", url, body: first).status == 200)
      let made = try rig.json(
        "POST", "/api/v1/files", as: ada, ["name": "a.3mf", "token": token], expecting: 201)
      file = try #require(made["id"]?.string)
    }
    #expect(status == 409)
    #expect(try rig.call("GET", link(rig, file, ada)).body == first)
  }

  @Test("a tenant that is deleted gets no more bytes, also of uploads under way")
  func deletedTenant() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let ada = try rig.signUp()
    let (url, token) = try place(rig, ada, size: 20_000)
    let scope = try #require(
      try TenantScope.find(ada.tenant ?? "", in: rig.storage.database))
    let signed = try rig.cloud.files.upload(token: try #require(token.string))
    let direct = try rig.cloud.files.directUpload(name: "b.3mf", units: 1, in: scope)
    let bytes = [UInt8](repeating: 2, count: 20_000)
    let statuses = [
      try send(bytes, to: direct) {
        try rig.json("DELETE", "/api/v1/tenants/\(ada.tenant ?? "")", as: ada)
      }, try send(bytes, to: signed) {},
    ]
    #expect(statuses == [404, 404])
    #expect(try rig.call("PUT", url, body: bytes).status == 404)
    let objects = SystemSQL("SELECT count(*) FROM objects")
    #expect(try rig.storage.database.first(Int64.self, objects) == 0)
    #expect(directory.files(below: "objects") == [])
  }

  @Test("a direct upload whose name is taken meanwhile leaves no bytes behind")
  func nameTaken() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let ada = try rig.signUp()
    let scope = try #require(
      try TenantScope.find(ada.tenant ?? "", in: rig.storage.database))
    let sink = try rig.cloud.files.directUpload(name: "a.3mf", units: 1, in: scope)
    let status = try send([UInt8](repeating: 2, count: 20_000), to: sink) {
      _ = try rig.file("a.3mf", by: ada)
    }
    #expect(status == 409)
    #expect(directory.files(below: "objects") == [], "the other is small")
  }

  @Test("what was uploaded and never made into a file is cleared away, and nothing else")
  func unrecorded() throws {
    let directory = try TemporaryDirectory()
    let rig = try CloudRig(storage: .directory(directory.path))
    let ada = try rig.signUp()
    let bytes = [UInt8](repeating: 3, count: 20_000)
    let kept = try rig.file("kept.3mf", bytes: bytes, by: ada)
    let (url, _) = try place(rig, ada, size: 20_000)
    #expect(try rig.call("PUT", url, body: bytes).status == 200)
    #expect(directory.files(below: "objects").count == 2)
    rig.wait(.minutes(59))
    #expect(directory.files(below: "objects").count == 2, "there is still time to record it")
    rig.wait(.minutes(70))
    #expect(directory.files(below: "objects") == ["\(ada.tenant ?? "")/print-files/\(kept).3mf"])
    #expect(try rig.call("GET", link(rig, kept, ada)).body == bytes)
    let objects = SystemSQL("SELECT count(*) FROM objects")
    #expect(try rig.storage.database.first(Int64.self, objects) == 1)
  }
}
