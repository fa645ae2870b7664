// The memory of one slot's connection to its printer. It is carved once, and whichever kind the
// printer is of lives in it: buffers are shared by all kinds, and the connection's own values stand
// in one room that is as large as the largest of them.

import Wire

/// Memory in which a connection of any kind finds room.
@safe
struct LinkRoom: ~Copyable {
  private let base: UnsafeMutablePointer<UInt8>

  init(_ region: inout Region) {
    unsafe base = region.room(for: UInt8.self, count: Self.memory)
  }

  /// What `init` carves.
  static let memory = valuesStart + valuesCount

  private static let outboxStart = Region.cost(Limits.printerInbox)
  private static let scratchStart = outboxStart + Region.cost(Limits.printerOutbox)
  private static let valuesStart = scratchStart + Region.cost(Limits.reportScratch)
  /// Where the door stands, behind the largest connection that needs one.
  private static let doorStart = Region.cost(
    larger(
      MemoryLayout<HTTPLink<OctoPrintTalk>>.stride,
      larger(
        MemoryLayout<HTTPLink<PrusaLinkTalk>>.stride,
        MemoryLayout<HTTPLink<MoonrakerTalk>>.stride)))
  private static let valuesCount = larger(
    Region.cost(of: BambuLink.self) + Region.cost(of: BambuReportReader.self),
    doorStart + Region.cost(of: PrinterDoor.self))

  var inbox: UnsafeMutableBufferPointer<UInt8> {
    unsafe UnsafeMutableBufferPointer(start: base, count: Limits.printerInbox)
  }

  var outbox: UnsafeMutableBufferPointer<UInt8> {
    unsafe UnsafeMutableBufferPointer(
      start: base + Self.outboxStart, count: Limits.printerOutbox)
  }

  /// For one text of what is read.
  var scratch: UnsafeMutableBufferPointer<UInt8> {
    unsafe UnsafeMutableBufferPointer(
      start: base + Self.scratchStart, count: Limits.reportScratch)
  }

  /// Room for the value that is the connection.
  func room<Value: ~Copyable>(for type: Value.Type) -> UnsafeMutablePointer<Value> {
    unsafe UnsafeMutableRawPointer(base + Self.valuesStart).assumingMemoryBound(to: Value.self)
  }

  /// Room behind it, for the reader of a Bambu's reports.
  func roomForReader() -> UnsafeMutablePointer<BambuReportReader> {
    unsafe UnsafeMutableRawPointer(base + Self.valuesStart + Region.cost(of: BambuLink.self))
      .assumingMemoryBound(to: BambuReportReader.self)
  }

  /// What is known of the way to a server; only there while a kind lives here that has one.
  var door: Lodger<PrinterDoor> {
    unsafe Lodger(
      UnsafeMutableRawPointer(base + Self.valuesStart + Self.doorStart)
        .assumingMemoryBound(to: PrinterDoor.self))
  }

  /// Makes a new door.
  func openDoor() { door.move(in: PrinterDoor()) }
}

private func larger(_ a: Int, _ b: Int) -> Int { a > b ? a : b }

/// A value that lives in a room for as long as it is the one who lives there.
@safe
struct Lodger<Value: ~Copyable> {
  private let base: UnsafeMutablePointer<Value>

  /// The value at `base` must be initialised.
  init(_ base: UnsafeMutablePointer<Value>) {
    unsafe self.base = base
  }

  var value: Value {
    unsafeAddress { unsafe UnsafePointer(base) }
    nonmutating unsafeMutableAddress { unsafe base }
  }

  /// Begins the value anew, in memory that nobody lives in.
  func move(in value: consuming Value) { unsafe base.initialize(to: value) }

  /// Ends the value; nobody may reach for it any more.
  func leave() { unsafe base.deinitialize(count: 1) }
}
