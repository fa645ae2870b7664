import Testing
import VirtualWorld
import World

/// Everything goes wrong at random; then the faults stop and all must come to rest.
@Suite("Storms")
struct StormTests {
  @Test(
    "whatever breaks, bytes come in order and once, and in the end nothing is left over",
    arguments: 0..<20 as Range<UInt64>)
  func storm(seed: UInt64) throws {
    let storm = try Storm(seed: seed)
    storm.run()
    #expect(storm.complaints == [])
  }

  @Test("a storm repeats to the byte", arguments: [3, 4] as [UInt64])
  func repeatability(seed: UInt64) throws {
    func run() throws -> UInt64 {
      let storm = try Storm(seed: seed)
      storm.run()
      return storm.world.trace.hash
    }
    #expect(try run() == run())
  }
}

/// One end of a stream that says its text and listens to the other's.
private final class Talker: StreamHandler {
  let text: [UInt8]
  private var offset = 0
  private(set) var heard: [UInt8] = []
  private(set) var hasFinished = false
  private(set) var failure: NetworkFailure?
  private(set) var stream: (any Stream)?
  let host: VirtualHost
  /// Its process has ended, or it has let go: nobody reads here any more.
  var hasDied = false
  private let isSlow: Bool
  private var isReading = false

  init(text: [UInt8], on host: VirtualHost, isSlow: Bool) {
    self.text = text
    self.host = host
    self.isSlow = isSlow
  }

  func take(_ stream: any Stream) {
    self.stream = stream
    stream.handler = self
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened, .writable: talk()
    case .readable: if isSlow { readLater() } else { read(.max) }
    case .peerFinished: hasFinished = true
    case .failed(let failure): self.failure = failure
    }
  }

  func talk() {
    guard let stream, offset < text.count else { return }
    while offset < text.count {
      let end = min(offset + 3_000, text.count)
      let taken = text[offset..<end].withUnsafeBytes { stream.write($0) }
      offset += taken
      if offset < end { return }
    }
    stream.finish()
  }

  private func readLater() {
    guard !isReading else { return }
    isReading = true
    host.after(.milliseconds(20)) { [self] in
      isReading = false
      read(5_000)
      if (stream?.unreadCount ?? 0) > 0 { readLater() }
    }
  }

  private func read(_ limit: Int) {
    stream?.read { bytes in
      let count = min(bytes.count, limit)
      heard += bytes[..<count]
      return count
    }
  }
}

private final class Storm {
  let world: VirtualWorld
  private var chance: ChanceForTests
  private var hosts: [VirtualHost] = []
  /// A client and, once accepted, its server.
  private var pairs: [(client: Talker, server: Talker?, serverHost: VirtualHost)] = []
  private(set) var complaints: [String] = []

  init(seed: UInt64) throws {
    world = VirtualWorld(seed: seed)
    chance = ChanceForTests(seed: seed &+ 77)
    for farm in ["north", "south"] {
      for number in 0..<2 {
        hosts.append(world.addVirtualHost("\(farm)-\(number)", on: .farm(farm)))
      }
    }
    for name in ["cloud", "shop"] { hosts.append(world.addVirtualHost(name, on: .internet)) }
    for host in hosts { try open(host) }
  }

  private func draw(_ bound: UInt64) -> Int { Int(chance.next(below: bound)) }

