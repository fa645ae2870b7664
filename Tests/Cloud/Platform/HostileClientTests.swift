import Testing
import World

@testable import Cloud

/// What is sent by those who mean harm: each is closed in bounds, nothing is changed and nothing is
/// told that they did not know.
@Suite("Hostile clients")
struct HostileClientTests {
  private static let harmless = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

  /// A body that one reader might take for a request of its own.
  private static func hidden(_ user: RigUser) -> String {
    "DELETE /api/v1/tenants/\(user.tenant ?? "") HTTP/1.1\r\nHost: a\r\n"
      + "Authorization: Bearer \(user.token)\r\nContent-Length: 0\r\n\r\n"
  }

  @Test(
    "a request that two readers could take apart in two ways is refused, and nothing behind it read",
    arguments: [
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 5",
      "Content-Length: 0\r\nContent-Length: 200",
      "Content-Length: 0, 200",
      "Content-Length: +0",
      "Content-Length: -1",
      "Content-Length: 0x10",
      "Content-Length: 99999999999999999999",
      "Content-Length : 0",
      "Transfer-Encoding : chunked",
      "Transfer-Encoding: chunked, identity",
      "Transfer-Encoding: identity",
      "Transfer-Encoding: xchunked",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
      "X: a\r\n Transfer-Encoding: chunked",
      "X: a\u{0}b\r\nContent-Length: 0",
      "Host: b\r\nContent-Length: 0\r\nX\u{7}: 1",
    ])
  func smuggling(header: String) throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let client = RawClient(rig)
    client.send(
      "POST /api/v1/auth/sign-in/email HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n"
        + Self.hidden(user) + Self.harmless)
    rig.wait(for: "the end") { client.isOver }
    #expect(client.statuses.count == 1, "\(client.text)")
    #expect(client.statuses.allSatisfy { 400..<500 ~= $0 || $0 == 501 })
    #expect(try rig.json("GET", "/api/v1/tenants", as: user).array?.count == 1)
  }

  @Test(
    "chunks that are none end the connection",
    arguments: [
      "zz\r\n", "-1\r\n", "FFFFFFFFFFFFFFFF1\r\n", "1 1\r\na\r\n", "1\r\nab\r\n",
      String(repeating: "0", count: 9_000), "1;\(String(repeating: "a", count: 9_000))",
    ])
  func chunks(bytes: String) throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send(
      "POST /api/v1/auth/sign-in/email HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + bytes)
    rig.wait(for: "the end") { client.isOver }
    #expect(client.statuses.count == 1)
    #expect(client.statuses.allSatisfy { 400..<500 ~= $0 }, "\(client.text)")
  }

  @Test("a body that dribbles in, or stops half-way, is not waited for any longer than a while")
  func slowBodies() throws {
    let rig = try CloudRig()
    let head =
      "POST /api/v1/auth/sign-in/email HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n"
    let dribbling = RawClient(rig)
    let stopped = RawClient(rig)
    dribbling.send(head)
    stopped.send(head + "{")
    for _ in 0..<20 where !dribbling.isOver {
      dribbling.send(" ")
      rig.wait(.seconds(7))
    }
    #expect(dribbling.isOver)
    #expect(stopped.isOver)
    #expect(dribbling.statuses == [] && stopped.statuses == [])
  }

  @Test("a thousand pipelined requests are answered one after the other, in bounded memory")
  func pipelining() throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.isHolding = true
    client.send(String(repeating: Self.harmless, count: 1_000))
    rig.wait(.seconds(5))
    client.isHolding = false
    client.read()
    rig.wait(for: "all answers") { client.statuses.count == 1_000 }
    #expect(client.statuses.allSatisfy { $0 == 200 })
  }

  @Test("requests that were broken off in the middle leave nothing behind")
  func half() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let body = #"{"name": "Half"}"#
    let whole =
      "POST /api/v1/tenants HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(user.token)\r\n"
      + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    for cut in stride(from: 1, to: whole.utf8.count, by: 23) {
      let client = RawClient(rig)
      client.send([UInt8](whole.utf8.prefix(cut)))
      rig.wait(.milliseconds(50))
      if cut % 2 == 0 { client.reset() } else { client.finish() }
      rig.wait(.milliseconds(100))
      #expect(client.statuses == [])
    }
    #expect(try rig.json("GET", "/api/v1/tenants", as: user).array?.count == 1)
  }

  // MARK: sockets

  private static let handshake =
    "GET /ws/dashboard HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

  @Test(
    "frames that break the protocol end the socket with the code that says so",
    arguments: [
      // Not masked; a reserved bit; a reserved kind; a ping in pieces; a ping too long.
      ([0x81, 0x02, 0x7B, 0x7D], 1002), ([0xC1, 0x80, 0, 0, 0, 0], 1002),
      ([0x83, 0x80, 0, 0, 0, 0], 1002), ([0x09, 0x80, 0, 0, 0, 0], 1002),
      ([0x89, 0xFE, 0x01, 0x00, 0, 0, 0, 0], 1002),
      // The end of nothing; a close of one byte; a length with the top bit; more than is taken.
      ([0x80, 0x80, 0, 0, 0, 0], 1002), ([0x88, 0x81, 0, 0, 0, 0, 3], 1002),
      ([0x81, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
      ([0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1009),
      // No UTF-8; bytes; no JSON.
      ([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007), ([0x82, 0x81, 0, 0, 0, 0, 1], 1003),
      ([0x81, 0x81, 0, 0, 0, 0, 0x7B], 1007),
    ] as [([UInt8], UInt16)])
  func frames(bytes: [UInt8], code: UInt16) throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send(Self.handshake)
    rig.wait(for: "the socket") { client.statuses == [101] }
    let before = client.received.count
    client.send(bytes)
    rig.wait(for: "the end") { client.isOver }
    let frames = Array(client.received[before...])
    let close = frames.firstIndex { $0 == 0x88 }
    let found = close.flatMap {
      frames.count > $0 + 3 ? UInt16(frames[$0 + 2]) << 8 | UInt16(frames[$0 + 3]) : nil
    }
    #expect(found == code, "\(frames.prefix(80))")
    #expect(!rig.cloud.badInputCounts.isEmpty)
  }

  @Test("garbage in place of a hub's hello is sent away, and the true hub is not disturbed")
  func hubGarbage() throws {
    let rig = try CloudRig()
    let floor = try rig.floor()
    for text in [
      "", "{}", "[]", "null", "{\"type\":\"hub_hello\"}", String(repeating: "[", count: 5_000),
      "{\"type\":\"printer_status\",\"printer_id\":\"\(RigHub.serial)\"}",
      "{\"type\":\"hub_hello\",\"hub_id\":\"' OR 1=1 --\",\"signature\":\"00\"}",
    ] {
      let stranger = RigHub(rig)
      stranger.saysHello = false
      stranger.connect()
      rig.wait(for: "the handshake") { stranger.handshakeStatus == 101 }
      stranger.say(bytes: Array(text.utf8))
      rig.wait(for: "the end") { stranger.closeCode != nil || stranger.isGone }
      #expect(stranger.messages.allSatisfy { $0["type"] != "cloud_hello" })
    }
    #expect(!floor.hub.isGone)
    floor.hub.status("idle", progress: 1)
    rig.wait(.seconds(1))
    #expect(
      try rig.json("GET", "/api/v1/hubs/\(RigHub.standardID)", as: floor.user)["is_online"] == true)
  }

  // MARK: words

  private static let tricks = [
    "'; DROP TABLE tenants; --", "\" OR \"\"=\"", "a\\'; SELECT 1", "%00", "${jndi:ldap://a}",
    "<script>alert(1)</script>", "../../etc/passwd", "a\u{202E}b", "{{7*7}}", "NULL",
  ]

  @Test("names with SQL, markup or paths in them are only names")
  func names() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    for name in Self.tricks {
      let made = try rig.json(
        "POST", "/api/v1/tenants", as: user, ["name": .string(name)], expecting: 201)
      #expect(made["name"]?.string == name)
    }
    let listed = try rig.json("GET", "/api/v1/tenants", as: user).array?.compactMap {
      $0["name"]?.string
    }
    #expect(Set(listed ?? []) == Set(Self.tricks + ["Ada's farm"]))
    #expect(
      try rig.json(
        "POST", "/api/v1/auth/sign-in/email",
        ["email": "ada@example.com", "password": "' OR 1=1 --"], expecting: 401)["code"]
        == "unauthorized")
  }

  @Test(
    "a file's name leads nowhere",
    arguments: [
      "../a.3mf", "/etc/a.3mf", "a/../../b.3mf", "..\\a.3mf", ".3mf/../a.3mf", "a\u{0}.3mf",
      "a\r\nX: 1.3mf",
    ])
  func fileNames(name: String) throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    try rig.json(
      "POST", "/api/v1/files/upload-url", as: user, ["name": .string(name), "size": 4],
      expecting: 400)
  }

  @Test(
    "a path leads to its route alone",
    arguments: [
      "/api/v1/../v1/tenants", "/api/v1/%2e%2e/tenants", "/api//v1/tenants",
      "/api/v1/tenants%2F1", "/API/v1/tenants", "/api/v1/tenants;a=1", "//api/v1/tenants",
      "/api/v1/files/download/../../../../etc/passwd", "/api/v1/tenants\\", "/.git/config",
    ])
  func paths(path: String) throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    let answer = try rig.call("GET", path, headers: user.headers)
    #expect(400..<500 ~= answer.status, "\(answer.status)")
    #expect(!String(decoding: answer.body, as: UTF8.self).contains("Ada's farm"))
  }

  @Test("what fails tells nothing of how this is made")
  func nothingTold() throws {
    let rig = try CloudRig()
    let user = try rig.signUp()
    for path in ["/api/v1/jobs/'", "/api/v1/files/1", "/api/v1/printers/%27%20OR%201=1"] {
      let text = String(
        decoding: try rig.call("GET", path, headers: user.headers).body, as: UTF8.self)
      for word in ["SQL", "sqlite", ".swift", "SELECT", "Optional("] {
        #expect(!text.contains(word), "\(text)")
      }
    }
  }
}
