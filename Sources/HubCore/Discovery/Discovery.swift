// Which printers there are on the network, by what they say of themselves.
//
// Printers announce themselves every few seconds to everybody (port 2021) and to a group (1990, as
// UPnP has it 1900); the hub listens on all three and asks now and then. A printer is known by its
// serial number, however often and on whichever way it is heard.

import Wire

/// Listens to announcements and keeps the latest of each printer.
struct Discovery: ~Copyable {
  static let target: StaticString = "urn:bambulab-com:device:3dprinter:1"

  private let pinned = Pinned()
  private var inbox: ByteQueue
  private var found: Table<FoundPrinter>
  private(set) var count = 0
  private var shouts: Datagrams?
  private var group: Datagrams?
  private var standard: Datagrams?
  private var isListening = false
  private var askAt = Uptime.never
  /// When the cloud is to be told what was found; never when it knows.
  private(set) var reportAt = Uptime.never

  // Kept apart, so that its temporaries do not stand on the stack beside the hub's own.
  /// Carves the memory out of `region`.
  @inline(never)
  init(_ region: inout Region) {
    inbox = unsafe ByteQueue(region.bytes(SSDP.datagramLimit))
    let rows = unsafe region.room(for: FoundPrinter.self, count: Limits.foundPrinters)
    unsafe rows.initialize(repeating: FoundPrinter(), count: Limits.foundPrinters)
    found = unsafe Table(rows, count: Limits.foundPrinters)
  }

  /// What `init` carves.
  static let memory =
    Region.cost(SSDP.datagramLimit)
    + Region.cost(of: FoundPrinter.self, count: Limits.foundPrinters)

  /// When something is to be done although nobody speaks.
  var dueAt: Uptime { isListening ? askAt : .never }

  subscript(index: Int) -> FoundPrinter { found[index] }

  // --------------------------------------------------------------------------- from the outside

  /// The hub has a network: opens what the board can open, once.
  mutating func listen(_ board: Board, now: Uptime) {
    guard !isListening else { return }
    isListening = true
    shouts = Datagrams.open(on: board, .joined, port: 2_021)
    group = Datagrams.open(on: board, .joined, port: 1_990)
    standard = Datagrams.open(on: board, .joined, port: 1_900)
    _ = shouts?.join(239, 255, 255, 250)
    _ = group?.join(239, 255, 255, 250)
    _ = standard?.join(239, 255, 255, 250)
    askAt = now + Limits.discoveryFirst
  }

  /// The hub has no network any more.
  mutating func close() {
    shouts = nil
    group = nil
    standard = nil
    isListening = false
    askAt = .never
  }

  /// Somebody wants to know now.
  mutating func search(now: Uptime) {
    askAt = now
    reportAt = now + Limits.discoveryAnswers
  }

  mutating func wasReported() { reportAt = .never }

  // -------------------------------------------------------------------------------------- step

  /// Asks if it is time to. `isMissing`: a printer is wanted that is not connected.
  mutating func ask(isMissing: Bool, now: Uptime) {
    guard isListening, askAt <= now else { return }
    askAt = now + (isMissing ? Limits.discoveryMissing : Limits.discoveryCalm)
    var question = Text<160>()
    question.write {
      SSDP.question(target: Self.target, host: "239.255.255.250:1990", seconds: 3, into: &$0)
    }
    var everybody = DatagramAddress(first: 239, second: 255, third: 255, fourth: 250, port: 1_990)
    _ = group?.send(question.span, to: everybody)
    everybody.port = 2_021
    _ = shouts?.send(question.span, to: everybody)
    _ = shouts?.send(question.span, to: .broadcast(port: 2_021))
  }

  /// Takes the next announcement of a printer that came in; answers its row, nil when none waits.
  mutating func next(now: Uptime) -> Int? {
    for _ in 0..<Limits.roundsPerStep {
      guard let sender = receive() else { return nil }
      // Printers say the same every few seconds.
      let mark = mark(of: sender)
      for row in 0..<count where found[row].says(mark) {
        found[row].seenAt = now
        return row
      }
      guard var heard = FoundPrinter(inbox.pending, from: sender, now: now) else { continue }
      return note(&heard, mark, now: now)
    }
    return nil
  }

  /// Two announcements that differ, if only in who sends them, have the same one once in four
  /// billion times.
  private func mark(of sender: DatagramAddress) -> UInt32 {
    let (first, second) = (UInt32(sender.first), UInt32(sender.second))
    let (third, fourth) = (UInt32(sender.third), UInt32(sender.fourth))
    let address = first &<< 24 | second &<< 16 | third &<< 8 | fourth
    return checksum(of: inbox.pending, beginningWith: address)
  }

  private mutating func receive() -> DatagramAddress? {
    inbox.removeAll()
    var sender: DatagramAddress?
    unsafe inbox.fill { memory in
      let answer =
        unsafe shouts?.receive(into: memory) ?? group?.receive(into: memory)
        ?? standard?.receive(into: memory)
      sender = answer?.from
      return answer?.count ?? 0
    }
    return sender
  }

  /// Keeps what was heard, in its own row or in that of whoever was silent for longest.
  private mutating func note(_ heard: inout FoundPrinter, _ mark: UInt32, now: Uptime) -> Int {
    var row = count
    for index in 0..<count where found[index].serial == heard.serial { row = index }
    if row == Limits.foundPrinters {
      row = 0
      for index in 1..<count where found[index].seenAt < found[row].seenAt { row = index }
    }
    let isNew = row == count || found[row].serial != heard.serial
    let isMoved = !isNew && found[row].address != heard.address
    let isSame = !isNew && heard.isSame(as: found[row])
    heard.note(mark, beside: isSame ? found[row].marks.0 : 0)
    if row == count { count += 1 }
    found[row] = heard
    if isNew || isMoved { reportAt = earlier(reportAt, now + Limits.discoveryAnswers) }
    return row
  }

  // ------------------------------------------------------------------------------------- report

  /// Writes what was found.
  func write(into json: inout JSONWriter, now: Uptime) {
    json.beginObject()
    json.key("type")
    json.string("discovered_printers")
    json.key("printers")
    json.beginArray()
    for index in 0..<count { write(found[index], into: &json, now: now) }
    json.endArray()
    json.endObject()
  }

  private func write(_ printer: FoundPrinter, into json: inout JSONWriter, now: Uptime) {
    var address = Text<15>()
    address.write { printer.address.write(into: &$0) }
    json.beginObject()
    json.key("serial_number")
    json.string(printer.serial.span)
    json.key("ip_address")
    json.string(address.span)
    json.key("model_id")
    json.string(printer.model.span)
    json.key("name")
    json.string(printer.name.span)
    json.key("firmware_version")
    json.string(printer.firmware.span)
    if printer.signal != 0 {
      json.key("wifi_signal")
      json.integer(Int(printer.signal))
    }
    json.key("is_bound")
    json.bool(printer.isBound)
    json.key("seconds_ago")
    json.unsigned((now - printer.seenAt) / 1_000)
    json.endObject()
  }
}
