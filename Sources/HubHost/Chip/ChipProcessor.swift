// The firmware on an emulated chip, in lockstep with the rig: the chip runs only while it is polled,
// the rig's time stands still meanwhile, and every call of the board is made here, by the same
// functions as for the firmware in this process. So both kinds of run are the same run.

import CBoard

/// A chip in an emulator, from power-on to power-off.
final class ChipProcessor: Processor {
  private let settings: ChipSettings
  private let hub: String
  /// Whether a stream has something to read.
  private let hasUnread: (hub_stream) -> Bool
  /// Whether looking at the clock makes it go on.
  private let isClockRunning: () -> Bool

  private var emulator: Emulator?
  private var board: UnsafePointer<hub_board>?
  private(set) var view = hub_view()
  private var pollCount = 0
  private var isWaiting = false
  private var glance = ChipGlance()
  private var nowhere = ChipWriter()

  init(
    _ settings: ChipSettings, hub: String, hasUnread: @escaping (hub_stream) -> Bool,
    isClockRunning: @escaping () -> Bool
  ) {
    self.settings = settings
    self.hub = hub
    self.hasUnread = hasUnread
    self.isClockRunning = isClockRunning
  }

  // MARK: Processor

  func boot(on board: UnsafePointer<hub_board>, reason: BootReason) throws(ChipFailure) -> Bool {
    self.board = board
    if let port = settings.debuggerPort { settings.announceDebugger?(hub, port) }
    let emulator = try Emulator(settings)
    self.emulator = emulator
    return try explaining { () throws(ChipFailure) in
      try greet(emulator.line)
      var answer = try ask(.boot) { writer in writer.put(byte: reason.rawValue) }
      let hasBooted = try answer.word() != 0
      try takeView(from: &answer)
      return hasBooted
    }
  }

  func poll() throws(ChipFailure) -> UInt64 {
    pollCount += 1
    return try explaining { () throws(ChipFailure) in
      var answer = try ask(.poll) { _ in }
      let next = try answer.long()
      try takeView(from: &answer)
      return next
    }
  }

  /// Harms a task of the firmware on purpose; false when it cannot be done.
  func harm(kind: UInt8, task: UInt8) -> Bool {
    // A chip that is lost here is found out by the next poll.
    do throws(ChipFailure) {
      var answer = try ask(.harm) { writer in
        writer.put(byte: kind)
        writer.put(byte: task)
      }
      let isHarmed = try answer.word() != 0
      try takeView(from: &answer)
      return isHarmed
    } catch {
      return false
    }
  }

  func end() -> ChipReport? {
    guard let emulator else { return nil }
    // A chip that is lost in the middle of something cannot tell.
    let report = isWaiting ? nil : try? report()
    emulator.end()
    self.emulator = nil
    return report
  }

  // MARK: The line

  private func explaining<Value>(
    _ body: () throws(ChipFailure) -> Value
  ) throws(ChipFailure) -> Value {
    do throws(ChipFailure) {
      return try body()
    } catch {
      isWaiting = true
      throw emulator?.explain(error) ?? error
    }
  }

  /// The chip says who it is as soon as it runs.
  private func greet(_ line: ChipLine) throws(ChipFailure) {
    let (kind, payload) = try line.next()
    guard kind == .hello else { throw ChipFailure("the chip does not begin with a hello") }
    var reader = ChipReader(payload)
    let expected: [(what: String, number: Int)] = [
      ("protocol", 1), ("board calls", BoardCalls.count),
      ("names of the board's calls", Int(BoardCalls.namesChecksum)),
      ("view", MemoryLayout<hub_view>.size),
      ("network", MemoryLayout<hub_wifi_network>.size),
      ("event", MemoryLayout<hub_bluetooth_event>.size),
      ("address", MemoryLayout<hub_address>.size),
    ]
    for (what, number) in expected {
      let found = Int(try reader.word())
      guard found == number else {
        throw ChipFailure(
          "the image was made from another board.h (\(what): \(found), here \(number)); "
            + "run \"make firmware\"")
      }
    }
    try reader.finish()
  }

