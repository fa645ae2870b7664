import Glibc
import LiveWorld
import Testing
import World

@Suite("The loop of the live world")
struct LoopTests {
  @Test("timers come due in order, those of one time in the order they were set")
  func order() throws {
    let place = try Place()
    var heard: [Int] = []
    let delays: [Int64] = [30, 10, 20, 10, 0, 30]
    for (index, delay) in delays.enumerated() {
      place.client.after(.milliseconds(delay)) { heard.append(index) }
    }
    let begin = place.world.now
    #expect(place.run { heard.count == delays.count })
    #expect(heard == [4, 1, 3, 2, 0, 5])
    let taken = place.world.now - begin
    #expect(taken >= .milliseconds(29) && taken < .milliseconds(500))
  }

  @Test("a cancelled timer never comes due, wherever it lies among the others")
  func cancel() throws {
    let place = try Place()
    var heard: [Int] = []
    let timers = (0..<100).map { index in
      place.client.after(.milliseconds(Int64((index * 37) % 20))) { heard.append(index) }
    }
    for index in stride(from: 0, to: 100, by: 3) { timers[index].cancel() }
    // Cancelling from within another timer's action works as well.
    place.client.after(.zero) { timers[1].cancel() }
    place.wait(.milliseconds(40))
    let expected = (0..<100).filter { $0 % 3 != 0 && $0 != 1 }
    #expect(heard.sorted() == expected)
    #expect(heard.map { ($0 * 37) % 20 } == heard.map { ($0 * 37) % 20 }.sorted())
  }

  @Test("a timer that sets itself again does not starve the network")
  func restlessTimer() throws {
    let place = try Place()
    let echo = Echo()
    let listener = try place.server.listen(port: 0, security: .plain) { echo.adopt($0) }
    var count = 0
    let client = place.client
    func again() {
      count += 1
      client.after(.zero, again)
    }
    again()
    let peer = Peer()
    peer.onEvent = { peer, event in if event == .opened { peer.stream?.write([1]) } }
    _ = place.client.connect(
      to: "server.test", port: listener.port, security: .plain, handler: peer)
    #expect(place.run { peer.bytes == [1] })
    #expect(count > 0)
  }

  @Test("a signal is heard on the loop and does nothing else")
  func signals() throws {
    let place = try Place()
    var heard: [Int32] = []
    place.world.onSignal([SIGUSR1, SIGUSR2]) { [unowned world = place.world] in
      heard.append($0)
      if heard.count == 2 { world.stop() }
    }
    place.client.after(.milliseconds(1)) { [client = place.client] in
      kill(getpid(), SIGUSR2)
      client.after(.milliseconds(20)) { kill(getpid(), SIGUSR1) }
    }
    place.runUntilStopped()
    #expect(heard == [SIGUSR2, SIGUSR1])
  }

  @Test("time goes on, chance keeps its bound, random bytes differ")
  func host() throws {
    let place = try Place()
    let first = place.client.now
    #expect(place.server.now >= first)
    var now = timeval()
    gettimeofday(&now, nil)
    #expect(abs(place.client.wallMilliseconds / 1_000 - Int64(now.tv_sec)) <= 1)
    for _ in 0..<1_000 { #expect(place.client.chance("dice", below: 6) < 6) }
    #expect(place.client.chance("nothing to choose", below: 0) == 0)
    let bytes = place.client.randomBytes(32)
    #expect(bytes.count == 32)
    #expect(bytes != place.client.randomBytes(32))
    #expect(place.client.randomBytes(0).isEmpty)
    #expect(place.client.radio == nil)
  }

  @Test("every host has an address of its own")
  func addresses() throws {
    let place = try Place()
    let given = place.world.addHost("given", address: "127.0.0.4", on: .internet)
    let chosen = (0..<300).map { place.world.addHost("\($0)", address: nil, on: .internet).address }
    let all = [place.server.address, place.client.address, given.address] + chosen
    #expect(Set(all).count == all.count)
    #expect(
      Array(all.prefix(5)) == ["127.0.0.1", "127.0.0.2", "127.0.0.4", "127.0.0.3", "127.0.0.5"])
    #expect(!all.contains("127.0.0.255") && !all.contains("127.0.1.0"))
  }
}
