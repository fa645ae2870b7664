// What every world must do, said with `World` alone.
//
// Nothing here knows in which world it runs: a suite makes one, says how to let it go on, and calls
// the checks. Times are left out, for a real machine keeps none of them exactly.

import Testing
import World

/// One world to be checked, with two machines in it that can reach each other.
public struct WorldConformance {
  let server: any Host
  let client: any Host
  /// By which name the client finds the server.
  let serverName: String
  /// Lets the world go on until `condition` holds, for a few seconds at most; answers whether it
  /// came to hold.
  let goOn: (_ until: () -> Bool) -> Bool

  public init(
    server: any Host, client: any Host, serverName: String, goOn: @escaping (() -> Bool) -> Bool
  ) {
    self.server = server
    self.client = client
    self.serverName = serverName
    self.goOn = goOn
  }

  public typealias Check = (WorldConformance) throws -> Void

  /// All but those of datagrams, each with what it says.
  public static let checks: [(sentence: String, check: Check)] = [
    ("bytes get through in both directions", { try $0.echo() }),
    ("nothing is heard before connect has returned", { try $0.neverAtOnce() }),
    ("a port of 0 gives a free one", { try $0.freePorts() }),
    ("a port is given to one listener at a time", { try $0.takenPort() }),
    ("nobody listening is refused", { try $0.refused() }),
    ("a closed listener refuses, streams it accepted go on", { try $0.closedListener() }),
    ("unread bytes are shown again, consumed ones are not", { try $0.peeking() }),
    ("one direction can end before the other", { try $0.halfClose() }),
    ("what was written before a close arrives before the end", { try $0.closeAfterWriting() }),
    ("a reset is seen as a failure", { try $0.reset() }),
    ("a closed stream says nothing more to its owner", { try $0.silence() }),
    ("who does not read stops who writes, and lets it go on by reading", { try $0.backPressure() }),
    ("a megabyte in each direction at once comes whole and in order", { try $0.bothWays() }),
    ("timers fire in order, cancelled ones never", { try $0.timers() }),
    ("TLS opens for the right authority and name", { try $0.secure() }),
    ("TLS fails for another authority", { try $0.untrusted() }),
    ("TLS fails for another name", { try $0.wrongName() }),
    ("TLS by common name takes that name, whoever signed it", { try $0.commonName() }),
    ("TLS by maker takes its signature on that name alone", { try $0.maker() }),
    ("a certificate can be known again by its fingerprint", { try $0.pinning() }),
    ("a TLS session can be resumed", { try $0.resumption() }),
    ("a TLS client fails at a plain server", { try $0.plainServer() }),
    ("a plain client never gets to a TLS server's owner", { try $0.plainClient() }),
    ("random bytes and chance are not constant", { try $0.chance() }),
  ]

  // MARK: Streams

  private func echo() throws {
    let (near, far) = try pair()
    near.stream?.write(pattern(3_000))
    #expect(goOn { far.received.count == 3_000 })
    far.stream?.write(Array(far.received.reversed()))
    #expect(goOn { near.received.count == 3_000 })
    #expect(near.hasReceived(pattern(3_000).reversed()))
    #expect(near.stream?.isSessionResumed == false)
    #expect(near.stream?.peerAddress.isEmpty == false)
  }

  private func neverAtOnce() throws {
    let listener = try server.listen(port: 0, security: .plain) { _ in }
    defer { listener.close() }
    for port in [listener.port, unusedPort] {
      let end = dial(port)
      #expect(end.events.isEmpty)
      #expect(end.stream?.writableCount == 0)
      #expect(goOn { !end.events.isEmpty })
      end.stream?.close()
    }
  }

  private func freePorts() throws {
    let first = try server.listen(port: 0, security: .plain) { _ in }
    let second = try server.listen(port: 0, security: .plain) { _ in }
    #expect(first.port != 0 && second.port != 0 && first.port != second.port)
    first.close()
    second.close()
  }

