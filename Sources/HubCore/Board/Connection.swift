// A stream of the board, owned: letting go of the value closes the stream, so none can leak and
// none can be used after it was closed.

import CBoard
import Wire

/// A stream to a peer, inside TLS unless it is to be trusted plainly.
struct Connection: ~Copyable {
  private let board: Board
  /// The board's number for it, good for resuming its TLS session with another stream.
  let number: Int32

  /// How the far end must prove who it is.
  enum Trust: UInt8 {
    case plain = 0
    case cloud = 1
    case commonName = 2
    /// The name must be right, and the certificate be this very one.
    case pinned = 3
    /// The name must be right, and the maker of the printer must have signed.
    case maker = 4
  }

  /// Where a stream stands.
  enum State: Equatable {
    case opening
    case open
    /// The far end has sent its last byte; unread ones can still be read.
    case peerFinished
    case failed(Failure)
  }

  /// Why a stream failed or could not be opened.
  enum Failure: Int32, Error {
    case unknown = 0
    case nameUnknown = -1
    case unreachable = -2
    case refused = -3
    case timedOut = -4
    case reset = -5
    case tlsUntrusted = -6
    case tlsWrongName = -7
    case tlsExpired = -8
    case tlsProtocol = -9
    case tooManyStreams = -10

    /// Stable, for the log and for what the cloud is told.
    var name: StaticString {
      switch self {
      case .unknown: "unknown"
      case .nameUnknown: "name unknown"
      case .unreachable: "unreachable"
      case .refused: "refused"
      case .timedOut: "timed out"
      case .reset: "reset"
      case .tlsUntrusted: "certificate not trusted"
      case .tlsWrongName: "certificate of somebody else"
      case .tlsExpired: "certificate expired"
      case .tlsProtocol: "no common TLS"
      case .tooManyStreams: "too many streams"
      }
    }
  }

  /// Takes over a stream that the board has opened.
  init(board: Board, number: Int32) {
    self.board = board
    self.number = number
  }

  /// Begins to open a stream. `name` is what the certificate must say under `.commonName` and
  /// `.maker`; with a fingerprint and `.commonName` it must be that very certificate.
  static func open(
    on board: Board, host: Span<UInt8>, port: UInt16, trust: Trust, name: Span<UInt8>,
    resuming session: Int32 = -1, authority: Span<UInt8> = Span(),
    fingerprint: Span<UInt8> = Span()
  ) throws(Failure) -> Connection {
    let isPinned = trust == .commonName && fingerprint.count == Fingerprint.limit
    let number = unsafe host.withUnsafeBufferPointer { host in
      unsafe name.withUnsafeBufferPointer { name in
        unsafe authority.withUnsafeBufferPointer { authority in
          unsafe fingerprint.withUnsafeBufferPointer { fingerprint in
            var request = unsafe hub_stream_request()
            unsafe request.host = host.baseAddress
            unsafe request.host_count = UInt32(truncatingIfNeeded: host.count)
            unsafe request.port = port
            unsafe request.trust = (isPinned ? .pinned : trust).rawValue
            unsafe request.fingerprint = fingerprint.baseAddress
            unsafe request.expected_name = name.baseAddress
            unsafe request.expected_name_count = UInt32(truncatingIfNeeded: name.count)
            unsafe request.resume_session_of = session
            unsafe request.authority = authority.baseAddress
            unsafe request.authority_count = UInt32(truncatingIfNeeded: authority.count)
            return unsafe board.raw.pointee.stream_open(board.raw.pointee.context, &request)
          }
        }
      }
    }
    if number < 0 {
      let failure = Failure(rawValue: number) ?? .unknown
      if failure == .tooManyStreams { board.note { $0.noteShortage(at: board.now) } }
      throw failure
    }
    return Connection(board: board, number: number)
  }

  deinit {
    unsafe board.raw.pointee.stream_close(board.raw.pointee.context, number)
  }

  var state: State {
    switch unsafe board.raw.pointee.stream_state(board.raw.pointee.context, number) {
    case 0: return .opening
    case 1: return .open
    case 2: return .peerFinished
    default:
      let error = unsafe board.raw.pointee.stream_error(board.raw.pointee.context, number)
      return .failed(Failure(rawValue: error) ?? .unknown)
    }
  }

  /// The SHA-256 of the certificate that the far end has shown; empty when there is none.
  var fingerprint: Fingerprint {
    var result = Fingerprint()
    unsafe result.fill { memory in
      let isThere = unsafe board.raw.pointee.stream_fingerprint(
        board.raw.pointee.context, number, memory.baseAddress)
      return isThere ? Fingerprint.limit : 0
    }
    return result
  }

  /// Moves what has come into the free room of `queue`; answers how many bytes that were.
  func read(into queue: inout ByteQueue) -> Int {
    var count = 0
    unsafe queue.fill { memory in
      guard !memory.isEmpty else { return 0 }
      let room = UInt32(truncatingIfNeeded: memory.count)
      count = unsafe Int(
        board.raw.pointee.stream_read(
          board.raw.pointee.context, number, memory.baseAddress, room))
      return count
    }
    return count
  }

  /// Hands over as much of `bytes` as the stream takes now; answers how many that were.
  func write(_ bytes: Span<UInt8>) -> Int {
    guard !bytes.isEmpty else { return 0 }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      let count = UInt32(truncatingIfNeeded: bytes.count)
      return unsafe Int(
        board.raw.pointee.stream_write(
          board.raw.pointee.context, number, bytes.baseAddress, count))
    }
  }

  /// Hands over as much of `queue` as the stream takes now; answers how many bytes that were.
  @discardableResult
  func send(from queue: inout ByteQueue) -> Int {
    let taken = write(queue.pending)
    if taken > 0 { queue.consume(taken) }
    return taken
  }

  /// Ends our direction after what was written.
  func finish() {
    unsafe board.raw.pointee.stream_finish(board.raw.pointee.context, number)
  }
}
