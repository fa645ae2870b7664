// The seam between actors and what they live in.
//
// An actor (a cloud, a printer, a hub on a desk, a person with a browser) is given one `Host` and
// asks it for everything that is not pure thought: the time, chance, the network, the trace. It
// never learns which of the two worlds it is in. Everything runs on one thread; nothing blocks.

import Wire

/// A place where hosts live: the virtual network, or this machine's real one.
public protocol World: AnyObject {
  var trace: Trace { get }
  /// Adds a machine to the network. `address` is a dotted address, or nil to have one chosen.
  func addHost(_ name: String, address: String?, on segment: Segment) -> any Host
}

/// Which side of the router a host stands on.
public enum Segment: Equatable, Sendable {
  /// The local network of a farm: hubs and printers. Farms cannot reach each other.
  case farm(String)
  /// The public internet: clouds and people.
  case internet
}

/// One machine of a world, as the actor on it sees it.
public protocol Host: AnyObject {
  var name: String { get }
  var address: String { get }
  var trace: Trace { get }

  /// Time since the world began; never goes back.
  var now: Instant { get }
  /// Milliseconds since 1970, as this machine believes.
  var wallMilliseconds: Int64 { get }

  /// A number below `bound`. In the virtual world it comes from this host's own seeded stream.
  func chance(_ label: StaticString, below bound: UInt64) -> UInt64
  /// Bytes that nobody outside can guess (virtual: from this host's stream).
  func randomBytes(_ count: Int) -> [UInt8]

  /// Runs `action` once after `delay`, unless cancelled before.
  @discardableResult
  func after(_ delay: Interval, _ action: @escaping () -> Void) -> any Timer

  /// The host's address on a network; nil when it has none there.
  func address(on network: HostNetwork) -> String?

  /// Accepts streams on `port` (0: any free one; the listener tells which) of one of the host's
  /// networks.
  func listen(
    port: UInt16, network: HostNetwork, security: ServerSecurity,
    accept: @escaping (any Stream) -> Void
  ) throws(NetworkFailure) -> any Listener

  /// Begins to open a stream; `handler` hears `.opened` or `.failed` later, never before this
  /// returns. `name` is a host's name or address.
  func connect(
    to name: String, port: UInt16, security: ClientSecurity, handler: any StreamHandler
  ) -> any Stream

  /// A socket for datagrams on `port` (0: any free one) of one of the host's networks. On one live
  /// machine several hosts share a port.
  func openDatagrams(
    port: UInt16, network: HostNetwork
  ) throws(NetworkFailure) -> any Datagrams

  /// The WiFi radio, for a host that has one that can be told; nil for a wired or ordinary host.
  var radio: (any Radio)? { get }
  /// The Bluetooth radio, for a host that has one; nil in the live world.
  var bluetooth: (any Bluetooth)? { get }
}

/// Something that will happen, unless it is cancelled.
public protocol Timer: AnyObject {
  func cancel()
}

extension Host {
  /// Accepts streams on the network that the host has joined.
  public func listen(
    port: UInt16, security: ServerSecurity, accept: @escaping (any Stream) -> Void
  ) throws(NetworkFailure) -> any Listener {
    try listen(port: port, network: .joined, security: security, accept: accept)
  }

  /// A socket for datagrams on the network that the host has joined.
  public func openDatagrams(port: UInt16) throws(NetworkFailure) -> any Datagrams {
    try openDatagrams(port: port, network: .joined)
  }

  /// Leaves a line for people on the timeline; it also goes into the trace's hash.
  public func note(_ kind: TraceKind, _ text: @autoclosure () -> String) {
    trace.note(at: now, by: name, kind, text())
  }
}
