import Testing
import Wire

@Suite("Reading HTTP")
struct HTTPReaderTests {
  static let requests = [
    Fixture("a GET", "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"),
    Fixture(
      "two in a row",
      "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /x HTTP/1.1\r\nHost:a\r\nContent-Length: 5\r\n\r\nhello"
    ),
    Fixture("blank lines before", "\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
    Fixture(
      "a chunked body with extensions and trailers",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5;name=\"v\"\r\nhello\r\n0A ; x\r\n, world!!!\r\n0\r\nDigest: 1\r\nX-Y:\r\n\r\n"
        + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"),
    Fixture(
      "values with blanks around and bytes above ASCII",
      "PUT /a?b=c%20d HTTP/1.1\r\nHOST: \t a \t \r\nX: é ö\r\nEmpty:\r\nContent-Length: 0\r\n\r\n"),
  ]
  static let responses = [
    Fixture("a counted body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
    Fixture("a body until the close", "HTTP/1.0 200 Fine\r\nX: 1\r\n\r\nall that comes"),
    Fixture(
      "an interim answer, then a chunked one",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\ntransfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
    ),
    Fixture(
      "answers without a body",
      "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304\r\nContent-Length: 7\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    Fixture(
      "an upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
  ]

  @Test("every cut gives the same requests", arguments: requests)
  func cuts(_ fixture: Fixture) { checkCuts(fixture.bytes) { HTTPDecoder(.request) } }

  @Test("every cut gives the same responses", arguments: responses)
  func cutsOfResponses(_ fixture: Fixture) { checkCuts(fixture.bytes) { HTTPDecoder(.response) } }

  @Test("every truncation gives the beginning of the requests", arguments: requests)
  func truncations(_ fixture: Fixture) {
    checkTruncations(fixture.bytes) { HTTPDecoder(.request) }
  }

  @Test("every truncation gives the beginning of the responses", arguments: responses)
  func truncationsOfResponses(_ fixture: Fixture) {
    checkTruncations(fixture.bytes) { HTTPDecoder(.response) }
  }

  @Test("a flipped bit gives events or an error, however requests are cut", arguments: requests)
  func flippedBits(_ fixture: Fixture) {
    checkFlippedBits(fixture.bytes) { HTTPDecoder(.request) }
  }

  @Test("a flipped bit gives events or an error, however responses are cut", arguments: responses)
  func flippedBitsOfResponses(_ fixture: Fixture) {
    checkFlippedBits(fixture.bytes) { HTTPDecoder(.response) }
  }

  @Test("a request is told in its parts")
  func request() {
    let (parts, error) = read(.request, Self.requests[4].bytes)
    #expect(error == nil)
    #expect(
      parts == [
        "PUT /a?b=c%20d 1", "HOST=a", "X=é ö", "Empty=", "Content-Length=0", "counted(0)", "end",
      ])
  }

  @Test("a chunked body is put together, its trailers dropped")
  func chunked() {
    let transcript = transcribe(HTTPDecoder(.request), Self.requests[3].bytes)
    #expect(transcript.body == utf8("hello, world!!!"))
    #expect(transcript.error == nil)
    let (parts, _) = read(.request, Self.requests[3].bytes)
    #expect(parts.suffix(5) == ["end", "GET /next 1", "Host=a", "none", "end"])
  }

  @Test("responses to HEAD, and of 1xx, 204 and 304, have no body; the others have")
  func noBody() {
    var decoder = HTTPDecoder(.response)
    decoder.expectNoBody()
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    let transcript = transcribe(
      decoder, utf8("HTTP/1.1 103 Early\r\n\r\n" + head + head + "abc"))
    #expect(transcript.error == nil)
    #expect(transcript.body == utf8("abc"))
    let bodies = transcript.events.compactMap {
      if case .headEnd(let body, _) = $0 { body } else { nil }
    }
    #expect(bodies == [.none, .none, .counted(3)])
  }

  @Test("an upgrade ends the HTTP on the connection")
  func upgrade() {
    let input = utf8(
      "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{1}\u{2}")
    let transcript = transcribe(HTTPDecoder(.response), input)
    #expect(transcript.error == nil)
    #expect(transcript.events.suffix(2) == [.headEnd(.upgrade, used: 2), .end(used: 0)])
    #expect(transcript.usedCount == input.count - 2)
  }

  @Test(
    "what the head says of the connection is understood",
    arguments: [
      ("GET / HTTP/1.1\r\nHost: a", true, false, false),
      ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close", false, false, false),
      ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE", false, false, false),
      ("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed", true, false, false),
      ("GET / HTTP/1.0", false, false, false),
      ("GET / HTTP/1.0\r\nConnection: Keep-Alive", true, false, false),
      ("GET / HTTP/1.0\r\nConnection: keep-alive, close", false, false, false),
      (
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket", true,
        true, false
      ),
      ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket", true, false, false),
      ("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade", true, false, false),
      ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue", true, false, true),
      ("GET / HTTP/1.0\r\nExpect: 100-continue", false, false, false),
    ])
  func connection(_ head: String, _ keeps: Bool, _ upgrades: Bool, _ expects: Bool) throws {
    var reader = HTTPReader(.request, lineLimit: 200, headerLimit: 10, bodyLimit: 0)
    let input = utf8(head + "\r\n\r\n")
    var used = 0
    while used < input.count {
      switch try reader.next(input.span.extracting(used..<input.count)) {
      case .request(_, _, _, let count), .header(_, _, let count), .headEnd(_, let count):
        used += count
      default: Issue.record("something else")
      }
    }
    #expect(reader.keepsAlive == keeps)
    #expect(reader.wantsUpgrade == upgrades)
    #expect(reader.expectsContinue == expects)
  }

  @Test("a response without a length ends with its connection, which is not kept")
  func untilClose() throws {
    var reader = HTTPReader(.response, lineLimit: 100, headerLimit: 5, bodyLimit: 4)
    #expect(try reader.streamEnded() == false)
    #expect(
      try reader.next(utf8("HTTP/1.1 200\r\n").span)
        == .response(status: 200, reason: 12..<12, minorVersion: 1, used: 14))
    #expect(try reader.next(utf8("\r\n").span) == .headEnd(.untilClose, used: 2))
    #expect(reader.keepsAlive == false)
    #expect(try reader.next(utf8("abcd").span) == .body(0..<4, used: 4))
    #expect(try reader.streamEnded() == true)
    #expect(try reader.next(utf8("x").span) == .needsMore)
    #expect(try reader.streamEnded() == false)
  }

  @Test(
    "a connection that closes in the middle truncates the message",
    arguments: [
      "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ])
  func truncated(_ text: String) {
    #expect(transcribe(HTTPDecoder(.response), utf8(text)).error == "http.truncated")
  }

  @Test(
    "what is ambiguous or wrong in a request is refused by name",
    arguments: [
      ("GET /\r\n", "bad-start-line"), ("GET  / HTTP/1.1\r\n", "bad-start-line"),
      (" GET / HTTP/1.1\r\n", "bad-start-line"), ("GET / HTTP/1.1 \r\n", "bad-start-line"),
      ("GET / x HTTP/1.1\r\n", "bad-start-line"), ("GET / http/1.1\r\n", "bad-start-line"),
      ("GET / HTTP/1\r\n", "bad-start-line"), ("GET / HTTP/1.10\r\n", "bad-start-line"),
      ("G(T / HTTP/1.1\r\n", "bad-start-line"), ("GET /\u{1} HTTP/1.1\r\n", "bad-start-line"),
      ("GET /é HTTP/1.1\r\n", "bad-start-line"), ("GET / HTTP/1.1\n", "bad-start-line"),
      ("\n", "bad-start-line"), ("\r\n\r\n\r\n", "bad-start-line"),
      ("GET /\rx HTTP/1.1\r\n", "bad-start-line"), ("\u{16}\u{3}\u{1}\r\n", "bad-start-line"),
      ("GET / HTTP/2.0\r\n", "unsupported-version"), ("GET / HTTP/0.9\r\n", "unsupported-version"),
      (get + "X : 1\r\n", "bad-header"), (get + "X\r\n", "bad-header"),
      (get + ": 1\r\n", "bad-header"),
      (get + " X: 1\r\n", "bad-header"), (get + "X: 1\r\n folded\r\n", "bad-header"),
      (get + "X: 1\r\n\tfolded\r\n", "bad-header"), (get + "X: 1\n\r\n", "bad-header"),
      (get + "X: a\u{0}b\r\n", "bad-header"), (get + "X: a\rb\r\n", "bad-header"),
      (get + "X: \u{7F}\r\n", "bad-header"), (get + "X(: 1\r\n", "bad-header"),
      (get + "\n", "bad-header"), (get + "Host: b\r\n\r\n", "bad-header"),
      ("GET / HTTP/1.1\r\n\r\n", "bad-header"),
      (get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "bad-length"),
      (get + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "bad-length"),
      (get + "Content-Length: 1\r\nContent-Length: 2\r\n", "bad-length"),
      (get + "Content-Length: 1, 1\r\n", "bad-length"),
      (get + "Content-Length: +1\r\n", "bad-length"),
      (get + "Content-Length: -1\r\n", "bad-length"),
      (get + "Content-Length: 0x1\r\n", "bad-length"),
      (get + "Content-Length:\r\n", "bad-length"), (get + "Content-Length: 1 1\r\n", "bad-length"),
      (get + "Content-Length: 99999999999999999999\r\n", "body-too-large"),
      (get + "Content-Length: 11\r\n\r\n", "body-too-large"),
      (get + "Transfer-Encoding: gzip, chunked\r\n", "bad-length"),
      (get + "Transfer-Encoding: identity\r\n", "bad-length"),
      (get + "Transfer-Encoding: chunked, chunked\r\n", "bad-length"),
      (get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "bad-length"),
      (get + "Transfer-Encoding: xchunked\r\n", "bad-length"),
      (get + "Transfer-Encoding:\r\n", "bad-length"),
      ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "bad-length"),
      (chunked + "\r\n", "bad-chunk"), (chunked + "x\r\n", "bad-chunk"),
      (chunked + "0x5\r\n", "bad-chunk"), (chunked + " 5\r\n", "bad-chunk"),
      (chunked + "-5\r\n", "bad-chunk"), (chunked + "5 \r\n", "bad-chunk"),
      (chunked + "5\n", "bad-chunk"), (chunked + "5;a\rb\r\n", "bad-chunk"),
      (chunked + "1\r\nabc", "bad-chunk"), (chunked + "1\r\na\n", "bad-chunk"),
      (chunked + "1\r\na\rb", "bad-chunk"), (chunked + "B\r\n", "body-too-large"),
      (chunked + "6\r\nabcdef\r\n5\r\n", "body-too-large"),
      (chunked + "FFFFFFFFFFFFFFFFF\r\n", "body-too-large"),
      (chunked + "8000000000000000\r\n", "body-too-large"),
      (chunked + "7FFFFFFFFFFFFFFF\r\n", "body-too-large"),
      (chunked + "0\r\nX : 1\r\n", "bad-header"), (chunked + "0\r\n\n", "bad-header"),
      ("GET /" + String(repeating: "a", count: 187) + " HTTP/1.1\r\n", "line-too-long"),
      (String(repeating: "a", count: 202), "line-too-long"),
      (get + "X: " + String(repeating: "a", count: 198) + "\r\n", "header-too-long"),
      (get + String(repeating: "a", count: 202), "header-too-long"),
      (chunked + "1;" + String(repeating: "a", count: 199) + "\r\n", "line-too-long"),
      (get + String(repeating: "X: 1\r\n", count: 10), "too-many-headers"),
      (chunked + "0\r\n" + String(repeating: "X: 1\r\n", count: 9), "too-many-headers"),
    ])
  func refusals(_ text: String, _ name: String) {
    let whole = transcribe(HTTPDecoder(.request, bodyLimit: 10), utf8(text), finishes: false)
    #expect(whole.error == "http." + name)
    let bytewise = transcribe(
      HTTPDecoder(.request, bodyLimit: 10), utf8(text), cuts: 0...text.utf8.count)
    #expect(bytewise.error == "http." + name)
  }

  private static let get = "GET / HTTP/1.1\r\nHost: a\r\n"
  private static let chunked = get + "Transfer-Encoding: chunked\r\n\r\n"

  @Test("what is exactly at the limits is taken")
  func limits() {
    let line = "GET /" + String(repeating: "a", count: 186) + " HTTP/1.1\r\n"
    #expect(transcribe(HTTPDecoder(.request), utf8(line), finishes: false).error == nil)
    let header = Self.get + "X: " + String(repeating: "a", count: 197) + "\r\n"
    #expect(transcribe(HTTPDecoder(.request), utf8(header), finishes: false).error == nil)
    let headers = Self.get + String(repeating: "X: 1\r\n", count: 9) + "\r\n"
    #expect(transcribe(HTTPDecoder(.request), utf8(headers)).error == nil)
    let body = Self.chunked + "5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n"
    #expect(transcribe(HTTPDecoder(.request, bodyLimit: 10), utf8(body)).error == nil)
    let same = Self.get + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"
    #expect(transcribe(HTTPDecoder(.request), utf8(same)).error == nil)
  }

  @Test(
    "what is wrong in a response is refused by name",
    arguments: [
      ("HTTP/1.1 20 OK\r\n", "bad-start-line"), ("HTTP/1.1 2000 OK\r\n", "bad-start-line"),
      ("HTTP/1.1 099 OK\r\n", "bad-start-line"), ("HTTP/1.1  200 OK\r\n", "bad-start-line"),
      ("HTTP/1.1 200OK\r\n", "bad-start-line"), ("HTTP/1.1 200 \u{1}\r\n", "bad-start-line"),
      ("ICY 200 OK and on\r\n", "bad-start-line"), ("HTTP/3.0 200 OK\r\n", "unsupported-version"),
      ("HTTP/1.1 200 OK\n", "bad-start-line"),
      ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "bad-length"),
      ("HTTP/1.1 200 OK\r\n\r\n01234567890", "body-too-large"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "body-too-large"),
    ])
  func refusedResponses(_ text: String, _ name: String) {
    let whole = transcribe(HTTPDecoder(.response, bodyLimit: 10), utf8(text))
    #expect(whole.error == "http." + name)
  }

  @Test("each error has a status to answer with")
  func statuses() {
    #expect(HTTPError.badChunk.status == 400)
    #expect(HTTPError.bodyTooLarge.status == 413)
    #expect(HTTPError.lineTooLong.status == 414)
    #expect(HTTPError.headerTooLong.status == 431)
    #expect(HTTPError.tooManyHeaders.status == 431)
    #expect(HTTPError.unsupportedVersion.status == 505)
  }

  @Test("a line that comes byte by byte is not searched again and again")
  func searching() throws {
    var reader = HTTPReader(.request, lineLimit: 1 << 22, headerLimit: 1, bodyLimit: 0)
    let input = [UInt8](repeating: 0x61, count: 1 << 20)
    // Were each of these 32,768 looks from the beginning, they would take minutes.
    for count in stride(from: 0, to: input.count, by: 32) {
      #expect(try reader.next(input.span.extracting(0..<count)) == .needsMore)
    }
  }

  private func read(_ side: HTTPReader.Side, _ input: [UInt8]) -> ([String], HTTPError?) {
    var reader = HTTPReader(side, lineLimit: 200, headerLimit: 10, bodyLimit: 100)
    var parts: [String] = []
    var used = 0
    func text(_ range: Range<Int>) -> String {
      String(decoding: input[used + range.lowerBound..<used + range.upperBound], as: UTF8.self)
    }
    do throws(HTTPError) {
      while true {
        switch try reader.next(input.span.extracting(used..<input.count)) {
        case .needsMore: return (parts, nil)
        case .request(let method, let target, let version, let count):
          parts.append("\(text(method)) \(text(target)) \(version)")
          used += count
        case .response(let status, let reason, let version, let count):
          parts.append("\(status) \(text(reason)) \(version)")
          used += count
        case .header(let name, let value, let count):
          parts.append("\(text(name))=\(text(value))")
          used += count
        case .headEnd(let body, let count):
          parts.append("\(body)")
          used += count
        case .body(_, let count): used += count
        case .end(let count):
          parts.append("end")
          used += count
        }
      }
    } catch {
      return (parts, error)
    }
  }
}
