import CBoard
import Testing
import VirtualWorld
import Wire
import World

@testable import HubHost

@Suite("The board that a host makes")
struct BoardTests {
  let bench: Bench
  let board: BoardHand
  let printer: VirtualHost

  init() throws {
    bench = try Bench()
    board = BoardHand(bench.hub)
    printer = bench.world.addVirtualHost("printer", on: .farm("north"))
    bench.host.radio?.join(WiFiCredentials(name: "workshop", key: "wifi-key"))
    bench.world.run(for: .seconds(3))
  }

  private func wait(_ seconds: Int64 = 1) { bench.world.run(for: .seconds(seconds)) }

  @Test("the board's digest is the firmware's own, however the bytes come")
  func digest() {
    let bytes = (0..<2_000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
    for length in [0, 1, 63, 64, 65, 127, 128, 1_000, 2_000] {
      for portion in [1, 63, 64, 65, 640, 2_000] {
        var sum = SHA256()
        for start in stride(from: 0, to: length, by: portion) {
          let part = Array(bytes[start..<min(start + portion, length)])
          sum.update(
            part.span, by: { state, blocks in board.digest(blocks: blocks, into: &state) })
        }
        let expected = SHA256.of(Array(bytes[..<length]).span)
        let found = sum.finish()
        #expect((0..<32).allSatisfy { found[$0] == expected[$0] }, "\(length) by \(portion)")
      }
    }
  }

  @Test("a stream goes from opening to open, carries bytes both ways, and is told of the end")
  func plainStream() throws {
    try bench.listen(on: printer, port: 9)
    let stream = board.open("printer", port: 9)
    #expect(stream >= 0)
    #expect(board.state(stream) == HUB_STREAM_OPENING)
    #expect(board.write(stream, [1]) == 0)
    wait()
    #expect(board.state(stream) == HUB_STREAM_OPEN)
    #expect(board.write(stream, [1, 2, 3]) == 3)
    wait()
    let far = try #require(bench.heard.first)
    #expect(far.bytes == [1, 2, 3])
    far.stream.write([4, 5, 6, 7])
    far.stream.finish()
    wait()
    #expect(board.state(stream) == HUB_STREAM_PEER_FINISHED)
    #expect(board.read(stream, upTo: 3) == [4, 5, 6])
    #expect(board.read(stream) == [7])
    #expect(board.read(stream) == [])
    #expect(board.write(stream, [8]) == 1)
    board.finish(stream)
    wait()
    #expect(far.bytes == [1, 2, 3, 8])
    #expect(far.events.last == .peerFinished)
  }

  @Test("why a stream failed is told by number")
  func failures() throws {
    let refused = board.open("printer", port: 1)
    let unknown = board.open("nobody", port: 1)
    let untrusted = board.open(
      "cloud.hubrig.test", port: 8787, trust: HUB_TRUST_COMMON_NAME, name: "somebody else")
    wait()
    #expect(board.state(refused) == HUB_STREAM_FAILED)
    #expect(board.error(refused) == HUB_ERROR_REFUSED)
    #expect(board.error(unknown) == HUB_ERROR_NAME_UNKNOWN)
    #expect(board.error(untrusted) == HUB_ERROR_TLS_WRONG_NAME)
  }

  @Test("the cloud must be signed by the authority on the board and have the name asked for")
  func cloudTrust() throws {
    var other = Bench.identity
    other.authority = "theirs"
    try bench.listen(on: bench.cloud, port: 1, security: .tls(other))
    other = Bench.identity
    other.commonName = "elsewhere"
    try bench.listen(on: bench.cloud, port: 2, security: .tls(other))
    let streams = [8787, 1, 2].map {
      board.open("cloud.hubrig.test", port: $0, trust: HUB_TRUST_CLOUD)
    }
    wait()
    #expect(
      streams.map(board.error) == [
        HUB_ERROR_NONE, HUB_ERROR_TLS_UNTRUSTED, HUB_ERROR_TLS_WRONG_NAME,
      ])
  }

  @Test("a printer is known by its common name, and its session can be resumed by number")
  func printerTrust() throws {
    let identity = ServerIdentity(commonName: "01P00A000000001")
    try bench.listen(on: printer, port: 990, security: .tls(identity))
    let first = board.open(
      "printer", port: 990, trust: HUB_TRUST_COMMON_NAME, name: "01P00A000000001")
    wait()
    let second = board.open(
      "printer", port: 990, trust: HUB_TRUST_COMMON_NAME, name: "01P00A000000001",
      resuming: first)
    wait()
    #expect(board.state(second) == HUB_STREAM_OPEN)
    #expect(bench.heard.map(\.stream.isSessionResumed) == [false, true])
  }

