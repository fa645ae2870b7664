// The camera of the smaller models: pictures, one after another, to whoever knows the code.
//
//     client:  u32 0x40 | u32 0x3000 | u32 0 | u32 0 | user, 32 bytes | access code, 32 bytes
//     printer: u32 size | u32 0 | u32 1 | u32 0 | a JPEG of that size      about once a second
//
// All numbers are little-endian. Who says anything else is disconnected without a word.

import World

/// Serves pictures.
final class CameraServer {
  static let interval = Interval.seconds(1)
  private static let clientLimit = 4

  let host: any Host
  let troubles: ActiveFaults
  var accessCode: String
  /// What is to be seen now.
  var look: (() -> CameraScene)?
  private(set) var faults = PeerFaults()
  private var viewers: [CameraViewer] = []
  /// The picture made last, for all who look at the same time.
  private var seen: (scene: CameraScene, jpeg: [UInt8])?

  init(host: any Host, troubles: ActiveFaults, accessCode: String) {
    self.host = host
    self.troubles = troubles
    self.accessCode = accessCode
  }

  func accept(_ stream: any Stream) {
    if troubles.has(.cameraOneClient) { closeAll() }
    guard viewers.count < Self.clientLimit else {
      faults.add("camera.too-many")
      return stream.reset()
    }
    let viewer = CameraViewer(server: self, stream: stream)
    viewers.append(viewer)
    viewer.begin()
  }

  /// The picture as it is sent now.
  func picture() -> [UInt8]? {
    guard let scene = look?() else { return nil }
    if seen?.scene != scene { seen = (scene, scene.picture.jpeg) }
    guard let jpeg = seen?.jpeg else { return nil }
    return troubles.has(.cameraCut) ? Array(jpeg.prefix(jpeg.count / 2)) : jpeg
  }

  func note(fault: String) {
    faults.add(fault)
    host.note(.detail, "camera: \(fault)")
  }

  func remove(_ viewer: CameraViewer) { viewers.removeAll { $0 === viewer } }

  func closeAll() {
    for viewer in viewers { viewer.end() }
    viewers = []
  }
}

/// Somebody who looks.
final class CameraViewer: StreamHandler {
  private static let greetingSize = 80
  private static let greetingLimit = Interval.seconds(10)
  /// Real ones send the head of a picture by itself, and there are clients that count on it.
  private static let pauseAfterHead = Interval.milliseconds(5)

  private let server: CameraServer
  private let stream: any Stream
  private let writer: StreamWriter
  private var greeting: [UInt8] = []
  private var timer: (any Timer)?
  private var isWelcome = false
  private var isOver = false

  init(server: CameraServer, stream: any Stream) {
    self.server = server
    self.stream = stream
    writer = StreamWriter(stream, limit: 1 << 20)
  }

  func begin() {
    stream.handler = self
    timer = server.host.after(Self.greetingLimit) { [weak self] in self?.refuse("camera.silent") }
    read()
  }

  func streamChanged(_ stream: any Stream, _ event: StreamEvent) {
    switch event {
    case .opened: break
    case .readable: read()
    case .writable: writer.flush()
    case .peerFinished, .failed: end()
    }
  }

  private func read() {
    while !isOver, stream.unreadCount > 0 {
      stream.read { bytes in
        let wanted = isWelcome ? bytes.count : min(bytes.count, Self.greetingSize - greeting.count)
        if !isWelcome { greeting += bytes.prefix(wanted) }
        return wanted
      }
      guard !isWelcome, greeting.count == Self.greetingSize else { continue }
      guard isRight else { return refuse("camera.wrong-code") }
      isWelcome = true
      timer?.cancel()
      show()
    }
  }

  private var isRight: Bool {
    func number(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(greeting[offset + $1]) << (8 * $1) }
    }
    func text(_ offset: Int) -> String {
      String(decoding: greeting[offset..<offset + 32].prefix { $0 != 0 }, as: UTF8.self)
    }
    return number(0) == 0x40 && number(4) == 0x3000 && text(16) == "bblp"
      && text(48) == server.accessCode && !server.troubles.has(.wrongCode)
  }

  private func show() {
    guard !isOver else { return }
    timer = server.host.after(CameraServer.interval) { [weak self] in self?.show() }
    // Who is slow misses pictures.
    guard writer.queuedCount == 0, let picture = server.picture() else { return }
    let size = (0..<4).map { UInt8(truncatingIfNeeded: picture.count >> (8 * $0)) }
    writer.write(size + [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    server.host.after(Self.pauseAfterHead) { [weak self] in
      guard let self, !isOver else { return }
      writer.write(picture)
    }
  }

  private func refuse(_ fault: String) {
    guard !isOver else { return }
    server.note(fault: fault)
    end()
  }

  func end() {
    guard !isOver else { return }
    isOver = true
    timer?.cancel()
    stream.close()
    server.remove(self)
  }
}
