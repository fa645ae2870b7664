import World

/// A host whose network reaches only itself: small windows, no delay, time by hand.
final class Desk: Host {
  let name = "desk"
  let address = "127.0.0.1"
  let trace = Trace()
  private(set) var now = Instant.start
  var wallMilliseconds: Int64 { now.milliseconds }
  var radio: (any Radio)? { nil }
  var bluetooth: (any Bluetooth)? { nil }

  /// How many bytes a stream holds that were not read yet.
  var window = 1000
  /// What `connect` was asked for.
  private(set) var connections: [(name: String, port: UInt16, isSecure: Bool)] = []
  private var listeners: [UInt16: DeskListener] = [:]
  private var actions: [(at: Instant, timer: DeskTimer, action: () -> Void)] = []

  func chance(_ label: StaticString, below bound: UInt64) -> UInt64 { 0 }
  func randomBytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

  @discardableResult
  func after(_ delay: Interval, _ action: @escaping () -> Void) -> any Timer {
    let timer = DeskTimer()
    actions.append((now + delay, timer, action))
    return timer
  }

  func soon(_ action: @escaping () -> Void) { after(.zero, action) }

  /// Runs what is due until `end`, in order of time.
  func run(until end: Instant = Instant(nanoseconds: 3_600_000_000_000)) {
    while let index = actions.indices.min(by: { actions[$0].at < actions[$1].at }),
      actions[index].at <= end
    {
      let (at, timer, action) = actions.remove(at: index)
      guard !timer.isCancelled else { continue }
      now = max(now, at)
      action()
    }
  }

  /// How many timers still wait.
  var timerCount: Int { actions.filter { !$0.timer.isCancelled }.count }

  func listen(
    port: UInt16, network: HostNetwork, security: ServerSecurity,
    accept: @escaping (any Stream) -> Void
  ) throws(NetworkFailure) -> any Listener {
    guard listeners[port] == nil else { throw .addressInUse }
    let listener = DeskListener(port, accept)
    listeners[port] = listener
    return listener
  }

  func address(on network: HostNetwork) -> String? { network == .joined ? address : nil }

  func openDatagrams(
    port: UInt16, network: HostNetwork
  ) throws(NetworkFailure) -> any Datagrams { throw .notPermitted }

  func connect(
    to name: String, port: UInt16, security: ClientSecurity, handler: any StreamHandler
  ) -> any Stream {
    var isSecure = false
    if case .tls = security { isSecure = true }
    connections.append((name, port, isSecure))
    let near = DeskStream(self)
    let far = DeskStream(self)
    near.handler = handler
    soon {
      guard let listener = self.listeners[port] else { return near.tell(.failed(.refused)) }
      (near.peer, far.peer) = (far, near)
      listener.accept(far)
      near.tell(.opened)
    }
    return near
  }
}

final class DeskTimer: Timer {
  private(set) var isCancelled = false
  func cancel() { isCancelled = true }
}

final class DeskListener: Listener {
  let port: UInt16
  let accept: (any Stream) -> Void

  init(_ port: UInt16, _ accept: @escaping (any Stream) -> Void) {
    self.port = port
    self.accept = accept
  }

  func close() {}
}

/// One end of a stream between two actors at one desk.
final class DeskStream: Stream {
  var handler: (any StreamHandler)?
  let peerAddress = "127.0.0.1"
  let localAddress = "127.0.0.1"
  let isSessionResumed = false
  let peerFingerprint: [UInt8]? = nil
  weak var peer: DeskStream?
  private let desk: Desk
  private var inbox: [UInt8] = []
  private var wantsToWrite = false
  private(set) var isFinished = false
  private(set) var isClosed = false

  init(_ desk: Desk) { self.desk = desk }

  func tell(_ event: StreamEvent) { handler?.streamChanged(self, event) }

  var unreadCount: Int { inbox.count }

  func read(_ body: (UnsafeRawBufferPointer) -> Int) {
    let used = inbox.withUnsafeBytes(body)
    guard used > 0 else { return }
    inbox.removeFirst(used)
    guard let peer, peer.wantsToWrite else { return }
    peer.wantsToWrite = false
    desk.soon { peer.tell(.writable) }
  }

  var writableCount: Int {
    guard let peer, !isFinished, !peer.isClosed else { return 0 }
    return max(0, desk.window - peer.inbox.count)
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    let taken = min(bytes.count, writableCount)
    if taken < bytes.count { wantsToWrite = true }
    guard taken > 0, let peer else { return 0 }
    peer.inbox += bytes[..<taken]
    desk.soon { peer.tell(.readable) }
    return taken
  }

  func finish() {
    guard !isFinished, let peer else { return }
    isFinished = true
    desk.soon { peer.tell(.peerFinished) }
  }

  func close() {
    finish()
    isClosed = true
    handler = nil
  }

  func reset() {
    isClosed = true
    handler = nil
    guard let peer else { return }
    desk.soon {
      peer.tell(.failed(.reset))
      peer.handler = nil
    }
  }
}

/// A server that keeps what it hears and answers as it is told.
final class Scripted: StreamHandler {
  private(set) var heard: [UInt8] = []
  private(set) var isFinished = false
  private(set) var failure: NetworkFailure?
  private(set) var streams: [any Stream] = []
  var readsNothing = false
  var onChange: ((Scripted, any Stream) -> Void)?

  func accept(_ stream: any Stream) {
    streams.append(stream)
    stream.handler = self
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .peerFinished: isFinished = true
    case .failed(let failure): self.failure = failure
    case .opened, .readable, .writable: break
    }
    if !readsNothing {
      stream.read {
        heard += $0
        return $0.count
      }
    }
    onChange?(self, stream)
  }
}
