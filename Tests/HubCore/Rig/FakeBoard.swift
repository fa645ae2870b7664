import CBoard
import HubHost

/// A board that does what a test says: its clock stands until it is told to go on, its network
/// reaches only the peers of the test, and it remembers everything.
final class FakeBoard {
  var raw = hub_board()
  var now: UInt64 = 1_000
  /// Called on every reading of the clock: a test can make time pass inside a step.
  var whenAskedForTime: (() -> Void)?

  /// What the factory has written; a change is in the flash at once.
  var settings: [FactoryPartition.Field: String] = [
    .hubID: "hub-0123456789abcdef", .hubSecret: "a secret nobody may see",
    .cloudURL: "wss://cloud.test:8787", .wifiName: "farm", .wifiKey: "farm key",
  ]
  {
    didSet { writeFactoryPartition() }
  }
  let flash: NORFlash
  let deviceKey = DeviceKey([UInt8](repeating: 0x5C, count: 32))
  var retained = [UInt8](repeating: 0xA5, count: 4_096)
  var lines: [String] = []
  var entropy: () -> UInt8
  var wifiState: UInt8 = 0
  /// What becomes of an attempt to join.
  var wifiAnswer: UInt8 = 2
  /// An attempt to join a network.
  struct Join: Equatable {
    var name: String
    var key: String
    var user = ""
    var security: UInt8 = 1
  }
  var joins: [Join] = []
  let radio = FakeRadio()
  var streams: [Int32: FakeStream] = [:]
  var opened: [FakeStream] = []
  var nextStream: Int32 = 1
  /// What opening a stream answers instead of opening one; nil opens it.
  var openFailure: ((FakeStream) -> Int32?)?
  /// What every certificate in this network comes down to.
  var fingerprint = [UInt8](repeating: 0x11, count: 32)
  /// Called with every stream that opens.
  var whenOpened: ((FakeStream) -> Void)?
  /// Datagrams that came in, by port, and those that the hub sent.
  var datagramsIn: [UInt16: [(from: String, bytes: [UInt8])]] = [:]
  var datagramsOut: [(to: String, port: UInt16, text: String)] = []
  var lamps: [UInt8: UInt8] = [:]
  var feeds: [UInt64] = []
  var restarts: [UInt8] = []
  var signed: [(key: [UInt8], message: [UInt8])] = []
  var digest = [UInt8](repeating: 0xAB, count: 32)

