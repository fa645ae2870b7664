// How a stream comes to be. With `d` for the way from end to end:
//
//     plain   client ──greeting──▶ server ──answer──▶ client opened at 2d; server accepts at 3d
//     TLS     … then ──hello─────▶ server ──answer──▶ client opened at 4d; server accepts at 5d
//
// A resumed TLS session takes the same way, without the certificate. A greeting that is lost is sent
// again after 1, 2, 4 and 8 seconds; after 20 the client gives up.

import World

/// What a client remembers until its stream is open.
final class ConnectAttempt {
  let name: String
  let port: UInt16
  let security: ClientSecurity
  /// The life of the host in which it began.
  let process: UInt32
  var number: UInt32 = 0
  var since: Int64
  var failure = NetworkFailure.timedOut
  var isResuming = false

  init(name: String, port: UInt16, security: ClientSecurity, since: Int64, process: UInt32) {
    self.process = process
    self.name = name
    self.port = port
    self.security = security
    self.since = since
  }

  static let patience: Int64 = 20_000_000_000
}

extension VirtualStream {
  func connect(to name: String, port: UInt16, security: ClientSecurity) {
    attempt = ConnectAttempt(
      name: name, port: port, security: security, since: engine.now, process: host.process)
    guard host.isOn, (host.wifi?.state ?? .joined) == .joined else {
      return failLater(.unreachable, after: 0)
    }
    guard let farm = host.farm, farm.names != .right, isForeign(name) else { return dial(name) }
    switch farm.names {
    case .right: dial(name)
    case .dead: failLater(.nameUnknown, after: 5_000_000_000)
    case .slow(let delay): engine.plan(.nameFound, for: self, at: engine.now + delay.nanoseconds)
    case .wrong(let address): dial(address)
    }
  }

  /// Whether the network has to ask somebody else who that is.
  private func isForeign(_ name: String) -> Bool {
    !AddressBook.isAddress(name) && name != "localhost"
      && engine.addresses.find(name, on: host.segment) == nil
  }

  func nameIsFound() -> Bool {
    guard phase == .connecting, connection == nil, let attempt, attempt.process == host.process
    else { return false }
    engine.mark(.nameFound, identity, 0)
    attempt.since = engine.now
    dial(attempt.name)
    return true
  }

  private func dial(_ name: String) {
    var target = engine.find(name, from: host)
    if let portal = host.farm?.portal, target?.segment != host.segment { target = portal }
    guard let target else {
      // Somebody asks the network in vain who has that address; names are refused sooner.
      return AddressBook.isAddress(name)
        ? failLater(.unreachable, after: 3_000_000_000) : failLater(.nameUnknown, after: 50_000_000)
    }
    setPeerHost(target)
    guard let route = engine.route(from: host, to: target) else {
      return failLater(.unreachable, after: 2 * host.link.latency.nanoseconds)
    }
    path = route.path
    pathIsOpen = path.isOpen
    let connection = Connection(
      client: self, target: target, router: route.router, engine: engine)
    self.connection = connection
    engine.add(connection)
    sendGreeting()
  }

  private func failLater(_ failure: NetworkFailure, after delay: Int64) {
    attempt?.failure = failure
    engine.plan(.connectFailed, for: self, at: engine.now + delay)
  }

  func connectFails() -> Bool {
    guard let attempt, attempt.process == host.process else { return false }
    engine.mark(.connectFailed, identity, 0)
    fail(attempt.failure)
    return true
  }

  // MARK: The client's side

  private func sendGreeting() {
    guard let attempt else { return }
    let wait = min(Int64(1_000_000_000) << Int64(attempt.number), 8_000_000_000)
    attempt.number += 1
    connection?.use()
    if pathIsOpen, let time = packetArrival() {
      engine.plan(phase == .connecting ? .greeting : .secureGreeting, for: self, at: time)
    }
    let deadline = attempt.since + ConnectAttempt.patience
    engine.plan(
      .connectRetry, for: self, at: min(engine.now + wait, deadline), retryNumber(attempt))
  }

  /// Tells the retries of the two handshakes apart.
  private func retryNumber(_ attempt: ConnectAttempt) -> UInt32 {
    attempt.number * 2 + (phase == .securing ? 1 : 0)
  }

  func retryConnect(_ number: UInt32) -> Bool {
    guard let attempt, number == retryNumber(attempt) else { return false }
    engine.mark(.connectRetry, identity, Int(number))
    if engine.now >= attempt.since + ConnectAttempt.patience {
      fail(.timedOut)
    } else {
      sendGreeting()
    }
    return true
  }

  func greetingAnswerComes() -> Bool {
    guard phase == .connecting, let attempt, let peer else { return false }
    engine.mark(.greetingAnswer, identity, 0)
    guard peer.pathIsOpen else { return true }
    guard case .tls = attempt.security else {
      becomeOpen()
      return true
    }
    phase = .securing
    attempt.number = 0
    attempt.since = engine.now
    sendGreeting()
    return true
  }

