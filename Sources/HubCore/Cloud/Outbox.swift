// What has happened and that the cloud must hear of, kept until it says that it has.
//
// Each event is one record in a queue of bytes:
//
//     length | sequence | at, s | kind | phase | percent | code | counts of three texts | texts
//        2        4         4      1       1        1        2             3
//
// Events are numbered from 1 at each boot, under an epoch of that boot, and told in order; the cloud
// drops those that it knows. What was not acknowledged is told again on the next connection.
//
// At the bound: a job is only taken up while there is room for the end of every job under way and of
// its own, and nothing else may use that room. So an end always finds room; what is in between waits
// as a mark on its slot, where later news takes its place.

import Wire

/// The events of this boot that the cloud has not acknowledged.
struct Outbox: ~Copyable {
  /// What an event is about.
  enum Kind: UInt8 {
    case job = 1
    case crash = 2
    case update = 3
  }

  /// An event as far as its numbers go.
  struct Event {
    let sequence: UInt32
    /// When it happened, in seconds since power-on.
    let at: UInt32
    let kind: Kind
    /// Of a job: its phase. Of an update: its word.
    let phase: UInt8
    let percent: UInt8
    let code: UInt16
    fileprivate let textCounts: (UInt8, UInt8, UInt8)
  }

  /// The most that one event takes.
  static let largestEvent = headerSize + Serial.limit + Identifier.limit + LogLine.limit
  private static let headerSize = 18
  private static let unknownPercent: UInt8 = 255

  private let pinned = Pinned()
  private var queue: ByteQueue
  private var nextSequence: UInt32 = 1
  /// Bytes at the front whose events went out on this connection.
  private var toldCount = 0
  private var toldAt = Uptime.start
  /// How many events wait for the cloud.
  private(set) var count = 0
  /// The most bytes that were ever in use.
  private(set) var highWater = 0
  /// Tells the events of this boot from those of others.
  let epoch: UInt32

  /// Carves the events' memory out of `region`.
  init(_ region: inout Region, epoch: UInt32) {
    queue = unsafe ByteQueue(region.bytes(Limits.outbox))
    self.epoch = epoch
  }

  /// What `init` carves.
  static let memory = Region.cost(Limits.outbox)

  var freeCount: Int { queue.freeCount }
  var usedCount: Int { queue.count }
  /// Whether every event has gone out on this connection.
  var isTold: Bool { toldCount == queue.count }

  /// When there is an event to tell.
  var dueAt: Uptime {
    if toldCount < queue.count { return .start }
    return queue.isEmpty ? .never : toldAt + Limits.eventAgain
  }

  // ------------------------------------------------------------------------------------- filling

  /// Adds how a job stands; answers false, and adds nothing, when that would leave less than
  /// `reserve` bytes.
  mutating func add(
    _ job: borrowing PrintJob, leaving reserve: Int, now: Uptime
  ) -> Bool {
    var reason = LogLine()
    var code: UInt16 = 0
    if let failure = job.failure {
      reason.write { failure.write(remark: job.remark, into: &$0) }
      code = failure.code.rawValue
    }
    return add(
      .job, phase: job.phase.rawValue,
      percent: job.isPercentKnown ? UInt8(truncatingIfNeeded: job.percent) : Self.unknownPercent,
      code: code,
      job.printerID.span, job.id.span, reason.span, leaving: reserve, now: now)
  }

  /// Adds an event; answers false, and adds nothing, when that would leave less than `reserve` bytes.
  mutating func add(
    _ kind: Kind, phase: UInt8, percent: UInt8 = 0, code: UInt16 = 0, _ first: Span<UInt8>,
    _ second: Span<UInt8>, _ third: Span<UInt8>, leaving reserve: Int, now: Uptime
  ) -> Bool {
    let length = Self.headerSize + first.count + second.count + third.count
    guard length + reserve <= queue.freeCount, length <= Self.largestEvent else { return false }
    let sequence = nextSequence
    let isWritten = queue.write { record in
      record.put(littleEndian16: UInt16(truncatingIfNeeded: length))
      record.put(littleEndian32: sequence)
      record.put(littleEndian32: now.seconds)
      record.put(kind.rawValue)
      record.put(phase)
      record.put(percent)
      record.put(littleEndian16: code)
      record.put(UInt8(truncatingIfNeeded: first.count))
      record.put(UInt8(truncatingIfNeeded: second.count))
      record.put(UInt8(truncatingIfNeeded: third.count))
      record.put(first)
      record.put(second)
      record.put(third)
    }
    guard isWritten else { return false }
    nextSequence &+= 1
    count += 1
    if queue.count > highWater { highWater = queue.count }
    return true
  }

