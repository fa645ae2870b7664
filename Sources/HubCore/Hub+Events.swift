// How what happens to jobs gets into the outbox, and out of it to the cloud.

import Wire

extension Hub {
  /// Room that is kept for the ends of the jobs under way.
  var roomForEnds: Int { Outbox.largestEvent * activeJobCount }

  private var activeJobCount: Int {
    var count = 0
    for index in 0..<slots.count where slots[index].job.phase.isActive { count += 1 }
    return count
  }

  /// Whether a job that is taken up now can be told of, its end included.
  var hasRoomForJob: Bool { outbox.freeCount >= roomForEnds + 2 * Outbox.largestEvent }

  /// Puts a slot's job on record if it has changed, and makes an event of the phase that it has come
  /// to, if there is room for it; else it stays marked on the slot. Also takes what came of orders to
  /// its printer.
  mutating func collect(_ slot: Int, _ now: Uptime) {
    settleOrders(slot)
    if slots[slot].mustKeepSettings {
      slots[slot].mustKeepSettings = false
      keepPrinter(slot)
    }
    if slots[slot].hasToRemember {
      slots[slot].remember(in: &store, as: slot)
      wake(slot: slot, now)
    }
    guard slots[slot].news.jobIsUnrecorded else { return }
    let reserve = roomForEnds
    slots[slot].record(in: &outbox, leaving: reserve, now: now)
  }

  /// Tells the oldest event that was not told on this connection; answers false when all were.
  mutating func speakOfEvents(_ now: Uptime) -> Bool {
    guard let event = outbox.next(now: now) else { return false }
    var json = cloud.message()
    switch event.kind {
    case .job: outbox.writeJob(event, into: &json, now: now)
    case .crash:
      // A log full of strange characters may be too long with its trace.
      writeCrash(event, into: &json, withTrace: true, now)
      if !cloud.say(board, json) {
        var short = cloud.message()
        writeCrash(event, into: &short, withTrace: false, now)
        cloud.say(board, short)
      }
      outbox.wasTold(now: now)
      return true
    case .update: Update.write(event, of: outbox, into: &json, now: now)
    }
    cloud.say(board, json)
    outbox.wasTold(now: now)
    return true
  }

  /// The cloud has said that it has taken all events up to one.
  mutating func eventsAreKnown(upTo sequence: Int, _ now: Uptime) {
    guard sequence > 0 else { return }
    while let known = outbox.dropOldest(upTo: UInt32(truncatingIfNeeded: sequence)) {
      switch known.kind {
      case .job: break
      case .update: update.value.outcomeIsKnown(of: known.id.span, &store)
      case .crash:
        condition[0].crashes.wasReported(known.id.span.littleEndian32(at: 0), board, &store)
      }
    }
    // What found no room before may find it now.
    for index in 0..<slots.count { collect(index, now) }
  }
}
