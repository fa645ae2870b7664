import Testing
import VirtualWorld
import World
import WorldConformance

@Suite("Streams of the virtual world")
struct StreamTests {
  @Test("a stream opens after one round trip and is accepted half a trip later")
  func handshake() throws {
    let pair = try Pair()
    let end = pair.dial()
    #expect(end.events.isEmpty)
    pair.world.run(for: .seconds(1))
    #expect(end.time(of: .opened) == .start + Pair.oneWay * 2)
    #expect(pair.acceptTimes == [.start + Pair.oneWay * 3])
  }

  @Test("bytes arrive after the latency of every link on their way")
  func latency() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    let sent = pair.world.now
    #expect(hub.stream?.write([1, 2, 3]) == 3)
    pair.world.run(for: .seconds(1))
    #expect(cloud.received == [1, 2, 3])
    #expect(cloud.time(of: .readable) == sent + Pair.oneWay)
  }

  @Test("what is written in one go arrives in one go")
  func adjacentWrites() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    for byte in UInt8(0)..<100 { hub.stream?.write([byte]) }
    hub.stream?.finish()
    pair.world.run(for: .seconds(1))
    #expect(cloud.received == Array(0..<100))
    #expect(cloud.events == [.readable, .peerFinished])
  }

  @Test("what is written as the stream opens travels with its first packet")
  func earlyWrite() throws {
    let pair = try Pair()
    let end = pair.dial()
    end.onEvent = { event in if event == .opened { end.stream?.write([7]) } }
    pair.world.run(for: .seconds(1))
    #expect(pair.accepted[0].received == [7])
    #expect(pair.accepted[0].time(of: .readable) == pair.acceptTimes[0])
  }

  @Test("a megabyte gets through whole and in order, and streams that end are forgotten")
  func bulk() throws {
    let pair = try Pair()
    let (hub, cloud) = pair.open()
    let bytes = pattern(1_000_000)
    let pump = Pump(bytes, through: hub, finishes: true)
    pump.go()
    cloud.onEvent = { event in if event == .peerFinished { cloud.stream?.close() } }
    pair.world.run(for: .seconds(60))
    #expect(cloud.hasReceived(bytes))
    #expect(hub.events.last == .peerFinished)
    #expect(pair.world.streamCount == 0)
  }
}