  private func text() -> [UInt8] {
    let count = draw(8) == 0 ? draw(250_000) : draw(5_000)
    let start = draw(256)
    return (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 7) ^ ($0 >> 8) &+ start) }
  }

  private func open(_ host: VirtualHost) throws {
    let identity = ServerIdentity(commonName: host.name, authority: "ours")
    for (port, security) in [(UInt16(1), ServerSecurity.plain), (2, .tls(identity))] {
      _ = try host.listen(port: port, security: security) { [unowned self] stream in
        let talker = Talker(text: text(), on: host, isSlow: draw(3) == 0)
        talker.take(stream)
        let peer = (stream as? VirtualStream)?.peerIdentity
        if let place = pairs.firstIndex(where: {
          ($0.client.stream as? VirtualStream)?.identity == peer
        }) {
          pairs[place].server = talker
        } else {
          complaints.append("accepted a stream that nobody opened")
        }
        talker.talk()
      }
    }
  }

  private func dial() {
    let client = hosts[draw(UInt64(hosts.count))]
    let server = hosts[draw(UInt64(hosts.count))]
    guard client.isOn else { return }
    let talker = Talker(text: text(), on: client, isSlow: draw(3) == 0)
    let security: ClientSecurity =
      draw(2) == 0
      ? .plain : .tls(trust: .authority("ours"), serverName: server.name, resuming: nil)
    var port: UInt16 = 1
    if case .tls = security { port = 2 }
    talker.take(client.connect(to: server.name, port: port, security: security, handler: talker))
    pairs.append((talker, nil, server))
  }

  private func link() -> VirtualLink {
    let host = hosts[draw(UInt64(hosts.count))]
    if draw(3) == 0, case .farm(let name) = host.segment { return world.farm(name).uplink }
    return host.link
  }

  private func breakSomething() {
    let link = link()
    let host = hosts[draw(UInt64(hosts.count))]
    switch draw(16) {
    case 0...2: link.isUp.toggle()
    case 3: link.blocksIncoming.toggle()
    case 4: link.blocksOutgoing.toggle()
    case 5: link.jitter = .milliseconds(Int64(draw(100)))
    case 6: link.loss = Double(draw(30)) / 100
    case 7: link.bandwidth = draw(2) == 0 ? nil : 20_000 + draw(1_000_000)
    case 8: link.fragment = draw(2) == 0 ? nil : 1 + draw(2_000)
    case 9: link.latency = .milliseconds(Int64(draw(400)))
    case 10:
      endProcess(on: host)
      host.crash()
      if host.isOn { try? open(host) }
    case 11:
      endProcess(on: host)
      host.vanish()
    case 12:
      guard !host.isOn else { return }
      host.comeBack()
      try? open(host)
    case 13:
      guard case .farm(let name) = host.segment else { return }
      world.farm(name).idleLimit = draw(2) == 0 ? nil : .seconds(Int64(1 + draw(20)))
    case 14:
      let number = UInt32(draw(60))
      world.resetStreams { client, _ in client.identity % 60 == number }
    default:
      guard let pair = pairs.last else { return }
      pair.client.hasDied = true
      if draw(2) == 0 { pair.client.stream?.reset() } else { pair.client.stream?.close() }
    }
  }

  private func endProcess(on host: VirtualHost) {
    for pair in pairs {
      for talker in [pair.client, pair.server] where talker?.host === host {
        talker?.hasDied = true
      }
    }
  }

  private func mend() {
    for host in hosts {
      for link in [host.link] + [farm(of: host)?.uplink].compactMap({ $0 }) {
        link.isUp = true
        link.blocksIncoming = false
        link.blocksOutgoing = false
        link.loss = 0
        link.jitter = .zero
        link.bandwidth = nil
        link.fragment = nil
        link.latency = .milliseconds(5)
      }
      farm(of: host)?.idleLimit = nil
      if !host.isOn { host.comeBack() }
    }
  }

  private func farm(of host: VirtualHost) -> VirtualFarm? {
    guard case .farm(let name) = host.segment else { return nil }
    return world.farm(name)
  }

  func run() {
    for _ in 0..<120 {
      if draw(2) == 0 { dial() } else { breakSomething() }
      world.run(for: .milliseconds(Int64(draw(1_500))))
    }
    mend()
    world.run(for: .minutes(30))
    for (number, pair) in pairs.enumerated() { check(number, pair.client, pair.server) }
    // Whoever hangs on to a stream that is half dead lets go now.
    for pair in pairs {
      pair.client.stream?.close()
      pair.server?.stream?.close()
    }
    world.run(for: .minutes(30))
    if world.streamCount != 0 { complaints.append("\(world.streamCount) streams are left over") }
    if world.step() { complaints.append("something still happens") }
  }

  private func check(_ number: Int, _ client: Talker, _ server: Talker?) {
    for (hearer, speaker) in [(client, server), (server, client)] {
      guard let hearer, let speaker else { continue }
      if !speaker.text.starts(with: hearer.heard) {
        complaints.append("stream \(number): bytes that were never said")
      }
      // A stream that both ends believe in has carried everything.
      guard hearer.isAlive, speaker.isAlive else { continue }
      if hearer.heard.count != speaker.text.count {
        complaints.append(
          "stream \(number): \(hearer.heard.count) of \(speaker.text.count) bytes came")
      }
    }
    if server == nil, client.isAlive, client.stream?.writableCount ?? 0 > 0 {
      complaints.append("stream \(number): open, but never accepted")
    }
  }
}

extension Talker {
  fileprivate var isAlive: Bool { !hasDied && (stream as? VirtualStream)?.isGone == false }
}
