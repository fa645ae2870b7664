// The live world: this machine's clock, its sockets, real TLS. One loop, one thread.
//
//     Loop/          epoll, timers, signals
//     Network/       sockets, streams with their two buffers, names
//     TLS/           OpenSSL for servers, and for clients where mbedTLS (as on the chip) is not wanted
//     Certificates/  what servers prove themselves with, made here and kept

import CLinux
import Glibc
import World

/// Real sockets, real TLS, real time.
public final class LiveWorld: World {
  /// How long the world goes on after `stop`, for closed streams that still have bytes to send.
  private static let farewellLimit = Interval.seconds(1 as Int64)

  private let network: LiveNetwork
  private let signals: SignalWatch
  private var nextAddress: UInt32 = 1
  private var isStopped = false
  private var lines: LineWatch?

  /// `directory` keeps certificates and their keys from one run to the next; it is made if need be.
  public init(
    certificates directory: String, clients library: ClientLibrary = .openSSL
  ) throws(LiveWorldError) {
    hubrig_ignore_signal(SIGPIPE)
    hubrig_raise_descriptor_limit()
    network = try LiveNetwork(certificates: directory, clients: library)
    signals = try SignalWatch(loop: network.loop)
  }

  deinit {
    signals.end()
    lines?.end()
    network.loop.abandon()
  }

  public var trace: Trace { network.trace }
  public var certificates: CertificateStore { network.certificates }
  /// Time since the world began.
  public var now: Instant { network.loop.now }

  /// Adds a host with an address of its own in 127.0.0.0/8, so that every host can have the same
  /// well-known ports. Segments make no difference here.
  public func addHost(_ name: String, address: String?, on segment: Segment) -> any Host {
    addHost(name, address: address, on: segment, listeningOn: nil)
  }

  /// Adds a host that listens on another address than its own, such as 0.0.0.0 to be reached from
  /// outside of this machine.
  public func addHost(
    _ name: String, address: String?, on segment: Segment, listeningOn listeningAddress: String?
  ) -> any Host {
    let address = address ?? freeAddress()
    network.register(name, at: address)
    return LiveHost(
      name: name, address: address, listeningAddress: listeningAddress ?? address,
      network: network)
  }

  /// Runs until `stop`, and a little longer if closed streams still have bytes to send.
  public func run() {
    run(until: .never) { true }
    let end = now + Self.farewellLimit
    while network.farewellCount > 0 && now < end { network.loop.turn(until: end) }
  }

  /// Runs until `end`, until `stop`, or until `condition`, asked after every turn, does not hold.
  public func run(until end: Instant, while condition: () -> Bool) {
    defer { isStopped = false }
    while !isStopped && now < end && condition() { network.loop.turn(until: end) }
  }

  /// Ends `run` after the present turn. To be called on the loop.
  public func stop() { isStopped = true }

  /// Calls `handler` on the loop with each line that is typed. Nothing is heard where standard
  /// input cannot be waited for.
  public func onLine(_ handler: @escaping (String) -> Void) {
    lines?.end()
    lines = LineWatch(loop: network.loop, descriptor: 0, handler: handler)
  }

  /// Calls `handler` on the loop, from now on, in place of what the signals would do.
  public func onSignal(_ numbers: [Int32], _ handler: @escaping (Int32) -> Void) {
    signals.watch(numbers, handler)
  }

  private func freeAddress() -> String {
    while true {
      let number = nextAddress
      nextAddress += 1
      // .0 and .255 are addresses like any other on loopback, but people stumble over them.
      guard number & 0xFF != 0, number & 0xFF != 0xFF else { continue }
      let address = "127.\(number >> 16 & 0xFF).\(number >> 8 & 0xFF).\(number & 0xFF)"
      if !network.isTaken(address) { return address }
    }
  }
}
