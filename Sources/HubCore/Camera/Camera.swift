// One picture of a printer's camera, on its way to the cloud.
//
//     hub:     u32 0x40 | u32 0x3000 | u32 0 | u32 0 | user, 32 bytes | access code, 32 bytes
//     printer: u32 size | u32 0 | u32 1 | u32 0 | a JPEG of that size, again and again
//
// All numbers are little-endian. The picture is never held: what has come goes on in a binary message,
//
//     kind 2 | flags: 1 first, 2 last | number, 2 bytes | size of the picture, 4 bytes | bytes ...
//
// big-endian, and the first one has the length and the text of the printer's serial number before its
// bytes. While the cloud takes nothing, nothing is read from the camera.

import Wire

/// Takes pictures, one at a time.
struct Camera: ~Copyable {
  private enum State: Equatable {
    case idle
    case opening
    /// The window holds what is left of our greeting.
    case greeting
    case head
    case picture(left: Int)
  }

  /// Where a printer's camera is, and how it must prove that it is the printer's.
  struct Door {
    let serial: Serial
    let address: Address
    let certificate: CertificateRule
    let pin: Fingerprint

    init(_ printer: borrowing PrinterConfiguration) {
      serial = printer.serial
      address = printer.address
      certificate = printer.certificate
      pin = printer.pin
    }
  }

  private let pinned = Pinned()
  private var state = State.idle
  private var connection: Connection?
  private var window: ByteQueue
  /// The slot of the printer, and the command that is to be answered.
  private(set) var slot = 0
  private(set) var ticket: UInt32 = 0
  private var until = Uptime.never
  private var total = 0
  private var number: UInt16 = 0
  private var isFirst = true

  /// Carves the window out of `region`.
  init(_ region: inout Region) {
    window = unsafe ByteQueue(region.bytes(Limits.cameraWindow))
  }

  /// What `init` carves.
  static let memory = Region.cost(Limits.cameraWindow)

  var isActive: Bool { state != .idle }
  var deadline: Uptime { until }

  /// Whether bytes of a picture wait to be sent on.
  var hasBytes: Bool {
    if case .picture = state { return !window.isEmpty }
    return false
  }

  /// Begins to take a picture; answers what is wrong if that cannot be.
  mutating func begin(
    _ board: Board, _ door: Door, slot: Int, ticket: UInt32, now: Uptime
  ) -> CommandOutcome? {
    do throws(Connection.Failure) {
      connection = try Connection.open(
        on: board, host: door.address.span, port: 6000, trust: door.certificate.trust,
        name: door.serial.span, fingerprint: door.pin.span)
    } catch {
      return .cameraUnreachable
    }
    self.slot = slot
    self.ticket = ticket
    number &+= 1
    isFirst = true
    state = .opening
    until = now + Limits.cameraOpen
    return nil
  }

  mutating func end() {
    connection = nil
    window.removeAll()
    state = .idle
    until = .never
  }

  /// Does what can be done now; answers what came of the picture when it failed.
  mutating func step(_ code: AccessCode, now: Uptime) -> CommandOutcome? {
    guard isActive else { return nil }
    let streamState = connection?.state ?? .failed(.unknown)
    if case .failed = streamState { return state == .opening ? .cameraUnreachable : .cameraHungUp }
    if until <= now { return state == .opening ? .cameraUnreachable : .cameraSilent }
    if streamState == .opening { return nil }
    if state == .opening {
      greet(code)
      state = .greeting
      until = now + Limits.cameraPicture
    }
    if state == .greeting {
      connection?.send(from: &window)
      if !window.isEmpty { return nil }
      state = .head
    }
    let count = read()
    if state == .head, window.count >= 16 {
      if let flaw = takeHead() { return flaw }
    }
    if case .picture(let left) = state, isFirst, left == total, window.count >= 2,
      window.pending[0] != 0xFF || window.pending[1] != 0xD8
    {
      return .pictureUnreadable
    }
    return streamState == .peerFinished && count == 0 && window.isEmpty ? .cameraHungUp : nil
  }

  /// Fills the window as far as the picture goes.
  private mutating func read() -> Int {
    guard window.freeCount > 0, let count = connection?.read(into: &window) else { return 0 }
    return count
  }

  private mutating func takeHead() -> CommandOutcome? {
    let size = Int(truncatingIfNeeded: window.pending.littleEndian32(at: 0))
    guard size >= 4, size <= Limits.picture else { return .pictureUnreadable }
    window.consume(16)
    total = size
    state = .picture(left: size)
    return nil
  }

  private mutating func greet(_ code: AccessCode) {
    window.removeAll()
    _ = window.write { greeting in
      greeting.put(littleEndian32: 0x40)
      greeting.put(littleEndian32: 0x3000)
      greeting.put(littleEndian32: 0)
      greeting.put(littleEndian32: 0)
      greeting.put("bblp")
      for _ in 4..<32 { greeting.put(UInt8(0)) }
      greeting.put(code.span)
      for _ in code.count..<32 { greeting.put(UInt8(0)) }
    }
  }

  /// Writes what there is of the picture as one message; answers whether that was its end.
  mutating func write(into message: inout ByteWriter, serial: Serial) -> Bool {
    guard case .picture(let left) = state else { return false }
    let count = window.count < left ? window.count : left
    message.put(UInt8(2))
    message.put((isFirst ? 1 : 0) | (count == left ? 2 : 0))
    message.put(bigEndian16: number)
    message.put(bigEndian32: UInt32(truncatingIfNeeded: total))
    if isFirst {
      message.put(UInt8(truncatingIfNeeded: serial.count))
      message.put(serial.span)
    }
    message.put(window.pending.extracting(first: count))
    window.consume(count)
    isFirst = false
    state = .picture(left: left - count)
    _ = read()
    return count == left
  }
}
