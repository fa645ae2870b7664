import CBoard
import Testing
import VirtualWorld
import World

@testable import HubHost

@Suite("A hub on a desk")
struct PowerTests {
  @Test("powered on, it joins its network and asks the cloud for its socket")
  func powerOn() throws {
    let bench = try Bench()
    #expect(!bench.hub.view.isRunning)
    bench.hub.powerOn()
    bench.world.run(for: .seconds(10))
    #expect(bench.hub.view.isRunning)
    #expect(bench.hub.view.state == .cloudConnect)
    #expect(bench.host.radio?.state == .joined)
    #expect(bench.heard.first?.text.hasPrefix("GET /ws/hub/H1 HTTP/1.1\r\n") == true)
    #expect(bench.hub.ledText.hasPrefix("power "))
    #expect(bench.hub.view.memoryGiven == Int(hub_size()))
  }

  @Test("its owner hears of every change of what can be seen")
  func changes() throws {
    let bench = try Bench()
    var states: [HubState] = []
    bench.hub.onChange = { [unowned hub = bench.hub] in
      if states.last != hub.view.state { states.append(hub.view.state) }
    }
    bench.hub.powerOn()
    bench.world.run(for: .seconds(10))
    #expect(states.last == .cloudConnect)
    #expect(states.contains(.wifiConnect))
  }

  @Test("a power cut says nothing to anyone; powered on again it starts from the beginning")
  func powerCut() throws {
    let bench = try Bench()
    bench.hub.powerOn()
    bench.world.run(for: .seconds(10))
    let far = try #require(bench.heard.first)
    bench.hub.powerOff()
    #expect(!bench.hub.isOn && !bench.hub.view.isRunning)
    #expect(bench.hub.ledText == "power off, cloud off, printers off")
    let known = far.events.count
    bench.world.run(for: .minutes(60))
    #expect(far.events.count == known)
    #expect(bench.heard.count == 1)
    bench.hub.powerOn()
    bench.world.run(for: .seconds(10))
    #expect(bench.hub.bootCount == 2)
    #expect(bench.heard.count == 2)
    // What the cloud now says on the old stream is for nobody.
    far.stream.write([1])
    bench.world.run(for: .seconds(10))
    #expect(far.events.last == .failed(.reset))
  }

  @Test("firmware that asks for a restart is started again 300 ms later")
  func restart() throws {
    let bench = try Bench()
    bench.hub.powerOn()
    bench.world.run(for: .seconds(5))
    bench.hub.restart(.restart)
    bench.world.run(for: .milliseconds(299))
    #expect(bench.hub.bootCount == 1)
    bench.world.run(for: .milliseconds(2))
    #expect(bench.hub.bootCount == 2)
    bench.world.run(for: .seconds(10))
    #expect(bench.hub.view.state == .cloudConnect)
  }

  @Test("the watchdog leaves firmware alone that feeds it, and restarts firmware that does not")
  func watchdog() throws {
    let bench = try Bench()
    bench.hub.powerOn()
    bench.world.run(for: .minutes(10))
    #expect(bench.hub.bootCount == 1)
    bench.hub.rawBoard?.pointee.watchdog_feed = { _ in }
    bench.world.run(for: .seconds(31))
    #expect(bench.hub.bootCount == 2)
    #expect(bench.lines(of: .problem) == ["the hardware watchdog bites"])
    bench.world.run(for: .minutes(10))
    #expect(bench.hub.bootCount == 2)
  }

  @Test("the firmware's clock begins anew with every boot")
  func uptime() throws {
    let bench = try Bench()
    bench.world.run(for: .seconds(100))
    bench.hub.powerOn()
    bench.world.run(for: .seconds(5))
    #expect(bench.hub.uptimeMilliseconds == 5_000)
    bench.hub.powerOff()
    bench.hub.powerOn()
    #expect(bench.hub.uptimeMilliseconds == 0)
  }

  @Test("power may be cut from inside the firmware's own log line")
  func powerCutInside() throws {
    let bench = try Bench()
    bench.world.trace.sinks.append { [unowned hub = bench.hub] entry in
      if entry.kind == .hub { hub.powerOff() }
    }
    bench.hub.powerOn()
    bench.world.run(for: .seconds(10))
    #expect(!bench.hub.isOn)
    #expect(bench.heard.isEmpty)
  }

  @Test("with nothing to do it is polled seldom")
  func idle() throws {
    let bench = try Bench()
    bench.network.isUp = false
    bench.hub.powerOn()
    bench.world.run(for: .minutes(10))
    let before = bench.world.eventCount
    bench.world.run(for: .minutes(60))
    #expect(bench.world.eventCount - before < 3_600 * 2)
  }

  @Test("a hub and its world go when nobody holds them, powered or not")
  func lifetime() throws {
    weak var hub: HubHost?
    weak var world: VirtualWorld?
    for isOn in [true, false] {
      do {
        let bench = try Bench()
        bench.hub.onChange = { [unowned hub = bench.hub] in _ = hub.view }
        bench.hub.powerOn()
        bench.world.run(for: .seconds(10))
        if !isOn { bench.hub.powerOff() }
        hub = bench.hub
        world = bench.world
      }
      #expect(hub == nil && world == nil)
    }
  }

  @Test("the same seed gives the same hub to the byte")
  func repeatability() throws {
    func run() throws -> (UInt64, UInt64) {
      let bench = try Bench()
      bench.hub.powerOn()
      bench.world.run(for: .minutes(5))
      return (bench.world.trace.hash, bench.world.eventCount)
    }
    #expect(try run() == run())
  }
}
