// What stands around a whole hub in the sweeps: a network with one password, a phone, a hand at the
// button, and a clock that goes on when nothing else happens. Its cloud is in SweepCloud.swift.

import CBoard
import HubHost

/// The hub's surroundings. They do not lose their memory when the hub loses its power.
final class SweepFarm {
  static let network = (name: "attic", key: "11112222")

  var now: UInt64 = 0
  var cloud = SweepCloud()
  var isButtonDown = false
  /// The board was asked to start the firmware anew.
  private(set) var isRestarting = false
  private(set) var wifiState: UInt8 = 0
  /// The hub has tried a network that nobody has ever named.
  private(set) var isLost = false
  /// The phone has read that the hub has joined the network, or that the cloud knows whose it is.
  var hearsJoined: () -> Void = {}
  private var events: [(event: hub_bluetooth_event, bytes: [UInt8])] = []

  func powerOn() {
    now = 1_000
    isButtonDown = false
    isRestarting = false
    wifiState = 0
    events.removeAll()
    cloud.hangUp()
  }

  func restart() { isRestarting = true }

  func join(_ name: UnsafeBufferPointer<UInt8>, _ key: UnsafeBufferPointer<UInt8>) {
    let isRight =
      name.elementsEqual(Self.network.name.utf8) && key.elementsEqual(Self.network.key.utf8)
    if !isRight { isLost = true }
    wifiState = UInt8((isRight ? HUB_WIFI_JOINED : HUB_WIFI_WRONG_KEY).rawValue)
  }

  // ----------------------------------------------------------------------------------- the phone

  func phoneConnects() {
    add(HUB_BLUETOOTH_CONNECTED)
    add(HUB_BLUETOOTH_SUBSCRIBED, HUB_CHARACTERISTIC_STATUS)
  }

  func phoneWrites(_ text: String, to place: hub_characteristic) {
    add(HUB_BLUETOOTH_WRITTEN, place, Array(text.utf8))
  }

  private func add(
    _ kind: hub_bluetooth_event_kind, _ place: hub_characteristic = hub_characteristic(0),
    _ bytes: [UInt8] = []
  ) {
    let event = hub_bluetooth_event(
      kind: UInt8(kind.rawValue), characteristic: UInt8(place.rawValue), connection: 1,
      count: UInt32(bytes.count))
    events.append((event, bytes))
  }

  func nextEvent(
    _ event: UnsafeMutablePointer<hub_bluetooth_event>, _ into: UnsafeMutablePointer<UInt8>
  ) {
    guard !events.isEmpty else {
      event.pointee = hub_bluetooth_event()
      return
    }
    let next = events.removeFirst()
    event.pointee = next.event
    for index in next.bytes.indices { into[index] = next.bytes[index] }
  }

  func phoneReads(_ status: UnsafeBufferPointer<UInt8>) {
    if status.holds("\"state\":\"joined\"") { hearsJoined() }
  }
}

extension Collection where Element == UInt8, Index == Int {
  /// Where a text begins, and behind it.
  func range(of text: String) -> Range<Int>? {
    let wanted = Array(text.utf8)
    guard count >= wanted.count else { return nil }
    for start in startIndex...(endIndex - wanted.count)
    where self[start] == wanted[0] && self[start..<start + wanted.count].elementsEqual(wanted) {
      return start..<start + wanted.count
    }
    return nil
  }

  func holds(_ text: String) -> Bool { range(of: text) != nil }
}
