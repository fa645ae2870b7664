import World

/// A datagram on its way to one receiver.
///
/// Its sender's link is behind it when it sets out; whether it gets through the receiver's is decided
/// when it is there.
final class Parcel: EventTarget {
  private let bytes: [UInt8]
  private let from: DatagramAddress
  /// The group or 255.255.255.255; nil for the receiver alone.
  private let to: IPv4Address?
  private let port: UInt16
  private let receiver: VirtualHost
  private let sender: VirtualDatagrams
  private var hasPassedLink = false

  init(
    bytes: [UInt8], from: DatagramAddress, to: IPv4Address?, port: UInt16, receiver: VirtualHost,
    sender: VirtualDatagrams
  ) {
    self.bytes = bytes
    self.from = from
    self.to = to
    self.port = port
    self.receiver = receiver
    self.sender = sender
  }

  /// Leaves its sender's link at `time`.
  func setOut(at time: Int64) {
    let engine = receiver.engine
    if from.address == receiver.address {
      hasPassedLink = true
      engine.plan(.datagram, for: self, at: time + Path.loopbackDelay)
    } else if receiver.link.hasQueue {
      engine.plan(.datagram, for: self, at: time)
    } else {
      passLink(at: time)
    }
  }

  private func passLink(at time: Int64) {
    let link = receiver.link
    hasPassedLink = true
    guard let arrival = link.passDatagram(bytes.count, outgoing: false, at: time) else { return }
    receiver.engine.plan(.datagram, for: self, at: arrival)
    if link.drawDuplication() {
      let second = link.drawDelay() + link.shortestOvertaking
      receiver.engine.plan(.datagram, for: self, at: arrival + second)
    }
  }

  override func happen(_ kind: EventKind, _ number: UInt32) -> Bool {
    let engine = receiver.engine
    guard hasPassedLink else {
      passLink(at: engine.now)
      return true
    }
    engine.mark(.datagram, receiver.identity, bytes.count)
    guard receiver.isOn, from.address == receiver.address || receiver.link.carries(outgoing: false)
    else { return true }
    bytes.withUnsafeBytes { engine.trace.mix(bytes: $0) }
    receiver.take(bytes, from: from, to: to, port: port, except: to == nil ? nil : sender)
    return true
  }

  override var isForgettable: Bool { !receiver.isOn }
}

extension VirtualHost {
  /// Whether what is sent to a group or to everyone has to travel here: to a socket that hears it,
  /// or through a queue, in which it takes up room.
  ///
  /// That is decided when it is sent. A socket that is opened while it is under way, which is for a
  /// few milliseconds, misses it, as it would miss what was sent just before.
  func awaits(_ group: IPv4Address, on port: UInt16) -> Bool {
    link.hasQueue || socket(on: port)?.hears(group) ?? false
  }

  /// Hands a datagram to the sockets that it is for.
  func take(
    _ bytes: [UInt8], from: DatagramAddress, to: IPv4Address?, port: UInt16,
    except sender: VirtualDatagrams?
  ) {
    guard let socket = socket(on: port), socket !== sender, socket.hears(to) else { return }
    socket.handler?(from, bytes)
  }
}

extension Engine {
  /// Those of the others on the network of `host` that `isMeant` picks, in the order in which they
  /// were added.
  func neighbours(
    of host: VirtualHost, where isMeant: (VirtualHost) -> Bool
  ) -> [VirtualHost] {
    if let farm = host.farm { return farm.hosts.filter { $0 !== host && isMeant($0) } }
    return hosts.filter { $0 !== host && $0.farm == nil && isMeant($0) }
  }
}

extension VirtualLink {
  /// So much must two datagrams lie apart at least for one to overtake the other.
  var shortestOvertaking: Int64 { 2_000_000 }
  /// What would have to wait longer than this in a queue is dropped.
  private static let longestWait: Int64 = 1_000_000_000

  /// When a datagram that comes to this link now is through, or nil if it gets lost here.
  func passDatagram(_ count: Int, outgoing: Bool, at time: Int64) -> Int64? {
    if drawLoss() { return nil }
    var time = time
    if hasQueue {
      guard busyUntil(outgoing: outgoing) - time < Self.longestWait else { return nil }
      time = queue(count, outgoing: outgoing, at: time)
    }
    time += drawDelay()
    if drawReordering() { time += 2 * drawDelay() + shortestOvertaking }
    return time
  }
}
