// The commands that the hub remembers: what came of each, and whether the cloud was told.
//
// A command that comes again is answered again and not executed again; an answer that finds no room
// in the outbox waits here.

import Wire

/// What came of a command.
enum CommandOutcome {
  case success
  /// The printer was told and has not answered yet.
  case pending
  case unknownCommand
  case oversizedField(StaticString)
  case missingField(StaticString)
  case unknownPrinter
  case noFreeSlot
  case printerNotConnected
  case printerBusy
  case printerOverloaded
  case badFileAddress
  case badPlate
  case outboxNearlyFull
  case badParameter(StaticString)
  case notSupported(PrinterKind, Unsupported)
  case wrongKey
  /// The printer said no; the name of the command is its reason from then on.
  case printerRefused
  case developerModeNeeded
  case printerSilent
  case updateOnItsWay
  /// It has failed on this hub before.
  case updateRefused
  case updateNotNewer
  case streamsShort
  case transferUnderWay
  case badLevel
  case noPictures
  case cameraBusy
  case cameraUnreachable
  case cameraSilent
  case cameraHungUp
  case pictureUnreadable

  var isSuccess: Bool {
    if case .success = self { return true }
    return false
  }

  /// Whether doing it again could be doing it twice.
  var mayHaveBeenDone: Bool {
    switch self {
    case .success, .pending: true
    default: false
    }
  }

  /// Writes what went wrong, as the cloud is told. `name` is the command's.
  func write(_ name: Span<UInt8>, into writer: inout ByteWriter) {
    switch self {
    case .success, .pending: break
    case .unknownCommand:
      writer.put("unknown command ")
      writer.put(name)
    case .oversizedField(let field):
      writer.put(field)
      writer.put(" is too long")
    case .missingField(let field):
      writer.put(field)
      writer.put(" is missing")
    case .unknownPrinter: writer.put("this hub has no such printer")
    case .noFreeSlot: writer.put("no free printer slot (5 at most)")
    case .printerNotConnected: writer.put("printer is not connected")
    case .printerBusy: writer.put("printer is busy")
    case .printerOverloaded: writer.put("printer takes no more commands now")
    case .badFileAddress: writer.put("file_url is no http or https address")
    case .outboxNearlyFull:
      writer.put("hub has too much to tell the cloud: no new job before that is heard")
    case .badParameter(let wanted):
      writer.put("expected ")
      writer.put(wanted)
    case .notSupported(let kind, let what):
      writer.put("not supported by ")
      writer.put(kind.name)
      writer.put(": ")
      writer.put(what.text)
    case .wrongKey: writer.put("printer does not take the key or password any more")
    case .printerRefused:
      writer.put("printer refused the command")
      if !name.isEmpty {
        writer.put(": ")
        writer.put(name)
      }
    case .developerModeNeeded:
      writer.put("printer accepts only signed commands: turn on LAN-only mode and Developer Mode")
      writer.put(" on its screen, then restart it")
    case .printerSilent: writer.put("printer did not answer; it may have done it all the same")
    case .updateOnItsWay: writer.put("another firmware is on its way")
    case .updateRefused: writer.put("it has failed on this hub before; offer it anew with force")
    case .updateNotNewer: writer.put("it is not newer than what runs; offer it with force")
    case .streamsShort:
      writer.put("hub has no connection to spare for a file: try again in a minute")
    case .transferUnderWay:
      writer.put("a file is on its way to a printer: wait for it, or force the restart")
    case .badLevel: writer.put("level is none of debug, information, warning and error")
    case .noPictures:
      writer.put("this model shows its pictures by RTSP only, which the hub does not speak")
    case .cameraBusy: writer.put("another picture is on its way: ask again in a moment")
    case .cameraUnreachable:
      writer.put("camera cannot be reached: switch it on, on the printer's screen")
    case .cameraSilent: writer.put("camera sent no whole picture in time")
    case .cameraHungUp:
      writer.put("camera hung up: wrong access code, or somebody else looks through it")
    case .pictureUnreadable: writer.put("camera sent something that is no picture")
    case .badPlate: writer.put("plate is not between 1 and 99")
    }
  }
}

/// The last commands, the oldest forgotten first.
struct CommandMemory: ~Copyable {
  /// One command and what came of it.
  struct Entry {
    var id = Identifier()
    var name = Remark()
    var outcome = CommandOutcome.success
    var mustAcknowledge = false
    /// By which a printer's answer finds it; never used again.
    var ticket: UInt32 = 0
    /// It was done, and is on record in flash.
    var wasExecuted = false
  }

