// One thread, one epoll. Descriptors are watched edge-triggered, for both directions and once: an
// owner remembers that its descriptor is ready until the system says otherwise, so that a full
// buffer costs no system call to stop reading and none to go on.
//
// A turn: wait, tell the owners what is ready, run the tasks that were scheduled, run due timers.
// Nothing that an actor calls ever calls it back: it schedules a task, and the loop does the rest.

import CLinux
import Glibc
import World

/// What epoll has said about a descriptor.
struct Readiness: OptionSet {
  let rawValue: UInt32
  static let readable = Readiness(rawValue: hubrig_readable)
  static let writable = Readiness(rawValue: hubrig_writable)
  static let broken = Readiness(rawValue: hubrig_broken)
  static let hungUp = Readiness(rawValue: hubrig_hung_up)
}

/// Something with a descriptor in the loop.
protocol DescriptorOwner: AnyObject {
  /// Only remembers; work is for a task.
  func descriptorIsReady(_ readiness: Readiness)
  /// The world is gone: gives up the descriptor without another word.
  func abandon()
}

/// Something to be done on the loop, soon.
protocol LoopTask: AnyObject {
  func runTask()
}

/// A descriptor's place in the loop. It is never used twice, so that an event that was under way
/// when its descriptor closed cannot reach the descriptor's next owner.
struct Registration {
  fileprivate let slot: Int
  fileprivate let generation: UInt32
  fileprivate var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

/// The one thread of a live world.
final class EventLoop {
  private struct Slot {
    var owner: (any DescriptorOwner)?
    var generation: UInt32 = 0
  }

  private static let eventLimit = 256

  private let epoll: Int32
  private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventLimit)
  private let beginning: Int64
  private var slots: [Slot] = []
  private var freeSlots: [Int] = []
  private var scheduled: [any LoopTask] = []
  private var running: [any LoopTask] = []
  private let timers = TimerHeap()

  init() throws(LiveWorldError) {
    epoll = hubrig_epoll_create()
    beginning = Self.monotonicNanoseconds()
    guard epoll >= 0 else { throw .noDescriptors }
  }

  deinit {
    if epoll >= 0 { Glibc.close(epoll) }
    events.deallocate()
  }

  var now: Instant { Instant(nanoseconds: Self.monotonicNanoseconds() - beginning) }

  // MARK: Descriptors

  /// Watches `descriptor` until `remove`; nil if the system has no more room.
  func add(_ descriptor: Int32, owner: any DescriptorOwner) -> Registration? {
    let slot = freeSlots.popLast() ?? slots.count
    if slot == slots.count { slots.append(Slot()) }
    let registration = Registration(slot: slot, generation: slots[slot].generation)
    let interest = hubrig_readable | hubrig_writable | hubrig_edge
    guard
      hubrig_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, interest, registration.token) == 0
    else {
      freeSlots.append(slot)
      return nil
    }
    slots[slot].owner = owner
    return registration
  }

  /// Call it just before the descriptor is closed, which is what takes it out of epoll.
  func remove(_ registration: Registration) {
    guard registration.slot < slots.count,
      slots[registration.slot].generation == registration.generation
    else { return }
    slots[registration.slot].owner = nil
    slots[registration.slot].generation &+= 1
    freeSlots.append(registration.slot)
  }

  // MARK: Work

  /// Runs `task` on the loop, in order. Whoever schedules sees to it that it does so once.
  func schedule(_ task: any LoopTask) { scheduled.append(task) }

  func after(_ delay: Interval, _ action: @escaping () -> Void) -> LiveTimer {
    timers.add(at: now + max(delay, .zero), action)
  }

  /// One turn; waits for something to happen until `limit` at the latest.
  func turn(until limit: Instant) {
    wait(until: limit)
    swap(&scheduled, &running)
    for task in running { task.runTask() }
    running.removeAll(keepingCapacity: true)
    // A timer that a timer sets for now has its turn in the next one: the network comes in between.
    let due = now
    while let action = timers.popDue(at: due) { action() }
  }

  /// Lets go of everything: descriptors, timers, tasks, and all that they hold.
  func abandon() {
    let abandoned = slots
    slots = []
    freeSlots = []
    for slot in abandoned { slot.owner?.abandon() }
    timers.removeAll()
    scheduled = []
  }

  private func wait(until limit: Instant) {
    let count = hubrig_epoll_wait(
      epoll, events, Int32(Self.eventLimit), waitNanoseconds(until: limit))
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      let token = hubrig_epoll_token(events + index)
      let slot = Int(token & 0xFFFF_FFFF)
      guard slot < slots.count, slots[slot].generation == UInt32(token >> 32) else { continue }
      let readiness = Readiness(rawValue: hubrig_epoll_events(events + index))
      slots[slot].owner?.descriptorIsReady(readiness)
    }
  }

  /// To the nanosecond: firmware that wants to go on in a quarter of a millisecond must not be kept
  /// for a whole one. Below zero: as long as it takes.
  private func waitNanoseconds(until limit: Instant) -> Int64 {
    guard scheduled.isEmpty else { return 0 }
    let next = min(limit, timers.earliest ?? .never)
    guard next != .never else { return -1 }
    return max(0, (next - now).nanoseconds)
  }

  private static func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
