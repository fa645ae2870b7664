/// One end of a reliable, ordered stream of bytes, perhaps inside TLS.
///
/// Reading is pulled, so that back-pressure is natural: unread bytes hold the far end's window
/// closed. Events only say that something has changed.
public protocol Stream: AnyObject {
  /// Who hears of changes. Held strongly until the stream is closed or has failed.
  var handler: (any StreamHandler)? { get set }

  var peerAddress: String { get }
  var localAddress: String { get }
  /// Whether the TLS session was resumed from an earlier one; false on a plain stream.
  var isSessionResumed: Bool { get }
  /// The SHA-256 of the certificate that the server at the far end has shown, once the stream is open;
  /// nil if there is none.
  var peerFingerprint: [UInt8]? { get }

  /// How many bytes have come and were not consumed.
  var unreadCount: Int { get }
  /// Shows some contiguous unread bytes and consumes as many as `body` answers; the oldest come
  /// first. Shows an empty buffer when there are none.
  func read(_ body: (UnsafeRawBufferPointer) -> Int)

  /// How many bytes `write` would take now; 0 before the stream is open.
  var writableCount: Int { get }
  /// Hands bytes over and answers how many were taken; `.writable` tells when there is room again.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int

  /// Ends our direction after what was written (TLS: close_notify, then FIN).
  func finish()
  /// `finish`, and nothing more is heard or read here.
  func close()
  /// Breaks the stream at once; the far end sees a reset.
  func reset()
}

/// Something that owns streams.
public protocol StreamHandler: AnyObject {
  func streamChanged(_ stream: any Stream, _ event: StreamEvent)
}

/// What has changed on a stream.
public enum StreamEvent: Equatable, Sendable {
  case opened
  /// There are new unread bytes.
  case readable
  /// There is room to write again after `write` took less than it was given.
  case writable
  /// The far end has ended its direction. Unread bytes can still be read, writing still works.
  case peerFinished
  /// The stream is gone. Nothing more is heard of it.
  case failed(NetworkFailure)
}

/// Why a stream or listener broke or never came to be.
public enum NetworkFailure: Error, Equatable, Sendable {
  case nameUnknown
  case unreachable
  case refused
  case timedOut
  case reset
  case addressInUse
  case notPermitted
  case tooMany
  /// The far end's certificate is not signed by whom it should be.
  case tlsUntrusted
  /// The certificate is for another name.
  case tlsWrongName
  case tlsExpired
  /// The far end does not speak TLS, or not a version we take.
  case tlsProtocol

  /// Stable, for logs and scenarios.
  public var name: String {
    switch self {
    case .nameUnknown: "name-unknown"
    case .unreachable: "unreachable"
    case .refused: "refused"
    case .timedOut: "timed-out"
    case .reset: "reset"
    case .addressInUse: "address-in-use"
    case .notPermitted: "not-permitted"
    case .tooMany: "too-many"
    case .tlsUntrusted: "tls-untrusted"
    case .tlsWrongName: "tls-wrong-name"
    case .tlsExpired: "tls-expired"
    case .tlsProtocol: "tls-protocol"
    }
  }
}

/// A port that accepts streams.
public protocol Listener: AnyObject {
  var port: UInt16 { get }
  /// Accepts no more; streams that were accepted go on.
  func close()
}

extension Stream {
  /// Hands over an array; answers how many bytes were taken.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Int { bytes.withUnsafeBytes { write($0) } }
}
