import CBoard

/// What a board has beside its flash and its streams: people's ways to the hub.
final class FakeRadio {
  /// Whether somebody holds the button down.
  var isButtonDown = false

  /// What a scan finds.
  var networks: [(name: String, security: UInt8, signal: Int8)] = []
  var isScanning = false
  private(set) var scans = 0
  /// The network of the board's own; nil while it is closed.
  private(set) var ownNetwork: String?

  /// What is advertised; nil when nothing is.
  private(set) var advertisement: (name: String, data: String)?
  private var events: [(event: hub_bluetooth_event, bytes: [UInt8])] = []
  private(set) var values: [(phone: UInt16, text: String, isNotified: Bool)] = []
  private(set) var sentAway: [UInt16] = []

  /// Streams that wait to be accepted.
  private(set) var listensOn: [Int32: UInt16] = [:]
  private var waiting: [Int32] = []
  private var nextListener: Int32 = 1

  /// Datagrams to the hub, and from it.
  private var datagrams: [(bytes: [UInt8], from: hub_address)] = []
  private(set) var sent: [(bytes: [UInt8], to: hub_address)] = []
  private(set) var openSockets: [Int32: UInt16] = [:]

  // MARK: what a test does

  func connect(_ phone: UInt16) { add(HUB_BLUETOOTH_CONNECTED, phone) }
  func leave(_ phone: UInt16) { add(HUB_BLUETOOTH_DISCONNECTED, phone) }
  func subscribe(_ phone: UInt16) {
    add(HUB_BLUETOOTH_SUBSCRIBED, phone, HUB_CHARACTERISTIC_STATUS)
  }

  func write(_ bytes: [UInt8], to place: hub_characteristic, _ phone: UInt16 = 1) {
    add(HUB_BLUETOOTH_WRITTEN, phone, place, bytes)
  }

  func write(_ text: String, to place: hub_characteristic, _ phone: UInt16 = 1) {
    write(Array(text.utf8), to: place, phone)
  }

  private func add(
    _ kind: hub_bluetooth_event_kind, _ phone: UInt16,
    _ place: hub_characteristic = hub_characteristic(0), _ bytes: [UInt8] = []
  ) {
    let event = hub_bluetooth_event(
      kind: UInt8(kind.rawValue), characteristic: UInt8(place.rawValue), connection: phone,
      count: UInt32(bytes.count))
    events.append((event, bytes))
  }

  /// The last status that a phone can read.
  func status(_ phone: UInt16 = 1) -> [String: Any] {
    values.last { $0.phone == phone }.map { parsed(Array($0.text.utf8)) } ?? [:]
  }

  /// A browser knocks at the hub's own web server.
  func knock(with stream: FakeStream) { waiting.append(stream.number) }

  func ask(_ bytes: [UInt8]) {
    datagrams.append((bytes, hub_address(bytes: (192, 168, 4, 2), port: 50_000)))
  }

  // MARK: what the board answers

  func fill(_ raw: inout hub_board) {
    raw.button = { FakeBoard.at($0).radio.isButtonDown }
    raw.wifi_scan = { FakeBoard.at($0).radio.scans += 1 }
    raw.wifi_scan_count = { context in
      let radio = FakeBoard.at(context).radio
      return radio.isScanning ? -1 : Int32(radio.networks.count)
    }
    raw.wifi_scan_result = { context, index, network in
      let radio = FakeBoard.at(context).radio
      guard Int(index) < radio.networks.count, let network else { return false }
      let found = radio.networks[Int(index)]
      withUnsafeMutableBytes(of: &network.pointee.name) { $0.copyBytes(from: found.name.utf8) }
      network.pointee.name_count = UInt8(found.name.utf8.count)
      network.pointee.security = found.security
      network.pointee.signal = found.signal
      return true
    }
    raw.wifi_own_network = { context, name, count in
      FakeBoard.at(context).radio.ownNetwork = count == 0 ? nil : FakeBoard.text(name, count)
    }
    raw.local_address = { _, _, _ in false }
    raw.bluetooth_advertise = { context, name, nameCount, data, dataCount in
      FakeBoard.at(context).radio.advertisement =
        nameCount == 0 ? nil : (FakeBoard.text(name, nameCount), FakeBoard.text(data, dataCount))
    }
    raw.bluetooth_next = { context, event, into, capacity in
      let radio = FakeBoard.at(context).radio
      guard !radio.events.isEmpty else {
        event!.pointee = hub_bluetooth_event()
        return
      }
      let next = radio.events.removeFirst()
      event!.pointee = next.event
      precondition(next.bytes.count <= Int(capacity))
      for (index, byte) in next.bytes.enumerated() { into![index] = byte }
    }
    raw.bluetooth_value = { context, phone, place, bytes, count, notify in
      precondition(count <= 512, "no phone reads a longer value")
      FakeBoard.at(context).radio.values.append((phone, FakeBoard.text(bytes, count), notify))
      return true
    }
    raw.bluetooth_disconnect = { FakeBoard.at($0).radio.sentAway.append($1) }
    fillOwnNetwork(&raw)
  }

  private func fillOwnNetwork(_ raw: inout hub_board) {
    raw.listen = { context, network, port in
      let radio = FakeBoard.at(context).radio
      precondition(network == 1)
      defer { radio.nextListener += 1 }
      radio.listensOn[radio.nextListener] = port
      return radio.nextListener
    }
    raw.accept = { context, _ in
      let radio = FakeBoard.at(context).radio
      return radio.waiting.isEmpty ? -1 : radio.waiting.removeFirst()
    }
    raw.listener_close = { FakeBoard.at($0).radio.listensOn[$1] = nil }
    raw.datagram_open = { context, _, port in
      let radio = FakeBoard.at(context).radio
      defer { radio.nextListener += 1 }
      radio.openSockets[radio.nextListener] = port
      return radio.nextListener
    }
    raw.datagram_join = { _, _, _ in true }
    raw.datagram_send = { context, _, to, bytes, count in
      let board = FakeBoard.at(context)
      board.radio.sent.append((FakeBoard.bytes(bytes, count), to!.pointee))
      let address = to!.pointee
      let parts = [address.bytes.0, address.bytes.1, address.bytes.2, address.bytes.3]
      board.datagramsOut.append(
        (
          parts.map(String.init).joined(separator: "."), address.port,
          String(decoding: FakeBoard.bytes(bytes, count), as: UTF8.self)
        ))
      return true
    }
    raw.datagram_receive = { context, socket, from, into, capacity in
      let board = FakeBoard.at(context)
      let radio = board.radio
      if let port = radio.openSockets[socket], board.datagramsIn[port]?.isEmpty == false {
        return board.handOverDatagram(port, from!, into!, capacity)
      }
      guard radio.openSockets[socket] == 53, !radio.datagrams.isEmpty else { return 0 }
      let next = radio.datagrams.removeFirst()
      from!.pointee = next.from
      let count = min(next.bytes.count, Int(capacity))
      for index in 0..<count { into![index] = next.bytes[index] }
      return UInt32(count)
    }
    raw.datagram_close = { FakeBoard.at($0).radio.openSockets[$1] = nil }
  }
}
