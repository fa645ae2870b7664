import Testing
import World

@Suite("Stream writers")
struct StreamWriterTests {
  private final class Client: StreamHandler {
    var writer: StreamWriter?
    func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
      if event == .opened || event == .writable { writer?.flush() }
    }
  }

  private func open(limit: Int) throws -> (Desk, Scripted, StreamWriter, Client) {
    let desk = Desk()
    let server = Scripted()
    server.readsNothing = true
    _ = try desk.listen(port: 1, security: .plain, accept: server.accept)
    let client = Client()
    let writer = StreamWriter(
      desk.connect(to: "desk", port: 1, security: .plain, handler: client), limit: limit)
    client.writer = writer
    return (desk, server, writer, client)
  }

  @Test("what is written before the stream is open waits, then goes out in order")
  func beforeOpen() throws {
    let (desk, server, writer, client) = try open(limit: 5000)
    server.readsNothing = false
    var expected: [UInt8] = []
    for index in 0..<50 {
      let piece = [UInt8](repeating: UInt8(index), count: 90)
      #expect(writer.write(piece))
      expected += piece
    }
    #expect(writer.queuedCount == 4500)
    desk.run()
    #expect(server.heard == expected)
    #expect(writer.queuedCount == 0)
    withExtendedLifetime(client) {}
  }

  @Test("more than may wait is refused whole")
  func limit() throws {
    let (desk, server, writer, client) = try open(limit: 100)
    desk.run()
    // A window of 1000 and 100 that wait.
    #expect(!writer.write([UInt8](repeating: 1, count: 1101)))
    #expect(writer.write([UInt8](repeating: 1, count: 1100)))
    #expect(writer.queuedCount == 100)
    #expect(!writer.write([2]))
    #expect(writer.write([]))
    server.readsNothing = false
    server.streams.first.map { server.streamChanged($0, .readable) }
    desk.run()
    #expect(server.heard == [UInt8](repeating: 1, count: 1100))
    #expect(writer.write([3]))
    withExtendedLifetime(client) {}
  }

  @Test("it finishes the stream only after the last byte")
  func finishing() throws {
    let (desk, server, writer, client) = try open(limit: 5000)
    writer.write([UInt8](repeating: 1, count: 3000))
    writer.finishWhenFlushed()
    desk.run()
    #expect(!server.isFinished && writer.queuedCount == 2000)
    server.readsNothing = false
    server.streams.first.map { server.streamChanged($0, .readable) }
    desk.run()
    #expect(server.isFinished && server.heard.count == 3000)
    withExtendedLifetime(client) {}
  }
}
