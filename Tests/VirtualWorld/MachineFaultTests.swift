import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Machines that crash, vanish and come back")
struct MachineFaultTests {
  @Test("a crash resets the streams, closes the ports and cancels the timers of that host alone")
  func crash() throws {
    let pair = try Pair()
    let (hub, _) = pair.open()
    var fired: [String] = []
    pair.cloud.after(.seconds(1)) { fired.append("cloud") }
    pair.hub.after(.seconds(1)) { fired.append("hub") }
    pair.cloud.crash()
    pair.world.run(for: .seconds(5))
    #expect(hub.failure == .reset)
    #expect(fired == ["hub"])
    #expect(pair.world.streamCount == 0)
    let again = pair.dial()
    pair.world.run(for: .seconds(5))
    #expect(again.failure == .refused)
    try pair.listen()
    let third = pair.dial()
    pair.world.run(for: .seconds(5))
    #expect(third.events == [.opened])
  }

  @Test("a peer that vanished is not missed by a side that has nothing to say")
  func halfOpenIdle() throws {
    let pair = try Pair()
    let (hub, _) = pair.open()
    pair.cloud.vanish()
    pair.world.run(for: .minutes(600))
    #expect(hub.events == [.opened])
    #expect(pair.world.streamCount == 1)
  }

  @Test("who writes to a peer that vanished gives up after a minute")
  func halfOpenWriting() throws {
    let pair = try Pair()
    let (hub, _) = pair.open()
    pair.cloud.vanish()
    let start = pair.world.now
    hub.stream?.write([1])
    pair.world.run(for: .minutes(10))
    #expect(hub.failure == .timedOut)
    let time = try #require(hub.times.last)
    #expect(time - start >= .seconds(60) && time - start < .seconds(70))
    #expect(pair.world.streamCount == 0)
  }

  @Test("who waits for a full window to open notices that the peer vanished")
  func halfOpenWindow() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    Pump(pattern(200_000), through: hub).go()
    pair.world.run(for: .minutes(10))
    #expect(hub.failure == nil)
    pair.cloud.vanish()
    pair.world.run(for: .minutes(10))
    #expect(hub.failure == .timedOut)
  }

  @Test("a machine that is back answers old streams with a reset")
  func comeBack() throws {
    let pair = try Pair()
    let (hub, _) = pair.open()
    pair.cloud.vanish()
    hub.stream?.write([1])
    pair.world.run(for: .seconds(10))
    #expect(hub.failure == nil)
    pair.cloud.comeBack()
    pair.world.run(for: .seconds(20))
    #expect(hub.failure == .reset)
    #expect(pair.world.streamCount == 0)
  }

  @Test("a side that stayed silent meets the reset at its next word")
  func comeBackIdle() throws {
    let pair = try Pair()
    let (hub, _) = pair.open()
    pair.cloud.vanish()
    pair.world.run(for: .minutes(60))
    pair.cloud.comeBack()
    pair.world.run(for: .minutes(60))
    #expect(hub.failure == nil)
    hub.stream?.write([1])
    pair.world.run(for: .seconds(1))
    #expect(hub.failure == .reset)
  }

  @Test("nothing of what a vanished machine had under way arrives")
  func underWay() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    hub.stream?.write([1, 2, 3])
    pair.world.run(for: .milliseconds(5))
    pair.hub.vanish()
    pair.world.run(for: .minutes(10))
    #expect(cloud.events.isEmpty)
  }

  @Test("a stream that opened into a broken way is found by the server when the way is back")
  func openedIntoBrokenWay() throws {
    let pair = try Pair()
    let end = pair.dial()
    // The answer is under way; ours to it will not get through at first.
    pair.world.run(for: .milliseconds(30))
    pair.hub.link.blocksOutgoing = true
    pair.world.run(for: .seconds(3))
    #expect(end.events == [.opened])
    #expect(pair.accepted.isEmpty)
    pair.hub.link.blocksOutgoing = false
    pair.world.run(for: .seconds(10))
    #expect(pair.accepted.count == 1)
  }

  @Test("a crash silences attempts that had no answer yet")
  func crashWhileConnecting() throws {
    let pair = try Pair()
    let ends = ["cloud", "nobody", "10.9.9.9"].map { name in
      let end = End(on: pair.hub)
      end.take(pair.hub.connect(to: name, port: 1, security: .plain, handler: end))
      return end
    }
    pair.hub.crash()
    pair.world.run(for: .minutes(1))
    #expect(ends.allSatisfy { $0.events.isEmpty })
    #expect(pair.accepted.isEmpty)
  }

  @Test("a machine without power runs no timers and opens no ports")
  func withoutPower() throws {
    let pair = try Pair()
    pair.hub.vanish()
    var fired = false
    pair.hub.after(.seconds(1)) { fired = true }
    #expect(throws: NetworkFailure.unreachable) {
      try pair.hub.listen(port: 1, security: .plain) { _ in }
    }
    let end = pair.dial()
    pair.world.run(for: .minutes(1))
    #expect(!fired)
    #expect(end.failure == .unreachable)
  }

  @Test("a router forgets a stream that was silent too long, and tells nobody")
  func idleDrop() throws {
    let pair = try Pair()
    pair.world.farm("north").idleLimit = .minutes(5)
    let (hub, cloud) = pair.open()
    for _ in 0..<10 {
      pair.world.run(for: .minutes(4))
      hub.stream?.write([1])
    }
    pair.world.run(for: .minutes(4))
    #expect(cloud.received.count == 10)
    pair.world.run(for: .minutes(10))
    #expect(hub.failure == nil && cloud.failure == nil)
    cloud.stream?.write([2])
    pair.world.run(for: .minutes(2))
    #expect(hub.received.isEmpty)
    #expect(cloud.failure == .timedOut)
    #expect(hub.failure == nil)
  }

  @Test("streams inside a farm are none of the router's business")
  func localStreams() throws {
    let pair = try Pair()
    pair.world.farm("north").idleLimit = .seconds(1)
    let printer = pair.world.addVirtualHost("printer", on: .farm("north"))
    var far: End?
    _ = try printer.listen(port: 1, security: .plain) { stream in
      far = End(on: printer)
      far?.take(stream)
    }
    let end = End(on: pair.hub)
    end.take(pair.hub.connect(to: "printer", port: 1, security: .plain, handler: end))
    pair.world.run(for: .minutes(60))
    pair.world.farm("north").uplink.isUp = false
    end.stream?.write([1])
    pair.world.run(for: .minutes(1))
    #expect(far?.received == [1])
  }
}