  /// Sends a frame with a glance at the board behind it, serves the chip's calls, and answers what
  /// it is done with.
  private func ask(
    _ kind: ChipFrameKind, _ body: (inout ChipWriter) -> Void
  ) throws(ChipFailure) -> ChipReader {
    guard let line = emulator?.line, let board else { throw ChipFailure("the chip is off") }
    isWaiting = true
    glance.look(at: board, hasUnread, isClockRunning())
    try line.send(kind) { writer in
      body(&writer)
      glance.put(into: &writer)
    }
    while true {
      let (kind, payload) = try line.next()
      var reader = ChipReader(payload)
      switch kind {
      case .done:
        isWaiting = false
        return reader
      case .post:
        let call = try call(&reader)
        try call.serve(board, &reader, &nowhere)
        try reader.finish()
      case .call:
        let call = try call(&reader)
        try line.send(.answer) { (writer) throws(ChipFailure) in
          try call.serve(board, &reader, &writer)
          try reader.finish()
          if glance.look(at: board, hasUnread, isClockRunning()) { glance.put(into: &writer) }
        }
      default: throw ChipFailure("the chip sends a \(kind) in the middle of its work")
      }
    }
  }

  private func call(_ reader: inout ChipReader) throws(ChipFailure) -> BoardCall {
    let number = try reader.word()
    guard let call = BoardCalls[number] else {
      throw ChipFailure("the chip calls number \(number) of its board")
    }
    return call
  }

  private func takeView(from reader: inout ChipReader) throws(ChipFailure) {
    let raw = try reader.data(count: MemoryLayout<hub_view>.size)
    try reader.finish()
    if let raw { view = UnsafeRawPointer(raw).loadUnaligned(as: hub_view.self) }
  }

  private func report() throws(ChipFailure) -> ChipReport {
    guard let line = emulator?.line else { throw ChipFailure("the chip is off") }
    try line.send(.report) { _ in }
    let (kind, payload) = try line.next()
    guard kind == .done else { throw ChipFailure("the chip does not report") }
    var reader = ChipReader(payload)
    var report = ChipReport()
    report.boots = 1
    report.polls = pollCount
    report.stackSize = Int(try reader.word())
    report.stackUsed = Int(try reader.word())
    report.staticSize = Int(try reader.word())
    report.calls = Int(try reader.word())
    report.waits = Int(try reader.word())
    try reader.finish()
    return report
  }
}

/// What the chip is told of its board without asking, since most polls ask for nothing else.
private struct ChipGlance {
  private static let streamCount = HubStreams.limit
  private static let size = 9 + streamCount

  private var now = [UInt8](repeating: 0, count: size)
  private var before = [UInt8](repeating: 0, count: size)

  /// Answers whether anything is different from the last time.
  @discardableResult
  mutating func look(
    at board: UnsafePointer<hub_board>, _ hasUnread: (hub_stream) -> Bool, _ isClockRunning: Bool
  ) -> Bool {
    swap(&now, &before)
    let context = board.pointee.context
    // An uptime that nobody reaches has the chip ask each time.
    let uptime = isClockRunning ? .max : board.pointee.uptime_milliseconds(context)
    for index in 0..<8 { now[index] = UInt8(truncatingIfNeeded: uptime >> (8 * UInt64(index))) }
    now[8] = board.pointee.wifi_state(context)
    for stream in 0..<Self.streamCount {
      let state = board.pointee.stream_state(context, hub_stream(stream))
      now[9 + stream] = state | (hasUnread(hub_stream(stream)) ? 0x80 : 0)
    }
    return now != before
  }

  func put(into writer: inout ChipWriter) { now.withUnsafeBytes { writer.put(raw: $0) } }
}
