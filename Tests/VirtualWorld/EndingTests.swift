import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("How streams end")
struct EndingTests {
  @Test("one direction can end while the other goes on")
  func halfClose() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    hub.stream?.write([1])
    hub.stream?.finish()
    pair.world.run(for: .seconds(1))
    #expect(cloud.events == [.readable, .peerFinished])
    cloud.stream?.write(pattern(100_000))
    pair.world.run(for: .seconds(1))
    #expect(hub.received.count == 65_536)
    cloud.stream?.finish()
    pair.world.run(for: .seconds(1))
    #expect(hub.events.last == .peerFinished)
    #expect(pair.world.streamCount == 0)
  }

  @Test("what was written before the end arrives before the end")
  func finishAfterBytes() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    pair.hub.link.bandwidth = 10_000
    hub.stream?.write(pattern(60_000))
    hub.stream?.close()
    pair.world.run(for: .seconds(60))
    #expect(cloud.hasReceived(pattern(60_000)))
    #expect(cloud.events.last == .peerFinished)
    #expect(hub.events == [.opened])
  }

  @Test("bytes for an end that was closed are answered with a reset")
  func writeToClosed() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.stream?.close()
    pair.world.run(for: .seconds(1))
    #expect(hub.events == [.opened, .peerFinished])
    hub.stream?.write([1])
    pair.world.run(for: .seconds(1))
    #expect(hub.events.last == .failed(.reset))
    #expect(pair.world.streamCount == 0)
  }

  @Test("bytes can be read after the far end has closed")
  func readAfterEnd() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    hub.stream?.write([1, 2, 3])
    hub.stream?.close()
    pair.world.run(for: .seconds(1))
    cloud.stream?.finish()
    pair.world.run(for: .seconds(1))
    #expect(pair.world.streamCount == 0)
    cloud.read()
    #expect(cloud.received == [1, 2, 3])
  }

  @Test("a reset follows what is under way, and loses what was not sent")
  func resetStream() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    hub.stream?.write([1, 2, 3])
    hub.stream?.reset()
    pair.world.run(for: .seconds(1))
    #expect(cloud.events == [.readable, .failed(.reset)])
    #expect(hub.events == [.opened])
    #expect(hub.stream?.write([1]) == 0)
    #expect(pair.world.streamCount == 0)
  }

  @Test("nothing is heard after a failure, and nothing can be read")
  func afterFailure() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    cloud.readsAtOnce = false
    hub.stream?.write([1, 2, 3])
    pair.world.run(for: .seconds(1))
    hub.stream?.reset()
    pair.world.run(for: .seconds(1))
    #expect(cloud.events.last == .failed(.reset))
    #expect(cloud.stream?.unreadCount == 0)
    #expect(cloud.stream?.handler == nil)
  }

  @Test("a stream may be closed or reset from inside any of its events", arguments: [false, true])
  func endedFromInside(resets: Bool) throws {
    for event in [StreamEvent.opened, .readable, .peerFinished] {
      let pair = try Pair()
      let end = pair.dial()
      end.onEvent = { heard in
        guard heard == event else { return }
        if resets { end.stream?.reset() } else { end.stream?.close() }
      }
      pair.world.run(for: .seconds(1)) { pair.accepted.isEmpty }
      if let cloud = pair.accepted.first {
        cloud.stream?.write([1, 2, 3])
        cloud.stream?.finish()
      }
      pair.world.run(for: .minutes(5))
      #expect(end.events.last == event)
      if event != .opened || !resets { pair.accepted[0].stream?.close() }
      pair.world.run(for: .minutes(5))
      #expect(pair.world.streamCount == 0, "\(event) \(resets)")
    }
  }

  @Test("a fault can reset chosen streams at both ends")
  func injectedReset() throws {
    let pair = try Pair()
    let (first, firstFar) = pair.open()
    let (second, secondFar) = pair.open()
    let number = (first.stream as? VirtualStream)?.identity
    pair.world.resetStreams { client, _ in client.identity == number }
    pair.world.run(for: .seconds(1))
    #expect(first.failure == .reset && firstFar.failure == .reset)
    #expect(second.failure == nil && secondFar.failure == nil)
    #expect(pair.world.streamCount == 1)
  }
}
