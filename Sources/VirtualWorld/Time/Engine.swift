import World

/// The works of a virtual world: clock, events, chance, hosts and what connects them.
///
/// Hosts and streams hold it, and it holds them; the ``VirtualWorld`` that a person holds takes the
/// knot apart when it goes.
final class Engine {
  let trace = Trace()
  let seed: UInt64
  let startWallMilliseconds: Int64
  private(set) var now: Int64 = 0
  private(set) var eventCount: UInt64 = 0
  private var heap = EventHeap()
  private var sequence: UInt64 = 0
  private var forgottenCount = 0
  /// Grows with every change of any link.
  var linkVersion: UInt64 = 1

  var hosts: [VirtualHost] = []
  /// Looked up only, never iterated.
  var farms: [String: VirtualFarm] = [:]
  var addresses = AddressBook()
  var air: [NetworkOnAir] = []
  /// In the order in which they were installed.
  var bluetooth: [VirtualBluetooth] = []
  var connections: [Connection] = []
  var nextStreamIdentity: UInt32 = 1

  var onChoice: ((Choice) -> Void)?
  var chooser: ((Choice) -> UInt64?)?

  init(seed: UInt64, startWallMilliseconds: Int64) {
    self.seed = seed
    self.startWallMilliseconds = startWallMilliseconds
    trace.mix(seed, UInt64(bitPattern: startWallMilliseconds))
  }

  // MARK: Events

  @inline(__always)
  func plan(_ kind: EventKind, for target: EventTarget, at time: Int64, _ number: UInt32 = 0) {
    sequence &+= 1
    heap.insert(
      Event(
        time: max(time, now), sequence: sequence, target: .passRetained(target), number: number,
        kind: kind))
  }

  /// Lets the next thing happen, if it is due by `limit`; answers whether there was one.
  func step(notAfter limit: Int64) -> Bool {
    while let time = heap.firstTime, time <= limit {
      let event = heap.removeFirst()
      now = time
      let target = event.target.takeRetainedValue()
      if target.happen(event.kind, event.number) {
        eventCount &+= 1
        return true
      }
    }
    return false
  }

  func advance(to time: Int64) { now = max(now, time) }

  /// Notes that one planned event has lost its meaning; now and then they are swept out.
  func forgetLater() {
    forgottenCount += 1
    if forgottenCount > 512, forgottenCount > heap.count / 2 { sweep() }
  }

  func sweep() {
    forgottenCount = 0
    heap.removeForgettable()
  }

  /// Mixes one event into the fingerprint of the run.
  @inline(__always)
  func mark(_ kind: EventKind, _ identity: UInt32, _ size: Int) {
    trace.mix(
      UInt64(bitPattern: now) &<< 8 | UInt64(kind.rawValue),
      UInt64(identity) &<< 32 ^ UInt64(truncatingIfNeeded: size))
  }

  // MARK: Chance

  @inline(__always)
  func choose(
    _ label: StaticString, below bound: UInt64, by name: String, from chance: inout ChanceStream
  ) -> UInt64 {
    let value = chance.next(below: bound)
    guard onChoice != nil || chooser != nil else { return value }
    return choose(value, label, below: bound, by: name, number: chance.drawnCount)
  }

  @inline(never)
  private func choose(
    _ value: UInt64, _ label: StaticString, below bound: UInt64, by name: String, number: UInt64
  ) -> UInt64 {
    var choice = Choice(by: name, label: label, number: number, value: value, bound: bound)
    if let other = chooser?(choice) { choice.value = bound == 0 ? 0 : min(other, bound - 1) }
    onChoice?(choice)
    return choice.value
  }

  // MARK: The end

  /// Takes everything apart, so that nothing holds anything in a circle.
  func dismantle() {
    let ending = connections
    connections = []
    for connection in ending { connection.dismantle() }
    for host in hosts {
      host.dismantle()
      host.farm?.hosts = []
    }
    heap.removeAll()
    hosts = []
    farms = [:]
    addresses = AddressBook()
    air = []
    bluetooth = []
    onChoice = nil
    chooser = nil
  }
}