  /// A board with the flash of an earlier one, or with one of its own.
  init(flash: NORFlash = NORFlash()) {
    self.flash = flash
    var seed: UInt32 = 0x1234_5678
    entropy = {
      seed = seed &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: seed >> 16)
    }
    raw.context = Unmanaged.passUnretained(self).toOpaque()
    raw.uptime_milliseconds = {
      let board = FakeBoard.at($0)
      board.whenAskedForTime?()
      return board.now
    }
    raw.entropy = { context, bytes, count in
      let board = FakeBoard.at(context)
      for index in 0..<Int(count) { bytes![index] = board.entropy() }
    }
    raw.log = { context, _, text, count in
      let board = FakeBoard.at(context)
      board.lines.append(FakeBoard.text(text, count))
    }
    raw.wifi_join = { context, request in
      let board = FakeBoard.at(context)
      let request = request!.pointee
      board.joins.append(
        Join(
          name: FakeBoard.text(request.name, request.name_count),
          key: FakeBoard.text(request.key, request.key_count),
          user: FakeBoard.text(request.user, request.user_count), security: request.security))
      board.wifiState = board.wifiAnswer
    }
    raw.wifi_state = { FakeBoard.at($0).wifiState }
    raw.wifi_signal = { FakeBoard.at($0).wifiState == 2 ? -52 : 0 }
    setStreams()
    radio.fill(&raw)
    raw.hmac_sha256 = { context, key, keyCount, message, messageCount, digest in
      let board = FakeBoard.at(context)
      board.signed.append((FakeBoard.bytes(key, keyCount), FakeBoard.bytes(message, messageCount)))
      for index in 0..<32 { digest![index] = board.digest[index] }
    }
    raw.led = { FakeBoard.at($0).lamps[$1] = $2 }
    raw.watchdog_feed = {
      let board = FakeBoard.at($0)
      board.feeds.append(board.now)
    }
    raw.restart = { FakeBoard.at($0).restarts.append($1) }
    setMemory()
    writeFactoryPartition()
  }

  private func writeFactoryPartition() {
    var factory = FactoryPartition(key: deviceKey)
    for field in settings.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      guard let text = settings[field] else { continue }
      if field == .hubSecret || field == .wifiKey {
        factory.add(secret: field, text)
      } else {
        factory.add(field, text)
      }
    }
    flash.load(factory.bytes, into: .factory)
  }

  /// A browser on the hub's own network opens a stream to it and says something.
  func visit(_ request: String) -> FakeStream {
    let stream = FakeStream(number: nextStream, hub_stream_request())
    nextStream += 1
    stream.state = 1
    stream.send(request)
    streams[stream.number] = stream
    radio.knock(with: stream)
    return stream
  }

  /// The oldest datagram that came in on a port.
  func handOverDatagram(
    _ port: UInt16, _ from: UnsafeMutablePointer<hub_address>, _ into: UnsafeMutablePointer<UInt8>,
    _ capacity: UInt32
  ) -> UInt32 {
    guard let first = datagramsIn[port]?.removeFirst() else { return 0 }
    let parts = first.from.split(separator: ".").compactMap { UInt8($0) }
    from.pointee.bytes = (parts[0], parts[1], parts[2], parts[3])
    from.pointee.port = port
    let count = min(first.bytes.count, Int(capacity))
    for index in 0..<count { into[index] = first.bytes[index] }
    return UInt32(count)
  }

  private func setStreams() {
    raw.stream_open = { context, request in
      let board = FakeBoard.at(context)
      let stream = FakeStream(number: board.nextStream, request!.pointee)
      if let failure = board.openFailure?(stream) { return failure }
      board.nextStream += 1
      board.streams[stream.number] = stream
      board.opened.append(stream)
      board.whenOpened?(stream)
      return stream.number
    }
    raw.stream_state = { FakeBoard.at($0).streams[$1]?.stateForHub ?? 3 }
    raw.stream_error = { FakeBoard.at($0).streams[$1]?.error ?? 0 }
    raw.stream_read = { context, number, into, capacity in
      guard let stream = FakeBoard.at(context).streams[number] else { return 0 }
      return UInt32(stream.handOver(to: into!, capacity: Int(capacity)))
    }
    raw.stream_write = { context, number, bytes, count in
      guard let stream = FakeBoard.at(context).streams[number] else { return 0 }
      return UInt32(stream.take(FakeBoard.bytes(bytes, count)))
    }
    raw.stream_fingerprint = { context, number, into in
      let board = FakeBoard.at(context)
      guard board.streams[number]?.state == 1 else { return false }
      for index in 0..<32 { into![index] = board.fingerprint[index] }
      return true
    }
    raw.stream_finish = { FakeBoard.at($0).streams[$1]?.isFinishedByHub = true }
    raw.stream_close = { context, number in
      let board = FakeBoard.at(context)
      board.streams[number]?.isClosedByHub = true
      board.streams[number] = nil
    }
  }

  static func at(_ context: UnsafeMutableRawPointer?) -> FakeBoard {
    Unmanaged<FakeBoard>.fromOpaque(context!).takeUnretainedValue()
  }

  static func bytes(_ start: UnsafePointer<UInt8>?, _ count: UInt32) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  static func text(_ start: UnsafePointer<UInt8>?, _ count: UInt32) -> String {
    String(decoding: bytes(start, count), as: UTF8.self)
  }

  /// How often a line of the log holds this text.
  func logged(_ part: String) -> Int { lines.filter { $0.contains(part) }.count }
}
