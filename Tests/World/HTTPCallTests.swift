import Testing
import Wire
import World

@Suite("HTTP calls")
struct HTTPCallTests {
  typealias Outcome = Result<HTTPAnswer, HTTPCallFailure>

  /// Makes a call to a server that answers with `answer` once it has heard all of the request.
  private func call(
    _ method: String = "GET", url: String = "http://desk:80/x", headers: [(String, String)] = [],
    body: [UInt8] = [], answer: String, closes: Bool = false, requestCount: Int? = nil
  ) throws -> (outcome: Outcome?, heard: String, desk: Desk, server: Scripted) {
    let desk = Desk()
    let server = Scripted()
    var outbox: StreamWriter?
    server.onChange = { server, stream in
      if let outbox { return outbox.flush() }
      guard let end = firstIndex(of: "\r\n\r\n", in: server.heard),
        server.heard.count >= end + 4 + body.count
      else { return }
      outbox = StreamWriter(stream, limit: .max)
      outbox?.write(Array(answer.utf8))
      if closes { outbox?.finishWhenFlushed() }
    }
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    var outcomes: [Outcome] = []
    HTTPCall.perform(
      on: desk, method: method, url: url, trust: nil, headers: headers, body: body,
      timeout: .seconds(10)
    ) { outcomes.append($0) }
    #expect(outcomes.isEmpty)
    desk.run()
    #expect(outcomes.count == 1)
    #expect(desk.timerCount == 0)
    return (outcomes.first, String(decoding: server.heard, as: UTF8.self), desk, server)
  }

  @Test("a request says what it must, and the answer comes back")
  func get() throws {
    let (outcome, heard, desk, server) = try call(
      url: "http://desk/a?b#c", headers: [("X-A", "1")],
      answer:
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a\":[1]}")
    #expect(heard == "GET /a?b HTTP/1.1\r\nHost: desk\r\nConnection: close\r\nX-A: 1\r\n\r\n")
    let answer = try #require(try outcome?.get())
    #expect(answer.status == 200)
    #expect(answer.header("content-TYPE") == "application/json")
    #expect(answer.header("missing") == nil)
    #expect(answer.json?["a"]?[0] == 1)
    #expect(desk.connections.map(\.name) == ["desk"] && desk.connections.map(\.isSecure) == [false])
    #expect(server.isFinished)
  }

