import CZlib
import Testing
import World

@testable import Cloud

@Suite("How answers travel")
struct AnswerTests {
  @Test("an answer that the client has already is not sent again")
  func entityTag() throws {
    let rig = try CloudRig()
    let ada = try rig.signUp()
    let first = try rig.call("GET", "/api/v1/tenants", headers: ada.headers)
    let tag = try #require(first.header("etag"))
    let second = try rig.call(
      "GET", "/api/v1/tenants", headers: ada.headers + [("If-None-Match", tag)])
    #expect(second.status == 304)
    #expect(second.body.isEmpty)
    try rig.json("POST", "/api/v1/tenants", as: ada, ["name": "Another"], expecting: 201)
    let third = try rig.call(
      "GET", "/api/v1/tenants", headers: ada.headers + [("If-None-Match", tag)])
    #expect(third.status == 200)
    #expect(third.header("etag") != tag)
  }

  @Test("a long answer is squeezed for those who ask, and for nobody else")
  func gzip() throws {
    let rig = try CloudRig()
    let plain = try rig.call("GET", "/api/v1/openapi.json")
    #expect(plain.header("content-encoding") == nil)
    let ada = try rig.signUp()
    for index in 0..<12 {
      try rig.json(
        "POST", "/api/v1/tenants", as: ada, ["name": .string("farm \(index)")], expecting: 201)
    }
    let whole = try rig.call("GET", "/api/v1/tenants", headers: ada.headers)
    let squeezed = try rig.call(
      "GET", "/api/v1/tenants", headers: ada.headers + [("Accept-Encoding", "br, gzip;q=0.5")])
    #expect(squeezed.header("content-encoding") == "gzip")
    #expect(squeezed.body.count < whole.body.count)
    #expect(inflate(squeezed.body) == whole.body)
    let refused = try rig.call(
      "GET", "/api/v1/tenants", headers: ada.headers + [("Accept-Encoding", "gzip;q=0")])
    #expect(refused.header("content-encoding") == nil)
  }

  @Test("only the pages of trusted places may use a person's cookie")
  func origins() throws {
    let rig = try CloudRig()
    let trusted = try rig.call(
      "GET", "/health", headers: [("Origin", "https://dashboard.hubrig.test")])
    #expect(trusted.header("access-control-allow-credentials") == "true")
    #expect(trusted.header("access-control-allow-origin") == "https://dashboard.hubrig.test")
    let other = try rig.call("GET", "/health", headers: [("Origin", "https://evil.test")])
    #expect(other.header("access-control-allow-credentials") == nil)
    #expect(other.header("access-control-allow-origin") == "*")
    let preflight = try rig.call(
      "OPTIONS", "/api/v1/jobs", headers: [("Origin", "https://dashboard.hubrig.test")])
    #expect(preflight.status == 204)
    #expect(preflight.header("access-control-allow-credentials") == "true")
  }

  @Test("whoever asks too often is told for how long to stay away")
  func rateLimit() throws {
    let rig = try CloudRig { $0.limitsRates = true }
    let body: JSON = ["email": "ada@example.com", "password": "wrong horse"]
    for count in 1...10 {
      let answer = try rig.call("POST", "/api/v1/auth/sign-in/email", body: body.bytes)
      #expect(answer.status == 401)
      #expect(answer.header("x-ratelimit-remaining") == "\(10 - count)")
    }
    let refused = try rig.call("POST", "/api/v1/auth/sign-in/email", body: body.bytes)
    #expect(refused.status == 429)
    let seconds = try #require(refused.header("retry-after").flatMap { Int64($0) })
    rig.wait(.seconds(seconds))
    #expect(try rig.call("POST", "/api/v1/auth/sign-in/email", body: body.bytes).status == 401)
  }

  @Test("a user has a hundred requests a minute, whatever they ask for")
  func userLimit() throws {
    let rig = try CloudRig { $0.limitsRates = true }
    let ada = try rig.signUp()
    let bob = try rig.signUp("bob@example.com", tenant: nil)
    var statuses: [Int] = []
    for _ in 0..<102 {
      statuses.append(try rig.call("GET", "/api/v1/tenants", headers: ada.headers).status)
    }
    // One of the hundred made the tenant.
    #expect(statuses.filter { $0 == 200 }.count == 99)
    #expect(statuses.last == 429)
    try rig.json("GET", "/api/v1/tenants", as: bob)
  }

  private func inflate(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { inflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: 1 << 20)
    let left = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { sink in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = sink.baseAddress
        stream.avail_out = UInt32(sink.count)
        CZlib.inflate(&stream, Z_FINISH)
        return Int(stream.avail_out)
      }
    }
    return Array(output.prefix(output.count - left))
  }
}
