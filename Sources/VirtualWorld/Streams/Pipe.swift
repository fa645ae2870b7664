// One direction of a stream: the sender's buffer, what is under way, and the receiver's buffer.
//
//       consumed      delivered        sent          written
//     ─────┼──────────────┼──────────────┼──────────────┼─────▶ position in the stream
//          │    unread    │  under way   │   unsent     │
//          └── receiver's window, 64 KiB from `consumed` ──┘
//              acknowledged … written is the sender's buffer, 64 KiB
//
// The bytes lie in one piece of memory that both ends look at, so they are copied once, when they
// are written. What travels is only counts and times.

/// A piece of the stream under way.
struct PipeSegment: BitwiseCopyable {
  /// When it arrives, or gets to the link of number `hop`.
  var at: Int64
  var sentAt: Int64
  /// When its last byte leaves the sender's own link; 0 when that link has no queue.
  var departure: Int64
  var count: Int32
  var hop: UInt8
  var finishes: Bool
}

/// What the sender will know at a time.
struct Acknowledgement: BitwiseCopyable {
  var at: Int64
  var acknowledged: Int
  var windowEnd: Int
  var finishes: Bool
}

final class Pipe {
  static let sendLimit = 65_536
  static let receiveLimit = 65_536

  private var memory: UnsafeMutableRawPointer?
  private var capacity = 0
  /// The position in the stream of the first byte of memory.
  private var base = 0

  private(set) var written = 0
  var sent = 0
  var delivered = 0
  private(set) var consumed = 0
  private(set) var acknowledged = 0
  /// How far the sender may send, as far as it knows.
  private(set) var windowEnd = Pipe.receiveLimit
  /// How far the receiver last said that the sender may send.
  var announcedEnd = Pipe.receiveLimit

  var finishIsRequested = false
  var finishIsSent = false
  var finishIsDelivered = false
  private(set) var finishIsAcknowledged = false

  var flight = Ring<PipeSegment>()
  /// The number of the first segment in `flight`; numbers are never used again.
  private(set) var firstNumber: UInt32 = 0
  var lastArrival: Int64 = 0
  private var acknowledgements = Ring<Acknowledgement>()

  deinit { memory?.deallocate() }

  // MARK: Bytes

  var unreadCount: Int { delivered - consumed }

  func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    makeRoom(for: bytes.count)
    memory.unsafelyUnwrapped.advanced(by: written - base)
      .copyMemory(from: source, byteCount: bytes.count)
    written += bytes.count
  }

  /// The unread bytes.
  var unread: UnsafeRawBufferPointer { bytes(from: consumed, to: delivered) }

  func bytes(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
    guard end > start, let memory else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: memory.advanced(by: start - base), count: end - start)
  }

  func consume(_ count: Int) {
    precondition(count >= 0 && count <= unreadCount, "consumed more than was unread")
    consumed += count
    if consumed == written { base = written }
  }

  private func makeRoom(for count: Int) {
    guard written - base + count > capacity else { return }
    let live = written - consumed
    if live + count <= capacity / 2 || (live + count <= capacity && consumed > base + capacity / 2)
    {
      if let memory, live > 0 {
        memory.copyMemory(from: memory.advanced(by: consumed - base), byteCount: live)
      }
    } else {
      var larger = max(capacity * 2, 512)
      while larger < live + count { larger *= 2 }
      let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
      if let memory {
        if live > 0 {
          fresh.copyMemory(from: memory.advanced(by: consumed - base), byteCount: live)
        }
        memory.deallocate()
      }
      memory = fresh
      capacity = larger
    }
    base = consumed
  }

  // MARK: Under way

  var nextNumber: UInt32 { firstNumber &+ UInt32(truncatingIfNeeded: flight.count) }

  func removeFirstSegment() -> PipeSegment {
    firstNumber &+= 1
    return flight.removeFirst()
  }

  /// Everything under way is lost; the sender has to send it again.
  func loseFlight(at now: Int64) {
    firstNumber &+= UInt32(truncatingIfNeeded: flight.count)
    flight.removeAll()
    lastArrival = min(lastArrival, now)
    sent = delivered
    finishIsSent = finishIsDelivered
  }

  // MARK: Acknowledgements

  /// Whether the sender has something to say, or does not know yet that it was heard.
  var isUnfinished: Bool {
    acknowledged < written || (finishIsRequested && !finishIsAcknowledged)
  }

  var nextAcknowledgement: Int64? { acknowledgements.isEmpty ? nil : acknowledgements[0].at }

  /// The receiver's answer sets out and reaches the sender at `time`.
  func acknowledge(at time: Int64, windowEnd: Int) {
    announcedEnd = windowEnd
    var answer = Acknowledgement(
      at: time, acknowledged: delivered, windowEnd: windowEnd, finishes: finishIsDelivered)
    let last = acknowledgements.count - 1
    if last >= 0 {
      answer.at = max(answer.at, acknowledgements[last].at)
      if acknowledgements[last].at == answer.at {
        acknowledgements[last] = answer
        return
      }
    }
    acknowledgements.append(answer)
  }

  /// Takes in the answers that have come; says whether there were any.
  func takeAcknowledgements(until now: Int64) -> Bool {
    var hasTaken = false
    while !acknowledgements.isEmpty, acknowledgements[0].at <= now {
      let answer = acknowledgements.removeFirst()
      acknowledged = answer.acknowledged
      windowEnd = answer.windowEnd
      finishIsAcknowledged = answer.finishes
      hasTaken = true
    }
    return hasTaken
  }

  func loseAcknowledgements() { acknowledgements.removeAll() }
}
