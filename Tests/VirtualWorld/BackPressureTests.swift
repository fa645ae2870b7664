import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Back-pressure")
struct BackPressureTests {
  @Test("a reader that does not read stops the writer at two windows")
  func windows() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    let pump = Pump(pattern(500_000), through: hub)
    pump.go()
    pair.world.run(for: .minutes(10))
    #expect(cloud.stream?.unreadCount == 65_536)
    #expect(hub.stream?.writableCount == 0)
    #expect(!pump.isDone)
    #expect(hub.failure == nil)
  }

  @Test("a write takes what fits, and .writable comes when the far end has read")
  func writable() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    #expect(hub.stream?.writableCount == 65_536)
    #expect(hub.stream?.write(pattern(200_000)) == 65_536)
    #expect(hub.stream?.write([1]) == 0)
    pair.world.run(for: .seconds(5))
    // The first window has arrived and is unread; the buffer is free for a second one.
    #expect(hub.events == [.opened, .writable])
    #expect(hub.stream?.write(pattern(200_000)) == 65_536)
    pair.world.run(for: .seconds(5))
    #expect(hub.events == [.opened, .writable])
    cloud.read()
    pair.world.run(for: .seconds(5))
    #expect(hub.events == [.opened, .writable, .writable])
  }

  @Test("a slow reader gets everything, a little at a time")
  func slowReader() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    let bytes = pattern(300_000)
    Pump(bytes, through: hub, finishes: true).go()
    func readSome() {
      cloud.read(atMost: 700)
      pair.cloud.after(.milliseconds(10), readSome)
    }
    readSome()
    pair.world.run(for: .seconds(60)) { cloud.received.count < bytes.count }
    #expect(cloud.hasReceived(bytes))
    #expect(hub.failure == nil)
  }

  @Test("a stream takes nothing before it is open and after it has finished")
  func closedForWriting() throws {
    let pair = try Pair()
    let end = pair.dial()
    #expect(end.stream?.writableCount == 0)
    #expect(end.stream?.write([1]) == 0)
    pair.world.run(for: .seconds(1))
    end.stream?.finish()
    #expect(end.stream?.writableCount == 0)
    #expect(end.stream?.write([1]) == 0)
  }

  @Test("unread bytes stay where they are and are shown again")
  func peeking() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    hub.stream?.write([1, 2, 3, 4])
    pair.world.run(for: .seconds(1))
    var seen: [[UInt8]] = []
    for used in [0, 1, 2, 1, 0] {
      cloud.stream?.read { bytes in
        seen.append(Array(bytes))
        return used
      }
    }
    #expect(seen == [[1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 4], [4], []])
    #expect(cloud.stream?.unreadCount == 0)
  }
}
