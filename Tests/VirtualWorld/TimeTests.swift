import Testing
import VirtualWorld
import World

@Suite("Virtual time")
struct TimeTests {
  let world = VirtualWorld(seed: 1, startWallMilliseconds: 1_000_000)
  let host: VirtualHost

  init() { host = world.addVirtualHost("host", on: .internet) }

  @Test("timers fire in the order of their times, and of their making at the same time")
  func order() {
    var fired: [Int] = []
    for (number, delay) in [5, 1, 3, 1, 0, 5, 2].enumerated() {
      host.after(.milliseconds(Int64(delay))) { fired.append(number) }
    }
    #expect(fired.isEmpty)
    world.run(for: .seconds(1))
    #expect(fired == [4, 1, 3, 6, 2, 0, 5])
  }

  @Test("ten thousand timers at random times fire in order, cancelled ones never")
  func many() {
    var plan = ChanceForTests(seed: 4)
    var times: [Instant] = []
    var cancelledCount = 0
    for number in 0..<10_000 {
      let timer = host.after(.microseconds(Int64(plan.next(below: 1_000_000)))) {
        times.append(host.now)
        if number % 3 == 0 { cancelledCount += 1 }
      }
      if number % 3 == 0 { timer.cancel() }
    }
    world.run(for: .seconds(2))
    #expect(times.count == 6_666)
    #expect(cancelledCount == 0)
    #expect(times == times.sorted())
    #expect(world.eventCount == 6_666)
  }

  @Test("time goes where it is sent, and the clocks with it")
  func clocks() {
    world.run(until: .start + .seconds(90))
    #expect(world.now == .start + .seconds(90))
    #expect(world.wallMilliseconds == 1_090_000)
    #expect(host.wallMilliseconds == 1_090_000)
    host.clockOffsetMilliseconds = -5_000
    #expect(host.wallMilliseconds == 1_085_000)
  }

  @Test("a run stops at the event that breaks its condition")
  func condition() {
    var count = 0
    func tick() {
      count += 1
      host.after(.seconds(1), tick)
    }
    tick()
    #expect(!world.run(for: .minutes(1)) { count < 5 })
    #expect(world.now == .start + .seconds(4))
    #expect(world.run(for: .seconds(2)))
    #expect(count == 7)
  }

  @Test("one step is one event; none are left when nothing is planned")
  func steps() {
    host.after(.seconds(1)) {}
    host.after(.seconds(2)) {}.cancel()
    #expect(world.step())
    #expect(world.now == .start + .seconds(1))
    #expect(!world.step())
  }

  @Test("a timer may cancel another at the same time, and itself")
  func cancelling() {
    var fired: [String] = []
    var second: (any Timer)?
    let first = host.after(.seconds(1)) {
      fired.append("first")
      second?.cancel()
    }
    second = host.after(.seconds(1)) { fired.append("second") }
    world.run(for: .seconds(2))
    first.cancel()
    #expect(fired == ["first"])
  }

  @Test("a thousand years fit into the clock")
  func longRuns() {
    var fired = false
    host.after(.minutes(60 * 24 * 365 * 200)) { fired = true }
    world.run(until: .never)
    #expect(fired)
  }
}
