import CLinux
import World

/// What all hosts of a live world share.
final class LiveNetwork {
  let loop: EventLoop
  let trace: Trace
  let certificates: CertificateStore
  let clientContext: ClientContext
  /// How many closed streams still have something to send.
  var farewellCount = 0
  /// Addresses and ports of the sockets for datagrams: the system would let two hosts' sockets have
  /// the same.
  var datagramPlaces: Set<String> = []

  private let resolver: NameResolver
  private var addresses: [String: String] = [:]
  private var serverContexts: [ServerIdentity: ServerContext] = [:]

  init(
    certificates directory: String, clients library: ClientLibrary
  ) throws(LiveWorldError) {
    loop = try EventLoop()
    trace = Trace()
    do throws(CertificateError) {
      certificates = try CertificateStore(directory: directory)
    } catch {
      throw .certificates(error)
    }
    clientContext = try ClientContext(certificates: certificates, library: library)
    resolver = try NameResolver(loop: loop)
  }

  // MARK: Names

  func register(_ name: String, at address: String) { addresses[name.lowercased()] = address }

  func isTaken(_ address: String) -> Bool { addresses.values.contains(address) }

  /// Hosts of this world come first, then addresses, then whatever the system knows.
  func resolve(_ name: String, port: UInt16, _ answer: @escaping ([SocketAddress]) -> Void) {
    if let address = SocketAddress(addresses[name.lowercased()] ?? name, port: port) {
      answer([address])
    } else {
      resolver.resolve(name, port: port, answer)
    }
  }

  // MARK: Identities

  /// One for each identity: streams of all its listeners share their TLS sessions.
  func serverContext(for identity: ServerIdentity) throws(NetworkFailure) -> ServerContext {
    if let context = serverContexts[identity] { return context }
    do throws(CertificateError) {
      let context = try ServerContext(
        credentials: certificates.credentials(for: identity), name: identity.commonName,
        endsAtTLS12: identity.endsAtTLS12)
      serverContexts[identity] = context
      return context
    } catch {
      note("no certificate for \(identity.commonName): \(error)")
      throw .notPermitted
    }
  }

  func note(_ text: String) { trace.note(at: loop.now, by: "network", .detail, text) }
}
