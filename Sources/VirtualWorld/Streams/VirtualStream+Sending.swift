// Sending: bytes leave in segments as the far end's window allows, and are known to have arrived
// when an acknowledgement is back. Acknowledgements cost no event unless somebody waits for them.

import World

extension VirtualStream {
  /// Cut segments come apart by this much, so that each is seen alone: a small one takes a radio as
  /// long as a large one.
  private static let cutSpacing: Int64 = 50_000
  /// So much must be free before a writer that waits is woken.
  private static let wakeLevel = 16_384

  /// Sends what may be sent.
  func transmit() {
    guard phase == .open else { return }
    takeAcknowledgements()
    if !isRecovering, hasSomethingToSend {
      connection?.use()
      while hasSomethingToSend {
        guard pathIsOpen, launchNext() else {
          startRecovery()
          break
        }
      }
    }
    planWake()
  }

  private var sendableCount: Int {
    min(outgoing.written, outgoing.windowEnd) - outgoing.sent
  }

  private var hasSomethingToSend: Bool {
    sendableCount > 0
      || (outgoing.finishIsRequested && !outgoing.finishIsSent
        && outgoing.sent == outgoing.written)
  }

  /// Sends the next segment; answers false when all its repetitions were lost.
  @discardableResult
  func launchNext() -> Bool {
    let count = min(max(sendableCount, 0), Path.usualSegmentLimit)
    let finishes = outgoing.finishIsRequested && outgoing.sent + count == outgoing.written
    return launch(count: count, finishes: finishes)
  }

  /// Puts a segment on its way, or adds to one that sets out at this very instant.
  @discardableResult
  func launch(count wanted: Int, finishes wantsFinish: Bool) -> Bool {
    path.update(engine.linkVersion)
    let limit = path.character.segmentLimit
    var added = 0
    if wanted > 0 || wantsFinish,
      let taken = extendLast(by: wanted, finishes: wantsFinish, limit: limit)
    {
      if taken == wanted { return true }
      added = taken
    }
    let count = min(wanted - added, limit)
    var segment = PipeSegment(
      at: engine.now, sentAt: engine.now, departure: 0, count: Int32(count), hop: 0,
      finishes: wantsFinish && added + count == wanted)
    guard let delay = drawRepetitionDelay() else { return false }
    outgoing.sent += count
    if segment.finishes { outgoing.finishIsSent = true }
    let number = outgoing.nextNumber
    travel(&segment, delay: delay)
    outgoing.flight.append(segment)
    if let peer { engine.plan(.segment, for: peer, at: segment.at, number) }
    return true
  }

  /// Bytes written in one go travel together. Answers how many it took, or nil if there is no such
  /// segment.
  private func extendLast(by wanted: Int, finishes: Bool, limit: Int) -> Int? {
    let last = outgoing.flight.count - 1
    guard last >= 0 else { return nil }
    var segment = outgoing.flight[last]
    guard segment.sentAt == engine.now, segment.at > engine.now, !segment.finishes else {
      return nil
    }
    let count = min(wanted, limit - Int(segment.count))
    guard count > 0 || wanted == 0 else { return nil }
    if count > 0, segment.departure > 0 {
      // Only while nobody else has queued behind it.
      let link = path.link(0)
      let outgoingWay = path.isOutgoing(0)
      guard link.bytesPerSecond > 0, link.busyUntil(outgoing: outgoingWay) == segment.departure
      else { return nil }
      let departure = link.queue(count, outgoing: outgoingWay, at: engine.now)
      segment.at += departure - segment.departure
      segment.departure = departure
      outgoing.lastArrival = max(outgoing.lastArrival, segment.at)
    }
    segment.count += Int32(count)
    outgoing.sent += count
    if finishes, count == wanted {
      segment.finishes = true
      outgoing.finishIsSent = true
    }
    outgoing.flight[last] = segment
    return count
  }

  /// How much later a segment comes because of the repetitions that bad luck asks for; nil when it
  /// never comes.
  private func drawRepetitionDelay() -> Int64? {
    var delay: Int64 = 0
    var wait: Int64 = 0
    var tries = 0
    while path.drawLoss() {
      if wait == 0 { wait = repetitionInterval }
      delay += wait
      wait = min(wait * 2, Self.longestRepetitionInterval)
      tries += 1
      if tries == 9 { return nil }
    }
    return delay
  }

  /// Takes a segment over the links from its hop on, as far as the next link on which it must queue.
  func travel(_ segment: inout PipeSegment, delay: Int64) {
    if path.character.isPlain {
      segment.hop = UInt8(path.count)
      segment.at = max(engine.now + path.character.latency, outgoing.lastArrival)
      outgoing.lastArrival = segment.at
      return
    }
    var time = engine.now
    var delay = delay
    while Int(segment.hop) < path.count {
      let hop = Int(segment.hop)
      let link = path.link(hop)
      if link.bytesPerSecond > 0 {
        // Its turn on a later link is decided when it gets there.
        if time > engine.now { break }
        time = link.queue(Int(segment.count), outgoing: path.isOutgoing(hop), at: time)
        if hop == 0 { segment.departure = time }
      }
      time += link.drawDelay() + delay
      delay = 0
      segment.hop += 1
    }
    if Int(segment.hop) == path.count {
      let spacing = path.character.isCut ? Self.cutSpacing : 0
      time = max(time, outgoing.lastArrival + spacing)
      outgoing.lastArrival = time
    }
    segment.at = time
  }

  /// The segment of that place has come to a link where it has to queue.
  func travelOn(_ place: Int) {
    var segment = outgoing.flight[place]
    path.update(engine.linkVersion)
    travel(&segment, delay: 0)
    outgoing.flight[place] = segment
    let number = outgoing.firstNumber &+ UInt32(truncatingIfNeeded: place)
    if let peer { engine.plan(.segment, for: peer, at: segment.at, number) }
  }

  func sendReset() {
    guard let peer, pathIsOpen, let time = packetArrival() else { return }
    engine.plan(.resetArrives, for: peer, at: max(time, outgoing.lastArrival))
  }

  /// When a packet without payload that leaves now arrives, or nil when it never does.
  func packetArrival() -> Int64? {
    path.update(engine.linkVersion)
    return path.arrivalOfPacket(sentAt: engine.now)
  }

  // MARK: Acknowledgements

  /// Whether an acknowledgement would make a difference.
  private var needsWake: Bool {
    wantsWritable || isRecovering || outgoing.sent < outgoing.written
      || (outgoing.finishIsRequested && !outgoing.finishIsSent)
  }

  func takeAcknowledgements() {
    if outgoing.takeAcknowledgements(until: engine.now), isRecovering { endRecovery() }
  }

  func planWake() {
    guard let time = outgoing.nextAcknowledgement, time < wakeTime, needsWake else { return }
    wakeTime = time
    engine.plan(.acknowledged, for: self, at: time)
  }

  func wake() -> Bool {
    guard engine.now >= wakeTime else { return false }
    wakeTime = .max
    guard phase == .open, needsWake else { return false }
    engine.mark(.acknowledged, identity, outgoing.acknowledged)
    transmit()
    if wantsWritable, writableCount >= Self.wakeLevel {
      wantsWritable = false
      handler?.streamChanged(self, .writable)
      if phase == .open { planWake() }
    }
    return true
  }
}
