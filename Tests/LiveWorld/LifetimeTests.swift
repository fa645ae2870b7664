import Glibc
import LiveWorld
import Testing
import World

@Suite("What is over is let go")
struct LifetimeTests {
  @Test("a stream that both ends have closed", arguments: Wrapping.allCases)
  func closed(wrapping: Wrapping) throws {
    try expectRelease(wrapping) { client, server in
      client.stream?.close()
      server.onEvent = { peer, event in if event == .peerFinished { peer.stream?.close() } }
    }
  }

  @Test("a stream that both ends have finished, closed by nobody", arguments: Wrapping.allCases)
  func finished(wrapping: Wrapping) throws {
    try expectRelease(wrapping) { client, server in
      client.stream?.finish()
      server.stream?.finish()
    }
  }

  @Test("a stream that one end has reset", arguments: Wrapping.allCases)
  func reset(wrapping: Wrapping) throws {
    try expectRelease(wrapping) { client, _ in client.stream?.reset() }
  }

  @Test("a world, its hosts, its timers and its streams, when nobody wants it any more")
  func world() throws {
    weak var world: LiveWorld?
    weak var peer: Peer?
    weak var timerOwner: Peer?
    do {
      let place = try Place()
      world = place.world
      let echo = Echo()
      let listener = try place.server.listen(port: 0, security: .plain) { echo.adopt($0) }
      let client = Peer()
      peer = client
      _ = place.client.connect(
        to: "server.test", port: listener.port, security: .plain, handler: client)
      let owner = Peer()
      timerOwner = owner
      place.client.after(.seconds(60)) { owner.readAll() }
      #expect(place.run { client.isOpen })
      client.stream = nil
    }
    #expect(world == nil)
    #expect(peer == nil)
    #expect(timerOwner == nil)
  }

  @Test("a stream to a name that the system was asked for", arguments: ["localhost", "no.invalid"])
  func resolved(name: String) throws {
    let place = try Place()
    let listener = try place.server.listen(port: 0, security: .plain) { $0.close() }
    weak var peer: Peer?
    weak var stream: (any Stream)?
    do {
      let client = Peer()
      peer = client
      stream = place.client.connect(
        to: name, port: listener.port, security: .plain, handler: client)
      #expect(place.run { !client.events.isEmpty })
      client.stream?.close()
      client.stream = nil
    }
    #expect(place.run { peer == nil && stream == nil })
  }

  @Test("a timer that was cancelled lets go of what its action holds")
  func cancelledTimer() throws {
    let place = try Place()
    weak var held: Peer?
    let timer: any Timer = {
      let peer = Peer()
      held = peer
      return place.client.after(.seconds(60)) { peer.readAll() }
    }()
    #expect(held != nil)
    timer.cancel()
    #expect(held == nil)
  }

  /// Opens a stream, has `end` end it, and expects that nothing keeps either side.
  private func expectRelease(_ wrapping: Wrapping, _ end: (Peer, Peer) -> Void) throws {
    let place = try Place()
    weak var clientStream: (any Stream)?
    weak var serverStream: (any Stream)?
    weak var clientPeer: Peer?
    weak var serverPeer: Peer?
    do {
      let server = Peer()
      let listener = try place.server.listen(port: 0, security: wrapping.server(at: place)) {
        [weak server] in server?.adopt($0)
      }
      let client = Peer()
      clientStream = place.client.connect(
        to: "server.test", port: listener.port, security: wrapping.client(), handler: client)
      #expect(place.run { client.isOpen && server.stream != nil })
      serverStream = server.stream
      clientPeer = client
      serverPeer = server
      end(client, server)
      #expect(place.run { clientStream?.handler == nil && serverStream?.handler == nil })
      listener.close()
      client.stream = nil
      server.stream = nil
    }
    #expect(
      place.run {
        clientStream == nil && serverStream == nil && clientPeer == nil && serverPeer == nil
      })
  }
}