  // -------------------------------------------------------------------------------------- telling

  /// The connection is gone, and with it all that was not acknowledged.
  mutating func connectionLost() {
    toldCount = 0
  }

  /// The event to tell now, or nil.
  mutating func next(now: Uptime) -> Event? {
    if isTold, dueAt <= now { toldCount = 0 }
    return event(at: toldCount)
  }

  /// The event that `next` answered has gone out.
  mutating func wasTold(now: Uptime) {
    toldCount += length(at: toldCount)
    toldAt = now
  }

  /// Writes the event that `next` answered, when it is about a job.
  func writeJob(_ event: Event, into json: inout JSONWriter, now: Uptime) {
    json.beginObject()
    json.key("type")
    json.string("job_status")
    writeSequence(event, into: &json, now: now)
    json.key("printer_id")
    json.string(text(0, of: event))
    json.key("job_id")
    json.string(text(1, of: event))
    json.key("phase")
    json.string((JobPhase(rawValue: event.phase) ?? .none).name)
    if event.percent != Self.unknownPercent {
      json.key("progress_percent")
      json.integer(Int(event.percent))
    }
    if event.code != 0 {
      json.key("error_code")
      json.integer(Int(event.code))
      json.key("error_message")
      json.string(text(2, of: event))
    }
    json.endObject()
  }

  /// Writes the number of an event and how long ago it happened.
  func writeSequence(_ event: Event, into json: inout JSONWriter, now: Uptime) {
    json.key("seq")
    json.integer(Int(event.sequence))
    json.key("seconds_ago")
    json.integer(Int(now.seconds &- event.at))
  }

  /// One of the three texts of the event that `next` answered.
  @_lifetime(borrow self)
  func text(_ number: Int, of event: Event) -> Span<UInt8> {
    var start = toldCount + Self.headerSize
    var length = Int(event.textCounts.0)
    if number > 0 {
      start += length
      length = Int(event.textCounts.1)
    }
    if number > 1 {
      start += length
      length = Int(event.textCounts.2)
    }
    return queue.pending.extracting(start..<start + length)
  }

  // --------------------------------------------------------------------------------- acknowledged

  /// What an acknowledged event was about.
  struct Acknowledged {
    var kind: Kind
    var phase: UInt8
    /// Of a job or crash: its id. Of an update: its version.
    var id: Identifier
  }

  /// Drops the oldest event if its number is at most `sequence`; nil when there is no such.
  mutating func dropOldest(upTo sequence: UInt32) -> Acknowledged? {
    guard let oldest = event(at: 0), oldest.sequence <= sequence, toldCount > 0 else { return nil }
    let length = length(at: 0)
    var dropped = Acknowledged(kind: oldest.kind, phase: oldest.phase, id: Identifier())
    let start = Self.headerSize + Int(oldest.textCounts.0)
    dropped.id.set(queue.pending.extracting(start..<start + Int(oldest.textCounts.1)))
    queue.consume(length)
    toldCount = toldCount > length ? toldCount - length : 0
    count -= 1
    return dropped
  }

  private func length(at offset: Int) -> Int {
    guard offset + Self.headerSize <= queue.count else { return 0 }
    return Int(queue.pending.littleEndian16(at: offset))
  }

  private func event(at offset: Int) -> Event? {
    guard offset + Self.headerSize <= queue.count else { return nil }
    let bytes = queue.pending
    return Event(
      sequence: bytes.littleEndian32(at: offset + 2), at: bytes.littleEndian32(at: offset + 6),
      kind: Kind(rawValue: bytes[offset + 10]) ?? .job, phase: bytes[offset + 11],
      percent: bytes[offset + 12], code: bytes.littleEndian16(at: offset + 13),
      textCounts: (bytes[offset + 15], bytes[offset + 16], bytes[offset + 17]))
  }
}
