import CLinux
import Glibc
import World

/// A machine of the live world: this one, under an address of its own.
final class LiveHost: AddressSwitch {
  let name: String
  private(set) var address: String
  /// Where it listens: its address, or one that stands for many.
  private var listeningAddress: String
  private let network: LiveNetwork

  init(name: String, address: String, listeningAddress: String, network: LiveNetwork) {
    self.name = name
    self.address = address
    self.listeningAddress = listeningAddress
    self.network = network
  }

  /// Moves on loopback: the address with another third part. A host with an address of a real
  /// interface stays where it is.
  func takeNewAddress() {
    var parts = address.split(separator: ".").compactMap { Int($0) }
    guard parts.count == 4, parts[0] == 127 else { return }
    var taken = address
    while network.isTaken(taken) {
      parts[2] = (parts[2] + 1) % 256
      taken = parts.map { String($0) }.joined(separator: ".")
    }
    if listeningAddress == address { listeningAddress = taken }
    address = taken
    network.register(name, at: taken)
  }

  var trace: Trace { network.trace }
  var now: Instant { network.loop.now }
  /// The operating system's radios are not ours to command: this machine counts as joined, and has
  /// neither a network of its own nor Bluetooth.
  var radio: (any Radio)? { nil }
  var bluetooth: (any Bluetooth)? { nil }

  func address(on network: HostNetwork) -> String? { network == .joined ? address : nil }

  var wallMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  func chance(_ label: StaticString, below bound: UInt64) -> UInt64 {
    var generator = SystemEntropy()
    return UInt64.random(in: 0..<max(bound, 1), using: &generator)
  }

  func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { memory, initializedCount in
      SystemEntropy.fill(UnsafeMutableRawBufferPointer(memory))
      initializedCount = count
    }
  }

  func after(_ delay: Interval, _ action: @escaping () -> Void) -> any Timer {
    network.loop.after(delay, action)
  }

  func listen(
    port: UInt16, network kind: HostNetwork, security: ServerSecurity,
    accept: @escaping (any Stream) -> Void
  ) throws(NetworkFailure) -> any Listener {
    guard kind == .joined else { throw .notPermitted }
    guard let address = SocketAddress(listeningAddress, port: port) else { throw .nameUnknown }
    var context: ServerContext?
    if case .tls(let identity) = security { context = try network.serverContext(for: identity) }
    return try LiveListener(network: network, address: address, context: context, accept: accept)
  }

  func openDatagrams(
    port: UInt16, network kind: HostNetwork
  ) throws(NetworkFailure) -> any Datagrams {
    guard kind == .joined else { throw .notPermitted }
    guard let address = SocketAddress(listeningAddress, port: port), address.isFour else {
      throw .nameUnknown
    }
    return try LiveDatagrams(network: network, address: address)
  }

  func connect(
    to name: String, port: UInt16, security: ClientSecurity, handler: any StreamHandler
  ) -> any Stream {
    let dial = Dial(name: name, port: port, security: security, source: address)
    return LiveStream(network: network, dial: dial, handler: handler)
  }
}

/// The system's random numbers.
struct SystemEntropy: RandomNumberGenerator {
  /// Never fails: without entropy there is no going on safely.
  static func fill(_ memory: UnsafeMutableRawBufferPointer) {
    var filled = 0
    while filled < memory.count {
      let count = getrandom(memory.baseAddress.map { $0 + filled }, memory.count - filled, 0)
      precondition(count > 0 || errno == EINTR, "the system gives no random numbers")
      filled += max(count, 0)
    }
  }

  mutating func next() -> UInt64 {
    var value: UInt64 = 0
    withUnsafeMutableBytes(of: &value) { Self.fill($0) }
    return value
  }
}
