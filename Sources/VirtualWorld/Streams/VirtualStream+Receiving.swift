import World

extension VirtualStream {
  /// A number that marks a reset as a fault, which no broken path keeps away.
  static let resetFromOutside: UInt32 = 1

  func segmentComes(_ number: UInt32) -> Bool {
    let pipe = incoming
    let place = Int(number &- pipe.firstNumber)
    guard let sender = peer, place < pipe.flight.count else { return false }
    let segment = pipe.flight[place]
    if segment.at > engine.now {
      // It grew after it was planned.
      engine.plan(.segment, for: self, at: segment.at, number)
      return false
    }
    if Int(segment.hop) < sender.path.count {
      engine.mark(.segment, identity, Int(segment.hop))
      sender.travelOn(place)
      return true
    }
    // What comes before its turn waits for those before it.
    guard place == 0 else { return false }
    var count = 0
    var finishes = false
    while pipe.flight.count > 0 {
      let next = pipe.flight[0]
      guard next.at <= engine.now, Int(next.hop) == sender.path.count else { break }
      _ = pipe.removeFirstSegment()
      count += Int(next.count)
      if next.finishes { finishes = true }
    }
    hear(count, finishes: finishes)
    return true
  }

  /// Takes in what has arrived.
  func hear(_ count: Int, finishes: Bool) {
    engine.mark(.segment, identity, finishes ? ~count : count)
    let pipe = incoming
    let start = pipe.delivered
    if count > 0 { engine.trace.mix(bytes: pipe.bytes(from: start, to: start + count)) }
    if phase == .accepting {
      guard accept(firstCount: count, finishes: finishes) else { return }
    }
    // Nobody here knows the stream, or wants to: that is what a reset says.
    guard phase == .open, !(isClosed && count > 0) else {
      if phase == .gone || phase == .open {
        sendReset()
        leave()
      }
      return
    }
    pipe.delivered += count
    if count > 0 { handler?.streamChanged(self, .readable) }
    if finishes, phase == .open {
      pipe.finishIsDelivered = true
      handler?.streamChanged(self, .peerFinished)
    }
    guard phase == .open else { return }
    if pipe.finishIsDelivered, outgoing.finishIsDelivered {
      connection?.bothFinished()
    } else {
      acknowledge()
    }
  }

  /// Tells the sender how far we are and how much more it may send.
  func acknowledge() {
    guard let peer, peer.phase == .open else { return }
    guard pathIsOpen else {
      peer.startRecovery()
      return
    }
    let pipe = incoming
    path.update(engine.linkVersion)
    pipe.acknowledge(
      at: engine.now + path.character.latency, windowEnd: pipe.consumed + Pipe.receiveLimit)
    peer.planWake()
  }

  func resetComes(_ number: UInt32) -> Bool {
    guard phase == .open || phase == .accepting || phase == .securing || phase == .connecting else {
      return false
    }
    // A reset is sent once; if the way broke meanwhile, nobody learns of it.
    if number != Self.resetFromOutside, peer?.pathIsOpen != true { return false }
    engine.mark(.resetArrives, identity, Int(number))
    if phase == .accepting { leave() } else { fail(.reset) }
    return true
  }
}
