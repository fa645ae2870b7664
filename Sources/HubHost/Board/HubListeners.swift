import CBoard
import World

/// The ports that the firmware accepts streams on, by number.
final class HubListeners {
  static let limit = 4
  /// Somebody has come.
  var onChange: (() -> Void)?
  private var slots = [HubListener?](repeating: nil, count: HubListeners.limit)

  func open(
    on host: any Host, port: UInt16, network: HostNetwork, streams: HubStreams
  ) -> hub_listener {
    guard let number = slots.firstIndex(where: { $0 == nil }) else {
      return HUB_ERROR_TOO_MANY_STREAMS.rawValue
    }
    let slot = HubListener(streams: streams)
    do throws(NetworkFailure) {
      slot.listener = try host.listen(port: port, network: network, security: .plain) {
        [unowned self, unowned slot] stream in
        slot.welcome(stream)
        onChange?()
      }
    } catch {
      return error.boardError.rawValue
    }
    slots[number] = slot
    return hub_listener(number)
  }

  func accept(_ number: hub_listener) -> hub_stream {
    self[number]?.accept() ?? HUB_ERROR_UNREACHABLE.rawValue
  }

  func close(_ number: hub_listener) {
    guard let slot = self[number] else { return }
    slots[Int(number)] = nil
    slot.close()
  }

  /// The board has lost its power.
  func removeAll() {
    for number in slots.indices { close(hub_listener(number)) }
  }

  private subscript(number: hub_listener) -> HubListener? {
    guard number >= 0, number < Self.limit else { return nil }
    return slots[Int(number)]
  }
}

/// One such port, and the streams that wait there. Who comes when too many wait is turned away.
final class HubListener {
  static let queueLimit = 4
  var listener: (any Listener)?
  private let streams: HubStreams
  private var waiting: [HubStream] = []

  init(streams: HubStreams) { self.streams = streams }

  func welcome(_ stream: any Stream) {
    waiting.removeAll { $0.state == HUB_STREAM_FAILED }
    guard waiting.count < Self.queueLimit else { return stream.reset() }
    waiting.append(HubStream(accepted: stream, owner: streams))
  }

  func accept() -> hub_stream {
    waiting.removeAll { $0.state == HUB_STREAM_FAILED }
    guard let first = waiting.first else { return HUB_ERROR_UNREACHABLE.rawValue }
    let number = streams.adopt(first)
    if number >= 0 { waiting.removeFirst() }
    return number
  }

  func close() {
    listener?.close()
    listener = nil
    for slot in waiting { slot.breakOff() }
    waiting = []
  }
}
