import Glibc
import LiveWorld
import Testing
import World

/// A live world with two hosts and a directory of its own.
final class Place {
  let world: LiveWorld
  let server: any Host
  let client: any Host
  let directory: String
  private let ownsDirectory: Bool

  init(certificates directory: String? = nil, clients library: ClientLibrary = .openSSL) throws {
    ownsDirectory = directory == nil
    self.directory = directory ?? Place.makeDirectory()
    world = try LiveWorld(
      certificates: self.directory + "/certificates", clients: library)
    server = world.addHost("server.test", address: nil, on: .internet)
    client = world.addHost("client.test", address: nil, on: .farm("here"))
  }

  deinit { if ownsDirectory { Place.remove(directory) } }

  /// Runs until `condition` holds; false if it does not within half a minute, which is more than
  /// a busy machine needs. This is every test's time limit: the trait of that name also counts the
  /// time that a test waits for its turn.
  func run(until condition: () -> Bool) -> Bool {
    world.run(until: world.now + .seconds(30)) { !condition() }
    return condition()
  }

  /// Runs until somebody stops the world, or for half a minute.
  func runUntilStopped() {
    let limit = client.after(.seconds(30)) { [world] in
      Issue.record("nobody stopped the world")
      world.stop()
    }
    world.run()
    limit.cancel()
  }

  /// Lets the world turn for a moment, to see that nothing happens.
  func wait(_ time: Interval = .milliseconds(50)) {
    world.run(until: world.now + time) { true }
  }

  func identity(
    _ name: String = "server.test", authority: String = CertificateStore.developmentAuthority,
    validUntil: Int64? = nil
  ) -> ServerIdentity {
    ServerIdentity(
      commonName: name, alternativeNames: [server.address], authority: authority,
      validUntil: validUntil)
  }

  static func makeDirectory() -> String {
    var template = Array("/tmp/live-world-XXXXXX".utf8CString)
    return String(cString: mkdtemp(&template))
  }

  static func remove(_ directory: String) {
    guard let entries = opendir(directory) else { return }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      let path = directory + "/" + name
      if unlink(path) != 0 { remove(path) }
    }
    closedir(entries)
    rmdir(directory)
  }
}

/// One end of a stream that remembers what it heard.
final class Peer: StreamHandler {
  var stream: (any Stream)?
  var events: [StreamEvent] = []
  var bytes: [UInt8] = []
  /// Whether it takes bytes as they come.
  var reads = true
  var onEvent: ((Peer, StreamEvent) -> Void)?

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    self.stream = stream
    events.append(event)
    if event == .readable && reads { readAll() }
    onEvent?(self, event)
  }

  func readAll() {
    while let stream, stream.unreadCount > 0 {
      stream.read { shown in
        bytes += shown
        return shown.count
      }
    }
  }

  func adopt(_ stream: any Stream) {
    self.stream = stream
    stream.handler = self
  }

  var isOpen: Bool { events.contains(.opened) }
  var isFinished: Bool { events.contains(.peerFinished) }
  var failure: NetworkFailure? {
    for case .failed(let failure) in events { return failure }
    return nil
  }
}

/// Sends all of some bytes, as fast as the stream takes them.
final class Sender {
  private var rest: ArraySlice<UInt8>
  private let finishes: Bool

  init(_ bytes: [UInt8], finishes: Bool = true) {
    rest = bytes[...]
    self.finishes = finishes
  }

  func send(on stream: any Stream) {
    while !rest.isEmpty {
      let taken = rest.withUnsafeBytes { stream.write($0) }
      rest = rest.dropFirst(taken)
      if taken == 0 { return }
    }
    if finishes { stream.finish() }
  }

  var unsentCount: Int { rest.count }
}

/// Bytes that tell where they came from: the same each time, and no two stretches alike.
func pattern(_ count: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { memory, initializedCount in
    let words = UnsafeMutableRawBufferPointer(memory)
    var state: UInt64 = 1
    for offset in stride(from: 0, to: count, by: 8) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      withUnsafeBytes(of: state ^ state >> 29) { word in
        words[offset..<min(offset + 8, count)].copyBytes(from: word.prefix(count - offset))
      }
    }
    initializedCount = count
  }
}

/// What a server offers and what a client must ask for to match.
enum Wrapping: String, CaseIterable, CustomTestStringConvertible {
  case plain, tls
  var testDescription: String { rawValue }

  func server(at place: Place) -> ServerSecurity {
    self == .plain ? .plain : .tls(place.identity())
  }

  func client(resuming: (any Stream)? = nil) -> ClientSecurity {
    guard self == .tls else { return .plain }
    return .tls(
      trust: .authority(CertificateStore.developmentAuthority), serverName: "server.test",
      resuming: resuming)
  }
}
