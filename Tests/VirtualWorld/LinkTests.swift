import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Links")
struct LinkTests {
  @Test("bandwidth adds the time that the bytes need to leave")
  func bandwidth() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.bandwidth = 100_000
    let sent = pair.world.now
    hub.stream?.write(pattern(10_000))
    pair.world.run(for: .seconds(5))
    #expect(cloud.times.first == sent + Pair.oneWay + .milliseconds(100))
    #expect(cloud.received.count == 10_000)
  }

  @Test("a link in the middle queues what gets there, when it gets there")
  func middleBandwidth() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.world.farm("north").uplink.bandwidth = 100_000
    let sent = pair.world.now
    hub.stream?.write(pattern(10_000))
    pair.world.run(for: .seconds(5))
    #expect(cloud.times.first == sent + Pair.oneWay + .milliseconds(100))
  }

  @Test("streams that share a link wait for each other")
  func sharedQueue() throws {
    let pair = try Pair()
    let (first, firstFar) = pair.open()
    let (second, secondFar) = pair.open()
    pair.hub.link.bandwidth = 100_000
    let sent = pair.world.now
    first.stream?.write(pattern(10_000))
    second.stream?.write(pattern(1_000))
    pair.world.run(for: .seconds(5))
    #expect(firstFar.times.first == sent + Pair.oneWay + .milliseconds(100))
    #expect(secondFar.times.first == sent + Pair.oneWay + .milliseconds(110))
  }

  @Test("a long queue on one host's slow link does not keep others from the shared uplink")
  func fairUplink() throws {
    let pair = try Pair()
    let neighbour = pair.world.addVirtualHost("neighbour", on: .farm("north"))
    pair.hub.link.bandwidth = 10_000
    pair.world.farm("north").uplink.bandwidth = 1_000_000
    let (hub, _) = pair.open()
    let end = End(on: neighbour)
    end.take(neighbour.connect(to: "cloud", port: Pair.port, security: .plain, handler: end))
    pair.world.run(for: .seconds(1)) { pair.accepted.count < 2 }
    hub.stream?.write(pattern(60_000))
    pair.world.run(for: .milliseconds(500))
    let sent = pair.world.now
    end.stream?.write(pattern(1_000))
    pair.world.run(for: .seconds(1))
    #expect(pair.accepted[1].times.first == sent + Pair.oneWay + .milliseconds(1))
  }

  @Test("the two directions of a link do not wait for each other")
  func directions() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.bandwidth = 10_000
    let sent = pair.world.now
    hub.stream?.write(pattern(10_000))
    cloud.stream?.write([1])
    pair.world.run(for: .seconds(5))
    #expect(hub.time(of: .readable) == sent + Pair.oneWay + .microseconds(100))
  }

  @Test("a transfer takes as long as the narrowest link needs")
  func throughput() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.cloud.link.bandwidth = 500_000
    let start = pair.world.now
    Pump(pattern(5_000_000), through: hub).go()
    pair.world.run(for: .seconds(60)) { cloud.received.count < 5_000_000 }
    let seconds = (pair.world.now - start).seconds
    #expect(seconds > 10 && seconds < 10.5)
  }

  @Test("without a limit of bandwidth, the window and the round trip set the pace")
  func windowPace() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    let start = pair.world.now
    Pump(pattern(655_360), through: hub).go()
    pair.world.run(for: .seconds(60)) { cloud.received.count < 655_360 }
    #expect(pair.world.now - start == Pair.oneWay * 19)
  }

  @Test("jitter makes segments late by up to its measure and never changes their order")
  func jitter() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.jitter = .milliseconds(50)
    var lateness: [Int64] = []
    for round in 0..<200 {
      let sent = pair.world.now
      hub.stream?.write([UInt8(round)])
      pair.world.run(for: .milliseconds(100)) { cloud.received.count <= round }
      lateness.append((pair.world.now - sent - Pair.oneWay).nanoseconds)
    }
    #expect(cloud.received == (0..<200).map { UInt8($0) })
    #expect(lateness.allSatisfy { $0 >= 0 && $0 <= 50_000_000 })
    #expect((lateness.max() ?? 0) > 40_000_000)
    #expect((lateness.min() ?? 0) < 10_000_000)
  }

  @Test("lost segments come late, and those behind them wait", arguments: [0.01, 0.1, 0.3])
  func loss(share: Double) throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.loss = share
    let bytes = pattern(2_000_000)
    let start = pair.world.now
    Pump(bytes, through: hub).go()
    pair.world.run(for: .minutes(10)) { cloud.received.count < bytes.count }
    #expect(cloud.hasReceived(bytes))
    // 31 windows, if nothing were lost.
    #expect(pair.world.now - start >= Pair.oneWay * 61 + .milliseconds(200))
  }

  @Test("one lost segment is late by 200 ms, one lost twice by 600 ms")
  func repetitionTimes() throws {
    for (lostCount, delay) in [(1, Int64(200)), (2, 600), (3, 1_400)] {
      let pair = try Pair()
      let (hub, cloud) = pair.open()
      pair.hub.link.loss = 0.5
      var draws = 0
      pair.world.chooser = { choice in
        draws += 1
        return draws <= lostCount ? choice.bound - 1 : 0
      }
      let sent = pair.world.now
      hub.stream?.write([1])
      pair.world.run(for: .seconds(10))
      #expect(cloud.times.first == sent + Pair.oneWay + .milliseconds(delay))
    }
  }

  @Test("a link that fragments to one byte shows every byte alone, in order")
  func oneByte() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.fragment = 1
    hub.stream?.write(pattern(500))
    hub.stream?.finish()
    pair.world.run(for: .seconds(5))
    #expect(cloud.hasReceived(pattern(500)))
    #expect(cloud.arrivals == [Int](repeating: 1, count: 500))
    #expect(cloud.events.last == .peerFinished)
  }

  @Test("a link that goes down in a transfer loses what is under way, and it recovers")
  func downInTransfer() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    let bytes = pattern(3_000_000)
    Pump(bytes, through: hub).go()
    let uplink = pair.world.farm("north").uplink
    _ = pair.world.at(pair.world.now + .milliseconds(300)) { uplink.isUp = false }
    _ = pair.world.at(pair.world.now + .seconds(5)) { uplink.isUp = true }
    pair.world.run(for: .seconds(4))
    let stuck = cloud.received.count
    #expect(stuck > 0 && stuck < bytes.count)
    pair.world.run(for: .seconds(60))
    #expect(cloud.hasReceived(bytes))
    #expect(hub.failure == nil && cloud.failure == nil)
  }

  @Test("what waited in the queue of a link that went down is gone from it")
  func queueIsLost() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.bandwidth = 1_000
    hub.stream?.write(pattern(60_000))
    pair.world.run(for: .seconds(1))
    pair.hub.link.isUp = false
    pair.hub.link.bandwidth = 1_000_000
    pair.world.run(for: .seconds(1))
    pair.hub.link.isUp = true
    pair.world.run(for: .seconds(10))
    #expect(cloud.hasReceived(pattern(60_000)))
  }

  @Test("a link that flaps all the time still gets everything through, once and in order")
  func flapping() throws {
    let pair = try Pair(seed: 5)
    let (hub, cloud) = pair.open()
    let there = pattern(1_500_000)
    let back = Array(pattern(900_000).reversed())
    Pump(there, through: hub).go()
    Pump(back, through: cloud).go()
    var plan = ChanceForTests(seed: 9)
    func flap() {
      pair.hub.link.isUp.toggle()
      pair.world.at(pair.world.now + .milliseconds(Int64(plan.next(below: 3_000))), flap)
    }
    flap()
    pair.world.run(for: .minutes(30)) {
      cloud.received.count < there.count || hub.received.count < back.count
    }
    #expect(cloud.hasReceived(there))
    #expect(hub.hasReceived(back))
  }

  @Test(
    "a black hole in either direction is a failure for who waits for an answer",
    arguments: [false, true])
  func blackHole(incoming: Bool) throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    if incoming { pair.hub.link.blocksIncoming = true } else { pair.hub.link.blocksOutgoing = true }
    let start = pair.world.now
    hub.stream?.write([1, 2, 3])
    pair.world.run(for: .minutes(5))
    #expect(hub.failure == .timedOut)
    let time = try #require(hub.times.last)
    #expect(time - start >= .seconds(60) && time - start < .seconds(70))
    // The bytes still got through when only the answers are swallowed.
    #expect(cloud.received == (incoming ? [1, 2, 3] : []))
    #expect(cloud.failure == nil)
  }
}

/// Numbers for a test's own plan, the same on every machine.
struct ChanceForTests {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next(below bound: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) % bound
  }
}
