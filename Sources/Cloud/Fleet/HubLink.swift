import World

/// Why a hub's socket is closed by the cloud.
enum HubFarewell: Error, Equatable {
  case notRecognised
  case notClaimed
  case replaced
  case released
  case silent
  case broken
  case notKept
  case evicted
  case tokenUnknown
  case tokenExpired
  case tokenUsed
  case ownedByOthers

  var code: UInt16 {
    switch self {
    case .notRecognised: 4401
    case .notClaimed, .released: 4403
    case .replaced: 4409
    case .silent: 4408
    case .broken: 1007
    case .notKept: 1011
    case .evicted: 1012
    case .tokenUnknown: 4410
    case .tokenExpired: 4411
    case .tokenUsed: 4412
    case .ownedByOthers: 4413
    }
  }

  var reason: String {
    switch self {
    case .notRecognised: "hub not recognised"
    case .notClaimed, .released: "hub is not claimed"
    case .replaced: "replaced by a newer connection"
    case .silent: "nothing heard for 60 s"
    case .broken: "not understood"
    case .notKept: "what was said could not be kept"
    case .evicted: "the hub's object moves to another machine"
    case .tokenUnknown: "claim token is unknown"
    case .tokenExpired: "claim token has expired"
    case .tokenUsed: "claim token was used already"
    case .ownedByOthers: "hub belongs to somebody else"
    }
  }
}

/// One socket in a hub's name: until its hello it may do nothing but say it.
final class HubLink {
  private static let helloPatience = Interval.seconds(10)

  let challenge: String
  private let session: WebSocketSession
  private let hub: HubConnection
  private var isWelcome = false
  private var timer: (any Timer)?

  init(_ session: WebSocketSession, hub: HubConnection, challenge: String) {
    self.session = session
    self.hub = hub
    self.challenge = challenge
    // The session holds its link, and is held by the server while it is open.
    session.onText = { [self] in take($0) }
    session.onBinary = { [self] bytes in
      guard isWelcome else { return refuse(.broken, "binary before its hello") }
      if !hub.take(binary: bytes) {
        session.close(code: 1003, reason: "only pictures come in binary")
      }
    }
    session.onHeard = { [self] in if isWelcome { hub.heard() } }
    session.onClosed = { [self] reason in
      timer?.cancel()
      hub.ended(self, reason: reason)
    }
    timer = hub.platform.host.after(Self.helloPatience) { [weak self] in
      self?.refuse(.notRecognised, "no hello within 10 s")
    }
  }

  func send(_ json: JSON) {
    let host = hub.platform.host
    host.trace.tell(at: host.now, from: host.name, to: hub.name, payload: json.bytes)
    session.send(json)
  }
  func send(binary bytes: [UInt8]) { session.send(binary: bytes) }

  func leave(_ farewell: HubFarewell) {
    timer?.cancel()
    session.close(code: farewell.code, reason: farewell.reason)
  }

  private func take(_ bytes: [UInt8]) {
    let host = hub.platform.host
    host.trace.tell(at: host.now, from: hub.name, to: host.name, payload: bytes)
    do {
      if isWelcome {
        try hub.take(bytes, on: self)
      } else {
        try hub.welcome(hub.read(bytes), on: self)
        isWelcome = true
        timer?.cancel()
      }
    } catch let farewell as HubFarewell {
      isWelcome ? leave(farewell) : refuse(farewell, farewell.reason)
    } catch {
      hub.platform.host.note(.problem, "hub \(hub.name): a message failed: \(error)")
      session.close(code: 1011, reason: "something went wrong here")
    }
  }

  private func refuse(_ farewell: HubFarewell, _ reason: String) {
    guard !isWelcome, session.isOpen else { return }
    let platform = hub.platform
    platform.badInput(from: "hub \(hub.name)", "hub.refused-hello: \(reason)")
    platform.tell(.helloRefused(hub: hub.name, reason: reason))
    leave(farewell)
  }
}