  func secureGreetingAnswerComes() -> Bool {
    guard phase == .securing, let attempt, let peer else { return false }
    engine.mark(.secureGreetingAnswer, identity, 0)
    guard peer.pathIsOpen else { return true }
    guard case .tls(let trust, let serverName, _) = attempt.security else { return true }
    guard let listener = peer.listener, let identity = listener.identity else {
      // It answered, but not with TLS.
      sendReset()
      fail(.tlsProtocol)
      return true
    }
    if !attempt.isResuming {
      let failure = listener.certificateFailure(
        trust: trust, serverName: serverName, at: host.wallMilliseconds)
      if let failure {
        fail(failure)
        return true
      }
    }
    session = identity
    isSessionResumed = attempt.isResuming
    peer.session = identity
    peer.isSessionResumed = attempt.isResuming
    becomeOpen()
    return true
  }

  private func becomeOpen() {
    phase = .open
    attempt = nil
    // Whatever is written from inside the callback travels with this.
    if !(pathIsOpen && launch(count: 0, finishes: false)) { startRecovery() }
    handler?.streamChanged(self, .opened)
  }

  // MARK: The server's side, told by the client's packets

  func greetingComes() -> Bool {
    guard phase == .connecting, let attempt, let connection else { return false }
    engine.mark(.greeting, identity, Int(attempt.port))
    guard pathIsOpen else { return true }
    if peer == nil {
      guard let listener = connection.target.listener(on: attempt.port) else {
        var back = path.reversed
        back.update(engine.linkVersion)
        if let time = back.arrivalOfPacket(sentAt: engine.now) {
          attempt.failure = .refused
          engine.plan(.connectFailed, for: self, at: time)
        }
        return true
      }
      connection.attach(
        server: VirtualStream(accepting: self, listener: listener, host: connection.target))
    }
    answerGreeting(.greetingAnswer)
    return true
  }

  func secureGreetingComes() -> Bool {
    guard phase == .securing, let attempt, let peer else { return false }
    engine.mark(.secureGreeting, identity, 0)
    guard pathIsOpen, !peer.host.stallsHandshakes else { return true }
    if let offered = peer.listener?.identity {
      if case .tls(_, _, let earlier) = attempt.security,
        let session = (earlier as? VirtualStream)?.session
      {
        attempt.isResuming = session == offered
      }
      answerGreeting(.secureGreetingAnswer)
    } else if peer.phase == .accepting {
      // A plain server gets to see the client's hello, and can make nothing of it.
      answerGreeting(.secureGreetingAnswer)
      Self.clientHello.withUnsafeBytes { outgoing.append($0) }
      outgoing.sent = outgoing.written
      peer.hear(outgoing.written - outgoing.delivered, finishes: false)
    }
    return true
  }

  private func answerGreeting(_ kind: EventKind) {
    guard let peer, peer.pathIsOpen else { return }
    if let time = peer.packetArrival() {
      engine.plan(kind, for: self, at: time)
    }
  }

  /// How a TLS record with a client's hello begins.
  private static let clientHello: [UInt8] = [0x16, 0x03, 0x01, 0x00, 0x04, 0x01, 0x00, 0x00, 0x00]
  /// A fatal alert: unexpected message.
  private static let alert: [UInt8] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0A]

  /// The client has proven that it is there; answers whether the stream can go on.
  func accept(firstCount: Int, finishes: Bool) -> Bool {
    guard let listener else { return false }
    if listener.identity != nil, session == nil {
      // A client that speaks no TLS is not told much, and never gets to the owner.
      guard firstCount > 0 || finishes else { return false }
      phase = .open
      isClosed = true
      incoming.delivered += firstCount
      incoming.consume(firstCount)
      incoming.finishIsDelivered = finishes
      Self.alert.withUnsafeBytes { outgoing.append($0) }
      finish()
      acknowledge()
      return false
    }
    guard let accept = listener.accept else {
      phase = .open
      reset()
      return false
    }
    phase = .open
    accept(self)
    return phase == .open
  }
}

extension VirtualStream {
  /// What stands for the SHA-256 of a certificate: the same for the same identity in every run.
  static func fingerprint(of identity: ServerIdentity) -> [UInt8] {
    let description =
      ([identity.commonName, identity.authority, "\(identity.validUntil ?? 0)"]
      + identity.alternativeNames).joined(separator: "\n")
    var stream = ChanceStream(seed: 0, name: description)
    return (0..<4).flatMap { _ in
      let word = stream.next()
      return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }
}

extension VirtualListener {
  /// Why a client that trusts like this does not believe us, or nil if it does.
  func certificateFailure(
    trust: Trust, serverName: String, at wallMilliseconds: Int64
  ) -> NetworkFailure? {
    guard let identity = shownIdentity else { return .tlsProtocol }
    let validUntil = identity.validUntil ?? self.validUntil
    let isTooEarly = wallMilliseconds < validFrom
    switch trust {
    case .authority(let name):
      guard identity.authority == name, !name.isEmpty else { return .tlsUntrusted }
      guard wallMilliseconds <= validUntil, !isTooEarly else { return .tlsExpired }
      guard identity.commonName == serverName || identity.alternativeNames.contains(serverName)
      else { return .tlsWrongName }
    case .commonName(let name):
      guard wallMilliseconds <= validUntil, !isTooEarly else { return .tlsExpired }
      guard identity.commonName == name else { return .tlsWrongName }
    case .pinned(let name, let fingerprint):
      guard wallMilliseconds <= validUntil, !isTooEarly else { return .tlsExpired }
      guard identity.commonName == name else { return .tlsWrongName }
      guard VirtualStream.fingerprint(of: identity) == fingerprint else { return .tlsUntrusted }
    }
    return nil
  }
}
