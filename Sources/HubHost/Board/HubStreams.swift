import CBoard
import World

/// The streams that the firmware knows by number.
final class HubStreams {
  static let limit = 32
  /// Something has changed that the firmware should look at.
  var onChange: (() -> Void)?
  /// Asked before each move of a stream; may break it off instead.
  var watch: ((StreamMove) -> StreamEnd?)?
  private var slots = [HubStream?](repeating: nil, count: HubStreams.limit)
  /// What the chip has memory for, where that is less than it has numbers.
  var scarceLimit: Int?

  subscript(number: hub_stream) -> HubStream? {
    guard number >= 0, number < Self.limit else { return nil }
    return slots[Int(number)]
  }

  func open(
    on host: any Host, to name: String, port: UInt16, security: ClientSecurity
  ) -> hub_stream {
    guard hasMemory, let number = slots.firstIndex(where: { $0 == nil }) else {
      return HUB_ERROR_TOO_MANY_STREAMS.rawValue
    }
    let slot = HubStream(owner: self, port: port)
    slots[number] = slot
    slot.stream = host.connect(to: name, port: port, security: security, handler: slot)
    return hub_stream(number)
  }

  /// Gives a number to a stream that came in.
  func adopt(_ slot: HubStream) -> hub_stream {
    guard hasMemory, let number = slots.firstIndex(where: { $0 == nil }) else {
      return HUB_ERROR_TOO_MANY_STREAMS.rawValue
    }
    slots[number] = slot
    return hub_stream(number)
  }

  private var hasMemory: Bool {
    guard let scarceLimit else { return true }
    return slots.count { $0 != nil } < scarceLimit
  }

  func close(_ number: hub_stream) {
    guard let slot = self[number] else { return }
    slots[Int(number)] = nil
    slot.close()
  }

  /// The board has lost its power. Streams that the world has not silenced already are reset.
  func removeAll() {
    for number in slots.indices {
      guard let slot = slots[number] else { continue }
      slots[number] = nil
      slot.breakOff()
    }
  }
}

/// One stream of the firmware's, and where it stands.
final class HubStream: StreamHandler {
  var stream: (any Stream)?
  private(set) var state = HUB_STREAM_OPENING
  private(set) var error = HUB_ERROR_NONE
  /// Those it is one of, until its number or its place in a queue is taken from it.
  private let owner: HubStreams
  private let port: UInt16
  /// Nothing gets through any more, and nobody was told.
  private var isDead = false

  init(owner: HubStreams, port: UInt16) {
    self.owner = owner
    self.port = port
  }

  /// One that came in.
  init(accepted stream: any Stream, owner: HubStreams) {
    self.owner = owner
    self.stream = stream
    port = 0
    state = HUB_STREAM_OPEN
    stream.handler = self
  }

  func breakOff() {
    stream?.handler = nil
    stream?.reset()
    stream = nil
  }

  /// Whether the stream makes this move, which it does unless somebody who watches breaks it.
  func makes(_ kind: StreamMove.Kind) -> Bool {
    guard !isDead else { return false }
    guard let watch = owner.watch, let end = watch(StreamMove(kind: kind, port: port)) else {
      return true
    }
    breaks(end)
    return false
  }

  private func breaks(_ end: StreamEnd) {
    switch end {
    case .reset, .half:
      if end == .reset { breakOff() } else { close() }
      state = HUB_STREAM_FAILED
      error = HUB_ERROR_RESET
      owner.onChange?()
    case .silence:
      isDead = true
    }
  }

  /// What a dead stream swallows counts as taken.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let stream, bytes.count > 0 else { return 0 }
    if isDead { return bytes.count }
    guard stream.writableCount > 0 else { return 0 }
    guard let watch = owner.watch else { return stream.write(bytes) }
    let end = watch(StreamMove(kind: .write, port: port))
    if end == .half {
      _ = stream.write(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]))
    }
    guard let end else { return stream.write(bytes) }
    breaks(end)
    return isDead ? bytes.count : 0
  }

  /// The stream to read from, if it has something and lets it through.
  var readable: (any Stream)? {
    guard let stream, stream.unreadCount > 0, makes(.read) else { return nil }
    return stream
  }

  func finish() {
    guard let stream, makes(.finish) else { return }
    stream.finish()
  }

  func close() {
    if isDead { stream?.reset() } else { stream?.close() }
    stream = nil
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    guard !isDead else { return }
    switch event {
    case .opened where !makes(.open), .peerFinished where !makes(.end): return
    default: break
    }
    switch event {
    case .opened: state = HUB_STREAM_OPEN
    case .peerFinished: state = HUB_STREAM_PEER_FINISHED
    case .failed(let failure):
      state = HUB_STREAM_FAILED
      error = failure.boardError
    case .readable, .writable: break
    }
    owner.onChange?()
  }
}

/// Something that a stream of the firmware is about to do.
public struct StreamMove: Equatable, Sendable {
  /// What it is: it opens, hands over bytes that came, takes bytes, ends our direction, or tells that
  /// the far end has ended its own.
  public enum Kind: Sendable { case open, read, write, finish, end }

  public let kind: Kind
  /// The port at the far end; 0 of a stream that came in.
  public let port: UInt16
}

/// How a stream ends in place of a move.
public enum StreamEnd: Sendable {
  /// Both ends learn of it.
  case reset
  /// Half of what was to be written gets through, and then the far end sees our end.
  case half
  /// Neither learns of it: what is sent is lost.
  case silence
}

extension HubHost {
  /// Asked before each move of one of the firmware's streams; may break it off instead. For rigs
  /// that break connections at every step.
  public var streamWatch: ((StreamMove) -> StreamEnd?)? {
    get { streams.watch }
    set { streams.watch = newValue }
  }
}

extension NetworkFailure {
  var boardError: hub_stream_error {
    switch self {
    case .nameUnknown: HUB_ERROR_NAME_UNKNOWN
    case .unreachable, .notPermitted: HUB_ERROR_UNREACHABLE
    case .addressInUse: HUB_ERROR_ADDRESS_IN_USE
    case .refused: HUB_ERROR_REFUSED
    case .timedOut: HUB_ERROR_TIMED_OUT
    case .reset: HUB_ERROR_RESET
    case .tooMany: HUB_ERROR_TOO_MANY_STREAMS
    case .tlsUntrusted: HUB_ERROR_TLS_UNTRUSTED
    case .tlsWrongName: HUB_ERROR_TLS_WRONG_NAME
    case .tlsExpired: HUB_ERROR_TLS_EXPIRED
    case .tlsProtocol: HUB_ERROR_TLS_PROTOCOL
    }
  }
}
