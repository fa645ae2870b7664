// How a printer makes itself known: SSDP in the maker's own dialect. Every five seconds it shouts
// NOTIFY to the whole network (port 2021) and to the multicast group of SSDP (port 1990); who asks
// with M-SEARCH is answered alone.

import Wire
import World

/// Tells the network that the printer is there.
final class Announcer {
  static let kind = "urn:bambulab-com:device:3dprinter:1"
  static let group = "239.255.255.250"
  static let broadcastPort: UInt16 = 2021
  static let groupPort: UInt16 = 1990
  /// Questions come to these.
  private static let ports: [UInt16] = [2021, 1990, 1900]
  private static let interval = Interval.seconds(5)
  private static let requestLimit = 2_048

  private let host: any Host
  private var sockets: [any Datagrams] = []
  private var timer: (any Timer)?
  /// What is said after the first line, made anew each time.
  private let facts: () -> PrinterFacts
  /// What was shouted last, for it seldom changes.
  private var said: (facts: PrinterFacts, shout: [UInt8], call: [UInt8])?

  init(host: any Host, facts: @escaping () -> PrinterFacts) {
    self.host = host
    self.facts = facts
  }

  /// Where there are no datagrams nobody is told; the printer works all the same.
  func start() {
    for port in Self.ports {
      guard let socket = try? host.openDatagrams(port: port) else { continue }
      socket.join(group: Self.group)
      socket.handler = { [weak self, unowned socket] from, bytes in
        self?.answer(bytes, from, on: socket)
      }
      sockets.append(socket)
    }
    announce()
  }

  func stop() {
    timer?.cancel()
    timer = nil
    for socket in sockets { socket.close() }
    sockets = []
  }

  private func announce() {
    guard let socket = sockets.first else { return }
    timer = host.after(Self.interval) { [weak self] in self?.announce() }
    let (shout, call) = announcement()
    socket.send(shout, to: "255.255.255.255", port: Self.broadcastPort)
    socket.send(call, to: Self.group, port: Self.groupPort)
  }

  private func announcement() -> (shout: [UInt8], call: [UInt8]) {
    let facts = facts()
    if let said, said.facts == facts { return (said.shout, said.call) }
    let shout = facts.message(
      first: "NOTIFY * HTTP/1.1", host: "255.255.255.255:2021", kindField: "NT")
    let call = facts.message(
      first: "NOTIFY * HTTP/1.1", host: "\(Self.group):1990", kindField: "NT")
    said = (facts, shout, call)
    return (shout, call)
  }

  private func answer(_ bytes: [UInt8], _ from: DatagramAddress, on socket: any Datagrams) {
    guard bytes.count <= Self.requestLimit, Self.asksForUs(bytes) else { return }
    socket.send(
      facts().message(first: "HTTP/1.1 200 OK", host: nil, kindField: "ST"), to: from.address,
      port: from.port)
  }

  /// Whether it is a search for printers of this make, or for everything. Other printers' shouts,
  /// of which there are many, end at the first comparison.
  static func asksForUs(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: search), let wanted = SSDPMessage(bytes.span)?.target else {
      return false
    }
    return bytes[wanted].elementsEqual(kind.utf8) || bytes[wanted].elementsEqual("ssdp:all".utf8)
  }

  private static let search = Array("M-SEARCH ".utf8)
}

/// What a printer says about itself to those who do not know it.
struct PrinterFacts: Equatable {
  var address: String
  var serial: String
  var model: String
  var name: String
  var signal: Int
  var version: String
  var isTaken: Bool

  func message(first: String, host: String?, kindField: String) -> [UInt8] {
    var lines = [first]
    if let host { lines.append("Host: \(host)") }
    lines += [
      "Server: UPnP/1.0", "Location: \(address)", "\(kindField): \(Announcer.kind)",
    ]
    if host != nil { lines.append("NTS: ssdp:alive") }
    lines += [
      "USN: \(serial)", "Cache-Control: max-age=1800", "DevModel.bambu.com: \(model)",
      "DevName.bambu.com: \(name)", "DevSignal.bambu.com: \(signal)",
      "DevConnect.bambu.com: lan", "DevBind.bambu.com: \(isTaken ? "occupied" : "free")",
      "Devseclink.bambu.com: secure", "DevInf.bambu.com: wlan0",
      "DevVersion.bambu.com: \(version)", "DevCap.bambu.com: 1",
    ]
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }
}
