import Testing
import Wire
import World

@Suite("The client's end of a WebSocket")
struct WebSocketClientTests {
  /// A client at a server that opens the socket, says `frames`, and keeps what it hears.
  private func meet(
    proof: String? = nil, status: String = "101 Switching Protocols", _ frames: [UInt8] = [],
    isReading: Bool = true, _ onEvent: @escaping (WebSocketClient.Event) -> Void = { _ in }
  ) throws -> (client: WebSocketClient, server: Scripted, desk: Desk) {
    let desk = Desk()
    let server = Scripted()
    var outbox: StreamWriter?
    server.onChange = { server, stream in
      if let outbox { return outbox.flush() }
      guard let key = value(of: "Sec-WebSocket-Key", in: server.heard) else { return }
      let bytes = Array(key.utf8)
      let accept = encoded(28) { WebSocketHandshake.accept(forKey: bytes.span, into: &$0) }
      outbox = StreamWriter(stream, limit: .max)
      outbox?.write(
        Array(
          ("HTTP/1.1 \(status)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(proof ?? String(decoding: accept, as: UTF8.self))\r\n"
            + (status.hasPrefix("101") ? "" : "Content-Length: 0\r\n") + "\r\n").utf8)
          + frames)
    }
    _ = try desk.listen(port: 80, security: .plain, accept: server.accept)
    let client = WebSocketClient(
      on: desk, url: "ws://desk/a?b", headers: [("X-A", "1")], messageLimit: 1 << 20,
      onEvent: onEvent)
    client.isReading = isReading
    desk.run()
    return (client, server, desk)
  }

  /// What the server has heard behind the handshake.
  private func frames(_ server: Scripted) -> [UInt8] {
    firstIndex(of: "\r\n\r\n", in: server.heard).map { Array(server.heard[($0 + 4)...]) } ?? []
  }

  private func value(of header: String, in head: [UInt8]) -> String? {
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let line = lines.first { $0.hasPrefix(header + ": ") }
    return line.map { String($0.dropFirst(header.count + 2)) }
  }

  @Test("it asks with a key out of the host's chance, and is open once that was understood")
  func handshake() throws {
    var statuses: [Int] = []
    let (_, server, _) = try meet { event in
      if case .answered(let head) = event { statuses.append(head.status) }
    }
    let heard = String(decoding: server.heard, as: UTF8.self)
    #expect(heard.hasPrefix("GET /a?b HTTP/1.1\r\nHost: desk\r\n"))
    #expect(heard.contains("Connection: Upgrade\r\n") && heard.contains("X-A: 1\r\n"))
    // A desk's chance is all sevens.
    #expect(value(of: "Sec-WebSocket-Key", in: server.heard) == "BwcHBwcHBwcHBwcHBwcHBw==")
    #expect(statuses == [101])
  }

  @Test("a server that has not read the key is left without a word")
  func wrongProof() throws {
    var answers = 0
    var ends = 0
    let (_, server, _) = try meet(proof: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") { event in
      if case .answered = event { answers += 1 }
      if case .ended(nil) = event { ends += 1 }
    }
    #expect(answers == 0 && ends == 1)
    #expect(server.failure == .reset)
  }

  @Test("a server that refuses is told of, and it is over")
  func refused() throws {
    var seen: [String] = []
    let (_, _, desk) = try meet(status: "403 Forbidden") { event in
      switch event {
      case .answered(let head): seen.append("\(head.status)")
      case .message: seen.append("message")
      case .ended(let code): seen.append("ended \(code ?? 0)")
      }
    }
    #expect(seen == ["403", "ended 0"])
    #expect(desk.timerCount == 0)
  }

  @Test("messages come out whole, pings are answered, and so is the goodbye, all of it masked")
  func conversation() throws {
    let text = [UInt8](repeating: 0x61, count: 70_000)
    let ping: [UInt8] = [1, 2]
    let said =
      encoded(80_000) { WebSocketWriter.text(text.span, mask: nil, into: &$0) }
      + encoded { WebSocketWriter.ping(ping.span, mask: nil, into: &$0) }
      + encoded { WebSocketWriter.close(code: 4401, reason: ping.span, mask: nil, into: &$0) }
    var messages: [[UInt8]] = []
    var codes: [UInt16?] = []
    let (_, server, _) = try meet(said) { event in
      if case .message(let message, true) = event { messages.append(message) }
      if case .ended(let code) = event { codes.append(code) }
    }
    #expect(messages == [text])
    #expect(codes == [4401])
    // Sevens in the mask too: 4401 is 0x1131.
    let mask: [UInt8] = [7, 7, 7, 7]
    #expect(
      frames(server)
        == [0x8A, 0x82] + mask + [1 ^ 7, 2 ^ 7] + [0x88, 0x82] + mask + [0x11 ^ 7, 0x31 ^ 7])
    #expect(server.isFinished)
  }

  @Test("what does not read keeps the server waiting, and hears all of it afterwards")
  func holding() throws {
    let text = [UInt8](repeating: 0x61, count: 5_000)
    let said = encoded(6_000) { WebSocketWriter.text(text.span, mask: nil, into: &$0) }
    var messages: [[UInt8]] = []
    let (client, _, desk) = try meet(said, isReading: false) { event in
      if case .message(let message, _) = event { messages.append(message) }
    }
    #expect(messages.isEmpty)
    client.isReading = true
    desk.run()
    #expect(messages == [text])
  }
}
