import Glibc
import LiveWorld
import Testing
import World

@Suite("Streams over real sockets")
struct StreamTests {
  @Test(
    "five million bytes go both ways, whole and in order",
    arguments: Wrapping.allCases)
  func echo(wrapping: Wrapping) throws {
    let place = try Place()
    let sent = pattern(5_000_000)
    let echo = Echo()
    let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
      echo.adopt($0)
    }
    let peer = Peer()
    let sender = Sender(sent)
    peer.onEvent = { peer, event in
      guard event == .opened || event == .writable, let stream = peer.stream else { return }
      sender.send(on: stream)
    }
    let stream = place.client.connect(
      to: "server.test", port: listener.port, security: wrapping.client(), handler: peer)
    #expect(peer.events.isEmpty)
    #expect(place.run { peer.isFinished })
    #expect(peer.bytes == sent)
    #expect(stream.peerAddress == place.server.address)
    #expect(stream.localAddress == place.client.address)
  }

  @Test(
    "a reader that does not read stops the writer",
    arguments: Wrapping.allCases)
  func backPressure(wrapping: Wrapping) throws {
    let place = try Place()
    let reader = Peer()
    reader.reads = false
    let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
      reader.adopt($0)
    }
    let sent = pattern(16_000_000)
    let sender = Sender(sent)
    let writer = Peer()
    writer.onEvent = { writer, event in
      guard event == .opened || event == .writable, let stream = writer.stream else { return }
      sender.send(on: stream)
    }
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: wrapping.client(), handler: writer)
    #expect(place.run { reader.events.contains(.readable) })
    place.wait(.milliseconds(200))

    // What the system keeps under way on loopback is a few million bytes.
    #expect(sender.unsentCount > 2_000_000)
    #expect(reader.stream?.unreadCount == 64 * 1_024)
    #expect((writer.stream?.writableCount ?? .max) < 32 * 1_024)

    reader.reads = true
    reader.readAll()
    #expect(place.run { reader.isFinished })
    #expect(reader.bytes == sent)
  }

  @Test(
    "one end may finish and still hear the other",
    arguments: Wrapping.allCases)
  func halfClose(wrapping: Wrapping) throws {
    let place = try Place()
    let answering = Peer()
    answering.onEvent = { peer, event in
      guard event == .peerFinished else { return }
      peer.stream?.write(Array("heard: ".utf8) + peer.bytes)
      peer.stream?.close()
    }
    let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
      answering.adopt($0)
    }
    let asking = Peer()
    asking.onEvent = { peer, event in
      guard event == .opened else { return }
      peer.stream?.write(Array("question".utf8))
      peer.stream?.finish()
      #expect(peer.stream?.writableCount == 0)
      #expect(peer.stream?.write([1]) == 0)
    }
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: wrapping.client(), handler: asking)
    #expect(place.run { asking.isFinished })
    #expect(String(decoding: asking.bytes, as: UTF8.self) == "heard: question")
    #expect(asking.failure == nil)
  }

  @Test(
    "a closed stream still delivers what it was given",
    arguments: Wrapping.allCases)
  func closeFlushes(wrapping: Wrapping) throws {
    let place = try Place()
    let sent = pattern(60_000)
    let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
      $0.write(sent)
      $0.close()
    }
    let peer = Peer()
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: wrapping.client(), handler: peer)
    #expect(place.run { peer.isFinished })
    #expect(peer.bytes == sent)
  }

  @Test("stopping the world waits for closed streams")
  func farewell() throws {
    let place = try Place()
    let sent = pattern(60_000)
    var accepted: (any Stream)?
    let listener = try place.server.listen(port: 0, security: .plain) { accepted = $0 }
    let peer = Peer()
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: .plain, handler: peer)
    #expect(place.run { accepted != nil && peer.isOpen })
    _ = place.server.after(.zero) {
      accepted?.write(sent)
      accepted?.close()
      place.world.stop()
    }
    place.runUntilStopped()
    place.wait()
    #expect(peer.bytes == sent)
  }

  @Test(
    "a reset is heard as one, also by a reader that is not reading",
    arguments: Wrapping.allCases)
  func reset(wrapping: Wrapping) throws {
    let place = try Place()
    let accepted = Peer()
    let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
      accepted.adopt($0)
    }
    let peer = Peer()
    peer.reads = false
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: wrapping.client(), handler: peer)
    #expect(place.run { peer.isOpen && accepted.stream != nil })
    let piece = pattern(64 * 1_024)
    for _ in 0..<50 {
      accepted.stream?.write(piece)
      place.wait(.milliseconds(1))
    }
    #expect(place.run { peer.stream?.unreadCount == 64 * 1_024 })
    accepted.stream?.reset()
    #expect(place.run { peer.failure != nil })
    #expect(peer.failure == .reset)
    #expect(accepted.failure == nil)
  }

  @Test("nobody listening is a refusal")
  func refused() throws {
    let place = try Place()
    let listener = try place.server.listen(port: 0, security: .plain) { _ in }
    listener.close()
    let peer = Peer()
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: .plain, handler: peer)
    #expect(peer.events.isEmpty)
    #expect(place.run { !peer.events.isEmpty })
    #expect(peer.events == [.failed(.refused)])
  }

  @Test("a name that nobody knows")
  func unknownName() throws {
    let place = try Place()
    let peer = Peer()
    _ = place.client.connect(
      to: "nobody.invalid", port: 80, security: .plain, handler: peer)
    #expect(place.run { peer.failure != nil })
    #expect(peer.failure == .nameUnknown)
  }

  @Test("names of this machine are asked for beside the loop")
  func systemName() throws {
    let place = try Place()
    let echo = Echo()
    let listener = try place.server.listen(port: 0, security: .plain) { echo.adopt($0) }
    let peer = Peer()
    _ = place.client.connect(
      to: "localhost", port: listener.port, security: .plain, handler: peer)
    #expect(place.run { peer.isOpen || peer.failure != nil })
    #expect(peer.isOpen)
  }

  @Test("a host's port is taken once, and free again when its listener has closed")
  func listening() throws {
    let place = try Place()
    let listener = try place.server.listen(port: 0, security: .plain) { _ in }
    #expect(throws: NetworkFailure.addressInUse) {
      try place.server.listen(port: listener.port, security: .plain) { _ in }
    }
    // Another host has ports of its own.
    let other = try place.client.listen(port: listener.port, security: .plain) { _ in }
    #expect(other.port == listener.port)
    listener.close()
    let again = try place.server.listen(port: listener.port, security: .plain) { _ in }
    #expect(again.port == listener.port)
  }

  @Test("an address that is not this machine's is no place to listen")
  func foreignAddress() throws {
    let place = try Place()
    let foreign = place.world.addHost("foreign", address: "192.0.2.1", on: .internet)
    #expect(throws: NetworkFailure.unreachable) {
      try foreign.listen(port: 0, security: .plain) { _ in }
    }
    let nonsense = place.world.addHost("nonsense", address: "not an address", on: .internet)
    #expect(throws: NetworkFailure.nameUnknown) {
      try nonsense.listen(port: 0, security: .plain) { _ in }
    }
  }

  @Test("a host may listen for the whole machine")
  func listeningEverywhere() throws {
    let place = try Place()
    let cloud = place.world.addHost(
      "cloud", address: nil, on: .internet, listeningOn: "0.0.0.0")
    let listener = try cloud.listen(port: 0, security: .plain) { $0.close() }
    for name in ["cloud", place.client.address] {
      let peer = Peer()
      _ = place.client.connect(to: name, port: listener.port, security: .plain, handler: peer)
      #expect(place.run { peer.isOpen })
    }
  }

  @Test(
    "five hundred streams at once", arguments: Wrapping.allCases)
  func crowd(wrapping: Wrapping) throws {
    let place = try Place()
    var echoes: [Echo] = []
    let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
      let echo = Echo()
      echo.adopt($0)
      echoes.append(echo)
    }
    let sent = pattern(2_000)
    func open(resuming first: Peer?) -> Peer {
      let peer = Peer()
      peer.onEvent = { peer, event in if event == .opened { peer.stream?.write(sent) } }
      _ = place.client.connect(
        to: "server.test", port: listener.port, security: wrapping.client(resuming: first?.stream),
        handler: peer)
      return peer
    }
    let first = open(resuming: nil)
    #expect(place.run { first.bytes == sent })
    // Whole handshakes of mbedTLS would measure its arithmetic.
    let others = (0..<500).map { _ in open(resuming: first) }
    #expect(place.run { others.allSatisfy { $0.bytes.count == sent.count } })
    #expect(others.allSatisfy { $0.bytes == sent })
    #expect(echoes.count == 501)
  }

  @Test("a reader may close the stream it is reading")
  func closeWhileReading() throws {
    let place = try Place()
    let listener = try place.server.listen(port: 0, security: .plain) {
      $0.write(pattern(1_000))
    }
    let peer = Peer()
    peer.reads = false
    var seen: [UInt8] = []
    peer.onEvent = { peer, event in
      guard event == .readable else { return }
      peer.stream?.read { shown in
        peer.stream?.close()
        seen = Array(shown)
        return shown.count
      }
    }
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: .plain, handler: peer)
    #expect(place.run { !seen.isEmpty })
    #expect(seen == pattern(1_000))
    #expect(peer.stream?.unreadCount == 0)
    place.wait()
    #expect(peer.events == [.opened, .readable])
  }

  @Test("bytes that came before anybody listened to the stream are told of")
  func lateHandler() throws {
    let place = try Place()
    var accepted: (any Stream)?
    let listener = try place.server.listen(port: 0, security: .plain) { accepted = $0 }
    let peer = Peer()
    peer.onEvent = { peer, event in
      guard event == .opened else { return }
      peer.stream?.write([1, 2, 3])
      peer.stream?.finish()
    }
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: .plain, handler: peer)
    #expect(place.run { accepted?.unreadCount == 3 })
    place.wait(.milliseconds(10))
    let late = Peer()
    accepted?.handler = late
    #expect(place.run { late.isFinished })
    #expect(late.events == [.readable, .peerFinished])
    #expect(late.bytes == [1, 2, 3])
  }
}

/// Sends back what it hears, no faster than the far end takes it.
final class Echo: StreamHandler {
  func adopt(_ stream: any Stream) {
    stream.handler = self
    streamChanged(stream, .readable)
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    stream.read { stream.write($0) }
    if event == .peerFinished { isFinishing = true }
    if isFinishing && stream.unreadCount == 0 { stream.close() }
  }

  private var isFinishing = false
}
