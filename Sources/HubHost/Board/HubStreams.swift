import CBoard
import World

/// The streams that the firmware knows by number.
final class HubStreams {
  static let limit = 32
  /// Something has changed that the firmware should look at.
  var onChange: (() -> Void)?
  private var slots = [HubStream?](repeating: nil, count: HubStreams.limit)

  subscript(number: hub_stream) -> HubStream? {
    guard number >= 0, number < Self.limit else { return nil }
    return slots[Int(number)]
  }

  func open(
    on host: any Host, to name: String, port: UInt16, security: ClientSecurity
  ) -> hub_stream {
    guard let number = slots.firstIndex(where: { $0 == nil }) else {
      return HUB_ERROR_TOO_MANY_STREAMS.rawValue
    }
    let slot = HubStream(owner: self)
    slots[number] = slot
    slot.stream = host.connect(to: name, port: port, security: security, handler: slot)
    return hub_stream(number)
  }

  /// Gives a number to a stream that came in.
  func adopt(_ slot: HubStream) -> hub_stream {
    guard let number = slots.firstIndex(where: { $0 == nil }) else {
      return HUB_ERROR_TOO_MANY_STREAMS.rawValue
    }
    slots[number] = slot
    return hub_stream(number)
  }

  func close(_ number: hub_stream) {
    guard let slot = self[number] else { return }
    slots[Int(number)] = nil
    slot.stream?.close()
    slot.stream = nil
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
  private unowned let owner: HubStreams

  init(owner: HubStreams) { self.owner = owner }

  /// One that came in.
  init(accepted stream: any Stream, owner: HubStreams) {
    self.owner = owner
    self.stream = stream
    state = HUB_STREAM_OPEN
    stream.handler = self
  }

  func breakOff() {
    stream?.handler = nil
    stream?.reset()
    stream = nil
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
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
