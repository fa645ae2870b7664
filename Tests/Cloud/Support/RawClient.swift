import Testing
import VirtualWorld
import World

/// A client that sends bytes as they are given, and keeps what comes back.
final class RawClient: StreamHandler {
  private(set) var stream: (any Stream)?
  private var outbox: StreamWriter?
  private(set) var received: [UInt8] = []
  private(set) var isOpen = false
  private(set) var isFinished = false
  private(set) var failure: NetworkFailure?
  /// Reads nothing while true.
  var isHolding = false

  init(_ rig: CloudRig) {
    stream = rig.userHost.connect(
      to: CloudRig.name, port: 8787,
      security: .tls(
        trust: .authority(CloudRig.authority), serverName: CloudRig.name, resuming: nil),
      handler: self)
    outbox = stream.map { StreamWriter($0, limit: .max) }
    rig.wait(for: "the stream to open") { self.isOpen }
  }

  var text: String { String(decoding: received, as: UTF8.self) }
  var isOver: Bool { isFinished || failure != nil }
  /// The status of each answer so far.
  var statuses: [Int] {
    text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: true)
      .compactMap { Int($0.prefix(3)) }
  }

  func send(_ text: String) { outbox?.write(Array(text.utf8)) }
  func send(_ bytes: [UInt8]) { outbox?.write(bytes) }
  func finish() { stream?.finish() }
  func close() { stream?.close() }
  func reset() { stream?.reset() }

  func read() {
    guard let stream else { return }
    stream.read { bytes in
      received.append(contentsOf: bytes)
      return bytes.count
    }
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: isOpen = true
    case .readable:
      while !isHolding, stream.unreadCount > 0 { read() }
    case .writable: outbox?.flush()
    case .peerFinished:
      while !isHolding, stream.unreadCount > 0 { read() }
      isFinished = true
    case .failed(let failure): self.failure = failure
    }
  }
}
