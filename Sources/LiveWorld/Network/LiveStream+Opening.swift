import CLinux
import Glibc
import World

/// Where a client wants to go, and what it has not tried yet.
struct Dial {
  /// How long one address may take when there is another to try.
  static let attemptLimit = Interval.seconds(5 as Int64)

  let name: String
  let port: UInt16
  let security: ClientSecurity
  /// The address of the host that dials, so that the far end sees who it is.
  let source: String
  var candidates: ArraySlice<SocketAddress> = []
  var lastFailure = NetworkFailure.nameUnknown
}

extension LiveStream {
  // MARK: Clients

  func resolve() {
    guard let dial else { return }
    timeout = network.loop.after(Self.openingLimit) { [self] in fail(.timedOut) }
    network.resolve(dial.name, port: dial.port) { [self] candidates in
      guard phase == .resolving else { return }
      self.dial?.candidates = candidates[...]
      connectToNext()
    }
  }

  private func connectToNext() {
    while let address = dial?.candidates.popFirst() {
      let failure = begin(connectingTo: address)
      guard let failure else { return }
      dial?.lastFailure = failure
    }
    fail(dial?.lastFailure ?? .nameUnknown)
  }

  /// Nil if it is under way.
  private func begin(connectingTo address: SocketAddress) -> NetworkFailure? {
    var address = address
    socket = hubrig_stream_socket(&address.raw)
    guard socket >= 0 else { return NetworkFailure(errno: errno) }
    hubrig_tune_stream(socket)
    bindSource(for: address)
    if hubrig_connect(socket, &address.raw) != 0, errno != EINPROGRESS {
      let failure = NetworkFailure(errno: errno)
      dropSocket()
      return failure
    }
    canRead = false
    canWrite = false
    isBroken = false
    guard let registration = network.loop.add(socket, owner: self) else {
      dropSocket()
      return .tooMany
    }
    self.registration = registration
    peerAddress = address.text
    phase = .connecting
    giveUpEarly(on: socket)
    return nil
  }

  /// The source is only ours to choose on loopback, where every host has an address of its own.
  private func bindSource(for destination: SocketAddress) {
    guard destination.isLoopback, let dial, var source = SocketAddress(dial.source, port: 0),
      source.isLoopback
    else { return }
    _ = hubrig_bind_source(socket, &source.raw)
  }

  private func giveUpEarly(on attempt: Int32) {
    guard let dial, !dial.candidates.isEmpty else { return }
    _ = network.loop.after(Dial.attemptLimit) { [weak self] in
      guard let self, phase == .connecting, socket == attempt else { return }
      self.dial?.lastFailure = .timedOut
      dropSocket()
      connectToNext()
    }
  }

  private func dropSocket() {
    if let registration { network.loop.remove(registration) }
    registration = nil
    Glibc.close(socket)
    socket = -1
  }

  func finishConnecting() {
    guard canWrite || isBroken else { return }
    let error = hubrig_socket_error(socket)
    guard error == 0 else {
      dial?.lastFailure = NetworkFailure(errno: error)
      dropSocket()
      connectToNext()
      return
    }
    canRead = true
    localAddress = SocketAddress(localEndOf: socket)?.text ?? ""
    switch dial?.security {
    case .tls(let trust, let serverName, let resuming):
      let name = serverName.isEmpty ? dial?.name ?? "" : serverName
      let session = (resuming as? LiveStream)?.session
      do throws(NetworkFailure) {
        transport = try network.clientContext.transport(
          over: socket, trust: trust, serverName: name, resuming: session)
      } catch {
        fail(error)
        return
      }
      phase = .securing
      shakeHands()
    case .plain, nil:
      transport = PlainTransport(socket: socket)
      becomeOpen()
      deliver(.opened)
    }
  }

  // MARK: Servers

  /// Begins a stream that was accepted.
  func begin() {
    canRead = true
    canWrite = true
    guard let registration = network.loop.add(socket, owner: self) else { return release() }
    self.registration = registration
    timeout = network.loop.after(Self.openingLimit) { [self] in
      noteHandshakeFailure("it took too long")
      release()
    }
    schedule()
  }

  // MARK: Both

  func shakeHands() {
    switch transport?.shakeHands() {
    case .done:
      becomeOpen()
      if let accept {
        self.accept = nil
        accept(self)
      } else {
        deliver(.opened)
      }
    case .blocked, nil:
      canRead = false
      canWrite = false
    case .failed(let failure, let reason):
      noteHandshakeFailure(reason)
      unheardFailure = failure
      // Let the alert that says why arrive: closing over unread bytes would overtake it by a reset.
      phase = .closing
      endIsAsked = true
      endIsSaid = true
      shutdown(socket, Int32(SHUT_WR))
      linger()
      deliverWhatIsUnheard()
    }
  }

  private func noteHandshakeFailure(_ reason: String) {
    let direction = accept == nil ? "to" : "from"
    network.note("TLS \(direction) \(peerAddress) failed: \(reason)")
  }
}