  @Test("thirty-two streams are all there are, and a closed one makes room")
  func streamLimit() throws {
    try bench.listen(on: printer, port: 9)
    let streams = (0..<32).map { _ in board.open("printer", port: 9) }
    #expect(Set(streams).count == 32)
    #expect(board.open("printer", port: 9) == HUB_ERROR_TOO_MANY_STREAMS.rawValue)
    board.close(streams[5])
    #expect(board.open("printer", port: 9) == streams[5])
  }

  @Test("numbers that mean no stream are harmless")
  func wrongNumbers() {
    for stream in [-1, 7, 32, 1_000] as [hub_stream] {
      #expect(board.state(stream) == HUB_STREAM_FAILED)
      #expect(board.error(stream) == HUB_ERROR_RESET)
      #expect(board.read(stream) == [])
      #expect(board.write(stream, [1]) == 0)
      board.finish(stream)
      board.close(stream)
    }
  }

  @Test("what was written before a close still arrives")
  func closeAfterWrite() throws {
    try bench.listen(on: printer, port: 9)
    let stream = board.open("printer", port: 9)
    wait()
    #expect(board.write(stream, [1, 2, 3]) == 3)
    board.close(stream)
    wait()
    #expect(bench.heard[0].bytes == [1, 2, 3])
    #expect(bench.heard[0].events.last == .peerFinished)
  }

  @Test("the factory's partition is written when power comes on, and holds no secret in clear")
  func factory() throws {
    bench.hub.powerOn()
    let bytes = bench.hub.flash.contents(of: .factory)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("H1") && text.contains("wss://cloud.hubrig.test:8787"))
    #expect(!text.contains("top-secret") && !text.contains("wifi-key"))
    bench.hub.powerOff()
    bench.hub.settings.hubID = "H2"
    bench.hub.powerOn()
    #expect(String(decoding: bench.hub.flash.contents(of: .factory), as: UTF8.self).contains("H2"))
  }

  @Test("the radio is off until the firmware asks for it")
  func radio() throws {
    #expect(board.wifi == HUB_WIFI_OFF)
    board.join("workshop", "wrong")
    #expect(board.wifi == HUB_WIFI_JOINING)
    wait(3)
    #expect(board.wifi == HUB_WIFI_WRONG_KEY && board.signal == 0)
    board.join("workshop", "wifi-key")
    wait(3)
    #expect(board.wifi == HUB_WIFI_JOINED && board.signal == -52)
    bench.network.isUp = false
    #expect(board.wifi == HUB_WIFI_LOST)
    board.join("workshop", "wifi-key")
    wait(3)
    #expect(board.wifi == HUB_WIFI_NO_ACCESS_POINT)
  }

  @Test("a host without a radio counts as joined, with a good signal")
  func wired() {
    let wired = BoardHand(HubHost(host: printer, settings: Bench.settings))
    #expect(wired.wifi == HUB_WIFI_JOINED && wired.signal == -50)
  }

  // RFC 4231, test case 2.
  @Test("signatures are HMAC-SHA256")
  func signature() {
    let digest = board.signature(
      key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8))
    #expect(
      hexString(digest) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      hexString(board.signature(key: [], message: []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test("entropy is the host's, and never the same twice")
  func entropy() {
    let first = board.entropy(32)
    #expect(first != board.entropy(32))
    #expect(first.contains { $0 != 0 })
  }

  @Test("the log goes to the timeline, debug lines only to those who ask")
  func log() {
    board.log(HUB_LOG_DEBUG, "a")
    board.log(HUB_LOG_INFO, "b")
    board.log(HUB_LOG_WARNING, "c")
    board.log(HUB_LOG_ERROR, "d")
    #expect(bench.lines(of: .detail) == ["a"])
    #expect(bench.lines(of: .hub) == ["b", "warning: c", "error: d"])
  }

  @Test("lamps are remembered, and noted when they change")
  func lamps() {
    #expect(bench.hub.ledText == "power off, cloud off, printers off")
    board.light(HUB_LED_CLOUD, HUB_LED_MODE_BLINKING)
    board.light(HUB_LED_CLOUD, HUB_LED_MODE_BLINKING)
    board.light(HUB_LED_PRINTERS, HUB_LED_MODE_BLINKING_RED)
    #expect(bench.hub.ledText == "power off, cloud blinking, printers blinking red")
    #expect(bench.lines(of: .detail) == ["lamp: cloud blinking", "lamp: printers blinking red"])
  }
}
