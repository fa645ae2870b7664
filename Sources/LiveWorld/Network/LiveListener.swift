import CLinux
import Glibc
import World

/// A listening socket.
final class LiveListener: Listener, DescriptorOwner, LoopTask {
  /// How many streams are taken in one turn, so that a crowd at the door does not stop the house.
  private static let atOnce = 64
  /// How long to wait when the process has no descriptors left.
  private static let pause = Interval.milliseconds(100)

  let port: UInt16
  private let network: LiveNetwork
  private let context: ServerContext?
  private let accept: (any Stream) -> Void
  private var socket: Int32
  private var registration: Registration?
  private var isScheduled = false

  init(
    network: LiveNetwork, address: SocketAddress, context: ServerContext?,
    accept: @escaping (any Stream) -> Void
  ) throws(NetworkFailure) {
    var address = address
    let socket = hubrig_stream_socket(&address.raw)
    guard socket >= 0 else { throw NetworkFailure(errno: errno) }
    guard hubrig_bind(socket, &address.raw) == 0, Glibc.listen(socket, SOMAXCONN) == 0,
      let bound = SocketAddress(localEndOf: socket)
    else {
      let failure = NetworkFailure(errno: errno)
      Glibc.close(socket)
      throw failure
    }
    self.network = network
    self.context = context
    self.accept = accept
    self.socket = socket
    port = bound.port
    registration = network.loop.add(socket, owner: self)
    guard registration != nil else { throw .tooMany }
  }

  deinit { if socket >= 0 { Glibc.close(socket) } }

  func close() {
    guard socket >= 0 else { return }
    if let registration { network.loop.remove(registration) }
    registration = nil
    Glibc.close(socket)
    socket = -1
  }

  func abandon() {
    registration = nil
    close()
  }

  func descriptorIsReady(_ readiness: Readiness) { schedule() }

  func runTask() {
    isScheduled = false
    for _ in 0..<Self.atOnce {
      guard socket >= 0 else { return }
      var peer = hubrig_address()
      let accepted = hubrig_accept(socket, &peer)
      if accepted >= 0 {
        welcome(accepted, from: SocketAddress(raw: peer))
        continue
      }
      switch errno {
      case EAGAIN: return
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        network.note("port \(port): no descriptors left, \(NetworkFailure.tooMany.name)")
        _ = network.loop.after(Self.pause) { [weak self] in self?.schedule() }
        return
      default: continue  // That one has gone again; the next may be fine.
      }
    }
    schedule()
  }

  private func welcome(_ accepted: Int32, from peer: SocketAddress) {
    let transport: any Transport
    if let context {
      guard let secure = ServerTransport(context: context, socket: accepted) else {
        Glibc.close(accepted)
        return
      }
      transport = secure
    } else {
      transport = PlainTransport(socket: accepted)
    }
    _ = LiveStream(
      network: network, socket: accepted, peer: peer, transport: transport, accept: accept)
  }

  private func schedule() {
    guard !isScheduled else { return }
    isScheduled = true
    network.loop.schedule(self)
  }
}