  private let pinned = Pinned()
  private var entries: Table<Entry>
  private var newest = 0
  private var lastTicket: UInt32 = 0
  /// How many answers have not gone out yet.
  private(set) var unsentCount = 0

  init(_ entries: consuming Table<Entry>) {
    self.entries = entries
  }

  /// Answers the command again if it is known; false when it is not.
  mutating func repeatAnswer(to id: Span<UInt8>) -> Bool {
    for index in 0..<entries.count where equals(entries[index].id.span, id) {
      // One that is under way is answered when it is over.
      if case .pending = entries[index].outcome { return true }
      if !entries[index].mustAcknowledge {
        entries[index].mustAcknowledge = true
        unsentCount += 1
      }
      return true
    }
    return false
  }

  /// Remembers what came of a command, in the place of the oldest.
  mutating func remember(_ id: Identifier, name: Remark, _ outcome: CommandOutcome) {
    newest = (newest + 1) % entries.count
    if entries[newest].mustAcknowledge { unsentCount -= 1 }
    lastTicket &+= 1
    entries[newest].ticket = lastTicket
    entries[newest].id = id
    entries[newest].name = name
    entries[newest].outcome = outcome
    entries[newest].mustAcknowledge = false
    entries[newest].wasExecuted = false
    if case .pending = outcome { return }
    entries[newest].mustAcknowledge = true
    unsentCount += 1
  }

  /// The ticket that the next command gets.
  var nextTicket: UInt32 { lastTicket &+ 1 }

  /// It is known what came of a command; one that was forgotten meanwhile stays forgotten.
  mutating func settle(ticket: UInt32, _ outcome: CommandOutcome, remark: Remark) {
    for index in 0..<entries.count where entries[index].ticket == ticket {
      guard case .pending = entries[index].outcome else { return }
      entries[index].outcome = outcome
      if case .printerRefused = outcome { entries[index].name = remark }
      entries[index].mustAcknowledge = true
      unsentCount += 1
    }
  }

  /// The oldest command whose answer has not gone out, or nil.
  func nextUnsent() -> Int? {
    guard unsentCount > 0 else { return nil }
    for step in 1...entries.count {
      let index = (newest + step) % entries.count
      if entries[index].mustAcknowledge { return index }
    }
    return nil
  }

  /// Writes the answer for a row of the memory.
  func writeAnswer(_ index: Int, into json: inout JSONWriter) {
    var message = LogLine()
    message.write { entries[index].outcome.write(entries[index].name.span, into: &$0) }
    json.beginObject()
    json.key("type")
    json.string("command_ack")
    json.key("command_id")
    json.string(entries[index].id.span)
    json.key("success")
    json.bool(entries[index].outcome.isSuccess)
    if !message.isEmpty {
      json.key("error_message")
      json.string(message.span)
    }
    json.endObject()
  }

  mutating func wasSent(_ index: Int) {
    guard entries[index].mustAcknowledge else { return }
    entries[index].mustAcknowledge = false
    unsentCount -= 1
  }

  /// The connection is gone; the cloud will ask again for what it has no answer to.
  mutating func forgetUnsent() {
    for index in 0..<entries.count { entries[index].mustAcknowledge = false }
    unsentCount = 0
  }

  // ----------------------------------------------------------------------------- over a restart

  /// How many of those that were executed are on record.
  private static let onRecord = 8
  static let recordLimit = 520

  mutating func newestWasExecuted() { entries[newest].wasExecuted = true }

  /// Writes the ids of the commands that were executed last, the newest first.
  func writeExecuted(into record: inout ByteWriter) {
    var written = 0
    for step in 0..<entries.count where written < Self.onRecord {
      let index = (newest + entries.count - step) % entries.count
      guard entries[index].wasExecuted else { continue }
      record.put(UInt8(truncatingIfNeeded: entries[index].id.count))
      record.put(entries[index].id.span)
      written += 1
    }
  }

  /// Knows the commands of a record again.
  mutating func restore(_ record: Span<UInt8>) {
    var start = 0
    var place = entries.count
    while start < record.count, place > 0 {
      let end = start + 1 + Int(record[start])
      guard end <= record.count else { return }
      place -= 1
      entries[place].id.set(record.extracting(start + 1..<end))
      entries[place].wasExecuted = true
      start = end
    }
    newest = entries.count - 1
  }
}
