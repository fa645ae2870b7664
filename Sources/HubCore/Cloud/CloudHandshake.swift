// How the connection becomes a WebSocket, and what the hub's hello has to prove.
//
//     GET {path}/ws/hub/{id} HTTP/1.1 ... Sec-WebSocket-Key: K
//     HTTP/1.1 101 ... Sec-WebSocket-Accept: f(K), X-Hub-Challenge: 32 hexadecimal digits
//
// The challenge is fresh for each connection and covered by the signature, so that a recorded
// hello is worth nothing.

import Wire

/// The state of one handshake.
struct CloudHandshake {
  private var key = Text<24>()
  private var challenge = Text<32>()
  private var isAccepted = false
  private var status: UInt16 = 0
  private var hasUpgraded = false

  /// Why a handshake came to nothing.
  enum Failure: Error {
    case http(HTTPError)
    case status(UInt16)
    case notAccepted
    case noChallenge

    var name: StaticString {
      switch self {
      case .http(let error): error.name
      case .status(404): "cloud has no door for hubs (HTTP 404)"
      case .status(429): "cloud wants fewer attempts (HTTP 429)"
      case .status(503): "cloud is not ready (HTTP 503)"
      case .status: "cloud refused the upgrade"
      case .notAccepted: "cloud accepted somebody else's upgrade"
      case .noChallenge: "cloud gave no challenge"
      }
    }

    /// Whether the far end broke the protocol; otherwise it only refused.
    var isBadInput: Bool {
      if case .status = self { return false }
      return true
    }
  }

  /// Writes the upgrade request; false when it does not fit.
  mutating func writeRequest(
    _ board: Board, _ settings: borrowing Settings, into outbox: inout ByteQueue
  ) -> Bool {
    let entropy = board.entropyBytes()
    key.write { WebSocketHandshake.key(entropy.span, into: &$0) }
    let cloud = settings.cloud
    let hubID = settings.hubID
    let key = key
    return outbox.write { request in
      request.put("GET ")
      request.put(cloud.path.span)
      request.put("/ws/hub/")
      PercentCoding.encode(hubID.span, into: &request)
      request.put(" HTTP/1.1\r\nHost: ")
      request.put(cloud.host.span)
      request.putPort(cloud.port, isSecure: cloud.trust != .plain)
      request.put("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13")
      request.put("\r\nSec-WebSocket-Key: ")
      request.put(key.span)
      request.put("\r\nUser-Agent: hubrig/")
      request.put(Firmware.version)
      request.put("\r\n\r\n")
    }
  }

  /// Reads the answer as far as it has come; answers whether the WebSocket is open.
  mutating func read(
    _ inbox: inout ByteQueue, _ http: inout HTTPReader
  ) throws(Failure) -> Bool {
    while !hasUpgraded {
      let event: HTTPEvent
      do throws(HTTPError) { event = try http.next(inbox) } catch { throw .http(error) }
      switch event {
      case .needsMore:
        return false
      case .response(let status, _, _, let used):
        self.status = status
        inbox.consume(used)
      case .header(let name, let value, let used):
        take(inbox.pending.extracting(name), inbox.pending.extracting(value))
        inbox.consume(used)
      case .headEnd(_, let used):
        inbox.consume(used)
        if status == 101 {
          guard isAccepted else { throw .notAccepted }
          guard challenge.count == 32 else { throw .noChallenge }
          hasUpgraded = true
        } else if status >= 200 {
          throw .status(status)
        }
      case .end(let used):
        inbox.consume(used)
      case .body, .request:
        throw .status(status)
      }
    }
    return true
  }

  private mutating func take(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    if equalsIgnoringCase(name, "sec-websocket-accept") {
      isAccepted = WebSocketHandshake.isAccepted(value, forKey: key.span)
    } else if equalsIgnoringCase(name, "x-hub-challenge") {
      challenge.set(value)
    }
  }

  /// The signature of the hello, in hexadecimal digits.
  func signature(
    _ board: Board, _ settings: borrowing Settings, _ version: Span<UInt8>
  ) -> Text<64> {
    var message = Text<160>()
    let challenge = challenge
    let hubID = settings.hubID
    message.write {
      $0.put(hubID.span)
      $0.put("\n")
      $0.put(challenge.span)
      $0.put("\n")
      $0.put(version)
    }
    let digest = board.signature(of: message.span, key: settings.secret.span)
    var text = Text<64>()
    text.write { $0.put(hex: digest.span) }
    return text
  }
}
