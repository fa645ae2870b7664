// Multicast DNS (RFC 6762) with service discovery (RFC 6763): one instance of `_bambu._tcp.local`.
// No printer of this make has been seen to do that; this one does when it is told to.
//
//     _bambu._tcp.local            PTR  NAME._bambu._tcp.local
//     NAME._bambu._tcp.local       SRV  0 0 8883 bambu-SERIAL.local
//     NAME._bambu._tcp.local       TXT  serial=… model=…
//     bambu-SERIAL.local           A    the address

import World

/// Answers questions for the service, and says unasked that it is there.
final class ServiceResponder {
  static let group = "224.0.0.251"
  static let port: UInt16 = 5353
  private static let service = ["_bambu", "_tcp", "local"]
  private static let lifetime: UInt32 = 120
  private static let questionLimit = 16

  private enum Kind: UInt16 {
    case address = 1
    case pointer = 12
    case text = 16
    case service = 33
  }

  private let host: any Host
  private let facts: () -> PrinterFacts
  private let mqttPort: UInt16
  private var socket: (any Datagrams)?

  init(host: any Host, mqttPort: UInt16, facts: @escaping () -> PrinterFacts) {
    self.host = host
    self.mqttPort = mqttPort
    self.facts = facts
  }

  func start() {
    guard let socket = try? host.openDatagrams(port: Self.port) else { return }
    self.socket = socket
    socket.join(group: Self.group)
    socket.handler = { [weak self] from, bytes in self?.hear(bytes, from) }
    say(to: Self.group, Self.port, identifier: 0)
  }

  func stop() {
    socket?.close()
    socket = nil
  }

  private func hear(_ bytes: [UInt8], _ from: DatagramAddress) {
    guard Self.questions(in: bytes).contains(where: { isOurs($0) }) else { return }
    // Whoever asks from another port is a simple resolver and is answered alone.
    guard from.port != Self.port else { return say(to: Self.group, Self.port, identifier: 0) }
    let identifier = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    say(to: from.address, from.port, identifier: identifier)
  }

  private func isOurs(_ name: [String]) -> Bool {
    let name = name.map { $0.lowercased() }
    return [Self.service, instance, machine].contains { $0.map { $0.lowercased() } == name }
  }

  private var instance: [String] { [facts().name] + Self.service }
  private var machine: [String] { ["bambu-" + facts().serial.lowercased(), "local"] }

  // MARK: Datagrams

  /// The names that are asked for; none when it is no question.
  static func questions(in bytes: [UInt8]) -> [[String]] {
    guard bytes.count >= 12, bytes[2] & 0x80 == 0 else { return [] }
    let count = min(questionLimit, Int(bytes[4]) << 8 | Int(bytes[5]))
    var names: [[String]] = []
    var position = 12
    for _ in 0..<count {
      guard let name = name(in: bytes, at: &position), position + 4 <= bytes.count else { break }
      position += 4
      names.append(name)
    }
    return names
  }

  private static func name(in bytes: [UInt8], at position: inout Int) -> [String]? {
    var labels: [String] = []
    var place = position
    var end: Int?
    // Each pointer leads backwards, so this ends.
    while place < bytes.count, labels.count < 32 {
      let length = Int(bytes[place])
      if length & 0xC0 == 0xC0 {
        guard place + 1 < bytes.count else { return nil }
        let target = (length & 0x3F) << 8 | Int(bytes[place + 1])
        guard target < place else { return nil }
        end = end ?? place + 2
        place = target
      } else if length == 0 {
        position = end ?? place + 1
        return labels
      } else {
        guard length < 64, place + 1 + length <= bytes.count else { return nil }
        labels.append(String(decoding: bytes[(place + 1)...(place + length)], as: UTF8.self))
        place += 1 + length
      }
    }
    return nil
  }

  private func say(to address: String, _ port: UInt16, identifier: UInt16) {
    let facts = facts()
    let records: [(name: [String], kind: Kind, data: [UInt8])] = [
      (Self.service, .pointer, Self.encoded(instance)),
      (
        instance, .service,
        [0, 0, 0, 0, UInt8(mqttPort >> 8), UInt8(mqttPort & 255)] + Self.encoded(machine)
      ),
      (
        instance, .text,
        Self.texts(["serial=\(facts.serial)", "model=\(facts.model)", "name=\(facts.name)"])
      ),
      (machine, .address, facts.address.split(separator: ".").compactMap { UInt8($0) }),
    ]
    var bytes: [UInt8] = Self.number(identifier) + Self.number(0x8400) + Self.number(0)
    bytes += Self.number(UInt16(records.count)) + Self.number(0) + Self.number(0)
    for record in records {
      bytes += Self.encoded(record.name) + Self.number(record.kind.rawValue)
      // What is ours alone replaces what others remember of it.
      bytes += Self.number(record.kind == .pointer ? 0x0001 : 0x8001)
      bytes +=
        Self.number(UInt16(Self.lifetime >> 16)) + Self.number(UInt16(Self.lifetime & 0xFFFF))
      bytes += Self.number(UInt16(record.data.count)) + record.data
    }
    socket?.send(bytes, to: address, port: port)
  }

  private static func number(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(value & 255)]
  }

  private static func encoded(_ name: [String]) -> [UInt8] {
    name.flatMap { label in
      let bytes = Array(label.utf8.prefix(63))
      return [UInt8(bytes.count)] + bytes
    } + [0]
  }

  private static func texts(_ texts: [String]) -> [UInt8] {
    texts.flatMap { text in
      let bytes = Array(text.utf8.prefix(255))
      return [UInt8(bytes.count)] + bytes
    }
  }
}
