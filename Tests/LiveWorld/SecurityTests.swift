import Glibc
import LiveWorld
import Testing
import World

@Suite("TLS between servers and clients of either library")
struct SecurityTests {
  static let development = Trust.authority(CertificateStore.developmentAuthority)

  static let maker = Trust.maker(
    authority: CertificateStore.developmentAuthority, commonName: "01S00C123456789")

  struct Meeting: CustomTestStringConvertible {
    var testDescription: String
    var commonName = "server.test"
    var authority = CertificateStore.developmentAuthority
    var validUntil: Int64?
    var trust = SecurityTests.development
    var serverName = "server.test"
    var failure: NetworkFailure?
  }

  static let meetings = [
    Meeting(testDescription: "the right authority and name"),
    Meeting(
      testDescription: "another authority", trust: .authority("another authority"),
      failure: .tlsUntrusted),
    Meeting(
      testDescription: "an authority's client and a certificate that signs itself", authority: "",
      failure: .tlsUntrusted),
    Meeting(
      testDescription: "another server name", serverName: "other.test", failure: .tlsWrongName),
    Meeting(
      testDescription: "an address that the certificate names", serverName: "127.0.0.1"),
    Meeting(
      testDescription: "an address that it does not name", serverName: "127.0.0.9",
      failure: .tlsWrongName),
    Meeting(
      testDescription: "an expired certificate", validUntil: 1_600_000_000_000,
      failure: .tlsExpired),
    Meeting(
      testDescription: "the right common name, signed by itself", commonName: "01S00C123456789",
      authority: "", trust: .commonName("01S00C123456789"), serverName: "01S00C123456789"),
    Meeting(
      testDescription: "the right common name, signed by anybody", commonName: "01S00C123456789",
      trust: .commonName("01S00C123456789"), serverName: "192.168.1.7"),
    Meeting(
      testDescription: "another common name", commonName: "01S00C123456789", authority: "",
      trust: .commonName("01S00C000000000"), serverName: "01S00C000000000",
      failure: .tlsWrongName),
    Meeting(
      testDescription: "an expired certificate with the right common name",
      commonName: "01S00C123456789", authority: "", validUntil: 1_600_000_000_000,
      trust: .commonName("01S00C123456789"), serverName: "01S00C123456789", failure: .tlsExpired),
    Meeting(
      testDescription: "the maker's signature and the right common name",
      commonName: "01S00C123456789",
      trust: maker, serverName: "01S00C123456789"),
    Meeting(
      testDescription: "the maker's signature, asked for by its address",
      commonName: "01S00C123456789",
      trust: maker, serverName: "127.0.0.9"),
    Meeting(
      testDescription: "the maker's signature on another printer's name",
      commonName: "01S00C000000000",
      trust: maker, serverName: "01S00C123456789", failure: .tlsWrongName),
    Meeting(
      testDescription: "the right name, signed by itself instead of the maker",
      commonName: "01S00C123456789", authority: "",
      trust: maker, serverName: "01S00C123456789", failure: .tlsUntrusted),
    Meeting(
      testDescription: "the right name, signed by another maker",
      commonName: "01S00C123456789", authority: "another maker",
      trust: maker, serverName: "01S00C123456789", failure: .tlsUntrusted),
    Meeting(
      testDescription: "the maker's signature, expired",
      commonName: "01S00C123456789", validUntil: 1_600_000_000_000,
      trust: maker, serverName: "01S00C123456789", failure: .tlsExpired),
  ]

  @Test("a client believes whom it should", arguments: meetings, ClientLibrary.allCases)
  func trust(meeting: Meeting, library: ClientLibrary) throws {
    let place = try Place(clients: library)
    let identity = place.identity(
      meeting.commonName, authority: meeting.authority, validUntil: meeting.validUntil)
    var acceptedCount = 0
    let listener = try place.server.listen(port: 0, security: .tls(identity)) {
      acceptedCount += 1
      $0.write([42])
    }
    let peer = Peer()
    let stream = place.client.connect(
      to: "server.test", port: listener.port,
      security: .tls(trust: meeting.trust, serverName: meeting.serverName, resuming: nil),
      handler: peer)
    #expect(place.run { !peer.bytes.isEmpty || peer.failure != nil })
    #expect(peer.failure == meeting.failure)
    if meeting.failure == nil {
      #expect(peer.bytes == [42])
      #expect(!stream.isSessionResumed)
    } else {
      // The server is told while hands are still being shaken, so it never takes the stream.
      place.wait()
      #expect(peer.events.count == 1)
      #expect(acceptedCount == 0)
    }
  }

