// What will happen, in the order (time, sequence).
//
// A heap with four children to a node: half the levels of a binary one, and the four children of a
// node lie in two lines of cache. Entries are plain values; the object that an event is for is held
// by one reference that moves with the entry and is not touched while the heap sorts.

/// What an event asks of its target.
enum EventKind: UInt8 {
  case timer
  /// A connect that cannot succeed ends.
  case connectFailed
  /// The first packet of a client arrives at the server.
  case greeting
  /// The server's answer to it arrives at the client.
  case greetingAnswer
  /// The same for the first packet of TLS.
  case secureGreeting
  case secureGreetingAnswer
  /// The client has waited long enough for an answer.
  case connectRetry
  /// A segment arrives, or gets to a link where it has to queue.
  case segment
  case acknowledged
  case retransmit
  case resetArrives
  case radio
  /// Something was changed from outside, for the fingerprint only.
  case change
  /// A datagram arrives, or gets to the receiver's link.
  case datagram
  /// The name that a client has asked for is known.
  case nameFound
  /// Something that a Bluetooth radio did, for the fingerprint only.
  case bluetooth
}

/// Something that the world's clock calls at a time.
public class EventTarget {
  init() {}

  /// Does what is due, or answers false when the event has lost its meaning since it was planned.
  func happen(_ kind: EventKind, _ number: UInt32) -> Bool { false }

  /// Whether whatever is planned for this target has lost its meaning for good.
  var isForgettable: Bool { false }
}

struct Event {
  var time: Int64
  var sequence: UInt64
  var target: Unmanaged<EventTarget>
  var number: UInt32
  var kind: EventKind

  /// The one with the smaller number comes first.
  @inline(__always)
  var order: UInt128 { UInt128(UInt64(bitPattern: time)) << 64 | UInt128(sequence) }
}

struct EventHeap: ~Copyable {
  private var events: UnsafeMutablePointer<Event>
  private var capacity: Int
  private(set) var count = 0

  init() {
    capacity = 64
    events = .allocate(capacity: capacity)
  }

  deinit {
    for index in 0..<count { events[index].target.release() }
    events.deallocate()
  }

  var firstTime: Int64? {
    @inline(__always) get { count > 0 ? events[0].time : nil }
  }

  mutating func insert(_ event: Event) {
    if count == capacity { grow() }
    count += 1
    siftUp(event, from: count - 1)
  }

  /// Takes out the event that comes first; there must be one.
  mutating func removeFirst() -> Event {
    let first = events[0]
    count -= 1
    if count > 0 { siftDown(events[count], from: 0) }
    return first
  }

  /// Drops what has lost its meaning.
  mutating func removeForgettable() {
    var kept = 0
    for index in 0..<count {
      let event = events[index]
      if event.target._withUnsafeGuaranteedRef({ $0.isForgettable }) {
        event.target.release()
      } else {
        events[kept] = event
        kept += 1
      }
    }
    count = kept
    guard count > 1 else { return }
    for index in stride(from: (count - 2) / 4, through: 0, by: -1) {
      siftDown(events[index], from: index)
    }
  }

  mutating func removeAll() {
    while count > 0 {
      count -= 1
      events[count].target.release()
    }
  }

  @inline(__always)
  private mutating func siftUp(_ event: Event, from start: Int) {
    var hole = start
    while hole > 0 {
      let parent = (hole - 1) / 4
      guard event.order < events[parent].order else { break }
      events[hole] = events[parent]
      hole = parent
    }
    events[hole] = event
  }

  @inline(__always)
  private mutating func siftDown(_ event: Event, from start: Int) {
    var hole = start
    while hole &* 4 &+ 1 < count {
      let least = firstChild(of: hole)
      guard events[least].order < event.order else { break }
      events[hole] = events[least]
      hole = least
    }
    events[hole] = event
  }

  /// Of a node's children the one that comes first. Which of four that is nobody can foretell, the
  /// processor neither: it is worked out, not branched to.
  @inline(__always)
  private func firstChild(of parent: Int) -> Int {
    let first = parent &* 4 &+ 1
    guard first &+ 3 < count else {
      return (first..<count).min { events[$0].order < events[$1].order } ?? first
    }
    let left = first &+ (events[first &+ 1].order < events[first].order ? 1 : 0)
    let right = first &+ (events[first &+ 3].order < events[first &+ 2].order ? 3 : 2)
    return events[right].order < events[left].order ? right : left
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Event>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: events, count: count)
    events.deallocate()
    events = larger
    capacity *= 2
  }
}
