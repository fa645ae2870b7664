import World

/// The cloud's front door: accepts streams and keeps account of what became of them.
final class HTTPServer {
  let platform: Platform
  let dispatcher: Dispatcher
  private(set) var isDraining = false
  private var listener: (any Listener)?
  private var connections: [Int: HTTPConnection] = [:]
  private var sockets: [Int: WebSocketSession] = [:]
  private var lastSerial = 0
  private var onDrained: (() -> Void)?
  private var timer: (any Timer)?

  /// How long requests under way are waited for at the end.
  private static let drainPatience = Interval.seconds(10)

  init(platform: Platform, dispatcher: Dispatcher) {
    self.platform = platform
    self.dispatcher = dispatcher
  }

  var port: UInt16 { listener?.port ?? 0 }

  func start() throws(NetworkFailure) {
    let configuration = platform.configuration
    let security = configuration.identity.map { ServerSecurity.tls($0) } ?? .plain
    listener = try platform.host.listen(port: configuration.port, security: security) {
      [weak self] stream in
      guard let self, !isDraining else { return stream.reset() }
      lastSerial += 1
      // It may be over before it is known here, with a client that is gone at once.
      let connection = HTTPConnection(stream, serial: lastSerial, server: self)
      if !connection.isOver { connections[connection.serial] = connection }
    }
  }

  /// A connection has become a socket.
  func adopt(_ session: WebSocketSession) {
    lastSerial += 1
    let serial = lastSerial
    sockets[serial] = session
    session.onGone = { [weak self] in
      self?.sockets[serial] = nil
      self?.checkDrained()
    }
  }

  func forget(_ connection: HTTPConnection) {
    connections[connection.serial] = nil
    checkDrained()
  }

  /// Accepts nothing more, lets what is under way end, then calls `completion`.
  func drain(completion: @escaping () -> Void) {
    isDraining = true
    listener?.close()
    onDrained = completion
    for connection in inOrder(connections) { connection.drain() }
    for session in inOrder(sockets) {
      session.close(code: 1001, reason: "the cloud is shutting down")
    }
    timer = platform.host.after(Self.drainPatience) { [weak self] in self?.vanish() }
    checkDrained()
  }

  /// Breaks everything off.
  func vanish() {
    isDraining = true
    listener?.close()
    for connection in inOrder(connections) { connection.reset() }
    for session in inOrder(sockets) { session.reset() }
    checkDrained()
  }

  private func checkDrained() {
    guard isDraining, connections.isEmpty, sockets.isEmpty, let completion = onDrained else {
      return
    }
    onDrained = nil
    timer?.cancel()
    completion()
  }

  private func inOrder<T>(_ table: [Int: T]) -> [T] {
    table.sorted { $0.key < $1.key }.map(\.value)
  }
}