  @Test("a client of TLS at a plain server", arguments: ClientLibrary.allCases)
  func plainServer(library: ClientLibrary) throws {
    let place = try Place(clients: library)
    let echo = Echo()
    let listener = try place.server.listen(port: 0, security: .plain) { echo.adopt($0) }
    let peer = Peer()
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: Wrapping.tls.client(), handler: peer)
    #expect(place.run { peer.failure != nil })
    #expect(peer.events == [.failed(.tlsProtocol)])
  }

  @Test("a plain client at a server of TLS")
  func plainClient() throws {
    let place = try Place()
    var acceptedCount = 0
    let listener = try place.server.listen(port: 0, security: .tls(place.identity())) { _ in
      acceptedCount += 1
    }
    var notes: [String] = []
    place.world.trace.sinks.append { notes.append($0.text) }
    let peer = Peer()
    peer.onEvent = { peer, event in
      if event == .opened { peer.stream?.write(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
    }
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: .plain, handler: peer)
    #expect(place.run { peer.isFinished || peer.failure != nil })
    #expect(acceptedCount == 0)
    #expect(notes.contains("TLS from 127.0.0.2 failed: http request"))
  }

  @Test(
    "a second stream takes up the session of the first, also on another port",
    arguments: ClientLibrary.allCases)
  func resumption(library: ClientLibrary) throws {
    let place = try Place(clients: library)
    let identity = place.identity("01S00C123456789", authority: "")
    var accepted: [any Stream] = []
    let take: (any Stream) -> Void = {
      accepted.append($0)
      $0.write([42])
    }
    let control = try place.server.listen(port: 0, security: .tls(identity), accept: take)
    let data = try place.server.listen(port: 0, security: .tls(identity), accept: take)
    func open(_ port: UInt16, resuming: (any Stream)?) -> (any Stream)? {
      let peer = Peer()
      let stream = place.client.connect(
        to: "server.test", port: port,
        security: .tls(
          trust: .commonName("01S00C123456789"), serverName: "server.test", resuming: resuming),
        handler: peer)
      #expect(place.run { !peer.bytes.isEmpty || peer.failure != nil })
      #expect(peer.bytes == [42])
      return stream
    }
    let first = open(control.port, resuming: nil)
    let second = open(data.port, resuming: first)
    let third = open(data.port, resuming: nil)
    first?.close()
    second?.reset()
    let fourth = open(data.port, resuming: second)
    #expect(
      [first, second, third, fourth].map { $0?.isSessionResumed } == [
        false, true, false, true,
      ])
    #expect(accepted.map(\.isSessionResumed) == [false, true, false, true])
  }

  @Test(
    "a session is not carried over to a server of another identity",
    arguments: ClientLibrary.allCases)
  func foreignSession(library: ClientLibrary) throws {
    let place = try Place(clients: library)
    let serial = "01S00C123456789"
    let trust = ClientSecurity.tls(
      trust: .commonName(serial), serverName: serial, resuming: nil)
    let honest = try place.server.listen(
      port: 0, security: .tls(place.identity(serial, authority: ""))
    ) { _ in }
    let other = try place.server.listen(
      port: 0, security: .tls(place.identity("01S00C000000000", authority: ""))
    ) { _ in }
    let peer = Peer()
    let first = place.client.connect(
      to: "server.test", port: honest.port, security: trust, handler: peer)
    #expect(place.run { peer.isOpen })
    let second = Peer()
    _ = place.client.connect(
      to: "server.test", port: other.port,
      security: .tls(trust: .commonName(serial), serverName: serial, resuming: first),
      handler: second)
    #expect(place.run { !second.events.isEmpty })
    #expect(second.events == [.failed(.tlsWrongName)])
  }
}
