import Testing

@testable import HubCore

@Suite("The scheduler and its watchdog")
struct SchedulerTests {
  private func at(_ milliseconds: UInt64) -> Uptime { Uptime(milliseconds: milliseconds) }

  /// A scheduler whose tasks have all just run and sleep.
  private func resting(at now: Uptime) -> Scheduler {
    var scheduler = Scheduler()
    for number in 0..<TaskName.count {
      scheduler.finish(TaskName(number: number), .asleep, began: now, ended: now)
    }
    return scheduler
  }

  @Test("the earliest task decides when to come again")
  func earliest() {
    var scheduler = resting(at: at(0))
    #expect(scheduler.next() == .never)
    scheduler.finish(.cloud, .until(at(500)), began: at(0), ended: at(0))
    scheduler.finish(.printer(3), .until(at(300)), began: at(0), ended: at(0))
    #expect(scheduler.next() == at(300))
    #expect(!scheduler.isDue(.printer(3), at: at(299)))
    #expect(scheduler.isDue(.printer(3), at: at(300)))
    scheduler.wake(.file(4), at: at(7))
    #expect(scheduler.next() == at(7))
  }

  @Test("waking a task that is due earlier does not delay it")
  func wake() {
    var scheduler = resting(at: at(0))
    scheduler.finish(.cloud, .until(at(5)), began: at(0), ended: at(0))
    scheduler.wake(.cloud, at: at(9))
    #expect(scheduler.next() == at(5))
  }

  @Test("a task that was due and never stepped is stalled")
  func stalled() {
    var scheduler = resting(at: at(0))
    scheduler.wake(.printer(2), at: at(1_000))
    #expect(scheduler.patient(at: at(11_000)) == nil)
    let patient = scheduler.patient(at: at(11_001))
    #expect(patient?.task == .printer(2))
    #expect(patient?.illness == .stalled)
  }

  @Test("of a task that is never stepped only the moment counts at which it is stalled")
  func neverStepped() {
    var scheduler = resting(at: at(0))
    scheduler.wake(.printer(2), at: at(1_000))
    scheduler.finish(.cloud, .until(at(60_000)), began: at(0), ended: at(0))
    #expect(scheduler.next(neverStepped: TaskName.printer(2).number) == at(11_001))
    #expect(scheduler.next(neverStepped: TaskName.cloud.number) == at(1_000))
  }

  @Test("a task that is stepped and does not keep its promise is wedged")
  func wedged() {
    var scheduler = resting(at: at(0))
    let turn = Turn(next: at(20_000), promise: at(5_000))
    scheduler.finish(.file(0), turn, began: at(0), ended: at(0))
    #expect(scheduler.patient(at: at(15_000)) == nil)
    let patient = scheduler.patient(at: at(15_001))
    #expect(patient?.task == .file(0))
    #expect(patient?.illness == .wedged)
  }

  @Test("a single long step makes a hog")
  func hog() {
    var scheduler = resting(at: at(0))
    scheduler.finish(.cloud, .asleep, began: at(0), ended: at(5_000))
    #expect(scheduler.patient(at: at(5_000)) == nil)
    scheduler.finish(.cloud, .asleep, began: at(6_000), ended: at(11_001))
    #expect(scheduler.patient(at: at(11_001))?.illness == .hog)
  }

  @Test("each slot is first in turn")
  func fair() {
    var scheduler = Scheduler()
    #expect(Set((0..<5).map { _ in scheduler.beginRound() }) == [0, 1, 2, 3, 4])
  }

  @Test("no moment is later than never")
  func never() {
    #expect(Uptime.never + 1 == .never)
    #expect(at(5) - at(9) == 0)
    #expect(at(9) - at(5) == 4)
  }

  @Test("the ceiling of a backoff doubles up to its cap, and a success begins anew")
  func backoff() {
    let board = FakeBoard()
    withUnsafePointer(to: &board.raw) { raw in
      var backoff = Backoff(base: 1_000, cap: 60_000)
      var ceilings: [UInt64] = []
      for _ in 0..<9 {
        let ceiling = backoff.ceiling
        ceilings.append(ceiling)
        #expect(backoff.next(on: Board(raw)) <= ceiling)
      }
      #expect(
        ceilings == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
      backoff.reset()
      #expect(backoff.ceiling == 1_000)
    }
  }
}
