import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("TLS in the virtual world")
struct SecurityTests {
  static let identity = ServerIdentity(
    commonName: "cloud.hubrig.test", alternativeNames: ["203.0.113.2"], authority: "ours")

  static func trust(
    _ trust: Trust = .authority("ours"), _ name: String = "cloud.hubrig.test",
    resuming: (any Stream)? = nil
  ) -> ClientSecurity {
    .tls(trust: trust, serverName: name, resuming: resuming)
  }

  @Test("a secure stream opens one round trip later than a plain one")
  func handshake() throws {
    let pair = try Pair(security: .tls(Self.identity))
    let end = pair.dial(security: Self.trust())
    pair.world.run(for: .seconds(1))
    #expect(end.time(of: .opened) == .start + Pair.oneWay * 4)
    #expect(pair.acceptTimes == [.start + Pair.oneWay * 5])
    end.stream?.write([1, 2])
    pair.world.run(for: .seconds(1))
    #expect(pair.accepted[0].received == [1, 2])
    #expect(end.stream?.isSessionResumed == false)
  }

  @Test("names: the common one, an alternative one, another")
  func names() throws {
    for (name, failure) in [
      ("cloud.hubrig.test", nil), ("203.0.113.2", nil), ("elsewhere", NetworkFailure.tlsWrongName),
    ] {
      let pair = try Pair(security: .tls(Self.identity))
      let end = pair.dial(security: Self.trust(.authority("ours"), name))
      pair.world.run(for: .seconds(1))
      #expect(end.failure == failure)
      #expect(pair.accepted.count == (failure == nil ? 1 : 0))
    }
  }

  @Test("a certificate that another authority or nobody signed is not trusted")
  func authority() throws {
    for authority in ["theirs", ""] {
      var identity = Self.identity
      identity.authority = authority
      let pair = try Pair(security: .tls(identity))
      let end = pair.dial(security: Self.trust())
      pair.world.run(for: .seconds(1))
      #expect(end.events == [.failed(.tlsUntrusted)])
      #expect(pair.accepted.isEmpty)
      #expect(pair.world.streamCount == 0)
    }
  }

  @Test("a common name is enough for who asks for no more")
  func commonName() throws {
    let identity = ServerIdentity(commonName: "01P00A000000001")
    for (name, failure) in [
      ("01P00A000000001", nil), ("01P00A000000002", NetworkFailure.tlsWrongName),
    ] {
      let pair = try Pair(security: .tls(identity))
      let end = pair.dial(security: Self.trust(.commonName(name), name))
      pair.world.run(for: .seconds(1))
      #expect(end.failure == failure)
    }
  }

  @Test("a certificate ends by the client's own clock")
  func expiry() throws {
    let pair = try Pair()
    var identity = Self.identity
    identity.validUntil = pair.world.wallMilliseconds + 3_600_000
    try pair.listen(port: 443, security: .tls(identity))
    func failure() -> NetworkFailure? {
      let end = pair.dial(port: 443, security: Self.trust())
      pair.world.run(for: .seconds(10))
      return end.failure
    }
    #expect(failure() == nil)
    pair.world.run(for: .minutes(60))
    #expect(failure() == .tlsExpired)
    pair.hub.clockOffsetMilliseconds = -3_600_000
    #expect(failure() == nil)
  }

  @Test("a certificate without an end lasts ten years")
  func tenYears() throws {
    let pair = try Pair(security: .tls(Self.identity))
    let year: Int64 = 365 * 86_400_000
    let cases: [(Int64, NetworkFailure?)] = [(9, nil), (11, .tlsExpired)]
    for (years, failure) in cases {
      pair.hub.clockOffsetMilliseconds = years * year
      let end = pair.dial(security: Self.trust())
      pair.world.run(for: .seconds(1))
      #expect(end.failure == failure)
    }
  }

  @Test("a session is resumed with the same server, as both ends know")
  func resumption() throws {
    let pair = try Pair(security: .tls(Self.identity))
    let (first, firstFar) = pair.open(security: Self.trust())
    let (second, secondFar) = pair.open(security: Self.trust(resuming: first.stream))
    #expect(first.stream?.isSessionResumed == false && firstFar.stream?.isSessionResumed == false)
    #expect(second.stream?.isSessionResumed == true && secondFar.stream?.isSessionResumed == true)
    let (third, _) = pair.open(security: Self.trust(resuming: second.stream))
    #expect(third.stream?.isSessionResumed == true)
  }

  @Test("a session with another server is not resumed; the certificate decides anew")
  func noResumption() throws {
    let pair = try Pair(security: .tls(Self.identity))
    var other = Self.identity
    other.commonName = "other.hubrig.test"
    other.authority = "theirs"
    try pair.listen(port: 443, security: .tls(other))
    let (first, _) = pair.open(security: Self.trust())
    let second = pair.dial(port: 443, security: Self.trust(resuming: first.stream))
    pair.world.run(for: .seconds(1))
    #expect(second.failure == .tlsUntrusted)
  }

  @Test("a client that wants TLS finds out that a plain server speaks none")
  func plainServer() throws {
    let pair = try Pair()
    let end = pair.dial(security: Self.trust())
    pair.world.run(for: .seconds(5))
    #expect(end.events == [.failed(.tlsProtocol)])
    // The server sees the beginning of a handshake, then a reset.
    #expect(pair.accepted.count == 1)
    #expect(pair.accepted[0].received.first == 0x16)
    #expect(pair.accepted[0].failure == .reset)
    #expect(pair.world.streamCount == 0)
  }

  @Test("a plain client gets an alert and an end from a TLS server, which never accepts it")
  func plainClient() throws {
    let pair = try Pair(security: .tls(Self.identity))
    let end = pair.dial()
    end.onEvent = { event in if event == .opened { end.stream?.write([71, 69, 84]) } }
    pair.world.run(for: .seconds(5))
    #expect(pair.accepted.isEmpty)
    #expect(end.received.first == 0x15)
    #expect(end.events.last == .peerFinished)
    end.stream?.close()
    pair.world.run(for: .seconds(5))
    #expect(pair.world.streamCount == 0)
  }

  @Test("a plain client that finishes at once leaves nothing behind at a TLS server")
  func plainClientFinishes() throws {
    for text in [[], [71, 69, 84]] as [[UInt8]] {
      let pair = try Pair(security: .tls(Self.identity))
      let end = pair.dial()
      end.onEvent = { event in
        guard event == .opened else { return }
        end.stream?.write(text)
        end.stream?.close()
      }
      pair.world.run(for: .seconds(5))
      #expect(pair.accepted.isEmpty)
      #expect(pair.world.streamCount == 0)
    }
  }

  @Test("a link that fails between the two handshakes ends the attempt after twenty seconds")
  func stalledHandshake() throws {
    let pair = try Pair(security: .tls(Self.identity))
    let end = pair.dial(security: Self.trust())
    pair.world.run(for: .milliseconds(50))
    pair.hub.link.isUp = false
    pair.world.run(for: .minutes(1))
    #expect(end.events == [.failed(.timedOut)])
    #expect(pair.world.streamCount == 0)
  }
}
