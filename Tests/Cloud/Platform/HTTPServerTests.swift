import Testing
import World

@testable import Cloud

@Suite("The cloud's HTTP server")
struct HTTPServerTests {
  private static let get = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test("requests on one connection are answered in order, also when they come at once")
  func pipelining() throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send(Self.get + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get)
    rig.wait(for: "three answers") { client.statuses.count == 3 }
    #expect(client.statuses == [200, 404, 200])
    client.send(Self.get)
    rig.wait(for: "a fourth") { client.statuses.count == 4 }
    #expect(!client.isOver)
  }

  @Test("a request may come byte by byte")
  func byteByByte() throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    for byte in Self.get.utf8 {
      client.send([byte])
      rig.wait(.milliseconds(5))
    }
    rig.wait(for: "the answer") { client.statuses == [200] }
  }

  @Test("a client that asks for it, or speaks HTTP/1.0, is said goodbye to")
  func close() throws {
    let rig = try CloudRig()
    for head in ["GET /health HTTP/1.1\r\nHost: a\r\nConnection: close", "GET /health HTTP/1.0"] {
      let client = RawClient(rig)
      client.send(head + "\r\n\r\n")
      rig.wait(for: "the end") { client.isFinished }
      #expect(client.statuses == [200])
      #expect(client.text.contains("Connection: close"))
    }
  }

  @Test("a client that has said its last word still gets its answer")
  func halfClosed() throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send(Self.get)
    client.finish()
    rig.wait(for: "the end") { client.isFinished }
    #expect(client.statuses == [200])
  }

  @Test(
    "what is no request is answered once, counted, and the connection closed",
    arguments: [
      ("hello\r\n\r\n", 400), ("GET /health HTTP/3.0\r\n\r\n", 505),
      ("GET /health HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", 400),
      (
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        400
      ),
      ("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400),
      ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\r\n", 414),
      (
        "GET /health HTTP/1.1\r\n" + (0..<80).map { "X-\($0): 1\r\n" }.joined() + "\r\n", 431
      ),
    ])
  func broken(request: String, status: Int) throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send(request)
    rig.wait(for: "the end") { client.isOver }
    #expect(client.statuses == [status])
    #expect(rig.cloud.badInputCounts.map(\.count) == [1])
  }

  @Test(
    "what cannot be answered is told so in the one envelope",
    arguments: [
      ("GET", "/nowhere", 404), ("DELETE", "/health", 405), ("GET", "/a/../health", 400),
      ("GET", "/%zz", 400), ("GET", "/%ff", 400), ("GET", "/%00", 400), ("BREW", "/health", 501),
    ])
  func envelope(method: String, path: String, status: Int) throws {
    let rig = try CloudRig()
    let answer = try rig.call(method, path)
    #expect(answer.status == status)
    let error = try #require(answer.json?["error"])
    #expect(error["code"]?.string?.isEmpty == false)
    #expect(error["message"]?.string?.isEmpty == false)
    #expect(error["request_id"]?.string == answer.header("X-Request-ID"))
    if status == 405 { #expect(answer.header("Allow") == "GET, OPTIONS") }
  }

  @Test("a request keeps the name that its client gave it, if that is harmless")
  func requestID() throws {
    let rig = try CloudRig()
    let named = try rig.call("GET", "/health", headers: [("X-Request-ID", "ci-42.a")])
    #expect(named.header("X-Request-ID") == "ci-42.a")
    let odd = try rig.call("GET", "/health", headers: [("X-Request-ID", "a<b")])
    #expect(odd.header("X-Request-ID")?.count == 36)
  }

  @Test("a body over the limit is refused, whether its length was told or not")
  func largeBody() throws {
    let rig = try CloudRig()
    let told = RawClient(rig)
    told.send(
      "POST /api/v1/tenants HTTP/1.1\r\nHost: a\r\nContent-Length: \((1 << 20) + 1)\r\n\r\n")
    rig.wait(for: "the answer") { told.statuses == [413] }

    let chunked = RawClient(rig)
    chunked.send(
      "POST /api/v1/tenants HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = "10000\r\n" + String(repeating: "a", count: 0x10000) + "\r\n"
    for _ in 0..<20 where chunked.statuses.isEmpty {
      chunked.send(chunk)
      rig.wait(.milliseconds(200))
    }
    rig.wait(for: "the answer") { chunked.statuses == [413] }
  }

  @Test("a body may come in chunks, and after a go-ahead")
  func chunkedBody() throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send(
      "POST /api/v1/auth/sign-up/email HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        + "Content-Type: application/json; charset=utf-8\r\nExpect: 100-continue\r\n\r\n")
    rig.wait(for: "the go-ahead") { client.statuses == [100] }
    client.send(
      "14\r\n{\"email\":\"a@b.c\",\"na\r\n31\r\nme\":\"A\",\"password\":\"longer than eight letters\"}  \r\n0\r\n\r\n"
    )
    rig.wait(for: "the answer") { client.statuses == [100, 201] }
  }

  @Test("JSON that is broken, too deep or no object is refused with a reason")
  func brokenJSON() throws {
    let rig = try CloudRig()
    let bodies = [
      "", "{", "[]", "null", "{\"email\":1}", "{\"a\":\"\\ud800\"}", "{} x", "{\"a\":\u{1}}",
      String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
    ]
    for body in bodies {
      let answer = try rig.call(
        "POST", "/api/v1/auth/sign-in/email", headers: [("Content-Type", "application/json")],
        body: Array(body.utf8))
      #expect(answer.status == 400, "\(body)")
    }
    let latin = try rig.call(
      "POST", "/api/v1/auth/sign-in/email", body: [0x7B, 0x22, 0xE4, 0x22, 0x3A, 0x31, 0x7D])
    #expect(latin.status == 400)
    let form = try rig.call(
      "POST", "/api/v1/auth/sign-in/email",
      headers: [("Content-Type", "application/x-www-form-urlencoded")], body: Array("a=b".utf8))
    #expect(form.status == 415)
  }

  @Test("a wrong field is named, with what was expected; one too many as well")
  func fields() throws {
    let rig = try CloudRig()
    func message(_ body: JSON) throws -> String {
      try rig.json("POST", "/api/v1/auth/sign-up/email", nil, body: body)
    }
    let whole: JSON = ["email": "a@b.c", "password": "12345678", "name": "A"]
    var body = whole
    body["email"] = "nobody"
    #expect(try message(body) == "email: expected an e-mail address")
    body = whole
    body["password"] = "short"
    #expect(try message(body) == "password: expected text of 8 to 128 bytes")
    body = whole
    body["name"] = nil
    #expect(try message(body) == "name: expected text of 1 to 200 bytes")
    body = whole
    body["name"] = 3
    #expect(try message(body) == "name: expected text of 1 to 200 bytes")
    body = whole
    body["admin"] = true
    #expect(try message(body) == "admin: no such field; expected email, password, name")
  }

  @Test("HEAD is GET without the body")
  func head() throws {
    let rig = try CloudRig()
    let client = RawClient(rig)
    client.send("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get)
    rig.wait(for: "both answers") { client.statuses == [200, 200] }
    #expect(client.text.components(of: "{\"data\"") == 1)
  }

  @Test("browsers from elsewhere are told what they may do")
  func preflight() throws {
    let rig = try CloudRig()
    let answer = try rig.call(
      "OPTIONS", "/api/v1/printers/1", headers: [("Origin", "https://farm.example")])
    #expect(answer.status == 204)
    #expect(answer.header("Access-Control-Allow-Origin") == "*")
    #expect(answer.header("Access-Control-Allow-Methods") == "GET, PUT, DELETE, OPTIONS")
    #expect(try rig.call("OPTIONS", "/nowhere").status == 404)
    #expect(try rig.call("GET", "/health").header("Access-Control-Allow-Origin") == "*")
  }

  @Test("a head that dribbles in forever, and a connection that says nothing, are closed")
  func slow() throws {
    let rig = try CloudRig()
    let dribbling = RawClient(rig)
    let silent = RawClient(rig)
    dribbling.send("GET /health HTTP/1.1\r\nX: ")
    for _ in 0..<60 where !dribbling.isOver {
      dribbling.send("a")
      rig.wait(.seconds(1))
    }
    #expect(dribbling.isOver)
    rig.wait(.seconds(60))
    #expect(silent.isOver)
  }

  @Test("shutting down lets the request under way end, takes no new one, and then tells")
  func drain() throws {
    let rig = try CloudRig()
    let idle = RawClient(rig)
    let busy = RawClient(rig)
    busy.send("GET /health HTTP/1.1\r\nHost: ")
    rig.wait(.milliseconds(200))
    var isDown = false
    rig.cloud.shutDown { isDown = true }
    rig.wait(for: "the idle one to be closed") { idle.isOver }
    #expect(!isDown)
    busy.send("a\r\n\r\n")
    rig.wait(for: "the end") { isDown }
    #expect(busy.statuses == [200])
    #expect(busy.text.contains("Connection: close"))
    #expect(throws: HTTPCallFailure.network(.refused)) { try rig.call("GET", "/health") }
  }

  @Test("shutting down does not wait forever")
  func drainEnds() throws {
    let rig = try CloudRig()
    let busy = RawClient(rig)
    busy.send("GET /health HTTP/1.1\r\nHost: ")
    rig.wait(.milliseconds(200))
    var isDown = false
    rig.cloud.shutDown { isDown = true }
    rig.wait(.seconds(11))
    #expect(isDown)
    #expect(busy.isOver)
  }

  @Test("all four ways to ask for its health", arguments: ["", "/ready", "/live", "/detailed"])
  func health(path: String) throws {
    let rig = try CloudRig()
    let answer = try rig.json("GET", "/health\(path)")
    #expect(answer["status"] == "ok")
  }

  @Test("dates are written as HTTP wants them")
  func dates() {
    #expect(HTTPDate.text(784_111_777_000) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.text(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(HTTPDate.text(951_782_400_000) == "Tue, 29 Feb 2000 00:00:00 GMT")
    #expect(HTTPDate.text(1_767_225_599_999) == "Wed, 31 Dec 2025 23:59:59 GMT")
  }
}

extension CloudRig {
  /// The message of a refusal with 400.
  fileprivate func json(
    _ method: String, _ path: String, _ user: RigUser?, body: JSON
  ) throws -> String {
    let error: JSON = try json(method, path, as: user, body, expecting: 400)
    return try #require(error["message"]?.string)
  }
}

extension String {
  /// How often `part` stands in it.
  func components(of part: String) -> Int {
    split(separator: part, omittingEmptySubsequences: false).count - 1
  }
}