  @Test("a body larger than every window goes out and comes in whole")
  func largeBodies() throws {
    let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) | 1 }
    let large = String(repeating: "0123456789", count: 5000)
    let (outcome, heard, _, server) = try call(
      "PUT", body: body, answer: "HTTP/1.1 201 Created\r\nContent-Length: 50000\r\n\r\n" + large)
    #expect(
      heard.hasPrefix(
        "PUT /x HTTP/1.1\r\nHost: desk\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n"))
    #expect(Array(server.heard.suffix(100_000)) == body)
    let answer = try #require(try outcome?.get())
    #expect(answer.status == 201 && answer.body == Array(large.utf8))
  }

  @Test("a POST without a body says so, a GET says nothing")
  func emptyBody() throws {
    let answer = "HTTP/1.1 204 No Content\r\n\r\n"
    #expect(try call("POST", answer: answer).heard.contains("Content-Length: 0\r\n"))
    #expect(try !call("GET", answer: answer).heard.contains("Content-Length"))
  }

  @Test("headers that are given replace our own")
  func ownHeaders() throws {
    let heard = try call(
      url: "http://desk:80", headers: [("host", "other"), ("Connection", "x")],
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    ).heard
    #expect(heard == "GET / HTTP/1.1\r\nhost: other\r\nConnection: x\r\n\r\n")
  }

  @Test("a port that is not the scheme's own is named in Host, an address in brackets")
  func hostHeader() throws {
    let desk = Desk()
    let server = Scripted()
    _ = try desk.listen(port: 8787, security: .plain, accept: server.accept)
    HTTPCall.perform(on: desk, method: "GET", url: "https://desk:8787?q") { _ in }
    desk.run(until: Instant(nanoseconds: 1))
    #expect(
      String(decoding: server.heard, as: UTF8.self).hasPrefix(
        "GET /?q HTTP/1.1\r\nHost: desk:8787\r\n"))
    #expect(desk.connections.first?.isSecure == true)
    HTTPCall.perform(on: desk, method: "GET", url: "http://[::1]:8787/") { _ in }
    desk.run(until: Instant(nanoseconds: 2))
    #expect(String(decoding: server.heard, as: UTF8.self).contains("Host: [::1]:8787\r\n"))
    #expect(desk.connections.last?.name == "::1")
  }

  @Test("chunks are put together, interim answers passed over")
  func chunked() throws {
    let outcome = try call(
      answer: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    ).outcome
    let answer = try #require(try outcome?.get())
    #expect(answer.status == 200 && answer.body == Array("abcde".utf8))
    #expect(answer.headers.map(\.0) == ["Transfer-Encoding"])
  }

  @Test("without a length the answer lasts until the server closes")
  func untilClose() throws {
    let outcome = try call(answer: "HTTP/1.0 200 OK\r\n\r\nall there is", closes: true).outcome
    #expect(try outcome?.get().body == Array("all there is".utf8))
  }

  @Test("the answer to HEAD has no body")
  func head() throws {
    let outcome = try call("HEAD", answer: "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n").outcome
    #expect(try outcome?.get().body == [])
  }

  @Test(
    "what goes wrong is told",
    arguments: [
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true,
        HTTPCallFailure.protocolBroken(.truncated)
      ),
      ("HTTP/1.1 200 OK\r\nContent-Le", true, .protocolBroken(.truncated)),
      ("", true, .protocolBroken(.truncated)),
      ("SSH-2.0-x\r\n", false, .protocolBroken(.badStartLine)),
      ("HTTP/1.1 200 OK\r\n", false, .timedOut), ("", false, .timedOut),
    ])
  func failures(_ answer: String, _ closes: Bool, _ expected: HTTPCallFailure) throws {
    let (outcome, _, desk, _) = try call(answer: answer, closes: closes)
    #expect(throws: expected) { try outcome?.get() }
    if expected == .timedOut { #expect(desk.now.seconds == 10) }
  }

  @Test("a server that resets, a port where nobody listens, and a bad address are told")
  func noServer() throws {
    let desk = Desk()
    let server = Scripted()
    server.onChange = { _, stream in stream.reset() }
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    var failures: [HTTPCallFailure] = []
    for url in ["http://desk", "http://desk:81", "desk", "ftp://desk"] {
      HTTPCall.perform(on: desk, method: "GET", url: url) {
        if case .failure(let failure) = $0 { failures.append(failure) }
      }
      #expect(failures.count < 4)
      desk.run()
    }
    #expect(failures == [.network(.reset), .network(.refused), .badURL, .badURL])
    #expect(desk.timerCount == 0)
  }

  @Test("a server that never reads holds the body back until the timeout")
  func backPressure() throws {
    let desk = Desk()
    let server = Scripted()
    server.readsNothing = true
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    var outcome: Outcome?
    HTTPCall.perform(
      on: desk, method: "PUT", url: "http://desk", body: [UInt8](repeating: 1, count: 5000),
      timeout: .seconds(5)
    ) { outcome = $0 }
    desk.run(until: Instant(nanoseconds: 1_000_000_000))
    #expect(server.streams.first?.unreadCount == desk.window)
    desk.run()
    #expect(throws: HTTPCallFailure.timedOut) { try outcome?.get() }
    #expect(server.failure == .reset)
  }

  @Test("an answer that comes before the whole body went out is taken")
  func earlyAnswer() throws {
    let desk = Desk()
    let server = Scripted()
    server.readsNothing = true
    var hasAnswered = false
    server.onChange = { _, stream in
      guard !hasAnswered else { return }
      hasAnswered = true
      stream.write(Array("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n".utf8))
    }
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    var outcome: Outcome?
    HTTPCall.perform(
      on: desk, method: "PUT", url: "http://desk", body: [UInt8](repeating: 1, count: 5000)
    ) { outcome = $0 }
    desk.run()
    #expect(try outcome?.get().status == 413)
  }

  @Test("an answer larger than its bound is refused")
  func bodyLimit() throws {
    let desk = Desk()
    let server = Scripted()
    server.onChange = { _, stream in
      stream.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n".utf8))
    }
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    var outcome: Outcome?
    HTTPCall.perform(on: desk, method: "GET", url: "http://desk", bodyLimit: 10) { outcome = $0 }
    desk.run()
    #expect(throws: HTTPCallFailure.protocolBroken(.bodyTooLarge)) { try outcome?.get() }
  }

  @Test("a cancelled call says nothing any more and lets go of its stream")
  func cancel() throws {
    let desk = Desk()
    let server = Scripted()
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    var hasCompleted = false
    let call = HTTPCall.perform(on: desk, method: "GET", url: "http://desk") { _ in
      hasCompleted = true
    }
    desk.run(until: Instant(nanoseconds: 1))
    call.cancel()
    desk.run()
    #expect(!hasCompleted && desk.timerCount == 0)
    #expect(server.failure == .reset)
  }
}

func firstIndex(of text: String, in bytes: [UInt8]) -> Int? {
  let wanted = Array(text.utf8)
  guard bytes.count >= wanted.count else { return nil }
  return (0...bytes.count - wanted.count).first {
    bytes[$0..<$0 + wanted.count].elementsEqual(wanted)
  }
}