  private func takenPort() throws {
    let first = try server.listen(port: 0, security: .plain) { _ in }
    #expect(throws: NetworkFailure.addressInUse) {
      try server.listen(port: first.port, security: .plain) { _ in }
    }
    first.close()
    try server.listen(port: first.port, security: .plain) { _ in }.close()
  }

  private func refused() throws {
    let end = dial(unusedPort)
    #expect(goOn { end.failure != nil })
    #expect(end.failure == .refused)
    #expect(end.events.count == 1)
  }

  private func closedListener() throws {
    var far: End?
    let listener = try listen { far = $0 }
    let near = dial(listener.port)
    #expect(goOn { far != nil && near.events.contains(.opened) })
    listener.close()
    let late = dial(listener.port)
    #expect(goOn { late.failure != nil })
    near.stream?.write([1])
    #expect(goOn { far?.received == [1] })
    near.stream?.close()
    far?.stream?.close()
  }

  private func peeking() throws {
    let (near, far) = try pair()
    far.readsAtOnce = false
    near.stream?.write([1, 2, 3, 4])
    #expect(goOn { far.stream?.unreadCount == 4 })
    var seen: [[UInt8]] = []
    for used in [0, 3, 1, 0] {
      far.stream?.read { bytes in
        seen.append(Array(bytes))
        return used
      }
    }
    #expect(seen == [[1, 2, 3, 4], [1, 2, 3, 4], [4], []])
  }

  private func halfClose() throws {
    let (near, far) = try pair()
    near.stream?.write([1, 2])
    near.stream?.finish()
    #expect(near.stream?.write([3]) == 0)
    #expect(goOn { far.events.last == .peerFinished })
    #expect(far.received == [1, 2])
    far.stream?.write([4, 5])
    #expect(goOn { near.received == [4, 5] })
    far.stream?.finish()
    #expect(goOn { near.events.last == .peerFinished })
    near.stream?.close()
    far.stream?.close()
  }

  private func closeAfterWriting() throws {
    let (near, far) = try pair()
    near.stream?.write(pattern(50_000))
    near.stream?.close()
    #expect(goOn { far.events.contains(.peerFinished) })
    #expect(far.hasReceived(pattern(50_000)))
    far.stream?.close()
  }

  private func reset() throws {
    let (near, far) = try pair()
    near.stream?.reset()
    #expect(goOn { far.failure != nil })
    #expect(far.failure == .reset)
    #expect(far.stream?.unreadCount == 0)
    #expect(far.stream?.write([1]) == 0)
  }

  private func silence() throws {
    let (near, far) = try pair()
    let known = near.events.count
    near.stream?.close()
    #expect(goOn { far.events.contains(.peerFinished) })
    far.stream?.write([1])
    far.stream?.close()
    var isOver = false
    client.after(.milliseconds(200)) { isOver = true }
    #expect(goOn { isOver })
    #expect(near.events.count == known)
    #expect(near.stream?.handler == nil)
  }

  private func backPressure() throws {
    let (near, far) = try pair()
    far.readsAtOnce = false
    // More than any buffers between them hold.
    let bytes = pattern(24_000_000)
    let pump = Pump(bytes, through: near)
    pump.go()
    var isOver = false
    client.after(.milliseconds(500)) { isOver = true }
    #expect(goOn { isOver })
    #expect(!pump.isDone)
    far.readsAtOnce = true
    far.read()
    #expect(goOn { far.received.count == bytes.count })
    #expect(far.hasReceived(bytes))
  }

  private func bothWays() throws {
    let (near, far) = try pair()
    let there = pattern(1_000_000)
    let back = Array(there.reversed())
    Pump(there, through: near, finishes: true).go()
    Pump(back, through: far, finishes: true).go()
    #expect(
      goOn { near.events.contains(.peerFinished) && far.events.contains(.peerFinished) })
    #expect(near.hasReceived(back) && far.hasReceived(there))
    near.stream?.close()
    far.stream?.close()
  }

  // MARK: Time and chance

  private func timers() throws {
    var fired: [Int] = []
    let before = client.now
    for (number, delay) in [30, 10, 20, 0].enumerated() {
      client.after(.milliseconds(Int64(delay))) { fired.append(number) }
    }
    client.after(.milliseconds(15)) { fired.append(-1) }.cancel()
    #expect(fired.isEmpty)
    #expect(goOn { fired.count == 4 })
    #expect(fired == [3, 1, 2, 0])
    #expect(client.now - before >= .milliseconds(30))
  }

  private func chance() throws {
    #expect(client.randomBytes(0).isEmpty)
    #expect(client.randomBytes(32) != client.randomBytes(32))
    let values = (0..<100).map { _ in client.chance("conformance", below: 1_000) }
    #expect(values.allSatisfy { $0 < 1_000 })
    #expect(values.contains { $0 != values[0] })
  }

  // MARK: TLS

  private static let identity = ServerIdentity(
    commonName: "conformance.hubrig.test", alternativeNames: ["other.hubrig.test"],
    authority: "hubrig development authority")

  private func trust(
    _ trust: Trust = .authority("hubrig development authority"),
    _ name: String = "conformance.hubrig.test", resuming: (any Stream)? = nil
  ) -> ClientSecurity {
    .tls(trust: trust, serverName: name, resuming: resuming)
  }

  private func secure() throws {
    for name in ["conformance.hubrig.test", "other.hubrig.test"] {
      let security = trust(.authority(Self.identity.authority), name)
      let (near, far) = try pair(.tls(Self.identity), security)
      near.stream?.write([1, 2, 3])
      #expect(goOn { far.received == [1, 2, 3] })
      far.stream?.write([4])
      far.stream?.finish()
      #expect(goOn { near.events.last == .peerFinished })
      #expect(near.received == [4])
      near.stream?.close()
      far.stream?.close()
    }
  }

  private func failure(
    _ server: ServerSecurity, _ client: ClientSecurity
  ) throws -> (failure: NetworkFailure?, acceptedCount: Int) {
    var acceptedCount = 0
    let listener = try listen(server) { _ in acceptedCount += 1 }
    defer { listener.close() }
    let near = dial(listener.port, client)
    #expect(goOn { near.failure != nil || near.events.contains(.opened) })
    near.stream?.close()
    return (near.failure, acceptedCount)
  }

  private func untrusted() throws {
    var identity = Self.identity
    identity.authority = ""
    #expect(try failure(.tls(identity), trust()) == (.tlsUntrusted, 0))
  }

  private func wrongName() throws {
    let security = trust(.authority(Self.identity.authority), "elsewhere.hubrig.test")
    #expect(try failure(.tls(Self.identity), security) == (.tlsWrongName, 0))
  }

  private func commonName() throws {
    let identity = ServerIdentity(commonName: "01P00A000000001")
    #expect(
      try failure(.tls(identity), trust(.commonName("01P00A000000001"), "01P00A000000001"))
        .failure == nil)
    #expect(
      try failure(.tls(identity), trust(.commonName("01P00A000000002"), "01P00A000000002"))
        == (.tlsWrongName, 0))
  }

  private func maker() throws {
    let name = "01P00A000000001"
    let maker = Self.identity.authority
    let security = trust(.maker(authority: maker, commonName: name), name)
    let identity = { ServerIdentity(commonName: $0, authority: $1) }
    #expect(try failure(.tls(identity(name, maker)), security).failure == nil)
    #expect(try failure(.tls(identity(name, "")), security) == (.tlsUntrusted, 0))
    #expect(
      try failure(.tls(identity("01P00A000000002", maker)), security) == (.tlsWrongName, 0))
  }

  private func pinning() throws {
    let identity = ServerIdentity(commonName: "01P00A000000001")
    let name = identity.commonName
    let (near, far) = try pair(.tls(identity), trust(.commonName(name), name))
    let fingerprint = near.stream?.peerFingerprint ?? []
    #expect(fingerprint.count == 32 && far.stream?.peerFingerprint == nil)
    near.stream?.close()
    far.stream?.close()
    var pinned = trust(.pinned(commonName: name, fingerprint: fingerprint), name)
    #expect(try failure(.tls(identity), pinned).failure == nil)
    pinned = trust(.pinned(commonName: name, fingerprint: fingerprint.reversed()), name)
    #expect(try failure(.tls(identity), pinned) == (.tlsUntrusted, 0))
    pinned = trust(.pinned(commonName: "another", fingerprint: fingerprint), "another")
    #expect(try failure(.tls(identity), pinned) == (.tlsWrongName, 0))
    let (plain, _) = try pair()
    #expect(plain.stream?.peerFingerprint == nil)
  }

  private func resumption() throws {
    var ends: [End] = []
    let listener = try listen(.tls(Self.identity)) { ends.append($0) }
    defer { listener.close() }
    let first = dial(listener.port, trust())
    #expect(goOn { ends.count == 1 && first.events.contains(.opened) })
    // Tickets of TLS 1.3 come with the first bytes of the server.
    ends.first?.stream?.write([1])
    #expect(goOn { first.received == [1] })
    let second = dial(listener.port, trust(resuming: first.stream))
    #expect(goOn { ends.count == 2 && second.events.contains(.opened) })
    #expect(first.stream?.isSessionResumed == false)
    #expect(second.stream?.isSessionResumed == true)
    #expect(ends.last?.stream?.isSessionResumed == true)
    for end in [first, second] + ends { end.stream?.close() }
  }

  private func plainServer() throws {
    var far: End?
    let listener = try listen { end in
      far = end
      // What a plain server does with a greeting that it cannot read.
      end.onEvent = { event in
        if event == .readable { end.stream?.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) }
      }
    }
    defer { listener.close() }
    let near = dial(listener.port, trust())
    #expect(goOn { near.failure != nil })
    #expect(near.failure == .tlsProtocol)
    far?.stream?.close()
  }

  private func plainClient() throws {
    var acceptedCount = 0
    let listener = try listen(.tls(Self.identity)) { _ in acceptedCount += 1 }
    defer { listener.close() }
    let near = dial(listener.port)
    near.onEvent = { event in
      if event == .opened { near.stream?.write(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
    }
    #expect(goOn { near.failure != nil || near.events.contains(.peerFinished) })
    near.stream?.close()
    #expect(acceptedCount == 0)
  }

  // MARK: Means

  /// A port that nobody listens on.
  private var unusedPort: UInt16 { 1 }

  private func dial(_ port: UInt16, _ security: ClientSecurity = .plain) -> End {
    let end = End(on: client)
    end.take(client.connect(to: serverName, port: port, security: security, handler: end))
    return end
  }

  private func listen(
    _ security: ServerSecurity = .plain, _ accepted: @escaping (End) -> Void
  ) throws -> any Listener {
    try server.listen(port: 0, security: security) { [server] stream in
      let end = End(on: server)
      end.take(stream)
      accepted(end)
    }
  }

  /// A stream that is open at both ends.
  private func pair(
    _ server: ServerSecurity = .plain, _ client: ClientSecurity = .plain
  ) throws -> (near: End, far: End) {
    var far: End?
    let listener = try listen(server) { far = $0 }
    defer { listener.close() }
    let near = dial(listener.port, client)
    #expect(goOn { far != nil && near.events.contains(.opened) })
    return (near, try #require(far))
  }
}
